"""The other ways to an engine: programs that copy bytes, pipes, and an HTTP upgrade as dockerd offers it."""

from __future__ import annotations

import functools
import os
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from llbfront.connhelper.command import channel_over
from llbfront.connhelper.dial import dial
from llbfront.errors import ConnectError, RpcError
from llbfront.rpc.codes import Code
from llbfront.rpc.event_loop import Loop
from llbfront.rpc.stream_channel import Pipes, StreamChannel
from llbfront.session import tunnel
from tests.rpc.echo import BOTH, ECHO, UNARY, Bytes

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

SERVE = """
from llbfront.rpc.stream_channel import Pipes, StreamChannel
from tests.rpc.echo import ECHO
channel = StreamChannel(Pipes(0, 1), services=ECHO)
channel.wait(lambda: channel.lost)
"""


def test_a_program_that_serves_on_its_standard_streams() -> None:
    channel = channel_over((sys.executable, "-c", SERVE))
    assert channel.unary(UNARY, Bytes(data=bytes(1_000_000))).data == bytes(1_000_000)
    channel.close()
    channel.loop.close()


def test_two_one_way_pipes() -> None:
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    with process:
        channel = StreamChannel(Pipes(os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())))
        process.stdin.close()
        both = channel.start(BOTH)
        for _ in range(30):
            both.send(Bytes(data=bytes(200_000)))
        both.close_send()
        assert sum(len(message.data) for message in both.messages()) == 6_000_000
        channel.close()
        channel.loop.close()
    assert process.returncode == 0


def test_a_program_that_fails_says_why() -> None:
    channel = channel_over(("sh", "-c", "echo 'no such container: bk' >&2; exit 3"))
    with pytest.raises(RpcError, match="sh ended with code 3: no such container: bk") as caught:
        channel.unary(UNARY, Bytes())
    assert caught.value.code == Code.UNAVAILABLE
    channel.loop.close()


class FakeDocker:
    """Speaks just enough of dockerd's API: upgrades /grpc and /session, or refuses."""

    def __init__(self, path: str, answer: bytes) -> None:
        self.answer = answer
        self.requests: list[str] = []
        self.session: socket.socket | None = None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.loop = Loop()
        self.loop.enable_posting()
        self.stopped = False
        self.channels: list[StreamChannel] = []
        self.threads = [threading.Thread(target=self.accept), threading.Thread(target=lambda: self.loop.wait(lambda: self.stopped))]
        for thread in self.threads:
            thread.start()

    def accept(self) -> None:
        while True:
            connection = self.listener.accept()[0]
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                octet = connection.recv(1)
                if not octet:
                    connection.close()
                    return
                head += octet
            self.requests.append(head.decode())
            if head.startswith(b"POST /session "):
                self.session = connection  # before the answer, after which it is looked for
            connection.sendall(self.answer)
            if b"101" not in self.answer:
                connection.close()
            elif head.startswith(b"POST /grpc "):
                self.loop.post(functools.partial(self.serve, connection.detach()))

    def serve(self, fd: int) -> None:
        self.channels.append(StreamChannel(Pipes(fd, fd), loop=self.loop, services=ECHO))

    def stop(self, path: str) -> None:
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(path)
        self.loop.post(lambda: setattr(self, "stopped", True))
        for thread in self.threads:
            thread.join()
        for channel in self.channels:
            channel.close()
        self.listener.close()
        self.loop.close()


UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


@pytest.fixture
def docker(tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> Iterator[FakeDocker]:
    fake = FakeDocker(f"{tmp_path}/docker.sock", getattr(request, "param", UPGRADED))
    yield fake
    fake.stop(f"{tmp_path}/docker.sock")


def test_the_engine_inside_dockerd(docker: FakeDocker, tmp_path: pathlib.Path) -> None:
    channel = dial(f"docker://{tmp_path}/docker.sock")
    assert channel.unary(UNARY, Bytes(data=b"hello")).data == b"hello"
    session = tunnel.open(channel, {UNARY.path: ECHO[UNARY.path]}, session_id="abc", shared_key="ä b")
    assert docker.requests[0].startswith("POST /grpc HTTP/1.1\r\n")
    assert "Upgrade: h2c\r\n" in docker.requests[0]
    head = docker.requests[1].splitlines()
    assert head[0] == "POST /session HTTP/1.1"
    assert "x-docker-expose-session-uuid: abc" in head
    assert "x-docker-expose-session-sharedkey: %C3%A4+b" in head
    assert "x-docker-expose-session-sharedkey-encoded: 1" in head
    assert "x-docker-expose-session-grpc-method: /test.Echo/Unary" in head
    assert "x-docker-expose-session-grpc-method: /grpc.health.v1.Health/Check" in head

    assert docker.session is not None
    fd = docker.session.detach()
    daemon = StreamChannel(Pipes(fd, fd), loop=channel.loop)
    assert daemon.unary(UNARY, Bytes(data=b"called back")).data == b"called back"
    assert not session.done
    session.close()
    assert session.done
    with pytest.raises(RpcError):
        daemon.unary(UNARY, Bytes())
    channel.close()
    channel.loop.close()


@pytest.mark.parametrize("docker", [b"HTTP/1.1 404 Not Found\r\n\r\n", b"junk\r\n\r\n", b"HTTP/1.1 101"], indirect=True)
def test_a_daemon_that_refuses(docker: FakeDocker, tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConnectError, match="no engine at docker:"):
        dial(f"docker://{tmp_path}/docker.sock", timeout_s=0.5)
    assert docker.requests
