"""HTTP/2 against the `h2` library as the peer, in both roles, with every way of cutting bytes and small windows."""

import time
import timeit

import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llbfront.http2 import frames
from llbfront.http2 import settings as http2_settings
from llbfront.http2.connection import Connection
from llbfront.http2.events import DataEvent, HeadersEvent, LostEvent, ResetEvent
from llbfront.http2.stream import Stream

REQUEST = [(":method", "POST"), (":scheme", "http"), (":path", "/a.B/C"), (":authority", "localhost"), ("te", "trailers")]
RESPONSE = [(":status", "200"), ("content-type", "application/grpc")]
TRAILER = [("grpc-status", "0"), ("x-empty", "")]

windows = st.one_of(st.integers(1, 40), st.integers(41, 70_000), st.just(16 << 20))
chunks = st.integers(1, 5000)
bodies = st.lists(st.lists(st.binary(max_size=3000), max_size=5), min_size=1, max_size=5)


class Peer:
    """h2 behind the few calls that the tests need. It gives credit at once and echoes nothing by itself."""

    def __init__(self, *, client: bool, window: int) -> None:
        config = h2.config.H2Configuration(client_side=client, header_encoding="latin-1")
        self.connection = h2.connection.H2Connection(config)
        self.connection.initiate_connection()
        self.connection.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.bodies: dict[int, bytearray] = {}
        self.ended: set[int] = set()
        self.headers: dict[int, list[list[tuple[str, str]]]] = {}
        self.resets: dict[int, int] = {}
        self.goaway: h2.events.ConnectionTerminated | None = None
        self.pending: dict[int, tuple[bytearray, list[tuple[str, str]] | None]] = {}

    def receive(self, data: bytes) -> None:
        for event in self.connection.receive_data(data):
            match event:
                case h2.events.RequestReceived() | h2.events.ResponseReceived() | h2.events.TrailersReceived():
                    self.headers.setdefault(event.stream_id, []).append([(str(name), str(value)) for name, value in event.headers])
                case h2.events.DataReceived():
                    self.bodies.setdefault(event.stream_id, bytearray()).extend(event.data)
                    if event.flow_controlled_length:
                        self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case h2.events.StreamEnded():
                    self.ended.add(event.stream_id)
                case h2.events.StreamReset():
                    self.resets[event.stream_id] = int(event.error_code)
                case h2.events.ConnectionTerminated():
                    self.goaway = event
                case _:
                    pass
        self.push()

    def push(self) -> None:
        for stream_id, (body, trailer) in list(self.pending.items()):
            while body and (window_bytes := self.connection.local_flow_control_window(stream_id)) > 0:
                size = min(window_bytes, len(body), self.connection.max_outbound_frame_size)
                self.connection.send_data(stream_id, bytes(body[:size]))
                del body[:size]
            if not body:
                del self.pending[stream_id]
                if trailer is None:
                    self.connection.end_stream(stream_id)
                else:
                    self.connection.send_headers(stream_id, trailer, end_stream=True)


def pump(
    ours: Connection, peer: Peer, chunk: int, bodies_of: dict[Stream, bytearray] | None = None
) -> list[HeadersEvent | ResetEvent]:
    """Carry bytes both ways in pieces of `chunk` until both are silent; return our events other than data."""
    seen: list[HeadersEvent | ResetEvent] = []
    while True:
        parts, size = ours.pull(chunk)
        outgoing = b"".join(parts)
        assert size == len(outgoing)
        incoming = peer.connection.data_to_send()
        if not outgoing and not incoming:
            return seen
        for start in range(0, len(outgoing), chunk):
            peer.receive(outgoing[start : start + chunk])
        for start in range(0, len(incoming), chunk):
            ours.receive(incoming[start : start + chunk])
        while ours.events:
            event = ours.events.popleft()
            if isinstance(event, DataEvent):
                if bodies_of is not None:
                    bodies_of.setdefault(event.stream, bytearray()).extend(event.data)
                ours.credit(event.stream, event.credit_bytes)
            elif isinstance(event, HeadersEvent | ResetEvent):
                seen.append(event)


@settings(deadline=None, max_examples=60)
@given(bodies, windows, windows, chunks)
def test_as_a_client(sent: list[list[bytes]], our_window: int, peer_window: int, chunk: int) -> None:
    ours, peer = Connection(client=True, window_bytes=our_window), Peer(client=False, window=peer_window)
    received: dict[Stream, bytearray] = {}
    streams = []
    for body in sent:
        stream = ours.open(REQUEST)
        streams.append(stream)
        for piece in body:
            ours.write(stream, [piece], len(piece))
        ours.end(stream)
    pump(ours, peer, chunk, received)
    for stream, body in zip(streams, sent, strict=True):
        assert bytes(peer.bodies.get(stream.id, b"")) == b"".join(body)
        assert stream.id in peer.ended
        assert peer.headers[stream.id] == [REQUEST]
        peer.connection.send_headers(stream.id, RESPONSE)
        peer.pending[stream.id] = (bytearray(b"".join(body)), TRAILER)
    peer.push()
    events = pump(ours, peer, chunk, received)
    assert [event.fields for event in events if isinstance(event, HeadersEvent) and event.ended] == [TRAILER] * len(sent)
    assert not any(isinstance(event, ResetEvent) for event in events)
    for stream, body in zip(streams, sent, strict=True):
        assert bytes(received.get(stream, b"")) == b"".join(body)
    assert not ours.is_busy


@settings(deadline=None, max_examples=60)
@given(bodies, windows, windows, chunks)
def test_as_a_server(sent: list[list[bytes]], our_window: int, peer_window: int, chunk: int) -> None:
    ours, peer = Connection(client=False, window_bytes=our_window), Peer(client=True, window=peer_window)
    received: dict[Stream, bytearray] = {}
    for number, body in enumerate(sent):
        stream_id = 2 * number + 1
        peer.connection.send_headers(stream_id, REQUEST)
        peer.pending[stream_id] = (bytearray(b"".join(body)), None)
    peer.push()
    events = pump(ours, peer, chunk, received)
    streams = [event.stream for event in events]
    assert [stream.id for stream in streams] == [2 * number + 1 for number in range(len(sent))]
    for stream, body in zip(streams, sent, strict=True):
        assert bytes(received.get(stream, b"")) == b"".join(body)
        ours.send_headers(stream, RESPONSE)
        for piece in body:
            ours.write(stream, [piece[:7], memoryview(piece)[7:]], len(piece))
        ours.end(stream, TRAILER)
    pump(ours, peer, chunk)
    for number, body in enumerate(sent):
        assert bytes(peer.bodies.get(2 * number + 1, b"")) == b"".join(body)
        assert peer.headers[2 * number + 1] == [RESPONSE, TRAILER]
    assert not ours.is_busy


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 200_000), st.lists(st.integers(0, 100_000), min_size=1, max_size=8))
def test_windows_that_shrink_and_grow_under_way(length: int, sizes: list[int]) -> None:
    ours, peer = Connection(client=True), Peer(client=False, window=1000)
    body = bytes(range(256)) * (length // 256 + 1)
    stream = ours.open(REQUEST)
    ours.write(stream, [body], len(body))
    ours.end(stream)
    for size in [*sizes, 65_535]:
        peer.connection.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: size})
        pump(ours, peer, 4000)
    assert bytes(peer.bodies[1]) == body
    assert 1 in peer.ended


def test_everything_started_together_leaves_in_one_pull() -> None:
    ours = Connection(client=True)
    stream = ours.open(REQUEST)
    ours.write(stream, [b"hello"], 5)
    ours.end(stream)
    parts, _ = ours.pull(1 << 20)
    assert len(parts) == 1
    assert bytes(parts[0]).startswith(frames.PREFACE)
    peer = Peer(client=False, window=65_535)
    peer.receive(bytes(parts[0]))
    assert bytes(peer.bodies[1]) == b"hello"


def test_streams_that_wait_for_the_connection_cost_nothing() -> None:
    def seconds(streams: int) -> float:
        ours = Connection(client=True)
        for _ in range(streams):
            stream = ours.open(REQUEST)
            ours.write(stream, [bytes(1000)], 1000)
            ours.end(stream)
        ours.pull(1 << 30)
        return min(timeit.repeat(lambda: ours.pull(1 << 30), timer=time.process_time, number=1000, repeat=3))

    assert seconds(4000) < 4 * max(seconds(500), 0.01)


def test_an_end_without_bytes_needs_no_window() -> None:
    ours, peer = Connection(client=True), Peer(client=False, window=100_000)
    large, empty = ours.open(REQUEST), ours.open(REQUEST)
    ours.write(large, [bytes(100_000)], 100_000)
    ours.end(empty)
    peer.receive(b"".join(map(bytes, ours.pull(1 << 30)[0])))
    assert ours.pull(1 << 30)[1] == 0
    assert peer.ended == {empty.id}


def test_large_payload_is_not_copied() -> None:
    ours = Connection(client=True)
    stream = ours.open(REQUEST)
    body = bytes(60_000)
    ours.write(stream, [body], len(body))
    parts, _ = ours.pull(1 << 20)
    views = [part for part in parts if isinstance(part, memoryview)]
    assert sum(map(len, views)) == len(body)
    assert all(view.obj is body for view in views)


def test_large_header_lists_travel_in_continuations() -> None:
    ours, peer = Connection(client=True), Peer(client=False, window=65_535)
    peer.connection.max_inbound_frame_size = 16_384
    peer.connection.decoder.max_header_list_size = 1 << 20
    fields = [*REQUEST, *((f"x-{number}", "v" * 500) for number in range(100))]
    ours.open(fields)
    pump(ours, peer, 5000)
    assert peer.headers[1] == [fields]

    server, client = Connection(client=False), Peer(client=True, window=65_535)
    pump(server, client, 5000)
    client.connection.send_headers(1, fields)
    (event,) = pump(server, client, 777)
    assert isinstance(event, HeadersEvent)
    assert event.fields == fields


def test_streams_wait_for_the_peers_limit() -> None:
    ours, peer = Connection(client=True), Peer(client=False, window=65_535)
    peer.connection.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 2})
    pump(ours, peer, 100)
    streams = [ours.open(REQUEST, ended=True) for _ in range(5)]
    ours.reset(streams[3], frames.CANCEL)
    pump(ours, peer, 100)
    assert sorted(peer.headers) == [1, 3]
    for stream_id in (1, 3, 5, 7):
        peer.connection.send_headers(stream_id, RESPONSE, end_stream=True)
        pump(ours, peer, 100)
    assert [stream.id for stream in streams] == [1, 3, 5, 0, 7]
    assert not ours.is_busy


def test_a_reset_by_the_peer_is_reported_and_late_frames_are_ignored() -> None:
    ours, peer = Connection(client=True), Peer(client=False, window=65_535)
    first, second = ours.open(REQUEST), ours.open(REQUEST)
    pump(ours, peer, 100)
    peer.connection.reset_stream(1, frames.CANCEL)
    (event,) = pump(ours, peer, 100)
    assert isinstance(event, ResetEvent)
    assert (event.stream, event.code) == (first, frames.CANCEL)
    ours.reset(second, frames.CANCEL)
    peer.connection.send_headers(3, RESPONSE)
    peer.connection.send_data(3, b"late")
    assert pump(ours, peer, 100) == []
    assert peer.resets == {3: frames.CANCEL}
    assert not ours.is_lost


def test_goaway_fails_what_the_peer_has_not_seen_and_lets_the_rest_end() -> None:
    ours, peer = Connection(client=True), Peer(client=False, window=65_535)
    first, second = ours.open(REQUEST), ours.open(REQUEST)
    pump(ours, peer, 100)
    ours.receive(frames.encode_frame(frames.GOAWAY, 0, 0, frames.encode_uint32(1) + frames.encode_uint32(0)))
    event = ours.events.popleft()
    assert isinstance(event, ResetEvent)
    assert (event.stream, event.code) == (second, frames.REFUSED_STREAM)
    ours.open(REQUEST)
    late = ours.events.popleft()
    assert isinstance(late, ResetEvent)
    peer.connection.send_headers(first.id, RESPONSE, end_stream=True)
    (event,) = [event for event in pump(ours, peer, 100) if isinstance(event, HeadersEvent)]
    assert event.stream is first


def test_the_end_of_the_peer_fails_open_streams() -> None:
    ours = Connection(client=True)
    stream = ours.open(REQUEST)
    ours.receive_end()
    reset, lost = ours.events
    assert isinstance(reset, ResetEvent)
    assert reset.stream is stream
    assert isinstance(lost, LostEvent)
    assert lost.error is None


SETTINGS = frames.encode_frame(frames.SETTINGS, 0, 0)
OPENED = frames.encode_frame(frames.HEADERS, frames.END_HEADERS, 1, bytes.fromhex("8386440161"))  # POST http /a
ZERO = frames.encode_uint32(0)
MOST = frames.encode_uint32(frames.MAX_WINDOW_BYTES)


def entry(identifier: int, value: int) -> bytes:
    return frames.encode_frame(frames.SETTINGS, 0, 0, http2_settings.encode([(identifier, value)]))


FATAL = {
    "no preface": (b"GET / HTTP/1.1\r\n", frames.PROTOCOL_ERROR),
    "no settings first": (frames.PREFACE + frames.encode_frame(frames.PING, 0, 0, bytes(8)), frames.PROTOCOL_ERROR),
    "frame too long": (frames.encode_frame(frames.DATA, 0, 1, bytes(16_385)), frames.FRAME_SIZE_ERROR),
    "data on stream 0": (frames.encode_frame(frames.DATA, 0, 0, b"x"), frames.PROTOCOL_ERROR),
    "data on an idle stream": (frames.encode_frame(frames.DATA, 0, 1, b"x"), frames.PROTOCOL_ERROR),
    "padding too long": (OPENED + frames.encode_frame(frames.DATA, frames.PADDED, 1, b"\x09abc"), frames.PROTOCOL_ERROR),
    "even stream": (frames.encode_frame(frames.HEADERS, frames.END_HEADERS, 2, b"\x83"), frames.PROTOCOL_ERROR),
    "bad compression": (frames.encode_frame(frames.HEADERS, frames.END_HEADERS, 1, b"\x80"), frames.COMPRESSION_ERROR),
    "block interrupted": (frames.encode_frame(frames.HEADERS, 0, 1, b"\x83") + frames.encode_frame(frames.PING, 0, 0, bytes(8)), frames.PROTOCOL_ERROR),
    "continuation of nothing": (frames.encode_frame(frames.CONTINUATION, 0, 1), frames.PROTOCOL_ERROR),
    "headers depend on themselves": (
        frames.encode_frame(frames.HEADERS, frames.END_HEADERS | frames.HAS_PRIORITY, 1, b"\0\0\0\1\0\x83"),
        frames.PROTOCOL_ERROR,
    ),
    "priority depends on itself": (frames.encode_frame(frames.PRIORITY, 0, 1, b"\0\0\0\1\0"), frames.PROTOCOL_ERROR),
    "priority of a bad size": (frames.encode_frame(frames.PRIORITY, 0, 1, b"\0\0\0\1"), frames.FRAME_SIZE_ERROR),
    "reset of an idle stream": (frames.encode_frame(frames.RST_STREAM, 0, 1, ZERO), frames.PROTOCOL_ERROR),
    "reset of a bad size": (OPENED + frames.encode_frame(frames.RST_STREAM, 0, 1, b"\0"), frames.FRAME_SIZE_ERROR),
    "settings of a bad size": (frames.encode_frame(frames.SETTINGS, 0, 0, b"\0"), frames.FRAME_SIZE_ERROR),
    "settings on a stream": (frames.encode_frame(frames.SETTINGS, 0, 1), frames.PROTOCOL_ERROR),
    "acknowledgement with a payload": (frames.encode_frame(frames.SETTINGS, frames.ACK, 0, bytes(6)), frames.FRAME_SIZE_ERROR),
    "push neither on nor off": (entry(http2_settings.ENABLE_PUSH, 2), frames.PROTOCOL_ERROR),
    "initial window too large": (entry(http2_settings.INITIAL_WINDOW_SIZE, 1 << 31), frames.FLOW_CONTROL_ERROR),
    "frame size too small": (entry(http2_settings.MAX_FRAME_SIZE, 16_383), frames.PROTOCOL_ERROR),
    "frame size too large": (entry(http2_settings.MAX_FRAME_SIZE, 1 << 24), frames.PROTOCOL_ERROR),
    "a window overflows by settings": (
        OPENED + frames.encode_frame(frames.WINDOW_UPDATE, 0, 1, frames.encode_uint32(frames.MAX_WINDOW_BYTES - 65_535)) + entry(http2_settings.INITIAL_WINDOW_SIZE, 65_536),
        frames.FLOW_CONTROL_ERROR,
    ),
    "push promise": (frames.encode_frame(frames.PUSH_PROMISE, frames.END_HEADERS, 1, ZERO), frames.PROTOCOL_ERROR),
    "ping of a bad size": (frames.encode_frame(frames.PING, 0, 0, bytes(7)), frames.FRAME_SIZE_ERROR),
    "ping on a stream": (frames.encode_frame(frames.PING, 0, 1, bytes(8)), frames.PROTOCOL_ERROR),
    "goaway too short": (frames.encode_frame(frames.GOAWAY, 0, 0, bytes(7)), frames.FRAME_SIZE_ERROR),
    "window update of 0": (frames.encode_frame(frames.WINDOW_UPDATE, 0, 0, ZERO), frames.PROTOCOL_ERROR),
    "the window overflows": (frames.encode_frame(frames.WINDOW_UPDATE, 0, 0, MOST), frames.FLOW_CONTROL_ERROR),
    "window update of an idle stream": (frames.encode_frame(frames.WINDOW_UPDATE, 0, 1, b"\0\0\0\1"), frames.PROTOCOL_ERROR),
    "ping flood": (frames.encode_frame(frames.PING, 0, 0, bytes(8)) * 10_001, frames.ENHANCE_YOUR_CALM),
    "settings flood": (SETTINGS * 10_001, frames.ENHANCE_YOUR_CALM),
    "empty data flood": (OPENED + frames.encode_frame(frames.DATA, 0, 1) * 1001, frames.ENHANCE_YOUR_CALM),
    "empty continuation flood": (frames.encode_frame(frames.HEADERS, 0, 1) + frames.encode_frame(frames.CONTINUATION, 0, 1) * 1001, frames.ENHANCE_YOUR_CALM),
    "continuation flood": (
        frames.encode_frame(frames.HEADERS, 0, 1) + frames.encode_frame(frames.CONTINUATION, 0, 1, bytes(16_384)) * 257,
        frames.ENHANCE_YOUR_CALM,
    ),
    "rapid resets": (
        b"".join(
            frames.encode_frame(frames.HEADERS, frames.END_HEADERS, stream_id, bytes.fromhex("8386440161"))
            + frames.encode_frame(frames.RST_STREAM, 0, stream_id, ZERO)
            for stream_id in range(1, 2 * 1002, 2)
        ),
        frames.ENHANCE_YOUR_CALM,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FATAL)
def test_a_peer_that_breaks_the_rules_gets_a_goaway(name: str) -> None:
    data, code = FATAL[name]
    ours = Connection(client=False)
    ours.pull(1 << 20)
    ours.receive(data if name.startswith("no ") else frames.PREFACE + SETTINGS + data)
    lost = ours.events.pop()
    assert isinstance(lost, LostEvent)
    assert lost.error is not None
    assert lost.error.code == code
    sent = b"".join(ours.pull(1 << 20)[0])
    assert frames.encode_uint32(code) in sent[sent.rindex(frames.encode_header(8 + len(lost.error.message), frames.GOAWAY, 0, 0)) :]


BROKEN = {
    "data after the end": (
        frames.encode_frame(frames.DATA, frames.END_STREAM, 1) + frames.encode_frame(frames.DATA, 0, 1, b"x"),
        frames.STREAM_CLOSED,
    ),
    "trailers that do not end": (frames.encode_frame(frames.HEADERS, frames.END_HEADERS, 1, b"\x00\x01a\x01b"), frames.PROTOCOL_ERROR),
    "window update of 0": (frames.encode_frame(frames.WINDOW_UPDATE, 0, 1, ZERO), frames.PROTOCOL_ERROR),
    "the window overflows": (frames.encode_frame(frames.WINDOW_UPDATE, 0, 1, MOST), frames.FLOW_CONTROL_ERROR),
    "no path": (frames.encode_frame(frames.HEADERS, frames.END_HEADERS, 3, b"\x83\x86"), frames.PROTOCOL_ERROR),
    "two methods": (frames.encode_frame(frames.HEADERS, frames.END_HEADERS, 3, bytes.fromhex("838386440161")), frames.PROTOCOL_ERROR),
    "upper case": (frames.encode_frame(frames.HEADERS, frames.END_HEADERS, 3, bytes.fromhex("8386440161") + b"\x00\x01A\x01b"), frames.PROTOCOL_ERROR),
    "connection header": (
        frames.encode_frame(frames.HEADERS, frames.END_HEADERS, 3, bytes.fromhex("8386440161") + b"\x00\x07upgrade\x01b"),
        frames.PROTOCOL_ERROR,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_stream_is_reset_and_the_connection_lives(name: str) -> None:
    data, code = BROKEN[name]
    ours = Connection(client=False)
    ours.receive(frames.PREFACE + SETTINGS + OPENED + data)
    assert not ours.is_lost
    sent = b"".join(ours.pull(1 << 20)[0])
    stream_id = data[8]
    assert frames.encode_frame(frames.RST_STREAM, 0, stream_id, frames.encode_uint32(code)) in sent


def test_a_peer_that_sends_more_than_its_window_is_stopped() -> None:
    ours = Connection(client=False, window_bytes=70_000)
    ours.receive(frames.PREFACE + SETTINGS + OPENED)
    for _ in range(4):
        ours.receive(frames.encode_frame(frames.DATA, 0, 1, bytes(16_384)))
    assert not ours.is_lost
    ours.receive(frames.encode_frame(frames.DATA, 0, 1, bytes(16_384)))
    assert (
        b"".join(ours.pull(1 << 20)[0]).find(
            frames.encode_frame(frames.RST_STREAM, 0, 1, frames.encode_uint32(frames.FLOW_CONTROL_ERROR))
        )
        > 0
    )


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(st.integers(0, 10), st.integers(0, 255), st.integers(0, 5), st.binary(max_size=40)).map(
            lambda f: frames.encode_frame(*f)
        ),
        max_size=20,
    ),
    st.booleans(),
    chunks,
)
def test_random_frames_never_raise(sent: list[bytes], client: bool, chunk: int) -> None:
    ours = Connection(client=client)
    if client:
        ours.open(REQUEST)
    data = (b"" if client else frames.PREFACE) + SETTINGS + b"".join(sent)
    for start in range(0, len(data), chunk):
        ours.receive(data[start : start + chunk])
        ours.pull(chunk)
