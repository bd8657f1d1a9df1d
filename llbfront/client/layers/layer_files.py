"""The files of a layer: read from a tar, compressed or not, without keeping it in memory.

Source: layer.md of the OCI image specification for media types.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, Self

from llbfront.client.layers import cancellation
from llbfront.errors import ContextError
from llbfront.fsutil import archive
from llbfront.fsutil.tar_errors import DamagedTar, damaged_is_one_error
from llbfront.optional_packages import install_command

if TYPE_CHECKING:
    from typing import BinaryIO

MAX_HEADER_BYTES = 1 << 20
MAX_PATH_BYTES = 4096
_HEADERS = frozenset(
    (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
)


class Readable(Protocol):
    """A stream that a tar can be read from."""

    def read(self, size: int, /) -> bytes:
        """Read at most `size` bytes."""


class _Entry(tarfile.TarInfo):
    """An entry whose extended headers, which are read into memory, have a limit."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        entry = super().frombuf(buf, encoding, errors)
        if entry.type in _HEADERS and entry.size > MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {entry.size} bytes")
        return entry


def entries(file: BinaryIO, name: str, media_type: str = "") -> Iterator[tarfile.TarInfo]:
    """Yield the entries of a layer.

    Args:
        file: the layer, as it is stored.
        name: what errors call it.
        media_type: its type, for errors.

    Raises:
        ContextError: the layer is damaged, or no tar.
    """
    try:
        stream = _Stoppable(_decompressed(file, name))
        with damaged_is_one_error(), tarfile.open(fileobj=stream, mode="r|", tarinfo=_Entry) as packed:  # type: ignore[call-overload]  # it is only read
            for entry in packed:
                if len(entry.name) > MAX_PATH_BYTES:
                    raise tarfile.ReadError(f"a path of {len(entry.name)} characters")
                yield entry
    except DamagedTar as error:
        hint = f"its type is {media_type}" if media_type and "tar" not in media_type else None
        raise ContextError(f"{name} cannot be read: {error}", hint=hint) from None


class _Stoppable:
    """A stream whose reading another thread can stop."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        cancellation.check()
        return self._stream.read(size)


def _decompressed(file: BinaryIO, name: str) -> Readable:
    """Return a stream of the bytes of a tar. `tarfile` itself reads only the first of several gzip members. Raises: ContextError."""
    head = file.read(archive.HEAD_BYTES)
    file.seek(0)
    match archive.sniff(head):
        case "gzip":
            return gzip.GzipFile(fileobj=file)
        case "bzip2":
            return bz2.BZ2File(file)
        case "xz":
            return lzma.LZMAFile(file)
        case "zstd":
            return _zstd(file, name)
        case _:
            return file


def _zstd(file: BinaryIO, name: str) -> Readable:
    """Return the decompressed stream. Raises: ContextError if no library for zstd is installed."""
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]  # Python 3.14
    except ImportError:
        try:
            from backports import zstd
        except ImportError:
            hint = f"{install_command('backports.zstd')}, or build with compression=gzip"
            raise ContextError(f"{name} is compressed by zstd, which cannot be read here", hint=hint) from None
    return _ZstdStream(zstd.ZstdFile(file).read, zstd.ZstdError)


class _ZstdStream:
    """A stream of decompressed bytes whose errors are those that `tarfile` raises."""

    def __init__(self, read: Callable[[int], bytes], error: type[Exception]) -> None:
        self._read, self._error = read, error

    def read(self, size: int) -> bytes:
        try:
            return self._read(size)
        except self._error as error:
            raise tarfile.ReadError(str(error)) from None
