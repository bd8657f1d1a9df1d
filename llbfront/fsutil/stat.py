"""What the transfer says of one file, and its bytes on the wire: lstat results → Stat → packets, and packets → values.

Packing by hand is four times faster than the generated messages and needs none of them loaded; the tests hold both against each other.

    Packet  1 type   2 stat Stat   3 ID   4 data               type: STAT 0  REQ 1  DATA 2  FIN 3  ERR 4
    Stat    1 path   2 mode   3 uid   4 gid   5 size   6 modTime (ns)   7 linkname   8 devmajor   9 devminor   10 xattrs {key 1, value 2}

Paths are bytes, as the kernel has them.

Source: types/stat.proto, types/wire.proto and stat.go of fsutil.
"""

from __future__ import annotations

import stat as posix
from collections.abc import Mapping

import attrs

from llbfront.errors import ProtocolError

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
FIN_PACKET = b"\x08\x03"


class Stat:
    """One entry of a tree. Written out in full, since a walk makes twenty thousand of them.

    linkname: where a symlink points, or the path of the earlier entry that a regular file is a hardlink to.
    """

    __slots__ = ("devmajor", "devminor", "gid", "linkname", "mode", "mtime_ns", "path", "size_bytes", "uid", "xattrs")

    def __init__(
        self,
        path: bytes,
        mode: int,
        uid: int = 0,
        gid: int = 0,
        size_bytes: int = 0,
        mtime_ns: int = 0,
        linkname: bytes = b"",
        devmajor: int = 0,
        devminor: int = 0,
        xattrs: Mapping[bytes, bytes] | None = None,
    ) -> None:
        self.path = path
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.size_bytes = size_bytes
        self.mtime_ns = mtime_ns
        self.linkname = linkname
        self.devmajor = devmajor
        self.devminor = devminor
        self.xattrs = xattrs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stat) and all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Stat({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__slots__)})"

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
    """Return Go's mode bits for those of lstat. A socket becomes a plain file, as the reference has it.

    >>> oct(go_mode(0o100644)), hex(go_mode(0o40755))
    ('0o644', '0x800001ed')
    """
    bits = mode & 0o777 | _TYPES.get(posix.S_IFMT(mode), 0)
    for flag, bit in _SPECIAL:
        if mode & flag:
            bits |= bit
    return bits


def permissions(mode: int) -> int:
    """Return what chmod wants for Go's mode bits."""
    bits = mode & 0o777
    for flag, bit in _SPECIAL:
        if mode & bit:
            bits |= flag
    return bits


_ONE = tuple(bytes((value,)) for value in range(128))
_heads: dict[tuple[int, int, int], bytes] = {}


def varint(value: int) -> bytes:
    """Encode an unsigned integer; a negative one as its 64-bit two's complement."""
    if value < 0:
        value += 1 << 64
    if value < 0x80:
        return _ONE[value]
    if value < 0x4000:
        return bytes((value & 0x7F | 0x80, value >> 7))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _time_varint(value: int) -> bytes:
    """Encode nanoseconds since the epoch. Those of years 1972 to 2262 take nine bytes, spread here without a loop."""
    if value >> 56 <= 0 or value >> 63:
        return varint(value)
    low = value & 0xFFFFFFFFFFFFFF
    low = low & 0xFFFFFFF | (low & 0xFFFFFFF0000000) << 4
    low = low & 0x00003FFF00003FFF | (low & 0x0FFFC0000FFFC000) << 2
    low = low & 0x007F007F007F007F | (low & 0x3F803F803F803F80) << 1
    return (low | 0x8080808080808080 | value >> 56 << 64).to_bytes(9, "little")


def encode_stat(entry: Stat) -> bytes:
    """Return the STAT packet of one entry."""
    owner = (entry.mode, entry.uid, entry.gid)
    head = _heads.get(owner)
    if head is None:
        head = _heads[owner] = _fields((2, entry.mode), (3, entry.uid), (4, entry.gid))
    path = entry.path
    body = b"\x0a" + varint(len(path)) + path + head
    if entry.size_bytes:
        body += b"\x28" + varint(entry.size_bytes)
    if entry.mtime_ns:
        body += b"\x30" + _time_varint(entry.mtime_ns)
    if entry.linkname:
        body += b"\x3a" + varint(len(entry.linkname)) + entry.linkname
    if entry.devmajor or entry.devminor:
        body += _fields((8, entry.devmajor), (9, entry.devminor))
    if entry.xattrs:
        for key, value in entry.xattrs.items():
            pair = b"\x0a" + varint(len(key)) + key + b"\x12" + varint(len(value)) + value
            body += b"\x52" + varint(len(pair)) + pair
    return b"\x12" + varint(len(body)) + body


def encode_request(number: int) -> bytes:
    return b"\x08\x01\x18" + varint(number) if number else b"\x08\x01"


def requested(packet: bytes) -> int | None:
    """Read the number out of a request as engines write it, of which there is one for each file; None for any other packet."""
    if packet[:3] != b"\x08\x01\x18" or len(packet) > 7:
        return None
    number = shift = 0
    for octet in packet[3:-1]:
        if octet < 0x80:
            return None
        number |= (octet & 0x7F) << shift
        shift += 7
    return number | packet[-1] << shift if packet[-1] < 0x80 and len(packet) > 3 else None


def data_head(number: int, size_bytes: int) -> bytes:
    """Return what precedes `size_bytes` bytes of content in a DATA packet; with 0 the packet that ends a file."""
    head = b"\x08\x02\x18" + varint(number) if number else b"\x08\x02"
    return head + b"\x22" + varint(size_bytes) if size_bytes else head


def encode_error(text: str) -> bytes:
    data = text.encode("utf-8", "backslashreplace")
    return b"\x08\x04\x22" + varint(len(data)) + data


def _fields(*pairs: tuple[int, int]) -> bytes:
    return b"".join(varint(number << 3) + varint(value) for number, value in pairs if value)


def decode(packet: bytes) -> Packet:
    """Read one packet. Raises: ProtocolError if it is not one."""
    values = _read(packet)
    stat = values.get(2)
    return Packet(
        type=_number(values, 1),
        stat=_decode_stat(stat[-1]) if stat and isinstance(stat[-1], bytes) else None,
        id=_number(values, 3) & 0xFFFFFFFF,
        data=_octets(values, 4),
    )


def _decode_stat(message: bytes) -> Stat:
    values = _read(message)
    pairs = [_read(pair) for pair in values.get(10, ()) if isinstance(pair, bytes)]
    return Stat(
        path=_octets(values, 1),
        mode=_number(values, 2) & 0xFFFFFFFF,
        uid=_number(values, 3) & 0xFFFFFFFF,
        gid=_number(values, 4) & 0xFFFFFFFF,
        size_bytes=_signed(_number(values, 5)),
        mtime_ns=_signed(_number(values, 6)),
        linkname=_octets(values, 7),
        devmajor=_signed(_number(values, 8)),
        devminor=_signed(_number(values, 9)),
        xattrs={_octets(pair, 1): _octets(pair, 2) for pair in pairs} or None,
    )


def _read(message: bytes) -> dict[int, list[int | bytes]]:
    """Return the values of each field number. Fixed-size fields are skipped, since none are defined."""
    values: dict[int, list[int | bytes]] = {}
    i, end = 0, len(message)
    while i < end:
        tag, i = _varint(message, i)
        kind = tag & 7
        if kind in {0, 2}:
            value, i = _varint(message, i)
            if kind == 2:
                if value > end - i:
                    raise ProtocolError("a packet of the file transfer ends early")
                values.setdefault(tag >> 3, []).append(message[i : i + value])
                i += value
            else:
                values.setdefault(tag >> 3, []).append(value)
        elif kind in {1, 5}:
            i += 8 if kind == 1 else 4
        else:
            raise ProtocolError(f"a packet of the file transfer has a field of kind {kind}")
    return values


def _varint(message: bytes, i: int) -> tuple[int, int]:
    value = shift = 0
    try:
        while True:
            octet = message[i]
            i += 1
            value |= (octet & 0x7F) << shift
            if octet < 0x80:
                return value & 0xFFFFFFFFFFFFFFFF, i
            shift += 7
            if shift > 63:
                raise ProtocolError("a packet of the file transfer has a number of more than ten bytes")
    except IndexError:
        raise ProtocolError("a packet of the file transfer ends early") from None


def _number(values: dict[int, list[int | bytes]], field: int) -> int:
    value = values.get(field, (0,))[-1]
    return value if isinstance(value, int) else 0


def _octets(values: dict[int, list[int | bytes]], field: int) -> bytes:
    value = values.get(field, (b"",))[-1]
    return value if isinstance(value, bytes) else b""


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
