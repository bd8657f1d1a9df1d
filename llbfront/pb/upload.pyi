# Made from upload.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import upload as _upload

enums: Mapping[str, Mapping[str, int]]

class BytesMessage(Message):
    data: bytes
    def __init__(self, *, data: bytes | None = ...) -> None: ...

class _Upload(Service):
    Pull: Method[_upload.BytesMessage, _upload.BytesMessage]

Upload: _Upload
