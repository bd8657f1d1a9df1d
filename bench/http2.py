"""Compare llbfront's HTTP/2 core with the `h2` library: one long body in each direction, and small calls.

Both run in this process without I/O, and get the same bytes. Runs are interleaved, because machines are busy; medians and ratios of medians
are printed. `h2` runs without the validation of headers.
"""

from __future__ import annotations

import functools
import statistics
import sys
from typing import TYPE_CHECKING

import h2.config
import h2.connection
import h2.events

from bench import measure
from llbfront.http2 import frames
from llbfront.http2.connection import WINDOW_BYTES, Connection
from llbfront.http2.events import DataEvent, LostEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from llbfront.http2.stream import Stream

BODY_MIB, CALLS, RUNS = 256, 2000, 21
PART = bytes(64 * 1024)  # what the session reads from a file at once
MESSAGE = bytes(64)
READ_FRAMES = 16  # 256 KiB, what a read returns
PULL_BYTES = 1 << 20
REQUEST = [(":method", "POST"), (":scheme", "http"), (":path", "/moby.buildkit.v1.Control/Info"), (":authority", "localhost"),
           ("content-type", "application/grpc"), ("te", "trailers")]  # fmt: skip
RESPONSE = [(":status", "200"), ("content-type", "application/grpc")]
TRAILER = [("grpc-status", "0")]


class Llbfront:
    """llbfront's core."""

    def __init__(self, *, client: bool) -> None:
        self.connection = Connection(client=client)
        self.streams: dict[int, Stream] = {}

    def open(self) -> int:
        stream = self.connection.open(REQUEST)
        self.streams[stream.id] = stream
        return stream.id

    def headers(self, stream_id: int, fields: list[tuple[str, str]], *, ended: bool = False) -> None:
        if ended:
            self.connection.end(self.streams.pop(stream_id), fields)
        else:
            self.connection.send_headers(self.streams[stream_id], fields)

    def write(self, stream_id: int, data: bytes) -> None:
        self.connection.write(self.streams[stream_id], [data], len(data))

    def end(self, stream_id: int) -> None:
        self.connection.end(self.streams[stream_id])

    def receive(self, data: bytes) -> int:
        self.connection.receive(data)
        events = self.connection.events
        stream_id = 0
        while events:
            event = events.popleft()
            if isinstance(event, LostEvent):
                sys.exit(f"the connection was lost: {event.error}")
            stream_id = event.stream.id
            self.streams.setdefault(stream_id, event.stream)
            if isinstance(event, DataEvent):
                self.connection.credit(event.stream, event.credit_bytes)
        return stream_id

    def take(self) -> bytes:
        parts, _ = self.connection.pull(PULL_BYTES)
        return b"".join(parts)

    def send(self) -> None:
        """Send as a channel does: the parts go to writev as they are."""
        while self.connection.pull(PULL_BYTES)[1]:
            pass


class Library:
    """The `h2` library."""

    def __init__(self, *, client: bool) -> None:
        config = h2.config.H2Configuration(
            client_side=client, header_encoding="latin-1", validate_outbound_headers=False, normalize_outbound_headers=False,
            validate_inbound_headers=False, normalize_inbound_headers=False,
        )  # fmt: skip
        self.connection = h2.connection.H2Connection(config)
        self.connection.initiate_connection()
        self.connection.update_settings({4: WINDOW_BYTES})
        self.connection.increment_flow_control_window(WINDOW_BYTES - frames.DEFAULT_WINDOW_BYTES)

    def open(self) -> int:
        stream_id = self.connection.get_next_available_stream_id()
        self.connection.send_headers(stream_id, REQUEST)
        return stream_id

    def headers(self, stream_id: int, fields: list[tuple[str, str]], *, ended: bool = False) -> None:
        self.connection.send_headers(stream_id, fields, end_stream=ended)

    def write(self, stream_id: int, data: bytes) -> None:
        size = self.connection.max_outbound_frame_size
        for start in range(0, len(data), size):
            self.connection.send_data(stream_id, data[start : start + size])

    def end(self, stream_id: int) -> None:
        self.connection.end_stream(stream_id)

    def receive(self, data: bytes) -> int:
        stream_id = 0
        for event in self.connection.receive_data(data):
            stream_id = getattr(event, "stream_id", stream_id) or stream_id
            if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
                self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        return stream_id

    def take(self) -> bytes:
        return self.connection.data_to_send()

    def send(self) -> None:
        self.take()


CORES: dict[str, type[Llbfront | Library]] = {"llbfront": Llbfront, "h2": Library}


def connected(kind: type[Llbfront | Library]) -> tuple[Llbfront | Library, Llbfront | Library]:
    """Return a client and a server that have greeted each other."""
    client, server = kind(client=True), kind(client=False)
    for _ in range(3):
        server.receive(client.take())
        client.receive(server.take())
    return client, server


def send_body(kind: type[Llbfront | Library]) -> None:
    """Send a body through windows that never close."""
    client, _ = connected(kind)
    stream_id = client.open()
    increment = frames.encode_uint32(frames.MAX_WINDOW_BYTES - WINDOW_BYTES)
    for target in (0, stream_id):
        client.receive(frames.encode_frame(frames.WINDOW_UPDATE, 0, target, increment))
    for _ in range(BODY_MIB * (1 << 20) // len(PART)):
        client.write(stream_id, PART)
        client.send()


def receive_body(kind: type[Llbfront | Library]) -> None:
    """Receive a body, and give credit for it."""
    client, server = connected(kind)
    stream_id = client.open()
    server.receive(client.take())
    server.headers(stream_id, RESPONSE)
    client.receive(server.take())
    piece = frames.encode_frame(frames.DATA, 0, stream_id, bytes(frames.DEFAULT_FRAME_BYTES)) * READ_FRAMES
    for _ in range(BODY_MIB * (1 << 20) // (frames.DEFAULT_FRAME_BYTES * READ_FRAMES)):
        client.receive(piece)
        client.take()


def call(kind: type[Llbfront | Library]) -> None:
    """Make calls with a small message in each direction, both ends in this process."""
    client, server = connected(kind)
    for _ in range(CALLS):
        stream_id = client.open()
        client.write(stream_id, MESSAGE)
        client.end(stream_id)
        server.receive(client.take())
        server.headers(stream_id, RESPONSE)
        server.write(stream_id, MESSAGE)
        server.headers(stream_id, TRAILER, ended=True)
        client.receive(server.take())


def throughput(cpu_s: float, wall_s: float) -> str:
    return f"{BODY_MIB / wall_s:9.0f} MiB/s   {cpu_s * 1024 / BODY_MIB:6.3f} CPU s/GiB"


def rate(cpu_s: float, wall_s: float) -> str:
    return f"{CALLS / wall_s:9.0f} calls/s {cpu_s / CALLS * 1e6:6.1f} CPU us/call"


SCENARIOS: dict[str, tuple[Callable[[type[Llbfront | Library]], None], Callable[[float, float], str]]] = {
    "send": (send_body, throughput),
    "receive": (receive_body, throughput),
    "calls": (call, rate),
}


def main(runs: int | None = None) -> None:
    print(f"HTTP/2 core and the h2 library {h2.__version__}, medians of {runs or RUNS} interleaved runs")
    for title, (scenario, describe) in SCENARIOS.items():
        actions = {name: functools.partial(scenario, kind) for name, kind in CORES.items()}
        measured = measure.interleaved_calls(actions, runs=runs or RUNS)
        cpu = {name: statistics.median(run.cpu_s for run in entries) for name, entries in measured.items()}
        for name, entries in measured.items():
            wall_s = statistics.median(run.wall_s for run in entries)
            print(
                f"  {title:8} {name:9} {describe(cpu[name], wall_s)}   {cpu[name] / cpu['llbfront']:5.2f} x llbfront's CPU",
                flush=True,
            )


if __name__ == "__main__":
    main()
