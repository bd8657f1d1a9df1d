"""How calls of an Engine end: by signals, by errors of callbacks, by other threads, after `close`, after a fork."""

from __future__ import annotations

import concurrent.futures
import contextlib
import copy
import functools
import gc
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

import llbfront
from llbfront import Engine, interrupts, llb
from llbfront.errors import EngineClosed, EngineUsageError, LlbfrontError, OptionError

if TYPE_CHECKING:
    import pathlib

    from llbfront.progress.events import StatusEvent
    from tests.fake_engine import FakeEngine

GRAPH = llb.scratch().file(llb.Mkfile("/a", b"a", 0o644))


@pytest.fixture
def engine(fake: FakeEngine) -> Iterator[Engine]:
    with llbfront.connect(fake.address) as engine:
        yield engine


class Broken(BaseException):
    """An exception that is not an `Exception`."""


# What an `on_event` may raise; the last two are what an interrupted program raises.
RAISED: list[BaseException] = [
    ValueError("broken callback"),
    LlbfrontError("an error of ours"),
    OSError(32, "broken pipe"),
    RecursionError("too deep"),
    StopIteration(),
    Broken(),
    GeneratorExit(),
    SystemExit(3),
    KeyboardInterrupt(),
]


@pytest.mark.parametrize("holds", [True, False], ids=["while it runs", "at its end"])
@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_what_on_event_raises_ends_that_build_alone(fake: FakeEngine, engine: Engine, error: BaseException, holds: bool) -> None:
    fake.holds = holds
    calls = []

    def on_event(event: StatusEvent) -> None:
        calls.append(event)
        raise error

    with pytest.raises(type(error)) as raised:
        engine.solve(GRAPH, on_event=on_event)
    assert raised.value is error
    assert len(calls) == 1
    assert fake.at_once == 0
    fake.holds = False
    engine.solve(GRAPH)
    assert fake.solves == 2


def test_an_error_in_the_last_event_is_raised(fake: FakeEngine, engine: Engine) -> None:
    left = list(range(fake.events))

    def on_event(_: StatusEvent) -> None:
        left.pop()
        if not left:
            raise ValueError("the last")

    with pytest.raises(ValueError, match="the last"):
        engine.solve(GRAPH, on_event=on_event)
    engine.solve(GRAPH)


def test_events_of_a_build_that_was_ended_do_not_reach_the_next(fake: FakeEngine, engine: Engine) -> None:
    fake.events = 50
    names: list[str] = []

    def fail(_: StatusEvent) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        engine.solve(GRAPH, on_event=fail)
    fake.events = 1
    engine.solve(GRAPH, on_event=lambda event: names.extend(vertex.name for vertex in event.vertexes))
    assert names == ["step 0"]


def test_a_cause_that_on_event_gave_is_kept(engine: Engine) -> None:
    def on_event(_: StatusEvent) -> None:
        raise ValueError("broken") from KeyError("why")

    with pytest.raises(ValueError, match="broken") as raised:
        engine.solve(GRAPH, on_event=on_event)
    assert isinstance(raised.value.__cause__, KeyError)


async def coroutine(_: StatusEvent) -> None:
    """Be awaited by nobody."""


def generator(_: StatusEvent) -> Iterator[None]:
    yield


def returns_awaitable(event: StatusEvent) -> object:
    return coroutine(event)


class Listener:
    async def __call__(self, _: StatusEvent) -> None:
        """Be awaited by nobody."""


@pytest.mark.parametrize(
    "on_event",
    [coroutine, functools.partial(coroutine), Listener(), generator, ["a list"], returns_awaitable],
    ids=["async function", "partial", "async object", "generator", "no function", "returns an awaitable"],
)
def test_an_on_event_that_would_do_nothing_is_refused(fake: FakeEngine, engine: Engine, on_event: Any) -> None:
    with pytest.raises(OptionError, match="on_event"):
        engine.solve(GRAPH, on_event=on_event)
    assert fake.at_once == 0
    engine.solve(GRAPH)


@pytest.mark.parametrize("number", interrupts.SIGNALS, ids=lambda number: number.name)
def test_a_signal_cancels_the_build_and_is_raised(fake: FakeEngine, engine: Engine, number: signal.Signals) -> None:
    fake.holds = True
    started: list[float] = []

    def on_event(_: StatusEvent) -> None:
        if not started:
            started.append(time.monotonic())
            threading.Timer(0.1, os.kill, (os.getpid(), number)).start()

    with pytest.raises(KeyboardInterrupt) as raised, interrupts.termination_raises():
        engine.solve(GRAPH, on_event=on_event)
    assert not isinstance(raised.value, LlbfrontError)
    assert interrupts.exit_code(raised.value) == 128 + number
    assert time.monotonic() - started[0] < 4  # a frontend would be waited for 5 seconds
    assert fake.cancelled == 1
    fake.holds = False
    engine.solve(GRAPH)


def test_a_signal_interrupts_an_on_event_that_sleeps(fake: FakeEngine, engine: Engine) -> None:
    fake.holds = True

    def on_event(_: StatusEvent) -> None:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        time.sleep(30)

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        engine.solve(GRAPH, on_event=on_event)
    assert time.monotonic() - started < 5
    assert fake.cancelled == 1


def test_threads_wait_for_each_other(fake: FakeEngine, engine: Engine) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        refs = list(pool.map(lambda _: engine.solve(GRAPH).ref, range(24)))
    assert len(set(refs)) == 24
    assert (fake.solves, fake.most_at_once) == (24, 1)


def test_a_thread_that_waits_for_its_turn_can_be_interrupted(fake: FakeEngine, engine: Engine) -> None:
    fake.holds = True
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        held = pool.submit(engine.solve, GRAPH)
        assert fake.holding.wait(10)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            engine.version()
        assert not held.done()
        engine.close()
        assert isinstance(held.exception(10), EngineClosed)


def test_close_ends_the_build_of_another_thread_and_those_that_wait(fake: FakeEngine, engine: Engine) -> None:
    fake.holds = True
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        builds = [pool.submit(engine.solve, GRAPH) for _ in range(3)]
        assert fake.holding.wait(10)
        engine.close()
        errors = [build.exception(10) for build in builds]
    assert [str(error) for error in errors] == ["the engine was closed (connect again)"] * 3
    assert (fake.solves, fake.cancelled) == (1, 1)


CALLS: dict[str, Callable[[Engine], object]] = {
    "build": lambda engine: engine.build("."),
    "solve": lambda engine: engine.solve(GRAPH),
    "version": lambda engine: engine.version(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_closed_engine_says_so(
    fake: FakeEngine, engine: Engine, call: Callable[[Engine], object], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    engine.close()
    engine.close()
    with contextlib.chdir(tmp_path), pytest.raises(EngineClosed, match="the engine was closed"):
        call(engine)
    assert fake.solves == 0


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_engine_cannot_be_used_from_its_own_on_event(
    fake: FakeEngine, engine: Engine, call: Callable[[Engine], object], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    with contextlib.chdir(tmp_path), pytest.raises(EngineUsageError, match="in use by the build that made this call"):
        engine.solve(GRAPH, on_event=lambda _: call(engine))
    assert fake.solves == 1
    engine.solve(GRAPH)


def test_close_inside_on_event_ends_the_build(fake: FakeEngine, engine: Engine) -> None:
    fake.holds = True
    with pytest.raises(EngineClosed):
        engine.solve(GRAPH, on_event=lambda _: engine.close())
    assert fake.cancelled == 1


def test_another_engine_can_be_used_inside_on_event(fake: FakeEngine, engine: Engine) -> None:
    with llbfront.connect(fake.address) as other:
        engine.solve(GRAPH, on_event=lambda _: other.solve(GRAPH))
    assert fake.solves == 1 + fake.events


def in_child(action: Callable[[], object]) -> str:
    """Run an action in a fork; return the text of the error it raised."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        text = b"nothing was raised"
        try:
            action()
        except BaseException as error:  # noqa: BLE001  (a child must not run the tests of its parent)
            text = f"{type(error).__name__}: {error}".encode()
        os.write(writer, text)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with open(reader, "rb") as file:
        return file.read().decode()


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_fork_cannot_use_the_engine_and_does_not_harm_it(fake: FakeEngine, engine: Engine) -> None:
    assert in_child(engine.version).startswith("EngineUsageError: this engine was opened by another process")
    assert in_child(engine.close) == "nothing was raised"
    engine.solve(GRAPH)
    assert fake.connections == 1


def test_leaving_the_block_by_an_exception_closes(fake: FakeEngine) -> None:
    def leave() -> NoReturn:
        with llbfront.connect(fake.address) as opened:
            engines.append(opened)
            raise ValueError("left")

    engines: list[Engine] = []
    with pytest.raises(ValueError, match="left"):
        leave()
    with pytest.raises(EngineClosed):
        engines[0].version()


def test_a_forgotten_engine_warns_and_leaves_no_descriptor(fake: FakeEngine) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.warns(ResourceWarning, match=f"unclosed engine {fake.address}"):
        forget(fake.address)
    assert descriptors_become(before + 1)  # the engine's own side may be open until it notices


def forget(address: str) -> None:
    llbfront.connect(address).version()
    gc.collect()


def test_500_connections_leave_no_descriptor_and_no_thread(fake: FakeEngine, tmp_path: pathlib.Path) -> None:
    threads, before = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _ in range(250):
        with llbfront.connect(fake.address) as engine:
            engine.version()
        with pytest.raises(llbfront.errors.ConnectError):
            llbfront.connect(f"unix://{tmp_path}/none.sock")
    assert descriptors_become(before)
    assert threading.active_count() == threads


def descriptors_become(most: int) -> bool:
    """Return whether the process has so few descriptors; the fake engine closes its own a moment later."""
    deadline = time.monotonic() + 5
    while len(os.listdir("/proc/self/fd")) > most:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_an_exception_of_a_callback_inside_the_protocol_closes_the_engine(engine: Engine) -> None:
    def fail() -> None:
        raise Broken

    engine.channel.loop.call_soon(fail)
    with pytest.raises(Broken):
        engine.solve(GRAPH)
    with pytest.raises(EngineClosed):
        engine.solve(GRAPH)


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_an_engine_is_not_copied(engine: Engine, duplicate: Callable[[Engine], object]) -> None:
    with pytest.raises(TypeError, match="give its address to the other process"):
        duplicate(engine)
    engine.version()
