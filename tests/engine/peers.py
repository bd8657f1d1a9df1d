"""Little listeners that answer like the various things found behind a socket."""

import contextlib
import socket
import threading
from collections.abc import Iterator

SETTINGS = b"\0\0\0\4\0\0\0\0\0"


@contextlib.contextmanager
def listening(address: str | tuple[str, int], *answers: bytes) -> Iterator[socket.socket]:
    """Answer the first connection with the first of `answers`, and so on; connections beyond them get silence."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener, contextlib.ExitStack() as opened:
        listener.bind(address)
        listener.listen()

        def serve() -> None:
            left = list(answers)
            while True:
                try:
                    connection = opened.enter_context(listener.accept()[0])
                except OSError:
                    return
                with contextlib.suppress(OSError):  # who asks may have heard enough and gone
                    connection.recv(4096)
                    if left:
                        connection.sendall(left.pop(0))
                        connection.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
