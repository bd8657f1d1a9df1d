"""Read the content of a file that is sent, piece by piece; the file may change at the same time.

Source: send.go of fsutil, which sends what it can read and an empty file where it can read nothing.
"""

from __future__ import annotations

import errno
import os
import stat as posix
from typing import TYPE_CHECKING

from llbfront.fsutil.errors import ChangedPath, UnreadablePath

if TYPE_CHECKING:
    from llbfront.errors import ContextError

# The first piece is small so that small files cost one small buffer and one read.
_FIRST_BYTES = 32 * 1024
_PIECE_BYTES = 256 * 1024
_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_REMOVED = frozenset((errno.ENOENT, errno.ENOTDIR))
_REPLACED = frozenset((errno.ELOOP, errno.ESPIPE, errno.EISDIR, errno.ENXIO, errno.ENODEV))
"""Error numbers of open and pread for a path that is no longer a regular file but a symlink, pipe, directory or device."""


class Content:
    """The content of one file.

    The file may have been removed, replaced or changed since it was listed, and may be written to at the same time.
    A file that fits in the first piece is read at once. Of a larger one no more is read than it has when it is opened, since a file
    that grows may have no end; one that is rewritten meanwhile is an error, since its parts would not belong together.
    """

    __slots__ = ("_fd", "_offset", "_path", "_stat", "number")

    def __init__(self, fd: int, path: bytes, number: int) -> None:
        self.number = number
        self._fd = fd
        self._path = path
        self._offset = 0
        self._stat: os.stat_result | None = None

    @classmethod
    def open(cls, root: bytes, path: bytes, number: int) -> Content | None:
        """Open a file without waiting for the other end of a pipe; return None for a socket. Raises: UnreadablePath, ChangedPath."""
        try:
            return cls(os.open(root + b"/" + path, _OPEN_FLAGS), path, number)
        except OSError as error:
            if error.errno == errno.ENXIO and _is_socket(root + b"/" + path):
                return None
            raise _failure(path, error) from error

    def read(self) -> tuple[bytes, bool]:
        """Return the next piece, and whether it is the last. Raises: UnreadablePath, ChangedPath."""
        size_bytes = _FIRST_BYTES if self._stat is None else self._limit_bytes(self._stat)
        try:
            data = os.pread(self._fd, size_bytes, self._offset)
        except OSError as error:
            raise _failure(self._path, error) from error
        self._offset += len(data)
        if self._stat is not None:
            is_end = len(data) < _PIECE_BYTES
            if is_end:
                self._check(self._stat)
            return data, is_end
        if len(data) == _FIRST_BYTES:
            self._stat = os.fstat(self._fd)
            return data, False
        return data, True

    def _limit_bytes(self, stat: os.stat_result) -> int:
        """Return how much to read. Files of virtual file systems have content, but no size."""
        return min(_PIECE_BYTES, max(0, stat.st_size - self._offset)) if stat.st_size else _PIECE_BYTES

    def _check(self, before: os.stat_result) -> None:
        """Raise ChangedPath if the parts of a file do not belong together; one that grew is as it was when it was opened."""
        after = os.fstat(self._fd)
        is_rewritten = after.st_size == before.st_size and after.st_mtime_ns != before.st_mtime_ns
        if after.st_size < before.st_size or self._offset < before.st_size or 0 < before.st_size < self._offset or is_rewritten:
            raise ChangedPath(os.fsdecode(self._path), "was written to")

    def close(self) -> None:
        os.close(self._fd)


def _failure(path: bytes, error: OSError) -> ContextError:
    """Return the error for a file that existed when it was listed."""
    name = os.fsdecode(path)
    if error.errno in _REMOVED:
        return ChangedPath(name, "was removed")
    return ChangedPath(name, "was replaced") if error.errno in _REPLACED else UnreadablePath(name, error)


def _is_socket(path: bytes) -> bool:
    try:
        return posix.S_ISSOCK(os.lstat(path).st_mode)
    except OSError:
        return False
