# Made from google/protobuf/field_mask.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import google_protobuf_field_mask as _google_protobuf_field_mask

enums: Mapping[str, Mapping[str, int]]

class FieldMask(Message):
    paths: Sequence[str]
    def __init__(self, *, paths: Iterable[str] | None = ...) -> None: ...
