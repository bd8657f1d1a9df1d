"""The standard streams of the command, made safe: they may be closed, full, or lose their reader at any time.

Whatever a command prints goes through `sys.stdout` and `sys.stderr`. `prepare` replaces them, so that no command has to think of a
reader that goes away, and a closed descriptor is never taken by a file or a connection that is opened later.

Source: none; opening closed standard descriptors the wrong way round is what the C library does for set-user-ID programs.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

    from typing_extensions import Buffer

STDIN, STDOUT, STDERR = range(3)
# Nobody reads what is written: the reader has ended, the descriptor was closed on purpose, the terminal is gone.
UNREAD = frozenset((errno.EPIPE, errno.EBADF, errno.EIO, errno.ECONNRESET))


class Stream(io.FileIO):
    """A standard stream that takes everything; `error` says what was lost, apart from what nobody reads."""

    error: OSError | None = None
    _is_lost = False

    def write(self, data: Buffer, /) -> int:
        """Write some of `data`, or drop all of it after an error."""
        while not self._is_lost:
            try:
                written = super().write(data)
            except OSError as error:
                self._is_lost = True
                self.error = None if error.errno in UNREAD else error
            else:
                if written is not None:
                    return written
                _wait(self.fileno())  # the stream is in non-blocking mode, which is another program's business
        return memoryview(data).nbytes


def prepare() -> None:
    """Occupy closed standard descriptors and replace `sys.stdout` and `sys.stderr`."""
    for descriptor in (STDIN, STDOUT, STDERR):
        if not _is_open(descriptor):
            fd = os.open(os.devnull, os.O_WRONLY if descriptor == STDIN else os.O_RDONLY)  # the lowest free number; any use fails
            os.set_inheritable(fd, True)
    sys.stdout = _wrapped(sys.stdout, STDOUT)
    sys.stderr = _wrapped(sys.stderr, STDERR)
    if not os.isatty(STDIN):
        os.set_blocking(STDIN, True)


def finish(code: int) -> int:
    """Flush the streams; return the exit code, which is 1 instead of 0 if standard output could not be written."""
    sys.stdout.flush()
    error = getattr(getattr(sys.stdout.buffer, "raw", None), "error", None)
    if error is not None:
        print(f"llbfront: cannot write to standard output: {error.strerror.lower()}", file=sys.stderr)
    sys.stderr.flush()
    return code if error is None else code or 1


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _wrapped(stream: TextIO | None, descriptor: int) -> TextIO:
    raw = Stream(descriptor, "wb", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding if stream else "utf-8",
        errors="backslashreplace",
        line_buffering=descriptor == STDERR or raw.isatty(),
        write_through=bool(stream and getattr(stream, "write_through", False)),
    )


def _wait(descriptor: int) -> None:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLOUT)
    waiting.poll()
