"""Two channels of one loop, joined by a socket pair, and byte streams that dribble."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from llbfront.rpc.event_loop import Loop
from llbfront.rpc.stream_channel import Pipes, StreamChannel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from llbfront.rpc.calls import Services

    Joined = Callable[..., tuple[StreamChannel, StreamChannel]]


class Dribble(Pipes):
    """A stream that moves at most so many bytes at a time."""

    def __init__(self, fd: int, most: int) -> None:
        super().__init__(fd, fd)
        self.most = most

    def read(self, size_bytes: int) -> bytes:
        return super().read(min(size_bytes, self.most))

    def write(self, parts: Sequence[bytes | memoryview]) -> int:
        return super().write([b"".join(parts)[: self.most]])


@pytest.fixture
def joined() -> Iterator[Joined]:
    """Make (client, server) for the services given."""
    channels: list[StreamChannel] = []

    def make(services: Services, *, most: int = 0, window_bytes: int = 16 << 20) -> tuple[StreamChannel, StreamChannel]:
        loop = Loop()
        left, right = (end.detach() for end in socket.socketpair())
        streams = [Dribble(fd, most) if most else Pipes(fd, fd) for fd in (left, right)]
        client = StreamChannel(streams[0], loop=loop, window_bytes=window_bytes)
        server = StreamChannel(streams[1], loop=loop, services=services, window_bytes=window_bytes)
        channels.extend((client, server))
        return client, server

    yield make
    for channel in channels:
        channel.close()
        channel.loop.close()
