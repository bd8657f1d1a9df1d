"""The engine inside dockerd: its HTTP API upgraded to HTTP/2, once for the calls and once for the session.

`POST /grpc` gives a connection on which dockerd serves BuildKit's Control API; `POST /session` gives one on which we serve the session,
announced by request headers instead of gRPC metadata.

Source: Docker Engine API, routes /grpc and /session; api/server/router/session of moby.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from llbfront.connhelper.dial_failure import DialFailure, of_answer, of_program, of_upgrade
from llbfront.connhelper.docker import dial_docker
from llbfront.errors import ConnectError
from llbfront.rpc.stream_channel import Pipes, StreamChannel

if TYPE_CHECKING:
    from llbfront.connhelper.address import Address
    from llbfront.connhelper.sockets import Link
    from llbfront.rpc.calls import Metadata, Services
    from llbfront.rpc.event_loop import Loop

_ANSWER_BYTES = 64 * 1024
_STATUS_LINE = b"HTTP/1."
SESSION_TIMEOUT_S = 15.0


class _NotHttpError(Exception):
    """The answer is not HTTP/1; `data` is how it begins."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data


def connect_docker(address: Address, loop: Loop, *, timeout_s: float) -> DockerChannel:
    """Connect to the engine of a docker daemon. Raises: ConnectError if it refuses the upgrade."""
    return DockerChannel(address, _dialled(loop, address, "/grpc", (), timeout_s), loop)


class DockerChannel(StreamChannel):
    """A channel to the engine inside dockerd. Each session has a separate connection."""

    def __init__(self, address: Address, stream: Pipes, loop: Loop) -> None:
        super().__init__(stream, loop=loop)
        self._address = address

    def serve_session(self, services: Services, announced: Metadata) -> StreamChannel:
        """Open the second connection and serve on it."""
        stream = _dialled(self.loop, self._address, "/session", announced, SESSION_TIMEOUT_S)
        return StreamChannel(stream, loop=self.loop, services=services)


def _dialled(loop: Loop, address: Address, route: str, headers: Metadata, timeout_s: float) -> Pipes:
    """Connect in a thread, so that the loop keeps running and can be interrupted. Raises: ConnectError."""
    upgrade = _Upgrade(address, route, headers, timeout_s)
    job = loop.submit(upgrade.run)
    try:
        loop.wait(lambda: job.done, timeout_s=timeout_s)
    finally:
        if not job.done:
            upgrade.abandon()
    if not job.done:
        raise ConnectError(f"the docker engine at {address.text} does not answer") from TimeoutError()
    return job.result()


class _Upgrade:
    """One connection on its way to HTTP/2. `run` blocks; `abandon` ends it from another thread, with the program that carries it."""

    def __init__(self, address: Address, route: str, headers: Metadata, timeout_s: float) -> None:
        self._address, self._timeout_s = address, timeout_s
        lines = [
            f"POST {route} HTTP/1.1",
            "Host: docker",
            "Connection: Upgrade",
            "Upgrade: h2c",
            *(f"{k}: {v}" for k, v in headers),
        ]
        self._request = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._stream: Pipes | None = None
        self._is_abandoned = False

    def run(self) -> Pipes:
        link = dial_docker(self._address, timeout_s=self._timeout_s)
        with self._lock:
            self._link = link
            if self._is_abandoned:
                link.socket.shutdown(socket.SHUT_RDWR)
        head = self._exchange(link)
        if head.partition("\r\n")[0].split(" ")[1:2] != ["101"]:
            self._end(link)
            raise self._error(of_upgrade(head))
        with self._lock:
            self._link = None
            fd = link.socket.detach()
            self._stream = Pipes(fd, fd, on_close=link.stop, on_end=link.describe_exit)
            if self._is_abandoned:
                self._stream.close()
            return self._stream

    def abandon(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            self._is_abandoned = True
            if self._link is not None:
                self._link.socket.shutdown(socket.SHUT_RDWR)
            if self._stream is not None:
                self._stream.close()

    def _exchange(self, link: Link) -> str:
        try:
            link.socket.sendall(self._request)
            return _head_of_answer(link.socket)
        except (OSError, _NotHttpError) as error:
            words = link.describe_exit() if link.describe_exit and not getattr(error, "data", b"") else ""
            self._end(link)
            if words:
                from llbfront.connhelper.command import command_of  # it has loaded `subprocess` to start the program

                raise self._error(of_program(words, self._address, command_of(self._address))) from None
            if isinstance(error, _NotHttpError):
                raise self._error(of_answer(error.data, self._address)) from None
            raise ConnectError(f"the docker engine at {self._address.text} does not answer: {error}") from error

    def _end(self, link: Link) -> None:
        with self._lock:
            self._link = None
            link.end()

    def _error(self, why: DialFailure) -> ConnectError:
        message = f"no engine at {self._address.text}: {why.cause}"
        return ConnectError(message, tried=[(self._address.text, why.cause)], hint=why.fix)


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
