"""The loop: its timers, its threads, its order, and Ctrl-C between two callbacks."""

from __future__ import annotations

import functools
import os
import signal
import threading
import time

import pytest

from llbfront.errors import LlbfrontError
from llbfront.rpc.event_loop import Aborted, Loop


@pytest.fixture
def loop() -> Loop:
    return Loop()


def test_timers_run_in_order_and_can_be_cancelled(loop: Loop) -> None:
    seen: list[str] = []
    loop.call_later(0.03, lambda: seen.append("b"))
    loop.call_later(0.01, lambda: seen.append("a"))
    loop.call_later(0.02, lambda: seen.append("never")).cancel()
    assert loop.wait(lambda: len(seen) == 2, timeout_s=5)
    assert seen == ["a", "b"]


def test_a_timeout_is_kept(loop: Loop) -> None:
    started = time.monotonic()
    assert not loop.wait(lambda: False, timeout_s=0.05)
    assert 0.05 <= time.monotonic() - started < 2


def test_soon_may_settle_what_is_waited_for(loop: Loop) -> None:
    seen: list[int] = []
    loop.call_soon(lambda: seen.append(1))
    assert loop.wait(lambda: bool(seen))


def test_flushes_come_after_all_that_fills_them(loop: Loop) -> None:
    seen: list[str] = []

    def pump() -> None:
        seen.append("pump")
        loop.before_poll(lambda: seen.append("pump again"))

    loop.before_poll(lambda: seen.append("flush"), last=True)
    loop.before_poll(pump)
    loop.call_soon(lambda: seen.append("soon"))
    loop.wait(lambda: "soon" in seen)
    assert seen == ["pump", "pump again", "flush", "soon"]


def test_waits_nest(loop: Loop) -> None:
    seen: list[str] = []

    def outer() -> None:
        loop.call_soon(lambda: seen.append("inner"))
        loop.wait(lambda: bool(seen))
        seen.append("outer")

    loop.call_soon(outer)
    loop.wait(lambda: len(seen) == 2)
    assert seen == ["inner", "outer"]


def test_posts_of_other_threads_wake_it(loop: Loop) -> None:
    seen: list[int] = []
    loop.enable_posting()

    def post() -> None:
        for number in range(1000):
            loop.post(functools.partial(seen.append, number))

    thread = threading.Thread(target=post)
    thread.start()
    assert loop.wait(lambda: len(seen) == 1000, timeout_s=10)
    assert seen == list(range(1000))
    thread.join()
    loop.close()
    loop.post(lambda: None)


def test_a_readable_descriptor(loop: Loop) -> None:
    read, write = os.pipe()
    seen: list[bytes] = []
    watch = loop.watch(read)
    watch.update(on_readable=lambda: seen.append(os.read(read, 10)), on_writable=None)
    os.write(write, b"hello")
    assert loop.wait(lambda: bool(seen), timeout_s=5)
    watch.cancel()
    os.write(write, b"more")
    assert not loop.wait(lambda: len(seen) > 1, timeout_s=0.05)
    os.close(read)
    os.close(write)


def test_ctrl_c_comes_between_callbacks(loop: Loop) -> None:
    seen: list[str] = []

    def callback() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        seen.append("finished")

    loop.call_soon(callback)
    with pytest.raises(KeyboardInterrupt):
        loop.wait(lambda: False, timeout_s=10)
    assert seen == ["finished"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not loop.wait(lambda: False, timeout_s=0.01)
    loop.close()


def test_ctrl_c_ends_a_sleeping_wait(loop: Loop) -> None:
    main = threading.main_thread().ident
    assert main is not None
    thread = threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT))
    thread.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        loop.wait(lambda: False, timeout_s=20)
    assert time.monotonic() - started < 10
    thread.join()
    loop.close()


def test_somebody_elses_handler_is_left_alone(loop: Loop) -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        loop.call_soon(lambda: os.kill(os.getpid(), signal.SIGINT))
        assert loop.wait(lambda: bool(seen), timeout_s=5)
    finally:
        signal.signal(signal.SIGINT, before)


def test_deliveries_run_between_turns_and_end_the_wait_when_they_fail(loop: Loop) -> None:
    seen: list[str] = []

    def fail() -> None:
        raise ValueError("broken")

    def callback() -> None:
        loop.deliver(fail)
        loop.deliver(lambda: seen.append("later"))
        seen.append("callback")

    loop.call_soon(callback)
    with pytest.raises(Aborted) as raised:
        loop.wait(lambda: False, timeout_s=10)
    assert isinstance(raised.value.error, ValueError)
    assert seen == ["callback"]
    assert not loop.is_broken
    loop.close()


def test_what_was_delivered_last_runs_before_the_wait_ends(loop: Loop) -> None:
    seen: list[int] = []
    loop.deliver(lambda: seen.append(1))
    assert loop.wait(lambda: True)
    assert seen == [1]
    loop.close()


def test_an_interrupt_from_another_thread_ends_a_sleeping_wait(loop: Loop) -> None:
    error = LlbfrontError("closed")
    threading.Timer(0.05, lambda: loop.interrupt(error)).start()
    with pytest.raises(Aborted) as raised:
        loop.wait(lambda: False, timeout_s=20)
    assert raised.value.error is error
    assert not loop.wait(lambda: False, timeout_s=0.01)
    loop.close()


def test_an_exception_of_a_callback_breaks_the_loop(loop: Loop) -> None:
    def fail() -> None:
        raise ValueError("half-done")

    loop.call_soon(fail)
    with pytest.raises(ValueError, match="half-done"):
        loop.wait(lambda: False, timeout_s=10)
    assert loop.is_broken
    loop.close()


def test_a_closed_loop_holds_no_descriptor(loop: Loop) -> None:
    before = len(os.listdir("/proc/self/fd"))
    loop.enable_posting()
    loop.close()
    loop.wake()
    loop.wait(lambda: False, timeout_s=0)
    assert len(os.listdir("/proc/self/fd")) == before
