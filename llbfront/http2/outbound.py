"""The sending half of a connection: control frames and queued bodies become bytes, within the windows of the peer.

Control frames and headers leave first. Then the streams take turns, one DATA frame each. Large parts of a body are not copied; small ones are joined.

Source: RFC 9113, sections 4.3, 5.2 and 6.9.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from llbfront.http2 import frames, hpack
from llbfront.http2.errors import Http2Error
from llbfront.http2.events import WritableEvent

if TYPE_CHECKING:
    from collections import deque

    from llbfront.http2.events import Event
    from llbfront.http2.headers import Field
    from llbfront.http2.stream import Stream

SMALL_PART_BYTES = 4096  # joining smaller parts is cheaper than an entry of writev for each
REPLIES_LIMIT = 10_000


class Outbound:
    """Frames that wait to be sent.

    Args:
        events: gets a WritableEvent when a full queue takes data again.
        on_end: called when END_STREAM of a stream has been sent.
        frame_bytes: the longest DATA frame to send, even if the peer takes longer ones.
    """

    def __init__(self, events: deque[Event], on_end: Callable[[Stream], None], *, frame_bytes: int) -> None:
        self._events = events
        self._on_end = on_end
        self._frame_bytes = frame_bytes
        self._window = frames.DEFAULT_WINDOW_BYTES
        self._peer_frame_bytes = frames.DEFAULT_FRAME_BYTES
        self._control: list[bytes] = []
        self._replies = 0
        self._ready: OrderedDict[Stream, None] = OrderedDict()  # streams with queued bytes and a window
        self._ending: dict[Stream, None] = {}  # streams with nothing left to send but their end, which needs no window

    def put(self, kind: int, flags: int, stream_id: int, payload: bytes = b"") -> None:
        """Queue a control frame."""
        self._control.append(frames.encode_frame(kind, flags, stream_id, payload))

    def put_preface(self) -> None:
        """Queue what a client sends before its first frame."""
        self._control.append(frames.PREFACE)

    def put_headers(self, stream: Stream, fields: Sequence[Field], *, ended: bool) -> None:
        """Queue a header block. It is sent before any queued DATA of any stream."""
        self._control.extend(self._header_frames(stream, fields, ended=ended))

    def put_window_update(self, stream_id: int, increment: int) -> None:
        """Announce that the peer may send `increment` more bytes."""
        self.put(frames.WINDOW_UPDATE, 0, stream_id, frames.encode_uint32(increment))

    def put_reset(self, stream_id: int, code: int) -> None:
        """Reset a stream."""
        self.put(frames.RST_STREAM, 0, stream_id, frames.encode_uint32(code))

    def reply(self, kind: int, flags: int, stream_id: int, payload: bytes = b"") -> None:
        """Queue a frame that the peer has provoked. Raises: Http2Error if too many of them wait (10.5)."""
        self._replies += 1
        if self._replies > REPLIES_LIMIT:
            raise Http2Error(frames.ENHANCE_YOUR_CALM, "too many frames that want an answer")
        self.put(kind, flags, stream_id, payload)

    def grow_window(self, increment: int) -> None:
        """Increase the send window of the connection. Raises: Http2Error for an increment of 0 or a window that is too large (6.9.1)."""
        self._window += increment
        if not increment:
            raise Http2Error(frames.PROTOCOL_ERROR, "WINDOW_UPDATE of 0 on the connection")
        if self._window > frames.MAX_WINDOW_BYTES:
            raise Http2Error(frames.FLOW_CONTROL_ERROR, "the window of the connection overflows")

    def set_peer_frame_bytes(self, value: int) -> None:
        """Apply the peer's MAX_FRAME_SIZE."""
        self._peer_frame_bytes = value

    def schedule(self, stream: Stream) -> None:
        """Consider a stream again: it was opened, or got data, a window or its end."""
        if not stream.id or stream.is_local_closed:
            return
        if not stream.queued_bytes:
            if stream.is_ending:
                self._ending[stream] = None
        elif stream.send_window > 0:
            self._ready[stream] = None

    def drop(self, stream: Stream) -> None:
        """Forget a stream that is closed."""
        self._ready.pop(stream, None)
        self._ending.pop(stream, None)

    def pull(self, limit_bytes: int) -> tuple[list[bytes | memoryview], int]:
        """Return what may be sent now, and its length: all control frames, then DATA up to about `limit_bytes`."""
        parts: list[bytes | memoryview] = [*self._control]
        size = sum(map(len, parts))
        self._control.clear()
        self._replies = 0
        while self._ending:  # in any order: these frames are small and need no window
            size += self._send(self._ending.popitem()[0], 0, parts)
        ready = self._ready
        while ready and self._window > 0 and size < limit_bytes:
            stream, _ = ready.popitem(last=False)
            length = min(stream.queued_bytes, stream.send_window, self._window, self._frame_bytes, self._peer_frame_bytes)
            if length <= 0:
                continue
            size += self._send(stream, length, parts)
            if stream.queued_bytes and not stream.is_local_closed:
                ready[stream] = None
        return _join_small(parts), size

    def _send(self, stream: Stream, length: int, parts: list[bytes | memoryview]) -> int:
        """Append the next DATA frame of a stream, and its trailer after the last one. Returns how many bytes that are."""
        is_last = stream.is_ending and length == stream.queued_bytes
        size = 0
        if length or stream.trailer is None:
            ends = is_last and stream.trailer is None
            parts.append(frames.encode_header(length, frames.DATA, frames.END_STREAM if ends else 0, stream.id))
            stream.dequeue(length, parts)
            stream.send_window -= length
            self._window -= length
            size = length + frames.HEADER_BYTES
        if is_last:
            size += self._send_trailer(stream, parts)
            self._on_end(stream)
        elif stream.is_blocked and stream.unblock():
            self._events.append(WritableEvent(stream))
        return size

    def _send_trailer(self, stream: Stream, parts: list[bytes | memoryview]) -> int:
        if stream.trailer is None:
            return 0
        trailer = [*self._header_frames(stream, stream.trailer, ended=True)]
        parts.extend(trailer)
        return sum(map(len, trailer))

    def _header_frames(self, stream: Stream, fields: Sequence[Field], *, ended: bool) -> Iterator[bytes]:
        """Yield a HEADERS frame, and CONTINUATION frames if the block is too long for one (4.3)."""
        block = hpack.encode(fields)
        size = self._peer_frame_bytes
        kind, flags = frames.HEADERS, frames.END_STREAM if ended else 0
        for start in range(0, len(block), size) or (0,):
            last = frames.END_HEADERS if start + size >= len(block) else 0
            yield frames.encode_frame(kind, flags | last, stream.id, block[start : start + size])
            kind, flags = frames.CONTINUATION, 0


def _join_small(parts: list[bytes | memoryview]) -> list[bytes | memoryview]:
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
