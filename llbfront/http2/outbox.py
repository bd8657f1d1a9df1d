"""The sending half of an HTTP/2 connection: control frames and queued bodies → bytes, within the windows of the peer.

`pull` mixes the streams fairly: one frame of each in turn. Payload is never copied; what is small is joined.

Source: RFC 9113, sections 4.3, 5.2 and 6.9.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from llbfront.http2 import frames, hpack
from llbfront.http2.stream import QUEUE_LOW_BYTES, WritableEvent

if TYPE_CHECKING:
    from collections import deque

    from llbfront.http2.frames import Field
    from llbfront.http2.stream import Event, Stream

SMALL_PART_BYTES = 4096  # smaller parts are joined: a copy is cheaper than an entry of sendmsg


class Outbox:
    """What waits to leave one connection.

    window: what the peer lets us send in all. peer_frame_bytes: its longest frame. answers: acknowledgements that wait.
    `on_closed` is told when our side of a stream has been closed; room that appears in a queue is told to `events`.
    """

    def __init__(self, events: deque[Event], on_closed: Callable[[Stream], None], *, frame_bytes: int) -> None:
        self.window = frames.DEFAULT_WINDOW
        self.peer_frame_bytes = frames.DEFAULT_FRAME
        self.answers = 0
        self._events = events
        self._on_closed = on_closed
        self._frame_bytes = frame_bytes
        self._control: list[bytes] = []
        self._ready: OrderedDict[Stream, None] = OrderedDict()  # have bytes, and a window
        self._ending: dict[Stream, None] = {}  # have nothing but their end, which needs no window

    def put(self, kind: int, flags: int, stream_id: int, payload: bytes = b"") -> None:
        """Queue a control frame; it leaves before any DATA."""
        self._control.append(frames.frame(kind, flags, stream_id, payload))

    def put_raw(self, data: bytes) -> None:
        self._control.append(data)

    def put_headers(self, stream: Stream, fields: Sequence[Field], *, ended: bool) -> None:
        """Queue a header block; it leaves before any DATA, also of its own stream."""
        self._control.extend(self._header_frames(stream, fields, ended=ended))

    def mark_ready(self, stream: Stream) -> None:
        """Look at the stream again: it was opened, got a piece, a window or its end."""
        if not stream.id or stream.local_closed:
            return
        if not stream.queued_bytes:
            if stream.ending:
                self._ending[stream] = None
        elif stream.send_window > 0:
            self._ready[stream] = None

    def drop(self, stream: Stream) -> None:
        self._ready.pop(stream, None)
        self._ending.pop(stream, None)

    def pull(self, limit_bytes: int) -> tuple[list[bytes | memoryview], int]:
        """Return what may be sent now, in parts, and how long it is: all control frames, then DATA up to about `limit_bytes`."""
        parts: list[bytes | memoryview] = [*self._control]
        size = sum(map(len, parts))
        self._control.clear()
        self.answers = 0
        while self._ending:
            size += self._take_frame(self._ending.popitem()[0], 0, parts)
        ready = self._ready
        while ready and self.window > 0 and size < limit_bytes:
            stream, _ = ready.popitem(last=False)
            length = min(stream.queued_bytes, stream.send_window, self.window, self._frame_bytes, self.peer_frame_bytes)
            if length <= 0:
                continue
            size += self._take_frame(stream, length, parts)
            if stream.queued_bytes and not stream.local_closed:
                ready[stream] = None
        return _joined(parts), size

    def _take_frame(self, stream: Stream, length: int, parts: list[bytes | memoryview]) -> int:
        last = stream.ending and length == stream.queued_bytes
        plain_end = last and stream.trailer is None
        size = 0
        if length or plain_end:
            flags = frames.END_STREAM if plain_end else 0
            parts.append(frames.header(length, frames.DATA, flags, stream.id))
            stream.take(length, parts)
            stream.send_window -= length
            self.window -= length
            size = length + frames.HEADER_BYTES
        if last and stream.trailer is not None:
            trailer = [*self._header_frames(stream, stream.trailer, ended=True)]
            parts.extend(trailer)
            size += sum(map(len, trailer))
        if last:
            self._on_closed(stream)
        elif stream.blocked and stream.queued_bytes < QUEUE_LOW_BYTES and not stream.ending:
            stream.blocked = False
            self._events.append(WritableEvent(stream))
        return size

    def _header_frames(self, stream: Stream, fields: Sequence[Field], *, ended: bool) -> Iterator[bytes]:
        block = hpack.encode(fields)
        size = self.peer_frame_bytes
        kind, flags = frames.HEADERS, frames.END_STREAM if ended else 0
        for start in range(0, len(block), size) or (0,):
            last = frames.END_HEADERS if start + size >= len(block) else 0
            yield frames.frame(kind, flags | last, stream.id, block[start : start + size])
            kind, flags = frames.CONTINUATION, 0


def _joined(parts: list[bytes | memoryview]) -> list[bytes | memoryview]:
    """Join neighbours that are small."""
    joined: list[bytes | memoryview] = []
    small: list[bytes | memoryview] = []
    for part in parts:
        if len(part) < SMALL_PART_BYTES:
            small.append(part)
            continue
        if small:
            joined.append(b"".join(small))
            small = []
        joined.append(part)
    if small:
        joined.append(b"".join(small))
    return joined
