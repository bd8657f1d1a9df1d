# Made from secrets.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import secrets as _secrets

enums: Mapping[str, Mapping[str, int]]

class GetSecretRequest(Message):
    ID: str
    annotations: Mapping[str, str]
    def __init__(self, *, ID: str | None = ..., annotations: Mapping[str, str] | None = ...) -> None: ...

class GetSecretResponse(Message):
    data: bytes
    def __init__(self, *, data: bytes | None = ...) -> None: ...

class _Secrets(Service):
    GetSecret: Method[_secrets.GetSecretRequest, _secrets.GetSecretResponse]

Secrets: _Secrets
