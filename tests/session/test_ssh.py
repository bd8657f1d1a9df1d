"""Agents behind the session, played by a socket."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from typing import TYPE_CHECKING

import pytest

from llbfront.errors import InvalidValue
from llbfront.pb import ssh_pb2 as ssh
from llbfront.rpc.services.ssh import SSHMethods
from llbfront.session.bytes_message import decode_bytes, encode_bytes
from llbfront.session.ssh import Ssh, SshAgent, agent
from tests.session.calls import Peer, unary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORWARD = SSHMethods.ForwardAgent.path
CHECK = SSHMethods.CheckAgent.path
LIST_KEYS = b"\0\0\0\1\x0b"
NO_KEYS = b"\0\0\0\5\x0c\0\0\0\0"
REMOVE_ALL = b"\0\0\0\1\x13"
FAILURE = b"\0\0\0\1\5"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{directory}/agent")
        server.listen()
        server.settimeout(10)
        yield server


def forward(listener: socket.socket, *, is_raw: bool = False) -> tuple[Peer, socket.socket]:
    peer = Peer(Ssh({"": SshAgent(listener.getsockname(), is_raw)}).services(), FORWARD)
    connection, _ = listener.accept()
    connection.settimeout(10)
    return peer, connection


def say(peer: Peer, data: bytes) -> None:
    peer.send(b"".join(encode_bytes(data)))


def hear(peer: Peer, size: int) -> bytes:
    received = b""
    for _ in range(1000):
        received += b"".join(map(decode_bytes, peer.take()))
        if len(received) >= size:
            return received
        peer.call.loop.wait(lambda: bool(peer.call.sent), timeout_s=0.05)
    raise AssertionError(received)


def test_a_known_agent_is_there() -> None:
    services = Ssh({"": SshAgent("/x"), "other": SshAgent("/y")}).services()
    for name, code in (("", 0), ("default", 0), ("other", 0), ("third", 2)):
        assert unary(services, CHECK, ssh.CheckAgentRequest(ID=name).SerializeToString())[1] == code
    assert Peer(services, FORWARD, (("buildkit.ssh.id", "third"),)).call.status == (2, "unset ssh forward key third")


def test_keys_are_listed_and_nothing_is_changed(listener: socket.socket) -> None:
    peer, connection = forward(listener)
    with connection:
        say(peer, REMOVE_ALL[:3])
        say(peer, REMOVE_ALL[3:] + LIST_KEYS + REMOVE_ALL)
        assert hear(peer, 5) == FAILURE
        assert connection.recv(100) == LIST_KEYS
        connection.sendall(NO_KEYS[:4])
        assert peer.take() == []
        connection.sendall(NO_KEYS[4:])
        assert hear(peer, len(NO_KEYS + FAILURE)) == NO_KEYS + FAILURE
        say(peer, LIST_KEYS)
        assert connection.recv(100) == LIST_KEYS
    peer.call.loop.wait(lambda: peer.call.status is not None, timeout_s=10)
    assert peer.call.status == (0, "")


def test_a_raw_socket_gets_everything(listener: socket.socket) -> None:
    peer, connection = forward(listener, is_raw=True)
    with connection:
        say(peer, b"hello")
        assert connection.recv(100) == b"hello"
        connection.sendall(b"you")
        assert hear(peer, 3) == b"you"
        peer.handler.on_half_close()
        assert connection.recv(100) == b""
    assert peer.call.loop.wait(lambda: peer.call.status == (0, ""), timeout_s=10)


def test_a_step_that_ends_closes_the_agents_connection(listener: socket.socket) -> None:
    peer, connection = forward(listener)
    with connection:
        peer.handler.on_cancel()
        assert connection.recv(100) == b""


def test_oversized_messages_are_refused(listener: socket.socket) -> None:
    peer, connection = forward(listener)
    with contextlib.closing(connection):
        say(peer, b"\xff\xff\xff\xff\x0b")
        assert peer.call.status is not None
        assert peer.call.status[0] == 2


def test_an_agent_that_is_gone_is_reported() -> None:
    peer = Peer(Ssh({"": SshAgent("/nowhere/agent")}).services(), FORWARD)
    assert peer.call.status is not None
    assert "cannot be used" in peer.call.status[1]


def test_where_the_agent_is(listener: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = listener.getsockname()
    assert agent([path]) == SshAgent(path)
    assert agent(environ={"SSH_AUTH_SOCK": path}) == SshAgent(path)
    monkeypatch.setenv("SSH_AUTH_SOCK", path)
    assert agent() == SshAgent(path)
    monkeypatch.delenv("SSH_AUTH_SOCK")
    with pytest.raises(InvalidValue, match="there is no SSH agent"):
        agent()
    (tmp_path / "key").touch()
    with pytest.raises(InvalidValue, match="is neither the socket of an SSH agent nor a private SSH key"):
        agent([str(tmp_path / "key")])
    with pytest.raises(InvalidValue, match="cannot be used"):
        agent([str(tmp_path / "gone")])
