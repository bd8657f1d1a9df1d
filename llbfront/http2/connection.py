"""One side of an HTTP/2 connection, client or server.

Whatever a peer does wrong ends in a reset stream or in a GOAWAY with a reason, never in an exception of `receive`.

Source: RFC 9113.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from llbfront.http2 import frames, settings
from llbfront.http2.errors import Http2Error
from llbfront.http2.inbound import HEADER_LIST_BYTES, Inbound
from llbfront.http2.outbound import Outbound
from llbfront.http2.streams import PEER_STREAMS_LIMIT, Streams

if TYPE_CHECKING:
    from llbfront.http2.events import Event
    from llbfront.http2.headers import Field
    from llbfront.http2.stream import Stream

WINDOW_BYTES = 16 * 1024 * 1024
_REASON_BYTES = 512


class Connection:
    """A connection without I/O. Give received bytes to `receive`, take events from `events`, and send what `pull` returns.

    Args:
        client: whether this side opens the streams.
        window_bytes: how much the peer may send before it is consumed, on each stream and in all.
        frame_bytes: the longest DATA frame to send.

    Attributes:
        events: what the peer did, oldest first. The caller removes what it has handled.
    """

    def __init__(self, *, client: bool, window_bytes: int = WINDOW_BYTES, frame_bytes: int = frames.DEFAULT_FRAME_BYTES) -> None:
        self.events: deque[Event] = deque()
        self._outbound = Outbound(self.events, self._on_end_sent, frame_bytes=frame_bytes)
        self._streams = Streams(self.events, self._outbound, client=client, window_bytes=window_bytes)
        self._inbound = Inbound(self.events, self._streams, self._outbound, client=client, window_bytes=window_bytes)
        self._has_sent_goaway = False
        self._send_preface(client=client, window_bytes=window_bytes)

    def _send_preface(self, *, client: bool, window_bytes: int) -> None:
        if client:
            self._outbound.put_preface()
        entries = (
            (settings.HEADER_TABLE_SIZE, 0),
            (settings.INITIAL_WINDOW_SIZE, window_bytes),
            (settings.MAX_HEADER_LIST_SIZE, HEADER_LIST_BYTES),
            (settings.ENABLE_PUSH, 0) if client else (settings.MAX_CONCURRENT_STREAMS, PEER_STREAMS_LIMIT),
        )
        self._outbound.put(frames.SETTINGS, 0, 0, settings.encode(entries))
        if window_bytes > frames.DEFAULT_WINDOW_BYTES:
            self._outbound.put_window_update(0, window_bytes - frames.DEFAULT_WINDOW_BYTES)

    @property
    def is_busy(self) -> bool:
        """Whether streams are open."""
        return bool(self._streams.active)

    @property
    def is_lost(self) -> bool:
        """Whether the connection is over."""
        return self._streams.is_lost

    @property
    def has_settings(self) -> bool:
        """Whether the peer has sent its settings, and so speaks HTTP/2."""
        return self._inbound.has_settings

    # what we send

    def open(self, fields: Sequence[Field], *, ended: bool = False) -> Stream:
        """Start a stream with a request. It waits if the peer does not allow one more. `ended`: the request has no body."""
        return self._streams.open(fields, ended=ended)

    def send_headers(self, stream: Stream, fields: Sequence[Field], *, ended: bool = False) -> None:
        """Send a header block before all DATA that is queued."""
        self._streams.send_headers(stream, fields, ended=ended)

    def write(self, stream: Stream, parts: Sequence[bytes | memoryview], size_bytes: int) -> None:
        """Queue a piece of the body, in parts that must not change afterwards. Ignored once the stream is closed for sending."""
        if not stream.is_local_closed and not stream.is_ending:
            stream.enqueue(parts, size_bytes)
            self._outbound.schedule(stream)

    def end(self, stream: Stream, trailer: Sequence[Field] | None = None) -> None:
        """Close a stream for sending after what is queued."""
        if not stream.is_local_closed and not stream.is_ending:
            stream.is_ending, stream.trailer = True, trailer
            self._outbound.schedule(stream)

    def reset(self, stream: Stream, code: int) -> None:
        """End a stream at once, in both directions. No event follows."""
        self._streams.reset(stream, code)

    def credit(self, stream: Stream, size_bytes: int) -> None:
        """Allow the peer to send `size_bytes` more on a stream. A negative number takes back credit that was not sent yet."""
        increment = stream.receive_window.consume(size_bytes)
        if increment and not stream.is_remote_closed:
            self._outbound.put_window_update(stream.id, increment)

    def shutdown(self, code: int = frames.NO_ERROR, reason: str = "") -> None:
        """Send GOAWAY (6.8). Open streams may end normally; new ones are refused."""
        if (code or not self._has_sent_goaway) and not self.is_lost:
            self._has_sent_goaway = True
            payload = (
                frames.encode_uint32(self._streams.last_peer_id) + frames.encode_uint32(code) + reason.encode()[:_REASON_BYTES]
            )
            self._outbound.put(frames.GOAWAY, 0, 0, payload)
        self._streams.is_closing = True

    def pull(self, limit_bytes: int) -> tuple[list[bytes | memoryview], int]:
        """Return what may be sent now, and its length: all control frames, then DATA up to about `limit_bytes`."""
        return self._outbound.pull(limit_bytes)

    def _on_end_sent(self, stream: Stream) -> None:
        self._streams.close_local(stream)

    # what we receive

    def receive(self, data: bytes) -> None:
        """Receive bytes from the peer and append the resulting events to `events`."""
        if self.is_lost:
            return
        try:
            self._inbound.receive(data)
        except Http2Error as error:
            self.shutdown(error.code, error.message)
            self._streams.lose(error, error.message)

    def receive_end(self, reason: str = "the peer closed the connection") -> None:
        """Note that the peer will send nothing more."""
        if not self.is_lost:
            self._streams.lose(None, reason)
