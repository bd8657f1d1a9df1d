"""A peer without a connection: starts calls on handlers and keeps what they answer."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

from llbfront.rpc.event_loop import Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llbfront.rpc.calls import Encoded, Handler, Metadata, Services
    from llbfront.rpc.event_loop import Job

ValueT = TypeVar("ValueT")


class FakeCall:
    """The sending side of a served call, as the seam describes it. `limit` is the room before the peer takes anything."""

    def __init__(self, path: str, metadata: Metadata = (), *, limit: int = 65536, loop: Loop | None = None) -> None:
        self.path = path
        self.metadata = metadata
        self.loop = loop or Loop()
        self.limit = limit
        self.queued = 0
        self.sent: deque[bytes] = deque()
        self.status: tuple[int, str] | None = None
        self.paused = False

    @property
    def room_bytes(self) -> int:
        return self.limit - self.queued

    def send(self, encoded: Encoded) -> None:
        assert self.status is None, "sent after the end"
        data = encoded if isinstance(encoded, bytes) else b"".join(bytes(part) for part in encoded if len(part))  # type: ignore[arg-type]
        self.sent.append(data)
        self.queued += len(data) + 5

    def send_all(self, messages: Sequence[Encoded]) -> None:
        for message in messages:
            self.send(message)

    def send_header(self, metadata: Metadata) -> None:
        assert metadata is not None

    def finish(
        self, code: int = 0, message: str = "", *, details: Sequence[tuple[str, bytes]] = (), trailer: Metadata = ()
    ) -> None:
        assert self.status is None, "finished twice"
        self.status = (code, message)

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def submit(self, work: Callable[[], ValueT], then: Callable[[Job[ValueT]], None]) -> None:
        self.loop.submit(work, then)


class Peer:
    """One call on one handler."""

    def __init__(self, services: Services, path: str, metadata: Metadata = (), *, limit: int = 65536) -> None:
        self.call = FakeCall(path, metadata, limit=limit)
        self.handler: Handler = services[path](self.call)

    def take(self) -> list[bytes]:
        """Take all that is queued, which makes room again; run the loop once."""
        self.call.loop.turn(0.0)
        taken = list(self.call.sent)
        self.call.sent.clear()
        had_no_room = self.call.room_bytes <= 0
        self.call.queued = 0
        if had_no_room:
            self.handler.on_writable()
        return taken

    def take_all(self) -> list[bytes]:
        taken: list[bytes] = []
        while more := self.take():
            taken += more
        return taken

    def send(self, message: bytes) -> None:
        self.handler.on_message(message)

    def end(self) -> tuple[int, str]:
        """Half-close, wait for the status."""
        self.handler.on_half_close()
        assert self.call.loop.wait(lambda: self.call.status is not None, timeout_s=20)
        assert self.call.status is not None
        return self.call.status


def unary(services: Services, path: str, request: bytes, metadata: Metadata = ()) -> tuple[bytes, int, str]:
    """Return the response (empty if none), the status code and its message."""
    peer = Peer(services, path, metadata)
    peer.send(request)
    code, message = peer.end()
    return b"".join(peer.call.sent), code, message
