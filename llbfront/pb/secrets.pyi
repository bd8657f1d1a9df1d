# Made from secrets.proto by `make proto`.
from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.internal.containers import MessageMap, RepeatedCompositeFieldContainer, RepeatedScalarFieldContainer, ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from llbfront.pb import Method, Service
from llbfront.pb import secrets as _secrets

DESCRIPTOR: FileDescriptor

class GetSecretRequest(Message):
    ID: str
    annotations: ScalarMap[str, str]
    def __init__(self, *, ID: str | None = ..., annotations: Mapping[str, str] | None = ...) -> None: ...

class GetSecretResponse(Message):
    data: bytes
    def __init__(self, *, data: bytes | None = ...) -> None: ...

class _Secrets(Service):
    GetSecret: Method[_secrets.GetSecretRequest, _secrets.GetSecretResponse]

Secrets: _Secrets
