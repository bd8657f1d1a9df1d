# Made from google/protobuf/empty.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import google_protobuf_empty as _google_protobuf_empty

enums: Mapping[str, Mapping[str, int]]

class Empty(Message):
    def __init__(self) -> None: ...
