# Made from google/rpc/status.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import google_protobuf_any as _google_protobuf_any
from llbfront.pb import google_rpc_status as _google_rpc_status

enums: Mapping[str, Mapping[str, int]]

class Status(Message):
    code: int
    message: str
    details: Sequence[_google_protobuf_any.Any]
    def __init__(self, *, code: int | None = ..., message: str | None = ..., details: Iterable[_google_protobuf_any.Any] | None = ...) -> None: ...
