"""HTTP/2 without I/O: received bytes → events, and calls of this class → bytes to send. Client or server.

What is queued leaves through `pull`, which mixes the streams fairly and obeys the peer's windows; payload is never copied.
Whatever a peer may do wrong ends in a reset stream or in a GOAWAY with a reason, never in an exception of `receive`.

Source: RFC 9113. Priorities and push are not used; gRPC needs neither.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from llbfront.http2 import frames, hpack
from llbfront.http2.frames import Http2Error
from llbfront.http2.outbox import Outbox
from llbfront.http2.stream import DataEvent, HeadersEvent, LostEvent, ResetEvent, Stream

if TYPE_CHECKING:
    from llbfront.http2.frames import Field
    from llbfront.http2.stream import Event

WINDOW_BYTES = 16 * 1024 * 1024
HEADER_LIST_BYTES = 4 * 1024 * 1024  # ignore patterns of a build context travel as metadata
PEER_STREAMS = 1000
ANSWERS_LIMIT = 10_000  # acknowledgements that wait to be sent
RESETS_LIMIT = 1000  # streams that the peer opened and took back, over those that it let end
EMPTY_FRAMES_LIMIT = 1000  # in a row


class StreamError(Exception):
    """One stream is broken; the connection lives on."""

    def __init__(self, stream_id: int, code: int, message: str) -> None:
        super().__init__(message)
        self.stream_id, self.code, self.message = stream_id, code, message


class Connection:
    """One side of one connection.

    window_bytes: what the peer may send unasked, on each stream and in all. frame_bytes: the longest DATA frame that we send.
    """

    def __init__(self, *, client: bool, window_bytes: int = WINDOW_BYTES, frame_bytes: int = frames.DEFAULT_FRAME) -> None:
        self.events: deque[Event] = deque()
        self.streams: dict[int, Stream] = {}
        self.lost = False
        self._lost_reason = ""
        self._client = client
        self._window_bytes = window_bytes
        self._out = Outbox(self.events, self._close_local, frame_bytes=frame_bytes)
        self._awaited = b"" if client else frames.PREFACE
        self._rest = b""
        self._waiting: deque[tuple[Stream, list[Field], bool]] = deque()
        self._credit_bytes = 0
        # smaller windows bind the peer only once it has acknowledged them
        self._recv_initial = self._recv_window = max(window_bytes, frames.DEFAULT_WINDOW)
        self._peer_initial_window = frames.DEFAULT_WINDOW
        self._peer_streams: int | None = None
        self.peer_settled = False  # the peer has greeted
        self._next_id, self._last_peer_id = (1, 0) if client else (2, 0)
        self._away = self._said_goodbye = False
        self._block: tuple[int, int, bytearray] | None = None
        self._forgotten: set[int] = set()
        self._resets = self._empty_frames = 0
        self._decoder = hpack.Decoder(limit_bytes=4096, fields_limit_bytes=HEADER_LIST_BYTES)
        self._greet()

    def _greet(self) -> None:
        settings = [
            (frames.HEADER_TABLE_SIZE, 0),
            (frames.INITIAL_WINDOW_SIZE, self._window_bytes),
            (frames.MAX_HEADER_LIST_SIZE, HEADER_LIST_BYTES),
            (frames.ENABLE_PUSH, 0) if self._client else (frames.MAX_CONCURRENT_STREAMS, PEER_STREAMS),
        ]
        payload = b"".join(frames.setting(*entry) for entry in settings)
        self._out.put_raw(frames.PREFACE if self._client else b"")
        self._out.put(frames.SETTINGS, 0, 0, payload)
        if self._recv_window > frames.DEFAULT_WINDOW:
            extra = frames.unsigned(self._recv_window - frames.DEFAULT_WINDOW)
            self._out.put(frames.WINDOW_UPDATE, 0, 0, extra)

    # what we send

    def open(self, fields: list[Field], *, ended: bool = False) -> Stream:
        """Start a stream with a request. It may wait until the peer allows one more."""
        stream = Stream(0, send_window=self._peer_initial_window, recv_window=self._recv_initial)
        if self.lost or self._away:
            self._gone(stream, frames.REFUSED_STREAM, self._lost_reason or "the connection is closing")
            return stream
        self._waiting.append((stream, fields, ended))
        self._open_waiting()
        return stream

    def _open_waiting(self) -> None:
        while self._waiting and (self._peer_streams is None or len(self.streams) < self._peer_streams):
            stream, fields, ended = self._waiting.popleft()
            if stream.remote_closed:  # cancelled meanwhile
                continue
            stream.id, self._next_id = self._next_id, self._next_id + 2
            stream.send_window = self._peer_initial_window
            self.streams[stream.id] = stream
            self.send_headers(stream, fields, ended=ended)
            self._out.mark_ready(stream)

    def send_headers(self, stream: Stream, fields: Sequence[Field], *, ended: bool = False) -> None:
        """Send a header block at once, before any DATA that is still queued."""
        self._out.put_headers(stream, fields, ended=ended)
        if ended:
            self._close_local(stream)

    def write(self, stream: Stream, parts: Sequence[bytes | memoryview], size_bytes: int) -> None:
        """Queue a piece of the body."""
        if stream.local_closed or stream.ending:
            return
        stream.append(parts, size_bytes)
        self._out.mark_ready(stream)

    def end(self, stream: Stream, trailer: list[Field] | None = None) -> None:
        """Close our side after what is queued."""
        if stream.local_closed or stream.ending:
            return
        stream.ending, stream.trailer = True, trailer
        self._out.mark_ready(stream)

    def reset(self, stream: Stream, code: int) -> None:
        """Take the stream back. No event follows."""
        if stream.id and not (stream.local_closed and stream.remote_closed) and not self.lost:
            self._out.put(frames.RST_STREAM, 0, stream.id, frames.unsigned(code))
            self._forget(stream.id)
        self._drop(stream)

    def credit(self, stream: Stream, size_bytes: int) -> None:
        """Let the peer send `size_bytes` more on the stream; negative takes credit back that was not yet told."""
        stream.credit_bytes += size_bytes
        if stream.credit_bytes * 4 >= self._window_bytes and not stream.remote_closed:
            self._out.put(frames.WINDOW_UPDATE, 0, stream.id, frames.unsigned(stream.credit_bytes))
            stream.recv_window += stream.credit_bytes
            stream.credit_bytes = 0

    def shutdown(self, code: int = frames.NO_ERROR, reason: str = "") -> None:
        """Say goodbye; what is open may end, nothing new is accepted."""
        if (code or not self._said_goodbye) and not self.lost:
            self._said_goodbye = True
            payload = frames.unsigned(self._last_peer_id) + frames.unsigned(code) + reason.encode()[:512]
            self._out.put(frames.GOAWAY, 0, 0, payload)
        self._away = True

    def pull(self, limit_bytes: int) -> tuple[list[bytes | memoryview], int]:
        """Return what may be sent now, in parts, and how long it is: all control frames, then DATA up to about `limit_bytes`."""
        return self._out.pull(limit_bytes)

    # what we receive

    def receive(self, data: bytes) -> None:
        """Take bytes of the peer; what they mean is appended to `events`."""
        if self.lost:
            return
        try:
            self._receive(data)
        except Http2Error as error:
            self.shutdown(error.code, error.message)
            self._lose(error)

    def receive_end(self, reason: str = "the peer closed the connection") -> None:
        """The peer will send nothing more."""
        if not self.lost:
            self._lose(None, reason)

    def _receive(self, data: bytes) -> None:
        if self._awaited:
            data = self._receive_preface(data)
        if self._rest:
            data = self._rest + data
        position, end = 0, len(data)
        view = memoryview(data)
        while end - position >= frames.HEADER_BYTES:
            header = int.from_bytes(view[position : position + frames.HEADER_BYTES], "big")
            length, kind, flags, stream_id = header >> 48, header >> 40 & 0xFF, header >> 32 & 0xFF, header & frames.MAX_WINDOW
            if length > frames.DEFAULT_FRAME:
                raise Http2Error(frames.FRAME_SIZE_ERROR, f"frame of {length} bytes")
            start = position + frames.HEADER_BYTES
            if end - start < length:
                break
            position = start + length
            self._frame(kind, flags, stream_id, view[start:position])
        self._rest = data[position:]

    def _receive_preface(self, data: bytes) -> bytes:
        length = min(len(data), len(self._awaited))
        if data[:length] != self._awaited[:length]:
            raise Http2Error(frames.PROTOCOL_ERROR, "not HTTP/2")
        self._awaited = self._awaited[length:]
        return data[length:]

    def _frame(self, kind: int, flags: int, stream_id: int, payload: memoryview) -> None:
        if self._block is not None and (kind != frames.CONTINUATION or stream_id != self._block[0]):
            raise Http2Error(frames.PROTOCOL_ERROR, "a header block was interrupted")
        if not self.peer_settled and (kind != frames.SETTINGS or flags & frames.ACK):
            raise Http2Error(frames.PROTOCOL_ERROR, "the first frame is not SETTINGS")
        if kind >= len(_RULES):
            return  # unknown frames are ignored
        receive, on_stream, length = _RULES[kind]
        if on_stream is not None and on_stream != bool(stream_id):
            raise Http2Error(frames.PROTOCOL_ERROR, f"frame type {kind} on stream {stream_id}")
        if length is not None and len(payload) != length:
            raise Http2Error(frames.FRAME_SIZE_ERROR, f"frame type {kind} of {len(payload)} bytes")
        try:
            receive(self, flags, stream_id, payload)
        except StreamError as error:
            self._break_stream(error)

    def _break_stream(self, error: StreamError) -> None:
        stream = self.streams.get(error.stream_id)
        self._answer(frames.RST_STREAM, 0, error.stream_id, frames.unsigned(error.code))
        self._forget(error.stream_id)
        if stream is not None:
            self._gone(stream, error.code, error.message)

    def _on_data(self, flags: int, stream_id: int, payload: memoryview) -> None:
        size = len(payload)
        self._recv_window -= size
        if self._recv_window < 0:
            raise Http2Error(frames.FLOW_CONTROL_ERROR, "more data than the connection allows")
        self._credit_bytes += size
        if self._credit_bytes * 4 >= self._window_bytes:
            self._out.put(frames.WINDOW_UPDATE, 0, 0, frames.unsigned(self._credit_bytes))
            self._recv_window += self._credit_bytes
            self._credit_bytes = 0
        stream = self._stream_of_peer(stream_id)
        if stream is None:
            return
        stream.recv_window -= size
        if stream.recv_window < 0:
            raise StreamError(stream_id, frames.FLOW_CONTROL_ERROR, "more data than the stream allows")
        if not stream.headers_seen:
            raise StreamError(stream_id, frames.PROTOCOL_ERROR, "data before the headers")
        if flags & frames.PADDED:
            payload = _unpadded(payload)
        ended = bool(flags & frames.END_STREAM)
        if not payload and not ended:
            self._count_empty()
            self.credit(stream, size)
            return
        self._empty_frames = 0
        self.events.append(DataEvent(stream, payload, size, ended=ended))
        if ended:
            self._close_remote(stream)

    def _on_headers(self, flags: int, stream_id: int, payload: memoryview) -> None:
        if flags & frames.PADDED:
            payload = _unpadded(payload)
        if flags & frames.HAS_PRIORITY:
            if len(payload) < 5:
                raise Http2Error(frames.FRAME_SIZE_ERROR, "HEADERS too short for its priority")
            if int.from_bytes(payload[:4], "big") & frames.MAX_WINDOW == stream_id:
                raise Http2Error(frames.PROTOCOL_ERROR, "a stream depends on itself")
            payload = payload[5:]
        if flags & frames.END_HEADERS:
            self._header_block(flags, stream_id, bytes(payload))
        else:
            self._block = (stream_id, flags, bytearray(payload))

    def _on_continuation(self, flags: int, stream_id: int, payload: memoryview) -> None:
        if self._block is None:
            raise Http2Error(frames.PROTOCOL_ERROR, "CONTINUATION of nothing")
        _, first_flags, block = self._block
        block += payload
        if not payload:
            self._count_empty()
        if len(block) > HEADER_LIST_BYTES:
            raise Http2Error(frames.ENHANCE_YOUR_CALM, "header block too large")
        if flags & frames.END_HEADERS:
            self._block = None
            self._header_block(first_flags, stream_id, bytes(block))

    def _header_block(self, flags: int, stream_id: int, block: bytes) -> None:
        fields = self._decoder.decode(block)  # even if unwanted: the decoder has a state
        ended = bool(flags & frames.END_STREAM)
        if not self._client and stream_id > self._last_peer_id and stream_id not in self.streams:
            stream = self._accept(stream_id)
        else:
            found = self._stream_of_peer(stream_id)
            if found is None:
                return
            stream = found
        problem = frames.malformed(fields, request=not self._client and not stream.headers_seen, trailer=stream.headers_seen)
        if problem or (stream.headers_seen and not ended):
            raise StreamError(stream_id, frames.PROTOCOL_ERROR, problem or "trailers that do not end the stream")
        if self._client and not stream.headers_seen and frames.is_informational(fields):
            if ended:
                raise StreamError(stream_id, frames.PROTOCOL_ERROR, "an informational response ends the stream")
            self._count_empty()
            return
        stream.headers_seen = True
        self.events.append(HeadersEvent(stream, fields, ended=ended))
        if ended:
            self._close_remote(stream)

    def _accept(self, stream_id: int) -> Stream:
        if stream_id % 2 == 0:
            raise Http2Error(frames.PROTOCOL_ERROR, "a client opened an even stream")
        self._last_peer_id = stream_id
        if len(self.streams) >= PEER_STREAMS or self._away:
            raise StreamError(stream_id, frames.REFUSED_STREAM, "no more streams")
        stream = Stream(stream_id, send_window=self._peer_initial_window, recv_window=self._recv_initial)
        self.streams[stream_id] = stream
        return stream

    def _on_priority(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del flags
        if int.from_bytes(payload[:4], "big") & frames.MAX_WINDOW == stream_id:
            raise Http2Error(frames.PROTOCOL_ERROR, "a stream depends on itself")

    def _on_reset(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del flags
        self._check_not_idle(stream_id)
        stream = self.streams.get(stream_id)
        if stream is None:
            return
        if not self._client:
            self._resets += 1
            if self._resets > RESETS_LIMIT:
                raise Http2Error(frames.ENHANCE_YOUR_CALM, "too many resets")
        self._gone(stream, int.from_bytes(payload, "big"), "the peer reset the stream")

    def _on_settings(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del stream_id
        if flags & frames.ACK:
            if payload:
                raise Http2Error(frames.FRAME_SIZE_ERROR, "SETTINGS acknowledgement with a payload")
            self._decoder.limit_bytes = 0
            return
        if len(payload) % frames.SETTING_BYTES:
            raise Http2Error(frames.FRAME_SIZE_ERROR, f"SETTINGS of {len(payload)} bytes")
        self.peer_settled = True
        for start in range(0, len(payload), frames.SETTING_BYTES):
            setting = int.from_bytes(payload[start : start + frames.SETTING_BYTES], "big")
            apply = _SETTINGS.get(setting >> 32)
            if apply is not None:
                apply(self, setting & 0xFFFFFFFF)
        self._answer(frames.SETTINGS, frames.ACK, 0)
        self._open_waiting()

    def _set_push(self, value: int) -> None:
        if value > 1 or (value and self._client):
            raise Http2Error(frames.PROTOCOL_ERROR, f"ENABLE_PUSH {value}")

    def _set_streams(self, value: int) -> None:
        self._peer_streams = value

    def _set_window(self, value: int) -> None:
        if value > frames.MAX_WINDOW:
            raise Http2Error(frames.FLOW_CONTROL_ERROR, f"INITIAL_WINDOW_SIZE {value}")
        change, self._peer_initial_window = value - self._peer_initial_window, value
        for stream in self.streams.values():
            stream.send_window += change
            if stream.send_window > frames.MAX_WINDOW:
                raise Http2Error(frames.FLOW_CONTROL_ERROR, "a window overflows")
            self._out.mark_ready(stream)

    def _set_frame(self, value: int) -> None:
        if not frames.DEFAULT_FRAME <= value <= frames.MAX_FRAME:
            raise Http2Error(frames.PROTOCOL_ERROR, f"MAX_FRAME_SIZE {value}")
        self._out.peer_frame_bytes = value

    def _on_push(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del flags, stream_id, payload
        raise Http2Error(frames.PROTOCOL_ERROR, "PUSH_PROMISE although push is off")

    def _on_ping(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del stream_id
        if not flags & frames.ACK:
            self._answer(frames.PING, frames.ACK, 0, bytes(payload))

    def _on_goaway(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del flags, stream_id
        if len(payload) < 8:
            raise Http2Error(frames.FRAME_SIZE_ERROR, "GOAWAY too short")
        last = int.from_bytes(payload[:4], "big") & frames.MAX_WINDOW
        reason = bytes(payload[8:520]).decode("utf-8", "replace")
        self._away = True
        self._lost_reason = f"the peer is going away {reason}".rstrip()
        waiting, self._waiting = self._waiting, deque()
        unseen = [stream for stream in self.streams.values() if self._client and stream.id > last]
        for stream in [*unseen, *(entry[0] for entry in waiting)]:
            self._gone(stream, frames.REFUSED_STREAM, self._lost_reason)

    def _on_window_update(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del flags
        increment = int.from_bytes(payload, "big") & frames.MAX_WINDOW
        if not stream_id:
            self._out.window += increment
            if not increment or self._out.window > frames.MAX_WINDOW:
                raise Http2Error(
                    frames.FLOW_CONTROL_ERROR if increment else frames.PROTOCOL_ERROR,
                    f"WINDOW_UPDATE of {increment} on the connection",
                )
            return
        self._check_not_idle(stream_id)
        stream = self.streams.get(stream_id)
        if stream is None:
            return
        stream.send_window += increment
        if not increment:
            raise StreamError(stream_id, frames.PROTOCOL_ERROR, "WINDOW_UPDATE of 0")
        if stream.send_window > frames.MAX_WINDOW:
            raise StreamError(stream_id, frames.FLOW_CONTROL_ERROR, "a window overflows")
        self._out.mark_ready(stream)

    # bookkeeping

    def _answer(self, kind: int, flags: int, stream_id: int, payload: bytes = b"") -> None:
        self._out.answers += 1
        if self._out.answers > ANSWERS_LIMIT:
            raise Http2Error(frames.ENHANCE_YOUR_CALM, "too many frames that want an answer")
        self._out.put(kind, flags, stream_id, payload)

    def _count_empty(self) -> None:
        self._empty_frames += 1
        if self._empty_frames > EMPTY_FRAMES_LIMIT:
            raise Http2Error(frames.ENHANCE_YOUR_CALM, "too many empty frames")

    def _check_not_idle(self, stream_id: int) -> None:
        ours = stream_id % 2 == self._next_id % 2
        if stream_id >= self._next_id if ours else stream_id > self._last_peer_id:
            raise Http2Error(frames.PROTOCOL_ERROR, f"a frame on stream {stream_id}, which is idle")

    def _stream_of_peer(self, stream_id: int) -> Stream | None:
        """The open stream on which the peer may still send; None if the frame is to be ignored."""
        self._check_not_idle(stream_id)
        stream = self.streams.get(stream_id)
        if stream is not None and not stream.remote_closed:
            return stream
        if stream_id in self._forgotten:
            return None
        raise StreamError(stream_id, frames.STREAM_CLOSED, "a frame on a closed stream")

    def _close_local(self, stream: Stream) -> None:
        stream.local_closed = True
        self._out.drop(stream)
        if stream.remote_closed:
            self._resets = max(0, self._resets - 1)
            self._drop(stream)
        elif not self._client:  # we have answered: the rest of the request is not wanted
            self._out.put(frames.RST_STREAM, 0, stream.id, frames.unsigned(frames.NO_ERROR))
            self._forget(stream.id)
            self._drop(stream)

    def _close_remote(self, stream: Stream) -> None:
        stream.remote_closed = True
        if stream.local_closed:
            self._drop(stream)

    def _gone(self, stream: Stream, code: int, message: str) -> None:
        self._drop(stream)
        self.events.append(ResetEvent(stream, code, message))

    def _drop(self, stream: Stream) -> None:
        stream.local_closed = stream.remote_closed = True
        stream.drop_queue()
        self._out.drop(stream)
        if self.streams.pop(stream.id, None) is not None:
            self._open_waiting()

    def _forget(self, stream_id: int) -> None:
        """Remember a stream that we reset: frames that were under way are ignored."""
        if len(self._forgotten) > 10_000:
            self._forgotten.clear()
        self._forgotten.add(stream_id)

    def _lose(self, error: Http2Error | None, reason: str = "") -> None:
        self.lost = True
        message = self._lost_reason = error.message if error is not None else reason
        code = error.code if error is not None else frames.NO_ERROR
        waiting, self._waiting = self._waiting, deque()
        for stream in [*self.streams.values(), *(entry[0] for entry in waiting)]:
            self._gone(stream, code, message)
        self.events.append(LostEvent(error))


def _unpadded(payload: memoryview) -> memoryview:
    if not payload or payload[0] >= len(payload):
        raise Http2Error(frames.PROTOCOL_ERROR, "more padding than payload")
    return payload[1 : len(payload) - payload[0]]


# By frame type: how it is received, whether it belongs on a stream (None: either), and its exact length if it has one.
_RULES: tuple[tuple[Callable[[Connection, int, int, memoryview], None], bool | None, int | None], ...] = (
    (Connection._on_data, True, None),  # noqa: SLF001 (the table of this very module)
    (Connection._on_headers, True, None),  # noqa: SLF001
    (Connection._on_priority, True, 5),  # noqa: SLF001
    (Connection._on_reset, True, 4),  # noqa: SLF001
    (Connection._on_settings, False, None),  # noqa: SLF001
    (Connection._on_push, None, None),  # noqa: SLF001
    (Connection._on_ping, False, 8),  # noqa: SLF001
    (Connection._on_goaway, False, None),  # noqa: SLF001
    (Connection._on_window_update, None, 4),  # noqa: SLF001
    (Connection._on_continuation, True, None),  # noqa: SLF001
)

_SETTINGS: dict[int, Callable[[Connection, int], None]] = {
    frames.ENABLE_PUSH: Connection._set_push,  # noqa: SLF001
    frames.MAX_CONCURRENT_STREAMS: Connection._set_streams,  # noqa: SLF001
    frames.INITIAL_WINDOW_SIZE: Connection._set_window,  # noqa: SLF001
    frames.MAX_FRAME_SIZE: Connection._set_frame,  # noqa: SLF001
}
