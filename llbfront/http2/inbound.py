"""The receiving half of a connection: received bytes become frames, frames become events.

Violations raise Http2Error, which ends the connection, or StreamError, which is answered here with a reset of the stream.

Source: RFC 9113, sections 5.5, 6 and 8.1; 10.5 for the limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.http2 import frames, headers, settings
from llbfront.http2.errors import Http2Error, StreamError
from llbfront.http2.events import DataEvent, HeadersEvent
from llbfront.http2.flow_control import ReceiveWindow
from llbfront.http2.frame_reader import FrameReader
from llbfront.http2.header_blocks import HeaderBlocks
from llbfront.http2.headers import HeaderKind

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from llbfront.http2.events import Event
    from llbfront.http2.header_blocks import HeaderBlock
    from llbfront.http2.headers import Field
    from llbfront.http2.outbound import Outbound
    from llbfront.http2.stream import Stream
    from llbfront.http2.streams import Streams

HEADER_TABLE_BYTES = 4096  # the default, until the peer has acknowledged a table size of 0
HEADER_LIST_BYTES = 4 * 1024 * 1024  # patterns of an ignore file are sent as metadata
EMPTY_FRAMES_LIMIT = 1000  # in a row
_REASON_BYTES = 512


class Inbound:
    """Handles received frames. `has_settings`: the peer has sent its settings."""

    def __init__(self, events: deque[Event], streams: Streams, outbound: Outbound, *, client: bool, window_bytes: int) -> None:
        self.has_settings = False
        self._events = events
        self._streams = streams
        self._outbound = outbound
        self._client = client
        self._window = ReceiveWindow(max(window_bytes, frames.DEFAULT_WINDOW_BYTES), window_bytes)
        self._reader = FrameReader(b"" if client else frames.PREFACE)
        self._blocks = HeaderBlocks(table_bytes=HEADER_TABLE_BYTES, limit_bytes=HEADER_LIST_BYTES)
        self._empty_frames = 0
        self._handlers: dict[int, Callable[[int, int, memoryview], None]] = {
            frames.DATA: self._on_data,
            frames.HEADERS: self._on_headers,
            frames.PRIORITY: self._on_priority,
            frames.RST_STREAM: self._on_reset,
            frames.SETTINGS: self._on_settings,
            frames.PUSH_PROMISE: self._on_push_promise,
            frames.PING: self._on_ping,
            frames.GOAWAY: self._on_goaway,
            frames.WINDOW_UPDATE: self._on_window_update,
            frames.CONTINUATION: self._on_continuation,
        }
        self._settings: dict[int, Callable[[int], None]] = {
            settings.ENABLE_PUSH: self._set_push,
            settings.MAX_CONCURRENT_STREAMS: streams.set_limit,
            settings.INITIAL_WINDOW_SIZE: streams.set_window,
            settings.MAX_FRAME_SIZE: outbound.set_peer_frame_bytes,
        }

    def receive(self, data: bytes) -> None:
        """Receive bytes from the peer. Raises: Http2Error."""
        for kind, flags, stream_id, payload in self._reader.feed(data):
            if self._blocks.is_open:
                self._blocks.check(kind, stream_id)
            if not self.has_settings and (kind != frames.SETTINGS or flags & frames.ACK):
                raise Http2Error(frames.PROTOCOL_ERROR, "the first frame is not SETTINGS")
            handler = self._handlers.get(kind)
            if handler is None:  # unknown types are ignored (5.5)
                continue
            frames.check_frame(kind, stream_id, len(payload))
            try:
                handler(flags, stream_id, payload)
            except StreamError as error:
                self._streams.reset_for_violation(error)

    # frames that carry the messages of a stream

    def _on_data(self, flags: int, stream_id: int, payload: memoryview) -> None:
        size = len(payload)  # padding counts
        if not self._window.receive(size):
            raise Http2Error(frames.FLOW_CONTROL_ERROR, "more data than the connection allows")
        if increment := self._window.consume(size):
            self._outbound.put_window_update(0, increment)
        stream = self._streams.find_receiving(stream_id)
        if stream is None:
            return
        if not stream.receive_window.receive(size):
            raise StreamError(stream_id, frames.FLOW_CONTROL_ERROR, "more data than the stream allows")
        if not stream.has_headers:
            raise StreamError(stream_id, frames.PROTOCOL_ERROR, "data before the headers")
        if flags & frames.PADDED:
            payload = frames.without_padding(payload)
        self._add_data(stream, payload, size, ended=bool(flags & frames.END_STREAM))

    def _add_data(self, stream: Stream, data: memoryview, size: int, *, ended: bool) -> None:
        if not data and not ended:
            self._count_empty_frame()
            if increment := stream.receive_window.consume(size):
                self._outbound.put_window_update(stream.id, increment)
            return
        self._empty_frames = 0
        self._events.append(DataEvent(stream, data, size, ended))
        if ended:
            self._streams.close_remote(stream)

    def _on_headers(self, flags: int, stream_id: int, payload: memoryview) -> None:
        if flags & frames.PADDED:
            payload = frames.without_padding(payload)
        if flags & frames.HAS_PRIORITY:
            payload = frames.without_priority(payload, stream_id)
        self._on_block(self._blocks.begin(flags, stream_id, payload))

    def _on_continuation(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del stream_id  # `HeaderBlocks.check` has compared it
        if not payload:
            self._count_empty_frame()
        self._on_block(self._blocks.resume(flags, payload))

    def _on_block(self, block: HeaderBlock | None) -> None:
        if block is None:
            return
        stream_id, fields, ended = block
        if self._streams.is_new(stream_id):
            self._on_message(self._streams.accept(stream_id), fields, HeaderKind.REQUEST, ended=ended)
        elif stream := self._streams.find_receiving(stream_id):
            kind = HeaderKind.TRAILER if stream.has_headers else HeaderKind.RESPONSE
            self._on_message(stream, fields, kind, ended=ended)

    def _on_message(self, stream: Stream, fields: list[Field], kind: HeaderKind, *, ended: bool) -> None:
        is_informational = kind is HeaderKind.RESPONSE and headers.is_informational(fields)
        error = headers.find_error(fields, kind)
        if kind is HeaderKind.TRAILER and not ended:
            error = error or "trailers that do not end the stream"
        if is_informational and ended:
            error = error or "an informational response ends the stream"
        if error:
            raise StreamError(stream.id, frames.PROTOCOL_ERROR, error)
        if is_informational:  # the final response follows (8.1)
            self._count_empty_frame()
            return
        stream.has_headers = True
        self._events.append(HeadersEvent(stream, fields, ended))
        if ended:
            self._streams.close_remote(stream)

    # frames that control streams and the connection

    def _on_priority(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del flags
        frames.check_priority(payload, stream_id)

    def _on_reset(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del flags
        stream = self._streams.find(stream_id)
        if stream is not None:
            self._streams.end_reset_by_peer(stream, int.from_bytes(payload, "big"))

    def _on_settings(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del stream_id
        if flags & frames.ACK:
            if payload:
                raise Http2Error(frames.FRAME_SIZE_ERROR, "SETTINGS acknowledgement with a payload")
            self._blocks.forbid_table()
            return
        self.has_settings = True
        for identifier, value in settings.decode(payload):
            if identifier in self._settings:
                self._settings[identifier](value)
        self._outbound.reply(frames.SETTINGS, frames.ACK, 0)
        self._streams.open_waiting()

    def _set_push(self, value: int) -> None:
        if value and self._client:
            raise Http2Error(frames.PROTOCOL_ERROR, f"ENABLE_PUSH {value} from a server")

    def _on_push_promise(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del flags, stream_id, payload
        raise Http2Error(frames.PROTOCOL_ERROR, "PUSH_PROMISE although push is off")

    def _on_ping(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del stream_id
        if not flags & frames.ACK:
            self._outbound.reply(frames.PING, frames.ACK, 0, bytes(payload))

    def _on_goaway(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del flags, stream_id
        if len(payload) < 8:
            raise Http2Error(frames.FRAME_SIZE_ERROR, "GOAWAY too short")
        last_id = int.from_bytes(payload[:4], "big") & frames.STREAM_ID_MASK
        reason = bytes(payload[8 : 8 + _REASON_BYTES]).decode("utf-8", "replace")
        self._streams.handle_going_away(last_id, f"the peer is going away {reason}".rstrip())

    def _on_window_update(self, flags: int, stream_id: int, payload: memoryview) -> None:
        del flags
        increment = int.from_bytes(payload, "big") & frames.MAX_WINDOW_BYTES
        if not stream_id:
            self._outbound.grow_window(increment)
            return
        stream = self._streams.find(stream_id)
        if stream is None:
            return
        stream.send_window += increment
        if not increment:
            raise StreamError(stream_id, frames.PROTOCOL_ERROR, "WINDOW_UPDATE of 0")
        if stream.send_window > frames.MAX_WINDOW_BYTES:
            raise StreamError(stream_id, frames.FLOW_CONTROL_ERROR, "the window of the stream overflows")
        self._outbound.schedule(stream)

    def _count_empty_frame(self) -> None:
        self._empty_frames += 1
        if self._empty_frames > EMPTY_FRAMES_LIMIT:
            raise Http2Error(frames.ENHANCE_YOUR_CALM, "too many empty frames")
