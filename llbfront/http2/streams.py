"""The streams of a connection: opening and accepting them, looking them up for a frame, and closing them.

Source: RFC 9113, sections 5.1, 6.4, 6.5.2 and 6.8.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from llbfront.http2 import frames
from llbfront.http2.errors import Http2Error, StreamError
from llbfront.http2.events import LostEvent, ResetEvent
from llbfront.http2.flow_control import ReceiveWindow
from llbfront.http2.stream import State, Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbfront.http2.events import Event
    from llbfront.http2.headers import Field
    from llbfront.http2.outbound import Outbound

PEER_STREAMS_LIMIT = 1000
RESETS_LIMIT = 1000  # streams that the peer reset minus those that ended normally, against rapid resets (10.5)
_REMEMBERED_LIMIT = 10_000


class Streams:
    """The open streams by number, and those that wait until the peer allows more.

    Attributes:
        active: the streams that are neither waiting nor closed.
        last_peer_id: the highest number that the peer has used.
        is_closing: no new streams are opened or accepted.
        is_lost: the connection is over.
    """

    def __init__(self, events: deque[Event], outbound: Outbound, *, client: bool, window_bytes: int) -> None:
        self.active: dict[int, Stream] = {}
        self.last_peer_id = 0
        self.is_closing = self.is_lost = False
        self._close_reason = ""
        self._events = events
        self._outbound = outbound
        self._client = client
        self._window_bytes = window_bytes
        self._next_id = 1 if client else 2
        self._waiting: deque[tuple[Stream, Sequence[Field], bool]] = deque()
        self._peer_limit: int | None = None
        self._peer_window = frames.DEFAULT_WINDOW_BYTES
        self._reset_ids: set[int] = set()
        self._peer_resets = 0

    # opening

    def open(self, fields: Sequence[Field], *, ended: bool) -> Stream:
        """Start a stream with a request."""
        stream = self._new(0)
        if self.is_lost or self.is_closing:
            self.fail(stream, frames.REFUSED_STREAM, self._close_reason or "the connection is closing")
        else:
            self._waiting.append((stream, fields, ended))
            self.open_waiting()
        return stream

    def open_waiting(self) -> None:
        """Send the requests of waiting streams, as many as the peer allows (5.1.2)."""
        while self._waiting and (self._peer_limit is None or len(self.active) < self._peer_limit):
            stream, fields, ended = self._waiting.popleft()
            if stream.state is State.CLOSED:  # it was reset while it waited
                continue
            stream.open(self._next_id, send_window=self._peer_window)
            self._next_id += 2
            self.active[stream.id] = stream
            self.send_headers(stream, fields, ended=ended)
            self._outbound.schedule(stream)

    def send_headers(self, stream: Stream, fields: Sequence[Field], *, ended: bool) -> None:
        """Send a header block at once."""
        self._outbound.put_headers(stream, fields, ended=ended)
        if ended:
            self.close_local(stream)

    def accept(self, stream_id: int) -> Stream:
        """Open a stream that the peer has started. Raises: Http2Error, StreamError."""
        if stream_id % 2 == 0:
            raise Http2Error(frames.PROTOCOL_ERROR, "a client opened an even stream")
        self.last_peer_id = stream_id
        if len(self.active) >= PEER_STREAMS_LIMIT or self.is_closing:
            raise StreamError(stream_id, frames.REFUSED_STREAM, "no more streams")
        stream = self.active[stream_id] = self._new(stream_id)
        return stream

    def _new(self, stream_id: int) -> Stream:
        # A window smaller than the default binds the peer only once it has acknowledged the setting (6.5.3).
        window = ReceiveWindow(max(self._window_bytes, frames.DEFAULT_WINDOW_BYTES), self._window_bytes)
        return Stream(stream_id, send_window=self._peer_window, receive_window=window)

    # looking up

    def is_new(self, stream_id: int) -> bool:
        """Return whether a header block with this number starts a stream of the peer."""
        return not self._client and stream_id > self.last_peer_id and stream_id not in self.active

    def find(self, stream_id: int) -> Stream | None:
        """Return the open stream of a frame, None if the stream has ended. Raises: Http2Error for an idle one (5.1)."""
        is_ours = stream_id % 2 == self._next_id % 2
        is_idle = stream_id >= self._next_id if is_ours else stream_id > self.last_peer_id
        if is_idle:
            raise Http2Error(frames.PROTOCOL_ERROR, f"a frame on stream {stream_id}, which is idle")
        return self.active.get(stream_id)

    def find_receiving(self, stream_id: int) -> Stream | None:
        """Return the stream on which the peer sends; None if the frame is to be ignored, as we have reset the stream.

        Raises: Http2Error for a stream that is idle, StreamError for one that the peer has ended.
        """
        stream = self.active.get(stream_id)
        if stream is not None and not stream.is_remote_closed:
            return stream
        self.find(stream_id)
        if stream_id in self._reset_ids:
            return None
        raise StreamError(stream_id, frames.STREAM_CLOSED, "a frame on a closed stream")

    # settings of the peer

    def set_limit(self, value: int) -> None:
        """Apply the peer's MAX_CONCURRENT_STREAMS."""
        self._peer_limit = value

    def set_window(self, value: int) -> None:
        """Apply the peer's INITIAL_WINDOW_SIZE, which also changes the windows of open streams (6.9.2). Raises: Http2Error."""
        change, self._peer_window = value - self._peer_window, value
        for stream in self.active.values():
            stream.send_window += change
            if stream.send_window > frames.MAX_WINDOW_BYTES:
                raise Http2Error(frames.FLOW_CONTROL_ERROR, f"the window of stream {stream.id} overflows")
            self._outbound.schedule(stream)

    # closing

    def close_local(self, stream: Stream) -> None:
        """Note that END_STREAM was sent."""
        stream.close_local()
        self._outbound.drop(stream)
        if stream.state is State.CLOSED:
            self._peer_resets = max(0, self._peer_resets - 1)
            self._remove(stream)
        elif not self._client:  # the response is complete, so the rest of the request is not needed (8.1)
            self.reset(stream, frames.NO_ERROR)

    def close_remote(self, stream: Stream) -> None:
        """Note that END_STREAM was received."""
        stream.close_remote()
        if stream.state is State.CLOSED:
            self._remove(stream)

    def reset(self, stream: Stream, code: int) -> None:
        """Cancel a stream. No event follows."""
        if stream.id and stream.state is not State.CLOSED and not self.is_lost:
            self._outbound.put_reset(stream.id, code)
            self._remember(stream.id)
        self._remove(stream)

    def reset_for_violation(self, error: StreamError) -> None:
        """Reset the stream on which the peer broke the protocol, even if it is closed already. Raises: Http2Error if the peer provokes too many."""
        self._outbound.reply(frames.RST_STREAM, 0, error.stream_id, frames.encode_uint32(error.code))
        self._remember(error.stream_id)
        stream = self.active.get(error.stream_id)
        if stream is not None:
            self.fail(stream, error.code, error.message)

    def end_reset_by_peer(self, stream: Stream, code: int) -> None:
        """End a stream that the peer has reset. Raises: Http2Error if a client opens and resets too many (10.5)."""
        if not self._client:
            self._peer_resets += 1
            if self._peer_resets > RESETS_LIMIT:
                raise Http2Error(frames.ENHANCE_YOUR_CALM, "too many resets")
        self.fail(stream, code, "the peer reset the stream")

    def fail(self, stream: Stream, code: int, message: str) -> None:
        """End a stream early and report it."""
        self._remove(stream)
        self._events.append(ResetEvent(stream, code, message))

    def handle_going_away(self, last_id: int, reason: str) -> None:
        """Stop opening streams, and fail those that the peer will not process, because it is going away (6.8)."""
        self.is_closing = True
        self._close_reason = reason
        unprocessed = [stream for stream in self.active.values() if self._client and stream.id > last_id]
        self._fail_all(unprocessed, frames.REFUSED_STREAM, reason)

    def lose(self, error: Http2Error | None, reason: str) -> None:
        """End the connection: fail everything and report it."""
        self.is_lost = True
        self._close_reason = reason
        self._fail_all([*self.active.values()], frames.NO_ERROR if error is None else error.code, reason)
        self._events.append(LostEvent(error))

    def _fail_all(self, streams: Sequence[Stream], code: int, reason: str) -> None:
        waiting, self._waiting = self._waiting, deque()
        for stream in (*streams, *(stream for stream, _, _ in waiting)):
            self.fail(stream, code, reason)

    def _remove(self, stream: Stream) -> None:
        stream.close()
        self._outbound.drop(stream)
        if self.active.pop(stream.id, None) is not None:
            self.open_waiting()

    def _remember(self, stream_id: int) -> None:
        """Remember a stream that we reset: frames that were under way are ignored (5.1)."""
        if len(self._reset_ids) > _REMEMBERED_LIMIT:
            self._reset_ids.clear()
        self._reset_ids.add(stream_id)
