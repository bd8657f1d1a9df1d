"""The metadata of a file as it is transferred (`Stat`), and the encoding of packets.

Paths are bytes, as the kernel has them.

Source: types/stat.proto, types/wire.proto and stat.go of fsutil.
"""

from __future__ import annotations

import stat as posix
from collections.abc import Mapping

import attrs
from google.protobuf.message import DecodeError

from llbfront.errors import ProtocolError
from llbfront.pb import fsutil_pb2 as fsutil

# The mode is Go's: permissions, and these bits.
DIRECTORY = 1 << 31
SYMLINK = 1 << 27
DEVICE = 1 << 26
NAMED_PIPE = 1 << 25
SETUID = 1 << 23
SETGID = 1 << 22
CHAR_DEVICE = 1 << 21
STICKY = 1 << 20
TYPE_BITS = DIRECTORY | SYMLINK | DEVICE | NAMED_PIPE | 1 << 24 | CHAR_DEVICE | 1 << 19

_TYPES = {
    posix.S_IFDIR: DIRECTORY,
    posix.S_IFLNK: SYMLINK,
    posix.S_IFBLK: DEVICE,
    posix.S_IFCHR: DEVICE | CHAR_DEVICE,
    posix.S_IFIFO: NAMED_PIPE,
}
_SPECIAL = ((posix.S_ISUID, SETUID), (posix.S_ISGID, SETGID), (posix.S_ISVTX, STICKY))

STAT, REQ, DATA, FIN, ERR = range(5)
END_OF_STATS = b""
FIN_PACKET = fsutil.Packet(type=fsutil.Packet.PACKET_FIN).SerializeToString()


@attrs.define
class Stat:
    """One entry of a tree.

    linkname: where a symlink points, or the path of the earlier entry that a regular file is a hardlink to.
    inode, ctime_ns: not sent; together with size and mtime they tell whether a file is the one that was read earlier.
    """

    path: bytes
    mode: int
    uid: int = 0
    gid: int = 0
    size_bytes: int = 0
    mtime_ns: int = 0
    linkname: bytes = b""
    devmajor: int = 0
    devminor: int = 0
    xattrs: Mapping[bytes, bytes] | None = None
    inode: int = attrs.field(default=0, eq=False, repr=False)
    ctime_ns: int = attrs.field(default=0, eq=False, repr=False)

    @property
    def is_directory(self) -> bool:
        return self.mode & DIRECTORY != 0

    @property
    def is_symlink(self) -> bool:
        return self.mode & SYMLINK != 0

    @property
    def has_content(self) -> bool:
        """Whether its content can be asked for. Sender and receiver must agree on this."""
        return not self.mode & TYPE_BITS


@attrs.frozen
class Packet:
    type: int
    stat: Stat | None = None
    id: int = 0
    data: bytes = b""


def go_mode(mode: int) -> int:
    """Convert mode bits of lstat to Go's. A socket becomes a regular file, as in BuildKit.

    >>> oct(go_mode(0o100644)), hex(go_mode(0o40755))
    ('0o644', '0x800001ed')
    """
    bits = mode & 0o777 | _TYPES.get(posix.S_IFMT(mode), 0)
    for flag, bit in _SPECIAL:
        if mode & flag:
            bits |= bit
    return bits


def permissions(mode: int) -> int:
    """Return the argument of chmod for Go's mode bits."""
    bits = mode & 0o777
    for flag, bit in _SPECIAL:
        if mode & bit:
            bits |= flag
    return bits


def encode_stat(entry: Stat) -> bytes:
    """Return the STAT packet of one entry."""
    message = fsutil.Stat(
        path=entry.path,
        mode=entry.mode,
        uid=entry.uid,
        gid=entry.gid,
        size=entry.size_bytes,
        modTime=entry.mtime_ns,
        linkname=entry.linkname,
        devmajor=entry.devmajor,
        devminor=entry.devminor,
    )
    if entry.xattrs:
        message.xattrs.extend(fsutil.Xattr(key=key, value=value) for key, value in entry.xattrs.items())
    return fsutil.Packet(stat=message).SerializeToString()


def encode_request(number: int) -> bytes:
    return fsutil.Packet(type=fsutil.Packet.PACKET_REQ, ID=number).SerializeToString()


def data_head(number: int, size_bytes: int) -> bytes:
    """Return what precedes `size_bytes` bytes of content in a DATA packet; with 0 the packet that ends a file."""
    head = fsutil.Packet(type=fsutil.Packet.PACKET_DATA, ID=number).SerializeToString()
    return head + bytes_head(4, size_bytes) if size_bytes else head


def bytes_head(field: int, size_bytes: int) -> bytes:
    """Return the tag and length of a bytes field, which precede its `size_bytes` bytes.

    Written by hand so that contents are sent without a copy: protobuf copies them into the message and again into its encoding.
    """
    octets = [field << 3 | 2]
    while size_bytes > 0x7F:
        octets.append(size_bytes & 0x7F | 0x80)
        size_bytes >>= 7
    return bytes((*octets, size_bytes))


def encode_error(text: str) -> bytes:
    return fsutil.Packet(type=fsutil.Packet.PACKET_ERR, data=text.encode("utf-8", "backslashreplace")).SerializeToString()


def decode(packet: bytes) -> Packet:
    """Read one packet. Raises: ProtocolError if it is not one."""
    try:
        message = fsutil.Packet.FromString(packet)
    except DecodeError as error:
        raise ProtocolError(f"not a packet of the file transfer: {error}") from None
    stat = _decode_stat(message.stat) if message.HasField("stat") else None
    return Packet(message.type, stat, message.ID, message.data)


def _decode_stat(message: fsutil.Stat) -> Stat:
    return Stat(
        path=message.path,
        mode=message.mode,
        uid=message.uid,
        gid=message.gid,
        size_bytes=message.size,
        mtime_ns=message.modTime,
        linkname=message.linkname,
        devmajor=message.devmajor,
        devminor=message.devminor,
        xattrs={pair.key: pair.value for pair in message.xattrs} or None,
    )
