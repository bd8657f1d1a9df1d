# Made from ssh.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import ssh as _ssh

enums: Mapping[str, Mapping[str, int]]

class BytesMessage(Message):
    data: bytes
    def __init__(self, *, data: bytes | None = ...) -> None: ...

class CheckAgentRequest(Message):
    ID: str
    def __init__(self, *, ID: str | None = ...) -> None: ...

class CheckAgentResponse(Message):
    def __init__(self) -> None: ...

class _SSH(Service):
    CheckAgent: Method[_ssh.CheckAgentRequest, _ssh.CheckAgentResponse]
    ForwardAgent: Method[_ssh.BytesMessage, _ssh.BytesMessage]

SSH: _SSH
