"""An engine of a few lines in a thread: it accepts solves, sends events, and ends or holds them as a test wants."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import attrs

from llbfront.pb import control_pb2 as control
from llbfront.rpc.calls import Handler
from llbfront.rpc.event_loop import Loop
from llbfront.rpc.stream_channel import Pipes, StreamChannel

if TYPE_CHECKING:
    from llbfront.rpc.calls import ServerCall, Services
    from llbfront.rpc.event_loop import Timer

CONTROL = "/moby.buildkit.v1.Control/"
CANCELLED = 1


@attrs.define
class FakeEngine:
    """What a test sets: `events` for each solve, `holds` to let solves run until they are cancelled. What it reads: `solves`, `cancelled`.

    `at_once` is the number of solves under way, `most_at_once` its maximum.
    """

    address: str
    events: int = 3
    holds: bool = False
    solves: int = 0
    cancelled: int = 0
    at_once: int = 0
    most_at_once: int = 0
    connections: int = 0
    status: dict[str, Status] = attrs.field(factory=dict)
    holding: threading.Event = attrs.field(factory=threading.Event)

    def services(self) -> Services:
        return {
            f"{CONTROL}Solve": lambda call: Solve(self, call),
            f"{CONTROL}Status": lambda call: Status(self, call),
            f"{CONTROL}Session": Session,
            f"{CONTROL}Info": Info,
        }


class Solve(Handler):
    """One solve. Its status stream ends when it does."""

    def __init__(self, engine: FakeEngine, call: ServerCall) -> None:
        self.engine, self.call = engine, call
        self.ref = ""
        self.timer: Timer | None = None

    def on_message(self, data: bytes) -> None:
        self.ref = control.SolveRequest.FromString(data).Ref
        self.engine.solves += 1
        self.engine.at_once += 1
        self.engine.most_at_once = max(self.engine.most_at_once, self.engine.at_once)
        if self.engine.holds:
            self.engine.holding.set()
        else:
            self.timer = self.call.loop.call_later(0.02, self.finish)

    def finish(self) -> None:
        self.call.send(control.SolveResponse().SerializeToString())
        self.call.finish()
        self.end()

    def on_cancel(self) -> None:
        self.engine.cancelled += 1
        if self.timer:
            self.timer.cancel()
        self.end()

    def end(self) -> None:
        self.engine.at_once -= 1
        if status := self.engine.status.pop(self.ref, None):
            status.call.finish()


class Status(Handler):
    """Sends the events of a solve."""

    def __init__(self, engine: FakeEngine, call: ServerCall) -> None:
        self.engine, self.call = engine, call

    def on_message(self, data: bytes) -> None:
        self.engine.status[control.StatusRequest.FromString(data).Ref] = self
        for number in range(self.engine.events):
            vertex = control.Vertex(digest=f"sha256:{number:064x}", name=f"step {number}")
            self.call.send(control.StatusResponse(vertexes=[vertex]).SerializeToString())


class Session(Handler):
    """A session that nothing is asked of."""

    def __init__(self, call: ServerCall) -> None:
        self.call = call

    def on_half_close(self) -> None:
        self.call.finish()


class Info(Handler):
    """Answers without a version."""

    def __init__(self, call: ServerCall) -> None:
        self.call = call

    def on_half_close(self) -> None:
        self.call.send(control.InfoResponse().SerializeToString())
        self.call.finish()


@contextlib.contextmanager
def serve(folder: pathlib.Path) -> Iterator[FakeEngine]:
    """Serve a fake engine on a unix socket in `folder`."""
    path = str(folder / "engine.sock")
    engine, loop, stopped = FakeEngine(f"unix://{path}"), Loop(), threading.Event()
    channels: list[StreamChannel] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        listener.setblocking(False)
        watch = loop.watch(listener.fileno())
        watch.update(on_readable=_accept(listener, loop, engine, channels), on_writable=None)
        loop.enable_posting()
        thread = threading.Thread(target=lambda: loop.wait(stopped.is_set))
        thread.start()
        try:
            yield engine
        finally:
            stopped.set()
            loop.wake()
            thread.join()
            for channel in channels:
                channel.close()
            loop.close()


def _accept(listener: socket.socket, loop: Loop, engine: FakeEngine, channels: list[StreamChannel]) -> Callable[[], None]:
    def accept() -> None:
        engine.connections += 1
        fd = listener.accept()[0].detach()
        channels.append(StreamChannel(Pipes(fd, fd), loop=loop, services=engine.services()))

    return accept
