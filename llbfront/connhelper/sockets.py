"""Connect sockets to a path, or to a host and port, with large buffers, and exchange a request and the start of its answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import attrs

from llbfront.errors import ConnectError

_BUFFER_BYTES = 4 * 1024 * 1024  # the kernel grants what it allows
_HEAD_BYTES = 16 * 1024


def dial_unix(path: str, *, timeout_s: float) -> socket.socket:
    """Connect to a unix socket; a leading `@` names the abstract space. Raises: ConnectError."""
    return _dial(socket.AF_UNIX, "\0" + path[1:] if path.startswith("@") else path, f"unix://{path}", timeout_s)


@attrs.frozen(eq=False)
class Link:
    """A connected socket. `describe_exit` returns how the program that carries it ended, `stop` ends that program."""

    socket: socket.socket
    describe_exit: Callable[[], str] | None = None
    stop: Callable[[], None] | None = None

    def end(self) -> None:
        """Close the socket, and end what carries it."""
        self.socket.close()
        if self.stop:
            self.stop()


def dial_tcp(host: str, port: int, *, timeout_s: float) -> socket.socket:
    """Connect to a host. Raises: ConnectError that names every address tried."""
    tried: list[tuple[str, str]] = []
    last: BaseException | None = None
    try:
        endpoints = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectError(f"cannot find the host {host}: {error}") from error
    for family, _, _, _, where in endpoints:
        try:
            return _dial(family, where, f"tcp://{where[0]}:{port}", timeout_s)
        except ConnectError as error:
            tried.extend(error.tried)
            last = error.__cause__
    raise ConnectError(f"cannot connect to {host}:{port}: {tried[-1][1]}", tried=tried) from last


def _dial(family: int, where: str | tuple[object, ...], name: str, timeout_s: float) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            try:
                connection.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
            except OSError:
                pass
        if family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(timeout_s)
        connection.connect(where)
    except OSError as error:
        connection.close()
        reason = error.strerror or str(error)
        raise ConnectError(f"cannot connect to {name}: {reason}", tried=[(name, reason)]) from error
    return connection


def exchange(link: Link, request: bytes, *, timeout_s: float, is_enough: Callable[[bytes], bool]) -> bytes:
    """Send a request, return the start of the answer once `is_enough` accepts it, and end the connection.

    Raises:
        OSError: the connection broke; TimeoutError after `timeout_s`, however slowly the bytes come.
    """
    try:
        link.socket.settimeout(timeout_s)
        link.socket.sendall(request)
        return _read_start(link.socket, is_enough, time.monotonic() + timeout_s)
    finally:
        link.end()


def _read_start(connection: socket.socket, is_enough: Callable[[bytes], bool], deadline: float) -> bytes:
    data = b""
    while not is_enough(data) and len(data) < _HEAD_BYTES and (more := connection.recv(_HEAD_BYTES)):
        data += more
        if time.monotonic() > deadline and not is_enough(data):
            raise TimeoutError("timed out")
    return data
