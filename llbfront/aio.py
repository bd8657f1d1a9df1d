"""The asynchronous face: the names of `llbfront`, awaited.

    async with llbfront.aio.connect() as engine:
        result = await engine.build("./app", tags=["registry.example/app"], push=True)

Enters: what `llbfront.connect` and its Engine take. Leaves: coroutines. An engine has a thread of its own, in which its connection
lives; it builds one thing at a time, so open several to build several. A task that is cancelled cancels its build on the engine.

Source: none.
"""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import llbfront
from llbfront.client import build as client

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import Any, Self

P = ParamSpec("P")
T = TypeVar("T")


def _named(dial: Callable[P, client.Engine]) -> Callable[P, Engine]:
    """Make of a function that connects one that names the engine; `async with` connects, and raises what that raises."""

    @functools.wraps(dial)
    def call(*args: P.args, **kwargs: P.kwargs) -> Engine:
        return Engine(functools.partial(dial, *args, **kwargs))

    return call


def _awaited(method: Callable[Concatenate[client.Engine, P], T]) -> Callable[Concatenate[Engine, P], Coroutine[Any, Any, T]]:
    """Make of a method one that runs in the engine's thread; `on_event` is called where it is awaited."""

    @functools.wraps(method)
    async def call(self: Engine, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if callable(on_event := kwargs.get("on_event")):
            kwargs["on_event"] = functools.partial(asyncio.get_running_loop().call_soon_threadsafe, on_event)
        return await self.run_in_thread(lambda: method(self.engine, *args, **kwargs))

    return call


class Engine:
    """A connection to an engine. Made by `connect`; use it in an `async with` block."""

    def __init__(self, dial: Callable[[], client.Engine]) -> None:
        self._dial = dial
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="llbfront")
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        try:
            self.engine = await asyncio.get_running_loop().run_in_executor(self._thread, self._connected)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        self.address = self.engine.address
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.run_in_thread(self.engine.close)
        self._thread.shutdown()

    def _connected(self) -> client.Engine:
        engine = self._dial()
        engine.channel.loop.enable_posting()
        return engine

    @property
    def is_docker(self) -> bool:
        """Whether it is a docker engine, which keeps what it builds among its images."""
        return self.engine.is_docker

    async def run_in_thread(self, work: Callable[[], T]) -> T:
        """Do what needs the connection, once what others do with it has ended; cancelling interrupts it."""
        async with self._turn:
            loop = self.engine.channel.loop
            loop.forget_interrupt()
            done = asyncio.get_running_loop().run_in_executor(self._thread, work)
            try:
                return await asyncio.shield(done)
            except asyncio.CancelledError:
                loop.interrupt()
                await asyncio.wait([done])
                if not done.cancelled():
                    done.exception()  # which is that it was cancelled
                raise

    version = _awaited(client.Engine.version)
    build = _awaited(client.Engine.build)
    solve = _awaited(client.Engine.solve)
    run = _awaited(client.Engine.run)


connect = _named(llbfront.connect)
