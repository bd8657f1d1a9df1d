# Made from google/protobuf/any.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import google_protobuf_any as _google_protobuf_any

enums: Mapping[str, Mapping[str, int]]

class Any(Message):
    type_url: str
    value: bytes
    def __init__(self, *, type_url: str | None = ..., value: bytes | None = ...) -> None: ...
