# Made from filesync.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import filesync as _filesync
from llbfront.pb import fsutil as _fsutil

enums: Mapping[str, Mapping[str, int]]

class BytesMessage(Message):
    data: bytes
    def __init__(self, *, data: bytes | None = ...) -> None: ...

class _FileSync(Service):
    DiffCopy: Method[_fsutil.Packet, _fsutil.Packet]
    TarStream: Method[_fsutil.Packet, _fsutil.Packet]

FileSync: _FileSync

class _FileSend(Service):
    DiffCopy: Method[_filesync.BytesMessage, _filesync.BytesMessage]

FileSend: _FileSend
