# Made from google/rpc/status.proto by `make proto`.
from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.internal.containers import MessageMap, RepeatedCompositeFieldContainer, RepeatedScalarFieldContainer, ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from llbfront.pb import Method, Service
from llbfront.pb import google_protobuf_any as _google_protobuf_any
from llbfront.pb import google_rpc_status as _google_rpc_status

DESCRIPTOR: FileDescriptor

class Status(Message):
    code: int
    message: str
    details: RepeatedCompositeFieldContainer[_google_protobuf_any.Any]
    def __init__(self, *, code: int | None = ..., message: str | None = ..., details: Iterable[_google_protobuf_any.Any] | None = ...) -> None: ...
