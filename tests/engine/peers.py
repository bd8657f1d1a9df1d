"""Small servers that answer like the various things found behind an address."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from llbfront.pb import control_pb2 as control
from llbfront.pb import worker_pb2 as worker
from llbfront.rpc.event_loop import Loop
from llbfront.rpc.services.control import ControlMethods
from llbfront.rpc.stream_channel import Pipes, StreamChannel
from llbfront.rpc.unary import unary_handler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llbfront.rpc.calls import Services

    Where = str | tuple[str, int]

SETTINGS = b"\0\0\0\4\0\0\0\0\0"
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\n\r\n"
VERSION = "v0.0.1"
INFO: Services = {
    ControlMethods.Info.path: unary_handler(
        ControlMethods.Info,
        lambda request, call: control.InfoResponse(buildkitVersion=worker.BuildkitVersion(version=VERSION)),
    )
}


@contextlib.contextmanager
def accepting(where: Where, serve: Callable[[socket.socket], None]) -> Iterator[socket.socket]:
    """Run `serve` in a thread for each connection; connections are closed at the end of the block. `where` is a path, or host and port."""
    family = socket.AF_UNIX if isinstance(where, str) else socket.AF_INET
    connections: list[socket.socket] = []
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind(where)
        listener.listen()

        def accept() -> None:
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                connections.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()


@contextlib.contextmanager
def listening(where: Where, *answers: bytes | None) -> Iterator[socket.socket]:
    """Answer the first connection with the first of `answers` and end it, and so on. None, and connections beyond them, get silence."""
    left = list(answers)

    def serve(connection: socket.socket) -> None:
        answer = left.pop(0) if left else None
        with contextlib.suppress(OSError):  # the client may have heard enough and gone
            if answer != b"":
                connection.recv(4096)
            if answer is not None:
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)

    with accepting(where, serve) as listener:
        yield listener


@contextlib.contextmanager
def always(where: Where, answer: bytes | None) -> Iterator[socket.socket]:
    """Answer every connection alike."""
    with listening(where, *[answer] * 20) as listener:
        yield listener


@contextlib.contextmanager
def engine(where: Where, services: Services = INFO, *, is_docker: bool = False, delay_s: float = 0) -> Iterator[socket.socket]:
    """Run an engine that serves `services`; as docker, behind an upgrade of its HTTP connections. `delay_s`: before it says anything."""

    def serve(connection: socket.socket) -> None:
        threading.Event().wait(delay_s)
        with contextlib.suppress(OSError):
            if is_docker and not _is_upgraded(connection):
                return
            loop = Loop()
            channel = StreamChannel(Pipes(fd := connection.detach(), fd), loop=loop, services=services)
            loop.wait(lambda: channel.lost)

    with accepting(where, serve) as listener:
        yield listener


def _is_upgraded(connection: socket.socket) -> bool:
    """Answer a request as dockerd does; say whether HTTP/2 follows."""
    request = connection.recv(4096)
    is_upgrade = request.startswith(b"POST /grpc ")
    answer = b"HTTP/1.1 101 UPGRADED\r\n\r\n" if is_upgrade else b"HTTP/1.1 200 OK\r\n\r\n" if b"/_ping" in request else BAD_REQUEST
    connection.sendall(answer)
    if not is_upgrade:
        connection.shutdown(socket.SHUT_RDWR)
    return is_upgrade
