"""The engine inside dockerd: its HTTP API upgraded to HTTP/2, once for the calls and once for the session.

`POST /grpc` gives a connection on which dockerd serves BuildKit's Control API; `POST /session` gives one on which we serve the session,
announced by request headers instead of gRPC metadata.

Source: Docker Engine API, routes /grpc and /session; api/server/router/session of moby.
"""

from __future__ import annotations

import _socket as socket
from typing import TYPE_CHECKING

from llbfront.errors import ConnectError
from llbfront.transport.docker import dial_docker
from llbfront.transport.stream import Pipes, StreamChannel

if TYPE_CHECKING:
    from llbfront.transport.address import Address
    from llbfront.transport.channel import Metadata, Services
    from llbfront.transport.loop import Loop

_ANSWER_BYTES = 64 * 1024


def connect_docker(address: Address, loop: Loop | None, *, timeout_s: float) -> DockerChannel:
    """Connect to the engine of a docker daemon. Raises ConnectError if it refuses the upgrade."""
    return DockerChannel(address, _upgraded(address, "/grpc", (), timeout_s), loop, timeout_s=timeout_s)


class DockerChannel(StreamChannel):
    """Calls to the engine inside dockerd. Sessions take a connection of their own."""

    def __init__(self, address: Address, stream: Pipes, loop: Loop | None, *, timeout_s: float) -> None:
        super().__init__(stream, loop=loop)
        self._address = address
        self._timeout_s = timeout_s

    def serve_session(self, services: Services, announced: Metadata) -> StreamChannel:
        """Open the second connection and serve on it."""
        stream = _upgraded(self._address, "/session", announced, self._timeout_s)
        return StreamChannel(stream, loop=self.loop, services=services)


def _upgraded(address: Address, route: str, headers: Metadata, timeout_s: float) -> Pipes:
    link = dial_docker(address, timeout_s=timeout_s)
    connection = link.socket
    lines = [f"POST {route} HTTP/1.1", "Host: docker", "Connection: Upgrade", "Upgrade: h2c", *(f"{k}: {v}" for k, v in headers)]
    try:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        head = _head_of_answer(connection)
    except OSError as error:
        reason = link.fail(error)
        raise ConnectError(
            f"the docker daemon at {address.text} does not answer: {reason}", tried=[(address.text, reason)]
        ) from error
    status = head.partition("\r\n")[0]
    if status.split(" ")[1:2] != ["101"]:
        link.end()
        raise ConnectError(f"the docker daemon at {address.text} refuses {route}: {status}", tried=[(address.text, status)])
    fd = connection.detach()
    return Pipes(fd, fd, on_close=link.stop, on_end=link.said)


def _head_of_answer(connection: socket.socket) -> str:
    """Read exactly the head: what follows is already HTTP/2."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        seen = connection.recv(4096, socket.MSG_PEEK)
        if not seen or len(head) > _ANSWER_BYTES:
            raise ConnectionResetError("the connection ended inside its answer")
        end = (head + seen).find(b"\r\n\r\n", max(0, len(head) - 3))
        head += connection.recv(len(seen) if end < 0 else end + 4 - len(head))
    return head.decode("latin-1")
