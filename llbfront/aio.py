"""Build from asyncio: the names of `llbfront`, to be awaited.

    async with llbfront.aio.connect() as engine:
        result = await engine.build("./app", tags="registry.example/app", push=True)

    engine = await llbfront.aio.connect()  # without a block: close it
    await engine.close()

Each engine has a thread for its connection and runs one build at a time. Open one connection per build to build concurrently. Cancelling a task
cancels its build on the engine.

`on_event` may be a function or an async function. It is called in the event loop, with one event at a time; the build returns when the last
event was handled. An exception in `on_event` ends the build.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import inspect
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, NoReturn, ParamSpec, Self, TypeVar

import llbfront
from llbfront import arguments
from llbfront.call_errors import explained_calls
from llbfront.client import engine as client
from llbfront.client.layers.cancellation import stops_at_end
from llbfront.client.solve.running_solve import check_generator
from llbfront.connection import connector
from llbfront.errors import Cancelled, EngineClosed, EngineUsageError

if TYPE_CHECKING:
    import os

    from llbfront.client.layers.analysis import ImageLayers, LayersComparison
    from llbfront.oci.platform import Platform
    from llbfront.progress.events import StatusEvent

__all__ = ["Engine", "compare_layers", "connect", "read_layers"]

P = ParamSpec("P")
T = TypeVar("T")

# The engines whose builds wait for the `on_event` that is running.
_waiting: contextvars.ContextVar[tuple[Engine, ...]] = contextvars.ContextVar("_waiting", default=())


def _awaited(method: Callable[Concatenate[client.Engine, P], T]) -> Callable[Concatenate[Engine, P], Coroutine[Any, Any, T]]:
    """Wrap a method so that it runs in the engine's thread; `on_event` is called where the call is awaited."""

    @functools.wraps(method)
    async def call(self: Engine, /, *args: P.args, **kwargs: P.kwargs) -> T:
        on_event: Any = kwargs.get("on_event")
        if on_event is None:
            return await self._run_in_thread(lambda: method(self.engine, *args, **kwargs))
        events = _Events(self, arguments.callback(on_event, "on_event", may_be_async=True))
        kwargs["on_event"] = events.post
        return await self._run_in_thread(lambda: method(self.engine, *args, **kwargs), events)

    return call


class Engine:
    """A connection to an engine. `connect` makes one; use it in an `async with` block, or await it and `close` it.

    Methods have the same arguments as the methods of `llbfront.Engine`. An Engine runs one build at a time; other calls wait for it.

    Example:
        >>> async with llbfront.aio.connect() as engine:  # doctest: +SKIP
        ...     result = await engine.build("app", tags="registry.example/app", push=True)
    """

    def __init__(self, dial: Callable[[], client.Engine]) -> None:
        self._dial = dial
        self._engine: client.Engine | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._turn = asyncio.Lock()

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Engine cannot be pickled or copied: give its address to the other process, and connect there")

    def __repr__(self) -> str:
        return f"<Engine at {self.address}>" if self._thread else "<Engine, not connected>"

    def __await__(self) -> Generator[Any, None, Self]:
        return self.__aenter__().__await__()

    async def close(self) -> None:
        """Close the connection. A build that another task runs ends with EngineClosed. Closing twice does nothing."""
        await self.__aexit__(None, None, None)

    async def __aenter__(self) -> Self:
        if self._thread:  # `async with await connect()`
            return self
        thread = ThreadPoolExecutor(1, thread_name_prefix="llbfront")
        dialled = thread.submit(self._dial)
        try:
            self._engine = await asyncio.wrap_future(dialled)
        except BaseException:
            dialled.add_done_callback(_close_unused)
            thread.shutdown(wait=False)
            raise
        self._thread = thread
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self.engine.begin_close()  # a build of another task ends now
        closed = asyncio.wrap_future(thread.submit(self.engine.close))
        was_cancelled = await _wait_until_done(closed)
        thread.shutdown()
        if was_cancelled:
            raise asyncio.CancelledError
        closed.result()

    @property
    def engine(self) -> client.Engine:
        """The engine that is used in a thread. Raises: EngineClosed before it is connected."""
        if self._engine is None:
            raise self._closed_error()
        return self._engine

    @property
    def address(self) -> str:
        """The address of the engine. Raises: EngineClosed before it is connected."""
        return self.engine.address

    @property
    def is_docker(self) -> bool:
        """Whether it is a docker engine, which stores every result in its image store. Raises: EngineClosed before it is connected."""
        return self.engine.is_docker

    async def _run_in_thread(self, work: Callable[[], T], events: _Events | None = None) -> T:
        """Run `work`, which needs the connection, after all earlier work; cancelling interrupts it. `events` are the events of `work`."""
        if self in _waiting.get():
            raise EngineUsageError(
                "this engine is in use by the build whose on_event made this call", hint="open another connection for it"
            )
        async with self._turn:
            if self._thread is None:
                raise self._closed_error()
            self.engine.forget_interrupt()
            done = asyncio.wrap_future(self._thread.submit(work))
            listening = asyncio.create_task(events.listen()) if events else None
            both: set[asyncio.Future[Any]] = {done, listening} if listening else {done}
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                if events and listening:
                    await self._finish_events(done, events, listening)
            except asyncio.CancelledError:
                self._interrupt(done)
                await _wait_until_done(done)
                if listening:
                    listening.cancel()
                    await _wait_until_done(listening)
                raise
            return done.result()

    async def _finish_events(self, done: asyncio.Future[T], events: _Events, listening: asyncio.Task[None]) -> None:
        """Wait until the work has ended and its events have been dealt with; raise what `on_event` raised, which ends the work."""
        events.end()
        if not done.done():  # so on_event has failed
            self._interrupt(done)
        if await _wait_until_done(done):
            raise asyncio.CancelledError
        await asyncio.wait({listening})
        listening.result()

    def _closed_error(self) -> EngineClosed:
        if self._engine is None:
            return EngineClosed("the engine is not connected yet", hint="use `async with connect()` or `await connect()`")
        return EngineClosed("the engine was closed", hint="connect again")

    def _interrupt(self, done: asyncio.Future[T]) -> None:
        if not done.done():
            self.engine.interrupt(Cancelled("the build was cancelled"))

    version = _awaited(client.Engine.version)
    build = _awaited(client.Engine.build)
    solve = _awaited(client.Engine.solve)
    solve_frontend = _awaited(client.Engine.solve_frontend)
    run = _awaited(client.Engine.run)
    build_together = _awaited(client.Engine.build_together)
    read_remote_files = _awaited(client.Engine.read_remote_files)
    disk_usage = _awaited(client.Engine.disk_usage)
    prune = _awaited(client.Engine.prune)
    workers = _awaited(client.Engine.workers)
    info = _awaited(client.Engine.info)
    history = _awaited(client.Engine.history)
    build_record = _awaited(client.Engine.build_record)
    build_logs = _awaited(client.Engine.build_logs)
    build_attachments = _awaited(client.Engine.build_attachments)
    build_blob = _awaited(client.Engine.build_blob)
    update_build = _awaited(client.Engine.update_build)
    remove_build = _awaited(client.Engine.remove_build)
    follow_history = _awaited(client.Engine.follow_history)
    export_builds = _awaited(client.Engine.export_builds)


class _Events:
    """The events of one build, from the engine's thread to `on_event` in the event loop."""

    def __init__(self, engine: Engine, on_event: Callable[[StatusEvent], object]) -> None:
        self._engine, self._on_event = engine, on_event
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[StatusEvent | None] = asyncio.Queue()

    def post(self, event: StatusEvent) -> None:
        """Pass an event on. Called in the engine's thread."""
        self._loop.call_soon_threadsafe(self._queue.put_nowait, event)

    def end(self) -> None:
        """Mark the end of the events."""
        self._queue.put_nowait(None)

    async def listen(self) -> None:
        """Pass the events to `on_event`, one after the other, until the end."""
        while (event := await self._queue.get()) is not None:
            outcome = self._on_event(event)
            check_generator(outcome)
            if inspect.isawaitable(outcome):
                with self._marked_as_waiting():
                    await outcome

    @contextlib.contextmanager
    def _marked_as_waiting(self) -> Iterator[None]:
        """Mark that the build waits for what runs in the block, and for the tasks that it starts."""
        token = _waiting.set((*_waiting.get(), self._engine))
        try:
            yield
        finally:
            _waiting.reset(token)


async def _wait_until_done(future: asyncio.Future[Any]) -> bool:
    """Wait for the end of a future, however often the task that waits is cancelled; return whether it was."""
    was_cancelled = False
    while not future.done():
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError:
            was_cancelled = True
    if not future.cancelled():
        future.exception()  # asyncio logs errors that are never retrieved
    return was_cancelled


def _close_unused(dialled: Future[client.Engine]) -> None:
    """Close an engine that was connected to after its task had been cancelled."""
    if not dialled.cancelled() and dialled.exception() is None:
        dialled.result().close()


async def read_layers(image: str | os.PathLike[str], platform: str | Platform | None = None) -> ImageLayers:
    """Return the layers of an image, as `llbfront.read_layers` does, in a thread.

    Args:
        image: a name in a registry, a directory with an OCI layout, or a tar.
        platform: the platform of the image, by default that of this machine.
    """
    with stops_at_end():
        return await asyncio.to_thread(llbfront.read_layers, image, platform)


async def compare_layers(
    first: str | os.PathLike[str], second: str | os.PathLike[str], platform: str | Platform | None = None
) -> LayersComparison:
    """Compare two images, as `llbfront.compare_layers` does, in a thread.

    Args:
        first: an image, as for `read_layers`.
        second: the other one.
        platform: the platform of both images, by default that of this machine.
    """
    with stops_at_end():
        return await asyncio.to_thread(llbfront.compare_layers, first, second, platform)


@explained_calls('connect("tcp://engine:1234")')
def connect(
    address: str | os.PathLike[str] | None = None,
    *,
    start: bool = False,
    environ: Mapping[str, str] | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Engine:
    """Return an engine that connects when it is awaited or entered by `async with`. The arguments are those of `llbfront.connect`.

    Args:
        address: the engine, such as `unix:///run/buildkit/buildkitd.sock`; by default that of BUILDKIT_HOST, else the first one found.
        start: install and start the private engine if no engine is found.
        environ: environment variables, such as BUILDKIT_HOST and DOCKER_HOST, by default the environment of the process.
        report: called with messages about slow steps, and with warnings about docker's configuration.

    Raises:
        ArgumentError: an argument is wrong. ConnectError is raised where the connection is awaited.
    """
    return Engine(connector(address, start=start, environ=environ, report=report))


def __dir__() -> list[str]:
    return sorted(__all__)
