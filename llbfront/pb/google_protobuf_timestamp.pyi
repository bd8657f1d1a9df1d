# Made from google/protobuf/timestamp.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import google_protobuf_timestamp as _google_protobuf_timestamp

enums: Mapping[str, Mapping[str, int]]

class Timestamp(Message):
    seconds: int
    nanos: int
    def __init__(self, *, seconds: int | None = ..., nanos: int | None = ...) -> None: ...
