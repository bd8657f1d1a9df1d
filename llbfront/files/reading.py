"""Read a file that the user names, once: a regular file, a pipe, a device or an open descriptor.

Whatever is read because an argument, a flag or an environment variable names it goes through here, so that all inputs take the same
kinds of files and no read waits without an end or reads without a limit.

Source: none.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from typing import TYPE_CHECKING

from llbfront.errors import ContextError, OptionError
from llbfront.files.paths import descriptor_of, identity, is_special, open_existing, reason

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT_BYTES = 256 * 1024 * 1024
WRITER_PATIENCE_S = 10.0
_PIECE_BYTES = 1024 * 1024
_POLL_MS = 20


def read_file(path: str | os.PathLike[str], what: str, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Return the content of a file; messages call it `what`, such as `the Dockerfile`.

    Raises:
        ContextError: it does not exist, cannot be read, or is larger than `limit_bytes`.
    """
    try:
        return read_bytes(path, limit_bytes=limit_bytes)
    except (OSError, ValueError) as error:
        raise ContextError(f"cannot read {what} {os.fspath(path)}: {reason(error)}") from None


def read_bytes(path: str | os.PathLike[str], *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Return the content of a file.

    A named pipe is given 10 seconds until a program opens it for writing.

    Raises:
        OSError: it cannot be read; its `strerror` says why.
        ValueError: the name cannot be that of a file.
    """
    fd = open_existing(path, os.O_RDONLY)
    try:
        is_fifo = descriptor_of(path) is None and stat.S_ISFIFO(os.fstat(fd).st_mode)
        return _rest(fd, _first_of_fifo(fd) if is_fifo else b"", limit_bytes)
    finally:
        os.close(fd)


def refuse_shared(inputs: Iterable[tuple[str, str]]) -> None:
    """Refuse pairs of a path and what it is, if two of them have to read the same pipe or descriptor.

    Raises:
        OptionError: naming both.
    """
    readers: dict[object, str] = {}
    for path, what in inputs:
        path = "/dev/stdin" if path == "-" else path
        if not is_special(path) or os.path.realpath(path) == os.devnull:
            continue
        first = readers.setdefault(identity(path), what)
        if first is not what:
            raise OptionError(f"{first} and {what} cannot both be read from {path}", hint="it can be read only once")


def _first_of_fifo(fd: int) -> bytes:
    """Wait until a program writes to a named pipe; return what it wrote first. Raises: TimeoutError."""
    deadline = time.monotonic() + WRITER_PATIENCE_S
    while time.monotonic() < deadline:
        try:
            head = os.read(fd, _PIECE_BYTES)
        except BlockingIOError:
            return _piece(fd, _PIECE_BYTES)
        if head or _wait(fd, _POLL_MS):  # a pipe that a writer has left is ready, one that had none is not
            return head
    raise TimeoutError(errno.ETIMEDOUT, f"no program opened the pipe for writing within {WRITER_PATIENCE_S:g} s")


def _rest(fd: int, head: bytes, limit_bytes: int) -> bytes:
    data = bytearray(head)
    while len(data) <= limit_bytes:
        piece = _piece(fd, min(_PIECE_BYTES, limit_bytes + 1 - len(data)))
        if not piece:
            return bytes(data)
        data += piece
    raise OSError(errno.EFBIG, f"it is larger than {limit_bytes} bytes")


def _piece(fd: int, size_bytes: int) -> bytes:
    """Read from a descriptor that may be in non-blocking mode, which is left as it is: other processes share it."""
    while True:
        try:
            return os.read(fd, size_bytes)
        except BlockingIOError:
            _wait(fd)


def _wait(fd: int, timeout_ms: int | None = None) -> bool:
    waiting = select.poll()
    waiting.register(fd, select.POLLIN)
    return bool(waiting.poll(timeout_ms))
