"""The standard streams of the command, made safe: they may be closed, full, or lose their reader at any time.

Whatever a command prints goes through `sys.stdout` and `sys.stderr`. `prepare` replaces them, so that no command has to think of a
reader that goes away, and a closed descriptor is never taken by a file or a connection that is opened later. A command always runs to
its end; `finish` then makes an answer that was lost an error.

The C library opens closed standard descriptors the wrong way round for set-user-ID programs, too.
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
from llbfront.files.paths import STDERR_FD, STDIN_FD, STDOUT_FD, reason

if TYPE_CHECKING:
    from typing import TextIO

    from typing_extensions import Buffer

FAILED = 1
# The reader of the stream has ended, or the terminal is gone.
_NO_READER = frozenset((errno.EPIPE, errno.EIO, errno.ECONNRESET))
_BROKEN_PIPE = 141  # as of a program that SIGPIPE ends

# How long a stream that takes nothing is waited for once a signal has ended the command.
GRACE_S = 0.5
POLL_S = 0.1


class Stream(io.FileIO):
    """A standard stream that takes everything; `error` says why something was lost.

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
                self.error = error
                self._is_lost = True
            self._is_lost = self._is_lost or (interrupts.age_s() or 0) > GRACE_S
        return view.nbytes

    def lose(self) -> None:
        """Drop what is written from now on, because the reader has ended."""
        self.error = BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        self._is_lost = True


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
    """Occupy closed standard descriptors and replace `sys.stdout` and `sys.stderr`, and `sys.stdin` if it was closed."""
    for descriptor in (STDIN_FD, STDOUT_FD, STDERR_FD):
        if not _is_open(descriptor):
            fd = os.open(
                os.devnull, os.O_WRONLY if descriptor == STDIN_FD else os.O_RDONLY
            )  # the lowest free number; any use fails
            os.set_inheritable(fd, True)
    sys.stdout = _wrapped(sys.stdout, STDOUT_FD)
    sys.stderr = _wrapped(sys.stderr, STDERR_FD)
    if sys.stdin is None:
        sys.stdin = open(STDIN_FD, closefd=False, encoding="utf-8")  # noqa: SIM115  reading it says that it is closed
    if not os.isatty(STDIN_FD):
        os.set_blocking(STDIN_FD, True)


def finish(code: int) -> int:
    """Flush the streams; return the exit code, which is 1 instead of 0 if an answer on standard output was lost.

    If the reader has gone away, the code is 141 and nothing is printed.
    """
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
    has_reader = error is None or error.errno not in _NO_READER
    if error is not None and has_reader:
        print(f"llbfront: cannot write to standard output: {reason(error)}", file=sys.stderr)
    sys.stderr.flush()
    return code if error is None else code or (FAILED if has_reader else _BROKEN_PIPE)


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
        line_buffering=descriptor == STDERR_FD or raw.isatty(),
        write_through=bool(stream and getattr(stream, "write_through", False)),
    )
