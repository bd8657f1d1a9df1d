"""One HTTP/2 stream: its windows, what waits to be sent, and the events that arrive on it.

Source: RFC 9113, sections 5.1 and 5.2.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llbfront.http2.frames import Http2Error

QUEUE_HIGH_BYTES = 512 * 1024  # at this many queued bytes a writer should stop
QUEUE_LOW_BYTES = 256 * 1024  # below this it is told to go on


class Stream:
    """State of one stream. `owner` belongs to whoever opened or accepted it. `id` is 0 until its request may leave."""

    __slots__ = (
        "blocked",
        "credit_bytes",
        "ending",
        "headers_seen",
        "id",
        "local_closed",
        "owner",
        "queue",
        "queued_bytes",
        "recv_window",
        "remote_closed",
        "send_window",
        "trailer",
    )

    def __init__(self, stream_id: int, *, send_window: int, recv_window: int) -> None:
        self.id = stream_id
        self.owner: Any = None
        self.send_window = send_window
        self.recv_window = recv_window
        self.credit_bytes = 0
        self.queue: deque[bytes | memoryview] = deque()
        self.queued_bytes = 0
        self.blocked = False
        self.ending = False
        self.trailer: list[tuple[str, str]] | None = None
        self.headers_seen = False
        self.local_closed = False
        self.remote_closed = False

    def append(self, parts: Sequence[bytes | memoryview], size_bytes: int) -> None:
        self.queue.extend(parts)
        self.queued_bytes += size_bytes
        if self.queued_bytes >= QUEUE_HIGH_BYTES:
            self.blocked = True

    def take(self, size_bytes: int, out: list[bytes | memoryview]) -> None:
        """Move the first `size_bytes` of the queue to `out`, cutting a part where needed."""
        self.queued_bytes -= size_bytes
        queue = self.queue
        while size_bytes:
            part = queue.popleft()
            length = len(part)
            if length > size_bytes:
                view = memoryview(part)
                out.append(view[:size_bytes])
                queue.appendleft(view[size_bytes:])
                return
            out.append(part)
            size_bytes -= length

    def drop_queue(self) -> None:
        self.queue.clear()
        self.queued_bytes = 0


class HeadersEvent:
    """A header block: the request, the response, or trailers."""

    __slots__ = ("ended", "fields", "stream")

    def __init__(self, stream: Stream, fields: list[tuple[str, str]], *, ended: bool) -> None:
        self.stream, self.fields, self.ended = stream, fields, ended


class DataEvent:
    """A piece of the body; `credit_bytes` is to be given back by `Connection.credit`."""

    __slots__ = ("credit_bytes", "data", "ended", "stream")

    def __init__(self, stream: Stream, data: memoryview, credit_bytes: int, *, ended: bool) -> None:
        self.stream, self.data, self.credit_bytes, self.ended = stream, data, credit_bytes, ended


class ResetEvent:
    """The stream is gone before its end. `code` is that of HTTP/2."""

    __slots__ = ("code", "message", "stream")

    def __init__(self, stream: Stream, code: int, message: str) -> None:
        self.stream, self.code, self.message = stream, code, message


class WritableEvent:
    """The queue of the stream was full and has room again."""

    __slots__ = ("stream",)

    def __init__(self, stream: Stream) -> None:
        self.stream = stream


class LostEvent:
    """The connection is over: every open stream has had its ResetEvent. `error` says who is to blame, None for a clean end."""

    __slots__ = ("error",)

    def __init__(self, error: Http2Error | None) -> None:
        self.error = error


Event = HeadersEvent | DataEvent | ResetEvent | WritableEvent | LostEvent
