"""The form of a build record: a head with a version and a digest, and a msgpack map.

The digest is checked before anything is unpacked, since unpacking damaged data may take any amount of memory.

Source: msgpack's specification.
"""

from __future__ import annotations

import array
import hashlib
import sys
from typing import TYPE_CHECKING, Any

import msgpack  # type: ignore[import-untyped]  # it ships no types

from llbfront.errors import GraphError
from llbfront.fsutil.stat import Stat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

VERSION = 1
MAGIC = b"llbfront build "
FILE_DIGEST_BYTES = 16
_DIGEST_BYTES = 32
_VERSION_DIGITS = 4
_NUMBERS = ("modes", "sizes", "mtimes", "inodes", "ctimes")
_SIGNED, _UNSIGNED = "q", "Q"
_IDENTITY = ("sizes", "mtimes", "inodes", "ctimes")
_HEAD_BYTES = len(MAGIC) + _VERSION_DIGITS + 1 + _DIGEST_BYTES


def pack(members: Mapping[str, Any]) -> bytes:
    """Return a record."""
    body: bytes = msgpack.packb(members, unicode_errors="surrogateescape")
    return MAGIC + b"%04d\n" % VERSION + hashlib.sha256(body).digest() + body


def is_record(data: bytes) -> bool:
    """Return whether bytes begin as a record does."""
    return data.startswith(MAGIC)


def unpack(data: bytes) -> dict[str, Any]:
    """Read a record.

    Raises: GraphError if the data is not a record, is damaged, or has another version.
    """
    if not is_record(data):
        raise GraphError("not a record of a build")
    version = data[len(MAGIC) : len(MAGIC) + _VERSION_DIGITS]
    if version != b"%04d" % VERSION:
        shown = version.decode("ascii", "replace").lstrip("0")
        raise GraphError(f"a record of version {shown}", hint=f"this llbfront reads version {VERSION}")
    digest, body = data[_HEAD_BYTES - _DIGEST_BYTES : _HEAD_BYTES], data[_HEAD_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise GraphError("a damaged record: its content has another digest")
    return unpack_body(body)


def unpack_body(body: bytes) -> dict[str, Any]:
    """Unpack the map of a record. Raises: GraphError."""
    try:
        members: Any = msgpack.unpackb(body, unicode_errors="surrogateescape")
    except (ValueError, RecursionError, OverflowError, MemoryError, msgpack.UnpackException) as error:
        raise GraphError(f"a damaged record: {str(error) or type(error).__name__}") from None
    if not isinstance(members, dict):
        raise GraphError("a damaged record: it is not a map")
    return members


class EntryColumns:
    """The entries of a directory in columns: strings ended by NUL, numbers in eight bytes. They take far less than the entries themselves."""

    def __init__(self) -> None:
        self.paths: list[bytes] = []
        self.linknames: dict[int, bytes] = {}  # by position, of entries that have one
        self.xattrs: dict[bytes, Mapping[bytes, bytes]] = {}
        self._numbers = {name: array.array(_type_of(name)) for name in _NUMBERS}

    @classmethod
    def of(cls, entries: Iterable[Stat]) -> EntryColumns:
        """Return the columns of entries."""
        columns = cls()
        for _ in columns.keep(entries):
            pass
        return columns

    def keep(self, entries: Iterable[Stat], then: Callable[[], object] | None = None) -> Iterator[Stat]:
        """Pass entries on, and keep what a record holds of them; call `then`, if given, after the last one."""
        paths, add_path = self.paths, self.paths.append
        add_mode, add_size, add_mtime, add_inode, add_ctime = (self._numbers[name].append for name in _NUMBERS)
        for stat in entries:
            if stat.linkname:
                self.linknames[len(paths)] = stat.linkname
            add_path(stat.path)
            add_mode(stat.mode)
            add_size(stat.size_bytes)
            add_mtime(stat.mtime_ns)
            add_inode(stat.inode)
            add_ctime(stat.ctime_ns)
            if stat.xattrs:
                self.xattrs[stat.path] = stat.xattrs
            yield stat
        if then is not None:
            then()

    def encode(self) -> dict[str, bytes]:
        """Return the columns as bytes. Of an entry that came several times, the last counts."""
        if len(set(self.paths)) < len(self.paths):
            last = {path: position for position, path in enumerate(self.paths)}
            return self._at(list(last.values())).encode()
        texts = {"paths": b"\0".join(self.paths), "linknames": self._joined_linknames()}
        return texts | {name: _pack_numbers(numbers) for name, numbers in self._numbers.items()}

    def _joined_linknames(self) -> bytes:
        if not self.linknames:
            return bytes(max(0, len(self.paths) - 1))
        return b"\0".join(self.linknames.get(position, b"") for position in range(len(self.paths)))

    def _at(self, positions: Sequence[int]) -> EntryColumns:
        chosen = EntryColumns()
        chosen.paths = [self.paths[position] for position in positions]
        chosen.linknames = {
            number: self.linknames[position] for number, position in enumerate(positions) if position in self.linknames
        }
        for name, numbers in self._numbers.items():
            chosen._numbers[name].extend(numbers[position] for position in positions)
        return chosen


def is_same(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> bool:
    """Return whether all files of two directories are the same, by path, size, times and inode."""
    return all(old[name] == new[name] for name in ("paths", *_IDENTITY))


def newest_ctime_ns(entries: Mapping[str, bytes]) -> int:
    """Return the time of the last change of any entry."""
    return max(_numbers(entries, "ctimes"), default=0)


def identities(entries: Mapping[str, bytes]) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    """Yield the path of each entry, and what identifies its state: size, mtime, inode and ctime."""
    numbers = [_numbers(entries, name) for name in _IDENTITY]
    yield from zip(paths(entries), zip(*numbers, strict=True), strict=True)


def modes(entries: Mapping[str, bytes]) -> array.array[int]:
    """Return the modes of entries."""
    return _numbers(entries, "modes")


def paths(entries: Mapping[str, bytes]) -> list[bytes]:
    """Return the paths of entries."""
    return entries["paths"].split(b"\0") if entries["modes"] else []


def stats(entries: Mapping[str, bytes]) -> list[Stat]:
    """Return the entries as stats. Raises: ValueError for columns of unequal lengths."""
    modes, *numbers = (_numbers(entries, name) for name in ("modes", *_IDENTITY))
    linknames = entries["linknames"].split(b"\0") if entries["modes"] else []
    rows = zip(paths(entries), modes, linknames, *numbers, strict=True)
    return [
        Stat(path, mode, 0, 0, size_bytes, mtime_ns, linkname, inode=inode, ctime_ns=ctime_ns)
        for path, mode, linkname, size_bytes, mtime_ns, inode, ctime_ns in rows
    ]


def _numbers(entries: Mapping[str, bytes], name: str) -> array.array[int]:
    """Return the numbers of a column. Raises: ValueError."""
    numbers = array.array(_type_of(name))
    numbers.frombytes(entries[name])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _pack_numbers(numbers: array.array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _type_of(name: str) -> str:
    """Return the type of the numbers of a column: times may be negative, inodes may have 64 bits."""
    return _UNSIGNED if name == "inodes" else _SIGNED
