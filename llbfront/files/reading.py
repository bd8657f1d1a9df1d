"""Read a file that the user names, once: a regular file, a pipe, a device or an open descriptor.

Whatever is read because an argument, a flag or an environment variable names it goes through here, so that all inputs take the same
kinds of files and no read waits without an end or reads without a limit.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import stat
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from llbfront.errors import ContextError, OptionError
from llbfront.files.near_paths import near_path_hint
from llbfront.files.paths import (
    STANDARD_STREAM,
    STDIN_PATH,
    descriptor_of,
    identity,
    is_null_device,
    is_special,
    open_existing,
    reason,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

LIMIT_BYTES = 256 * 1024 * 1024
WRITER_PATIENCE_S = 10.0
_PIECE_BYTES = 1024 * 1024
_POLL_MS = 20
_KEPT: ContextVar[dict[object, bytes] | None] = ContextVar("kept", default=None)


def read_file(path: str | os.PathLike[str], what: str, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Return the content of a file; messages call it `what`, such as `the Dockerfile`.

    Raises:
        ContextError: it does not exist, cannot be read, or is larger than `limit_bytes`.
    """
    try:
        return read_bytes(path, limit_bytes=limit_bytes)
    except (OSError, ValueError) as error:
        raise ContextError(f"cannot read {what} {os.fspath(path)}: {reason(error)}", hint=near_path_hint(path)) from None


def read_standard_input() -> bytes:
    """Return what standard input holds. Raises: ContextError."""
    try:
        return read_bytes(STDIN_PATH)
    except OSError as error:
        raise ContextError(f"cannot read standard input: {reason(error)}") from None


def read_bytes(path: str | os.PathLike[str], *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Return the content of a file.

    A named pipe is given 10 seconds until a program opens it for writing.

    Raises:
        OSError: it cannot be read; its `strerror` says why.
        ValueError: the name cannot be that of a file.
    """
    data = read_start(path, limit_bytes + 1)
    if len(data) > limit_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {limit_bytes} bytes")
    return data


def read_start(path: str | os.PathLike[str], size_bytes: int) -> bytes:
    """Return the first `size_bytes` of a file, fewer if it has fewer. Raises what `read_bytes` raises."""
    kept = _KEPT.get()
    if kept is None or not is_special(path):
        return _read_start(path, size_bytes)
    key = identity(path)
    if key not in kept:
        kept[key] = _read_start(path, size_bytes)
    return kept[key][:size_bytes]


@contextlib.contextmanager
def keeping_pipes() -> Iterator[None]:
    """Keep what is read from pipes and descriptors inside this block, so that several builds can read the same one."""
    kept = _KEPT.get()
    token = _KEPT.set({} if kept is None else kept)
    try:
        yield
    finally:
        _KEPT.reset(token)


def _read_start(path: str | os.PathLike[str], size_bytes: int) -> bytes:
    fd = open_existing(path, os.O_RDONLY)
    try:
        data = bytearray(_head(path, fd))
        while len(data) < size_bytes and (piece := _piece(fd, min(_PIECE_BYTES, size_bytes - len(data)))):
            data += piece
        return bytes(data[:size_bytes])
    finally:
        os.close(fd)


def open_regular(path: str | bytes | os.PathLike[str]) -> BinaryIO:
    """Open a file that must be a regular one, such as a file of a cache or of a build context. Nothing is waited for.

    Raises:
        OSError: it cannot be opened, or is a pipe, a directory or a device.
        ValueError: the name cannot be that of a file.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return open(fd, "rb")


def spooled(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file for reading at any position; what can be read only once, such as a pipe, is copied to a temporary file first.

    Raises what `read_bytes` raises.
    """
    if not is_special(path):
        return open_regular(path)
    import tempfile

    fd = open_existing(path, os.O_RDONLY)
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, fd)
        copy = stack.enter_context(tempfile.TemporaryFile())
        piece = _head(path, fd) or _piece(fd, _PIECE_BYTES)
        while piece:
            copy.write(piece)
            piece = _piece(fd, _PIECE_BYTES)
        copy.seek(0)
        return os.fdopen(os.dup(copy.fileno()), "rb")


def refuse_same_input(inputs: Iterable[tuple[str, str]]) -> None:
    """Refuse inputs, as pairs of a path and its description, if two of them read the same pipe or descriptor.

    Raises:
        OptionError: naming both.
    """
    readers: dict[object, str] = {}
    for path, what in inputs:
        path = STDIN_PATH if path == STANDARD_STREAM else path
        if not is_special(path) or is_null_device(path):
            continue
        first = readers.setdefault(identity(path), what)
        if first is not what:
            raise OptionError(f"{first} and {what} cannot both be read from {path}", hint="it can be read only once")


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size_bytes: int, /) -> bytes:
        """Return `size_bytes`, fewer at the end."""

    def close(self) -> None:
        """Close it."""


class Replay:
    """A stream whose first bytes can be looked at before it is read."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._head = b""

    def look(self, size_bytes: int) -> bytes:
        """Return the first bytes; fewer than `size_bytes` only at the end. Raises: ContextError."""
        try:
            while len(self._head) < size_bytes and (piece := self._stream.read(size_bytes - len(self._head))):
                self._head += piece
        except OSError as error:
            raise ContextError(f"cannot read standard input: {reason(error)}") from None
        return self._head

    def read(self, size_bytes: int, /) -> bytes:
        """Return `size_bytes`, fewer at the end."""
        head, self._head = self._head[:size_bytes], self._head[size_bytes:]
        return head + self._stream.read(size_bytes - len(head))

    def read1(self, size_bytes: int, /) -> bytes:
        """Return what is there, up to `size_bytes`; nothing at the end."""
        head, self._head = self._head[:size_bytes], self._head[size_bytes:]
        piece: bytes = head or getattr(self._stream, "read1", self._stream.read)(size_bytes)
        return piece

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


def _head(path: str | os.PathLike[str], fd: int) -> bytes:
    """Return the first bytes of a named pipe, once a program writes to it; nothing for other files. Raises: TimeoutError."""
    is_fifo = descriptor_of(path) is None and stat.S_ISFIFO(os.fstat(fd).st_mode)
    return _first_of_fifo(fd) if is_fifo else b""


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
