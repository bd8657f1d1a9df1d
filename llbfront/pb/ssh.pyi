# Made from ssh.proto by `make proto`.
from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.internal.containers import MessageMap, RepeatedCompositeFieldContainer, RepeatedScalarFieldContainer, ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from llbfront.pb import Method, Service
from llbfront.pb import ssh as _ssh

DESCRIPTOR: FileDescriptor

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
