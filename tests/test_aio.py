"""The asynchronous face on a fake engine: events, cancelling, closing, and what is left behind."""

from __future__ import annotations

import asyncio
import functools
import gc
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from llbfront import aio, llb
from llbfront.errors import ArgumentError, ConnectError, EngineClosed, EngineUsageError
from tests import fake_engine

if TYPE_CHECKING:
    import pathlib

    from llbfront.progress.events import StatusEvent
    from tests.fake_engine import FakeEngine

GRAPH = llb.scratch().file(llb.Mkfile("/a", b"a"))
AT_ONCE_S = 4.0  # the patience with an engine that is told to cancel is a second, that with a frontend is five


@pytest.fixture
def fake(tmp_path: pathlib.Path) -> Iterator[FakeEngine]:
    with fake_engine.serve(tmp_path) as engine:
        yield engine


def run(fake: FakeEngine, use: Callable[[aio.Engine], Awaitable[Any]]) -> None:
    """Run a test with one connected engine; asyncio must have nothing to complain about."""
    complaints: list[dict[str, Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        async with aio.connect(fake.address) as engine:
            await use(engine)

    asyncio.run(main())
    gc.collect()
    assert not complaints


async def held(fake: FakeEngine, engine: aio.Engine, **arguments: Any) -> asyncio.Task[Any]:
    """Start a build and wait until the engine holds it."""
    fake.holds = True
    task = asyncio.create_task(engine.solve(GRAPH, **arguments))
    assert await asyncio.to_thread(fake.holding.wait, 10)
    fake.holding.clear()
    return task


async def cancelled(task: asyncio.Task[Any], times: int = 1) -> float:
    """Cancel a task so many times; return how long it took to end."""
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    start = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await task
    return time.monotonic() - start


def generator(_: StatusEvent) -> Iterator[None]:
    yield


async def async_generator(_: StatusEvent) -> AsyncIterator[None]:
    yield


def returned(function: Callable[[StatusEvent], object], event: StatusEvent) -> object:
    return function(event)


def no_argument() -> None:
    """Take nothing."""


@pytest.mark.parametrize(
    "on_event",
    [
        generator,
        async_generator,
        no_argument,
        functools.partial(returned, generator),
        functools.partial(returned, async_generator),
        "text",
    ],
)
def test_an_on_event_that_would_do_nothing_is_refused(fake: FakeEngine, on_event: Any) -> None:
    async def use(engine: aio.Engine) -> None:
        with pytest.raises(ArgumentError, match="on_event"):
            await engine.solve(GRAPH, on_event=on_event)
        await engine.solve(GRAPH)

    run(fake, use)


def test_an_async_on_event_is_awaited_for_each_event_in_order(fake: FakeEngine) -> None:
    seen: list[str] = []

    async def on_event(event: StatusEvent) -> None:
        names = [vertex.name for vertex in event.vertexes]
        await asyncio.sleep(0.01)
        seen.extend(names)

    run(fake, lambda engine: engine.solve(GRAPH, on_event=on_event))
    assert seen == [f"step {number}" for number in range(fake.events)]


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "plain"])
@pytest.mark.parametrize("holds", [True, False], ids=["while it runs", "at its end"])
def test_what_on_event_raises_ends_that_build_alone(fake: FakeEngine, is_async: bool, holds: bool) -> None:
    error, calls = ValueError("broken callback"), []

    def plain(event: StatusEvent) -> None:
        calls.append(event)
        raise error

    async def asynchronous(event: StatusEvent) -> None:
        plain(event)

    async def use(engine: aio.Engine) -> None:
        fake.holds = holds
        with pytest.raises(ValueError, match="broken callback") as raised:
            await engine.solve(GRAPH, on_event=asynchronous if is_async else plain)
        assert raised.value is error
        assert len(calls) == 1
        fake.holds = False
        await engine.solve(GRAPH)

    run(fake, use)
    assert (fake.solves, fake.at_once) == (2, 0)


@pytest.mark.parametrize("times", [1, 2, 10])
def test_a_task_ends_at_once_however_often_it_is_cancelled(fake: FakeEngine, times: int) -> None:
    async def use(engine: aio.Engine) -> None:
        assert await cancelled(await held(fake, engine), times) < AT_ONCE_S
        assert fake.cancelled == 1
        fake.holds = False
        await engine.solve(GRAPH)

    run(fake, use)


def test_a_task_that_is_cancelled_again_and_again_while_it_ends(fake: FakeEngine) -> None:
    async def use(engine: aio.Engine) -> None:
        task = await held(fake, engine)
        for _ in range(20):
            task.cancel()
            await asyncio.sleep(0.001)
        assert await cancelled(task) < AT_ONCE_S

    run(fake, use)
    assert fake.cancelled == 1


def test_cancelling_before_the_build_began_and_while_it_waits_for_its_turn(fake: FakeEngine) -> None:
    async def use(engine: aio.Engine) -> None:
        first = await held(fake, engine)
        never, queued = asyncio.create_task(engine.solve(GRAPH)), asyncio.create_task(engine.solve(GRAPH))
        never.cancel()
        await asyncio.sleep(0.05)
        assert await cancelled(queued) < AT_ONCE_S
        assert never.cancelled()
        assert not first.done()
        await cancelled(first)

    run(fake, use)
    assert fake.solves == 1


def test_cancelling_while_an_async_on_event_waits_for_ever(fake: FakeEngine) -> None:
    ended: list[str] = []

    async def on_event(_: StatusEvent) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    async def use(engine: aio.Engine) -> None:
        assert await cancelled(await held(fake, engine, on_event=on_event)) < AT_ONCE_S

    run(fake, use)
    assert ended == ["ended"]


async def with_timeout(engine: aio.Engine) -> None:
    async with asyncio.timeout(0.2):
        await engine.solve(GRAPH)


async def with_nested_timeouts(engine: aio.Engine) -> None:
    async with asyncio.timeout(0.2):
        async with asyncio.timeout(0.2):
            await engine.solve(GRAPH)


async def with_wait_for(engine: aio.Engine) -> None:
    await asyncio.wait_for(engine.solve(GRAPH), 0.2)


@pytest.mark.parametrize("limited", [with_timeout, with_nested_timeouts, with_wait_for])
def test_timeouts_end_a_build(fake: FakeEngine, limited: Callable[[aio.Engine], Coroutine[Any, Any, None]]) -> None:
    async def use(engine: aio.Engine) -> None:
        fake.holds = True
        with pytest.raises(TimeoutError):
            await limited(engine)
        fake.holds = False
        await engine.solve(GRAPH)

    started = time.monotonic()
    run(fake, use)
    assert time.monotonic() - started < 3
    assert fake.cancelled == 1


def test_a_task_group_that_fails_ends_its_builds(fake: FakeEngine) -> None:
    async def fail() -> None:
        await asyncio.sleep(0.2)
        raise ValueError("the sibling")

    async def group(engine: aio.Engine) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(engine.solve(GRAPH))
            tasks.create_task(fail())

    async def use(engine: aio.Engine) -> None:
        fake.holds = True
        with pytest.raises(ExceptionGroup) as raised:
            await group(engine)
        assert [str(error) for error in raised.value.exceptions] == ["the sibling"]
        fake.holds = False
        await engine.solve(GRAPH)

    run(fake, use)
    assert (fake.solves, fake.cancelled) == (2, 1)


def test_builds_of_one_engine_wait_for_each_other(fake: FakeEngine) -> None:
    async def use(engine: aio.Engine) -> None:
        await asyncio.gather(*(engine.solve(GRAPH) for _ in range(12)))

    run(fake, use)
    assert (fake.solves, fake.most_at_once) == (12, 1)


def test_leaving_the_block_ends_builds_of_other_tasks(fake: FakeEngine) -> None:
    async def main() -> list[BaseException | None]:
        async with aio.connect(fake.address) as engine:
            tasks = [await held(fake, engine), asyncio.create_task(engine.solve(GRAPH))]
            await asyncio.sleep(0.05)
        await asyncio.wait(tasks)
        return [task.exception() for task in tasks]

    assert [str(error) for error in asyncio.run(main())] == ["the engine was closed (connect again)"] * 2
    assert fake.cancelled == 1


def test_a_closed_engine_and_one_that_never_connected_say_so(fake: FakeEngine) -> None:
    async def main() -> None:
        engine = aio.connect(fake.address)
        with pytest.raises(EngineClosed, match="not connected yet"):
            await engine.version()
        async with engine:
            await engine.version()
        with pytest.raises(EngineClosed, match="was closed"):
            await engine.version()
        async with engine:
            await engine.version()

    asyncio.run(main())


def test_an_engine_cannot_be_awaited_from_its_own_on_event(fake: FakeEngine) -> None:
    async def use(engine: aio.Engine) -> None:
        async def on_event(_: StatusEvent) -> None:
            await asyncio.gather(engine.version())

        with pytest.raises(EngineUsageError, match="in use by the build"):
            await engine.solve(GRAPH, on_event=on_event)
        await engine.version()

    run(fake, use)


def test_a_plain_on_event_may_start_another_build(fake: FakeEngine) -> None:
    async def use(engine: aio.Engine) -> None:
        tasks: list[asyncio.Task[str]] = []
        await engine.solve(GRAPH, on_event=lambda _: tasks.append(asyncio.create_task(engine.version())))
        await asyncio.gather(*tasks)

    run(fake, use)


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()], ids=["SystemExit", "KeyboardInterrupt"])
def test_what_ends_the_program_in_on_event_ends_the_build_first(fake: FakeEngine, error: BaseException) -> None:
    fake.holds = True

    def on_event(_: StatusEvent) -> None:
        raise error

    with pytest.raises(type(error)):
        run(fake, lambda engine: engine.solve(GRAPH, on_event=on_event))
    assert fake.cancelled == 1


def test_ctrl_c_ends_the_build_and_the_program(fake: FakeEngine) -> None:
    async def use(engine: aio.Engine) -> None:
        await held(fake, engine)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(30)

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(fake, use)
    assert time.monotonic() - started < 5
    assert fake.cancelled == 1


def test_an_engine_that_was_never_left_warns_and_leaves_no_thread(fake: FakeEngine) -> None:
    async def main() -> None:
        await aio.connect(fake.address).__aenter__()

    threads = threading.active_count()
    with pytest.warns(ResourceWarning, match="unclosed engine"):
        forget(main)
    deadline = time.monotonic() + 5
    while threading.active_count() > threads:
        assert time.monotonic() < deadline, threading.enumerate()
        time.sleep(0.01)


def forget(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(main())
    gc.collect()


def test_500_connections_leave_no_descriptor_and_no_thread(fake: FakeEngine, tmp_path: pathlib.Path) -> None:
    async def connect(address: str) -> None:
        async with aio.connect(address) as engine:
            await engine.version()

    async def main() -> None:
        for number in range(170):
            await connect(fake.address)
            with pytest.raises(ConnectError):
                await connect(f"unix://{tmp_path}/none.sock")
            task = asyncio.create_task(connect(fake.address))
            await asyncio.sleep(0.0005 * (number % 10))
            task.cancel()
            await asyncio.wait([task])

    threads, before = threading.active_count(), len(os.listdir("/proc/self/fd"))
    asyncio.run(main())
    deadline = time.monotonic() + 10
    while len(os.listdir("/proc/self/fd")) > before or threading.active_count() > threads:
        assert time.monotonic() < deadline, (os.listdir("/proc/self/fd"), threading.enumerate())
        time.sleep(0.01)


def test_connect_can_be_awaited_and_closed() -> None:
    class Fake:
        address = "unix:///fake"
        closed = 0

        def begin_close(self) -> None:
            pass

        def close(self) -> None:
            Fake.closed += 1

        def version(self) -> str:
            return "v1"

        def forget_interrupt(self) -> None:
            pass

    async def scenario() -> None:
        unopened = aio.Engine(Fake)  # type: ignore[arg-type]  # what connect makes
        assert repr(unopened) == "<Engine, not connected>"
        engine = await unopened
        assert repr(engine) == "<Engine at unix:///fake>"
        async with engine as same:
            assert same is engine
        assert Fake.closed == 1
        await engine.close()
        assert Fake.closed == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["engine", "address", "is_docker"])
def test_an_engine_that_is_not_connected_says_so(name: str) -> None:
    async def read() -> None:
        engine = aio.connect("unix:///none")
        assert repr(engine) == "<Engine, not connected>"
        with pytest.raises(
            EngineClosed, match=r"^the engine is not connected yet \(use `async with connect\(\)` or `await connect\(\)`\)$"
        ):
            getattr(engine, name)

    asyncio.run(read())
