# Made from caps.proto by `make proto`.
from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.internal.containers import MessageMap, RepeatedCompositeFieldContainer, RepeatedScalarFieldContainer, ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from llbfront.pb import Method, Service
from llbfront.pb import caps as _caps

DESCRIPTOR: FileDescriptor

class APICap(Message):
    ID: str
    Enabled: bool
    Deprecated: bool
    DisabledReason: str
    DisabledReasonMsg: str
    DisabledAlternative: str
    def __init__(self, *, ID: str | None = ..., Enabled: bool | None = ..., Deprecated: bool | None = ..., DisabledReason: str | None = ..., DisabledReasonMsg: str | None = ..., DisabledAlternative: str | None = ...) -> None: ...
