# Made from fsutil.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import fsutil as _fsutil

enums: Mapping[str, Mapping[str, int]]

class Stat(Message):
    path: str
    mode: int
    uid: int
    gid: int
    size: int
    modTime: int
    linkname: str
    devmajor: int
    devminor: int
    xattrs: Mapping[str, bytes]
    def __init__(self, *, path: str | None = ..., mode: int | None = ..., uid: int | None = ..., gid: int | None = ..., size: int | None = ..., modTime: int | None = ..., linkname: str | None = ..., devmajor: int | None = ..., devminor: int | None = ..., xattrs: Mapping[str, bytes] | None = ...) -> None: ...

class Packet(Message):
    PACKET_STAT: int
    PACKET_REQ: int
    PACKET_DATA: int
    PACKET_FIN: int
    PACKET_ERR: int
    type: int
    stat: _fsutil.Stat
    ID: int
    data: bytes
    def __init__(self, *, type: int | None = ..., stat: _fsutil.Stat | None = ..., ID: int | None = ..., data: bytes | None = ...) -> None: ...
