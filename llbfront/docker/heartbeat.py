"""Notice a docker engine that stops answering during a long request, such as loading or pushing an image.

While no data moves, the engine is pinged over other connections. If it does not answer, the request is aborted.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Self

from llbfront.connhelper.docker import dial_docker
from llbfront.docker.ping import ping
from llbfront.errors import TransportError

if TYPE_CHECKING:
    from llbfront.connhelper.address import Address

ASK_AFTER_S = 4.0
ANSWER_S = 9.0


class DockerHeartbeat:
    """Shuts `connection` down when the engine at `address` is silent. `is_silent` is set then. Used in a `with` block."""

    def __init__(self, address: Address, connection: socket.socket) -> None:
        self._address, self._connection = address, connection
        self._has_progressed = False
        self._is_over = threading.Event()
        self.is_silent = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()

    def passing(self, body: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the pieces of a body on; each that is taken is a sign of life."""
        for piece in body:
            yield piece
            self._has_progressed = True

    def _watch(self) -> None:
        while not self._is_over.wait(ASK_AFTER_S):
            has_progressed, self._has_progressed = self._has_progressed, False
            if not (has_progressed or _is_alive(self._address) or self._is_over.is_set()):
                self.is_silent = True
                with contextlib.suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)
                return


def _is_alive(address: Address) -> bool:
    """Return whether a docker engine answers a ping, with whatever status."""
    try:
        return bool(ping(dial_docker(address, timeout_s=ANSWER_S), timeout_s=ANSWER_S))
    except (OSError, TransportError):
        return False
