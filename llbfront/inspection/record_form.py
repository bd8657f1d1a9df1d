"""The form of a build record: a head with a version and a digest, and a msgpack map.

The digest is checked before anything is unpacked, since unpacking damaged data may take any amount of memory.

Source: msgpack's specification.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgpack  # type: ignore[import-untyped]  # it ships no types

from llbfront.errors import GraphError
from llbfront.fsutil.stat import Stat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION = 1
MAGIC = b"llbfront build "
_DIGEST_BYTES = 32
_VERSION_DIGITS = 4
_HEAD_BYTES = len(MAGIC) + _VERSION_DIGITS + 1 + _DIGEST_BYTES


def pack(members: Mapping[str, Any]) -> bytes:
    """Return a record."""
    body: bytes = msgpack.packb(members, unicode_errors="surrogateescape")
    return MAGIC + b"%04d\n" % VERSION + hashlib.sha256(body).digest() + body


def is_record(data: bytes) -> bool:
    """Say whether bytes begin as a record does."""
    return data.startswith(MAGIC)


def unpack(data: bytes) -> dict[str, Any]:
    """Read a record.

    Raises: GraphError for what is no record, is damaged, or is of another version.
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
        raise GraphError("a damaged record: it is no map")
    return members


def pack_entry(stat: Stat, digest: bytes, xattrs_digest: bytes) -> tuple[Any, ...]:
    """Return the members of an entry of a context in the order in which records have them."""
    identity = (stat.size_bytes, stat.mtime_ns, stat.inode, stat.ctime_ns)
    return (stat.path, stat.mode, *identity, stat.linkname, stat.uid, stat.gid, digest, xattrs_digest)


def unpack_entry(entry: Sequence[Any]) -> tuple[Stat, bytes, bytes]:
    """Return an entry, the digest of its content and that of its extended attributes; empty digests are not known."""
    path, mode, size_bytes, mtime_ns, inode, ctime_ns, linkname, uid, gid, digest, xattrs_digest = entry
    stat = Stat(path, mode, uid, gid, size_bytes, mtime_ns, linkname, inode=inode, ctime_ns=ctime_ns)
    return stat, digest, xattrs_digest


def identity_of(entry: Sequence[Any]) -> tuple[Any, ...]:
    """Return what tells whether a file is the one that was hashed: size, mtime, inode and ctime."""
    return tuple(entry[2:6])
