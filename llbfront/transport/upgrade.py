"""The engine inside dockerd: its HTTP API upgraded to HTTP/2, once for the calls and once for the session.

`POST /grpc` gives a connection on which dockerd serves BuildKit's Control API; `POST /session` gives one on which we serve the session,
announced by request headers instead of gRPC metadata.

Source: Docker Engine API, routes /grpc and /session; api/server/router/session of moby.
"""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from llbfront.errors import ConnectError
from llbfront.transport.docker import dial_docker
from llbfront.transport.refusal import Refusal, of_answer, of_program, of_upgrade
from llbfront.transport.stream import Pipes, StreamChannel

if TYPE_CHECKING:
    from llbfront.transport.address import Address
    from llbfront.transport.channel import Metadata, Services
    from llbfront.transport.loop import Loop

_ANSWER_BYTES = 64 * 1024
_STATUS_LINE = b"HTTP/1."


class _NotHttpError(Exception):
    """The answer is not HTTP/1; `data` is how it begins."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data


def connect_docker(address: Address, loop: Loop, *, timeout_s: float) -> DockerChannel:
    """Connect to the engine of a docker daemon. Raises ConnectError if it refuses the upgrade."""
    return DockerChannel(address, _dialled(loop, address, "/grpc", (), timeout_s), loop, timeout_s=timeout_s)


class DockerChannel(StreamChannel):
    """Calls to the engine inside dockerd. Sessions take a connection of their own."""

    def __init__(self, address: Address, stream: Pipes, loop: Loop, *, timeout_s: float) -> None:
        super().__init__(stream, loop=loop)
        self._address = address
        self._timeout_s = timeout_s

    def serve_session(self, services: Services, announced: Metadata) -> StreamChannel:
        """Open the second connection and serve on it."""
        stream = _dialled(self.loop, self._address, "/session", announced, self._timeout_s)
        return StreamChannel(stream, loop=self.loop, services=services)


def _dialled(loop: Loop, address: Address, route: str, headers: Metadata, timeout_s: float) -> Pipes:
    """Connect in a thread, so that the loop goes on meanwhile and can be interrupted. Raises ConnectError."""
    late = _LateStream()
    job = loop.submit(lambda: late.keep(_upgraded(address, route, headers, timeout_s)))
    try:
        loop.wait(lambda: job.done, timeout_s=timeout_s)
    finally:
        if not job.done:
            late.abandon()
    if not job.done:
        raise ConnectError(f"the docker engine at {address.text} does not answer") from TimeoutError()
    return job.result()


class _LateStream:
    """A stream that a thread opens, perhaps after nobody waits for it any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stream: Pipes | None = None
        self._is_abandoned = False

    def keep(self, stream: Pipes) -> Pipes:
        with self._lock:
            self._stream = stream
            if self._is_abandoned:
                stream.close()
        return stream

    def abandon(self) -> None:
        with self._lock:
            self._is_abandoned = True
            if self._stream is not None:
                self._stream.close()


def _upgraded(address: Address, route: str, headers: Metadata, timeout_s: float) -> Pipes:
    link = dial_docker(address, timeout_s=timeout_s)
    connection = link.socket
    lines = [f"POST {route} HTTP/1.1", "Host: docker", "Connection: Upgrade", "Upgrade: h2c", *(f"{k}: {v}" for k, v in headers)]
    try:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        head = _head_of_answer(connection)
    except _NotHttpError as error:
        link.end()
        raise _no_docker(address, of_answer(error.data, address)) from None
    except OSError as error:
        reason = link.fail(error)
        if link.said is None:
            raise ConnectError(f"the docker engine at {address.text} does not answer: {reason}") from error
        from llbfront.transport.program import command_of  # it has loaded `subprocess` to start the program

        raise _no_docker(address, of_program(reason, address, command_of(address))) from None
    if head.partition("\r\n")[0].split(" ")[1:2] != ["101"]:
        link.end()
        raise _no_docker(address, of_upgrade(head))
    fd = connection.detach()
    return Pipes(fd, fd, on_close=link.stop, on_end=link.said)


def _no_docker(address: Address, why: Refusal) -> ConnectError:
    return ConnectError(f"no engine at {address.text}: {why.cause}", tried=[(address.text, why.cause)], hint=why.fix)


def _head_of_answer(connection: socket.socket) -> str:
    """Read exactly the head: what follows is already HTTP/2."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        seen = connection.recv(4096, socket.MSG_PEEK)
        if not seen or len(head) > _ANSWER_BYTES or not (head + seen).startswith(_STATUS_LINE[: len(head) + len(seen)]):
            raise _NotHttpError(head + seen)
        end = (head + seen).find(b"\r\n\r\n", max(0, len(head) - 3))
        head += connection.recv(len(seen) if end < 0 else end + 4 - len(head))
    return head.decode("latin-1")
