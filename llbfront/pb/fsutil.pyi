# Made from fsutil.proto by `make proto`.
from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.internal.containers import MessageMap, RepeatedCompositeFieldContainer, RepeatedScalarFieldContainer, ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from llbfront.pb import Method, Service
from llbfront.pb import fsutil as _fsutil

DESCRIPTOR: FileDescriptor

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
    xattrs: ScalarMap[str, bytes]
    def __init__(self, *, path: str | None = ..., mode: int | None = ..., uid: int | None = ..., gid: int | None = ..., size: int | None = ..., modTime: int | None = ..., linkname: str | None = ..., devmajor: int | None = ..., devminor: int | None = ..., xattrs: Mapping[str, bytes] | None = ...) -> None: ...

class Packet(Message):
    PacketType: EnumTypeWrapper
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
