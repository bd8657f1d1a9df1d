"""The standard streams of the command, made safe: they may be closed, full, or lose their reader at any time.

Whatever a command prints goes through `sys.stdout` and `sys.stderr`. `prepare` replaces them, so that no command has to think of a
reader that goes away, and a closed descriptor is never taken by a file or a connection that is opened later.

Source: none; opening closed standard descriptors the wrong way round is what the C library does for set-user-ID programs.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import stat
import sys
import time
from typing import TYPE_CHECKING

from llbfront import interrupts

if TYPE_CHECKING:
    from typing import TextIO

    from typing_extensions import Buffer

STDIN, STDOUT, STDERR = range(3)
# Nobody reads what is written: the reader has ended, the descriptor was closed on purpose, the terminal is gone.
UNREAD = frozenset((errno.EPIPE, errno.EBADF, errno.EIO, errno.ECONNRESET))


# How long a stream that takes nothing is waited for once a signal has ended the command.
GRACE_S = 0.5
POLL_S = 0.1


class Stream(io.FileIO):
    """A standard stream that takes everything; `error` says what was lost, apart from what nobody reads.

    A write waits for a slow reader, but not inside the system call, where some signals would have no effect. After a signal, a stream
    that takes nothing is given up.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self.error: OSError | None = None
        self._is_lost = False
        self._output, self._limit_bytes = _open_output(descriptor)
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLOUT)

    def write(self, data: Buffer, /) -> int:
        """Write some of `data`, or drop all of it when the stream is lost."""
        view = memoryview(data)
        while not self._is_lost:
            try:
                if self._poll.poll(POLL_S * 1000):
                    return os.write(self._output, view[: self._limit_bytes])
            except BlockingIOError:  # it takes data, but not that much
                time.sleep(POLL_S)
            except OSError as error:
                self.error = None if error.errno in UNREAD else error
                self._is_lost = True
            self._is_lost = self._is_lost or (interrupts.age_s() or 0) > GRACE_S
        return view.nbytes


def _open_output(descriptor: int) -> tuple[int, int]:
    """Return the descriptor to write to and how much it takes at once without blocking.

    A descriptor shares its non-blocking mode with other programs, so pipes and terminals are opened once more.
    """
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor, sys.maxsize
    if stat.S_ISFIFO(mode) or os.isatty(descriptor):
        with contextlib.suppress(OSError):
            return os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY), sys.maxsize
    return descriptor, select.PIPE_BUF


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
    try:
        with interrupts.termination_raises():
            return _flush(code)
    except KeyboardInterrupt as interrupt:
        with contextlib.suppress(KeyboardInterrupt):
            _flush(code)
        return interrupts.exit_code(interrupt)


def _flush(code: int) -> int:
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
    raw = Stream(descriptor)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding if stream else "utf-8",
        errors="backslashreplace",
        line_buffering=descriptor == STDERR or raw.isatty(),
        write_through=bool(stream and getattr(stream, "write_through", False)),
    )
