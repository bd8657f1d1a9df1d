"""A Channel over a byte stream, by our own HTTP/2: a unix socket, pipes, or a connection that was upgraded from HTTP/1.

One thread polls both ways. Whatever callbacks queue leaves in one write before the loop sleeps: preface, settings, headers and
first messages of all calls that were started together.
"""

from __future__ import annotations

import fcntl
import os
import sys
import termios
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from llbfront.http2.connection import WINDOW_BYTES, Connection
from llbfront.rpc.channel import Channel
from llbfront.rpc.endpoint import Endpoint

if TYPE_CHECKING:
    from llbfront.http2.errors import Http2Error
    from llbfront.rpc.calls import Metadata, RawCall, Receiver, Services
    from llbfront.rpc.event_loop import Loop

READ_BYTES = 256 * 1024
WRITE_BYTES = 1024 * 1024
FIRST_BYTES = 512
PROGRESS_BYTES = 4096  # fewer may be a question, which the kernel takes for a process that does not run
_PARTS_LIMIT = 1024  # IOV_MAX


class ByteStream(Protocol):
    """A connected, non-blocking pair of descriptors. `read` and `write` raise BlockingIOError when the peer is not ready."""

    @property
    def read_fd(self) -> int: ...

    @property
    def write_fd(self) -> int: ...

    def read(self, size_bytes: int) -> bytes:
        """Read bytes; b"" at the end of the stream."""

    def write(self, parts: Sequence[bytes | memoryview]) -> int:
        """Return how many bytes were taken."""

    def unsent_bytes(self) -> int | None:
        """Return how much of what was written the peer has not taken; None where this cannot be known."""

    on_end: Callable[[], str] | None  # says why the peer has ended the stream
    words: Callable[[], str]  # returns what the program that carries the stream has to say

    def close(self) -> None: ...


class Pipes:
    """Two descriptors of any kind that `os.read` and `os.writev` know: sockets, pipes, the two standard streams.

    They become non-blocking and are closed at the end (give a socket's `detach()`); then `on_close` is called. When the peer ends the
    stream, `on_end` may say why in words.
    """

    def __init__(
        self,
        read_fd: int,
        write_fd: int,
        *,
        on_close: Callable[[], None] | None = None,
        on_end: Callable[[], str] | None = None,
        on_words: Callable[[], str] = str,
    ) -> None:
        self.read_fd = read_fd
        self.write_fd = write_fd
        self._on_close = on_close
        self.on_end = on_end
        self.words = on_words
        for fd in {read_fd, write_fd}:
            os.set_blocking(fd, False)

    def read(self, size_bytes: int) -> bytes:
        return os.read(self.read_fd, size_bytes)

    def write(self, parts: Sequence[bytes | memoryview]) -> int:
        return os.writev(self.write_fd, parts)

    def unsent_bytes(self) -> int | None:
        try:
            return int.from_bytes(fcntl.ioctl(self.write_fd, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        except OSError:  # a pipe
            return None

    def close(self) -> None:
        for fd in {self.read_fd, self.write_fd}:
            try:
                os.close(fd)
            except OSError:
                pass
        if self._on_close is not None:
            self._on_close()


class StreamChannel(Channel):
    """Calls over a byte stream, as its client, or (`services` given) as its server.

    first_bytes: how the peer began, until it has greeted. last_words: what the helper program that carried the stream said at its end.
    """

    def __init__(
        self,
        stream: ByteStream,
        *,
        loop: Loop | None = None,
        authority: str = "localhost",
        services: Services | None = None,
        window_bytes: int = WINDOW_BYTES,
    ) -> None:
        super().__init__(loop)
        self._stream = stream
        self._out: deque[bytes | memoryview] = deque()
        self._flushing = self._blocked = self._writer_broken = False
        self.first_bytes = b""
        self.last_words = ""
        self._has_read = False
        self._written_bytes = self._unsent_bytes = 0
        self._endpoint = Endpoint(
            self.loop,
            Connection(client=services is None, window_bytes=window_bytes),
            services=services,
            authority=authority,
            on_output=self._output,
            on_lost=self._on_lost,
        )
        self._reader = self.loop.watch(stream.read_fd)
        self._writer = self._reader if stream.write_fd == stream.read_fd else self.loop.watch(stream.write_fd)
        self._watch()
        self._output()

    def _open(self, path: str, receiver: Receiver, metadata: Metadata, timeout_s: float | None, *, is_unary: bool) -> RawCall:
        del is_unary
        return self._endpoint.open(path, receiver, metadata=metadata, timeout_s=timeout_s)

    @property
    def is_busy(self) -> bool:
        return self._endpoint.connection.is_busy

    @property
    def has_answered(self) -> bool:
        return self._endpoint.has_answered

    def has_progressed(self) -> bool:
        has_read, self._has_read = self._has_read, False
        unsent = self._stream.unsent_bytes()
        if unsent is None:
            return has_read
        taken = self._unsent_bytes + self._written_bytes - unsent
        self._unsent_bytes, self._written_bytes = unsent, 0
        return has_read or taken >= PROGRESS_BYTES

    def lose(self, reason: str) -> None:
        self._endpoint.lose(reason)

    def words(self) -> str:
        """Return what the helper program that carries the stream has said so far."""
        return self._stream.words()

    @property
    def is_greeted(self) -> bool:
        """Whether the peer has sent its HTTP/2 settings."""
        return self._endpoint.connection.has_settings

    def _close(self) -> None:
        """Send GOAWAY without waiting, fail open calls, and close the stream."""
        if not self.lost:
            self._endpoint.connection.shutdown()
            try:
                self._flush()
            except OSError:
                pass
            self._endpoint.lose("the connection was closed")

    def abandon(self) -> None:
        if not self.lost:
            for fd in {self._stream.read_fd, self._stream.write_fd}:
                os.close(fd)
        super().abandon()

    def _output(self) -> None:
        if not self._flushing and not self._blocked and not self.lost:
            self._flushing = True
            self.loop.before_poll(self._flush, last=True)

    def _flush(self) -> None:
        self._flushing = self._blocked = False
        if self.lost:
            return
        try:
            while self._out or self._refill():
                sent = self._stream.write([self._out[i] for i in range(min(len(self._out), _PARTS_LIMIT))])
                self._written_bytes += sent
                self._drop(sent)
        except BlockingIOError:
            self._blocked = True
        except OSError:  # the reason, if the peer sent one, is still to be read
            self._out.clear()
            self._blocked = True
            self._writer_broken = True
        self._watch()

    def _refill(self) -> bool:
        parts, _ = self._endpoint.pull(WRITE_BYTES)
        self._out.extend(parts)
        return bool(parts)

    def _drop(self, sent: int) -> None:
        out = self._out
        while sent:
            part = out.popleft()
            if len(part) > sent:
                out.appendleft(memoryview(part)[sent:])
                return
            sent -= len(part)

    def _watch(self) -> None:
        blocked = self._flush if self._blocked and not self._writer_broken else None
        if self._writer is self._reader:
            self._reader.update(on_readable=self._read, on_writable=blocked)
        else:
            self._reader.update(on_readable=self._read, on_writable=None)
            self._writer.update(on_readable=None, on_writable=blocked)

    def _read(self) -> None:
        try:
            data = self._stream.read(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._has_read = True
            if not self.is_greeted:
                self.first_bytes = (self.first_bytes + data)[:FIRST_BYTES]
            self._endpoint.receive(data)
        else:
            self.last_words = self._stream.on_end() if self._stream.on_end else ""
            self.lose(f"{self.peer} closed the connection" + (f": {self.last_words}" if self.last_words else ""))

    def _on_lost(self, error: Http2Error | None) -> None:
        if error is not None:  # our GOAWAY says why
            self._flush()
        self.lost = True
        self._reader.cancel()
        self._writer.cancel()
        self._stream.close()
