"""A peer that stops answering is noticed, over both transports; one that is slow, busy or quiet is not given up."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import time
from typing import TYPE_CHECKING

import pytest

from llbfront.connhelper.dial import dial
from llbfront.errors import RpcError
from llbfront.rpc import heartbeat
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code
from tests.engine import peers
from tests.rpc.echo import BOTH, ECHO, UNARY, Bytes
from tests.support.peers.dial_stdio import COPY

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

    from llbfront.rpc.calls import ServerCall
    from llbfront.rpc.channel import Channel

pytestmark = pytest.mark.slow

TICK_S = 0.05
LIMIT_S = TICK_S * heartbeat.LOSE_AFTER_TICKS


@pytest.fixture(autouse=True)
def short_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "TICK_S", TICK_S)


class Silent(Handler):
    """Never answers."""

    def __init__(self, call: ServerCall) -> None:
        pass


class Sleeper(Handler):
    """Answers after longer than a silent peer is given."""

    def __init__(self, call: ServerCall) -> None:
        self.call = call
        call.loop.call_later(3 * LIMIT_S, self.answer)

    def answer(self) -> None:
        self.call.send(b"")
        self.call.finish()


SERVICES = {**ECHO, "/test.Echo/Silent": Silent, "/test.Echo/Sleep": Sleeper}
SILENT = type(UNARY)("/test.Echo/Silent", Bytes, Bytes)
SLEEP = type(UNARY)("/test.Echo/Sleep", Bytes, Bytes)


class Freezable:
    """A relay to an engine that can stop to move bytes, as a network does that drops packets."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_frozen = False

    def __call__(self, client: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError, ValueError):  # the test closes the client
            server.connect(self.path)
            while True:
                if self.is_frozen:
                    time.sleep(0.01)
                    continue
                for source in select.select([client, server], [], [], 0.01)[0]:
                    data = source.recv(1 << 16)
                    if not data:
                        return
                    (server if source is client else client).sendall(data)


@pytest.fixture
def relay(tmp_path: pathlib.Path) -> Iterator[Freezable]:
    with peers.engine(f"{tmp_path}/engine", SERVICES):
        yield Freezable(f"{tmp_path}/engine")


@pytest.fixture(params=["unix", "tcp", "program"])
def channel(
    request: pytest.FixtureRequest, relay: Freezable, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Channel]:
    where = f"{tmp_path}/s" if request.param != "tcp" else ("127.0.0.1", 0)
    with peers.accepting(where, relay) as listener:
        if request.param == "program":
            (tmp_path / "ssh").write_text(f"#!{sys.executable}\n{COPY.format(path=f'{tmp_path}/s')}")
            (tmp_path / "ssh").chmod(0o755)
            monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        address = {
            "unix": f"unix://{tmp_path}/s",
            "tcp": f"tcp://127.0.0.1:{listener.getsockname()[1] if request.param == 'tcp' else 0}",
            "program": "ssh://host",
        }[request.param]
        opened = dial(address)
        yield opened
        opened.close()


def test_a_frozen_peer_is_noticed(channel: Channel, relay: Freezable) -> None:
    channel.unary(UNARY, Bytes(data=b"alive"))
    relay.is_frozen = True
    started = time.monotonic()
    with pytest.raises(RpcError, match=f"the engine does not answer: nothing was heard from {channel.address}") as caught:
        channel.unary(SILENT, Bytes())
    assert caught.value.code == Code.UNAVAILABLE
    assert channel.lost
    assert channel.is_silent
    assert time.monotonic() - started < 3 * LIMIT_S


def test_a_peer_that_freezes_during_a_transfer_is_noticed(channel: Channel, relay: Freezable) -> None:
    upload = channel.start(BOTH)
    upload.send(Bytes(data=b"x"))
    channel.wait(lambda: False, timeout_s=0.05)
    relay.is_frozen = True
    while channel.wait(lambda: upload.room_bytes > 0 or upload.done) and not upload.done:
        upload.send(Bytes(data=bytes(100_000)))
    assert upload.error is not None
    assert "does not answer" in upload.error.message


def test_a_long_silent_call_is_waited_for(channel: Channel) -> None:
    assert channel.unary(SLEEP, Bytes()).data == b""


def test_a_freeze_that_ends_in_time_does_no_harm(channel: Channel, relay: Freezable) -> None:
    call = channel.start(SLEEP)
    call.send(Bytes())
    call.close_send()
    channel.wait(lambda: False, timeout_s=0.1)
    relay.is_frozen = True
    channel.wait(lambda: False, timeout_s=LIMIT_S * 0.6)
    relay.is_frozen = False
    assert call.result().data == b""


def test_a_program_that_does_not_run_its_loop_does_not_blame_the_peer(channel: Channel) -> None:
    call = channel.start(SLEEP)
    call.send(Bytes())
    call.close_send()
    channel.wait(lambda: False, timeout_s=TICK_S * (heartbeat.ASK_AFTER_TICKS + 1))
    time.sleep(LIMIT_S * 1.5)
    assert call.result().data == b""


def test_idle_time_between_calls_does_not_count(channel: Channel) -> None:
    channel.unary(UNARY, Bytes())
    time.sleep(2 * LIMIT_S)
    channel.wait(lambda: False, timeout_s=0.05)
    assert channel.unary(UNARY, Bytes(data=b"again")).data == b"again"


def slow_reader(limit_s: float) -> Callable[[socket.socket], None]:
    """Greet, then take 64 KB in every third of the limit, and say nothing."""

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):  # the test closes the client
            connection.sendall(peers.SETTINGS + b"\0\0\4\x08\0\0\0\0\0\x3f\0\0\0" + b"\0\0\6\4\0\0\0\0\0\0\4\x3f\0\0\0")
            while connection.recv(1 << 16):
                time.sleep(limit_s / 3)

    return serve


def test_a_peer_that_takes_data_slowly_is_alive(tmp_path: pathlib.Path) -> None:
    with peers.accepting(f"{tmp_path}/slow", slow_reader(LIMIT_S)):
        channel = dial(f"unix://{tmp_path}/slow")
        upload = channel.start(BOTH)
        upload.send(Bytes(data=bytes(8 << 20)))
        assert not channel.wait(lambda: channel.lost, timeout_s=2.5 * LIMIT_S)
        channel.close()
