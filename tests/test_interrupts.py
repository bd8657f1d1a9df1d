"""Signals that end a program are raised where nothing is left half-done, and nowhere else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from llbfront import interrupts
from llbfront.interrupts import Terminated

ALL = pytest.mark.parametrize("number", interrupts.SIGNALS, ids=lambda number: number.name)


@pytest.fixture(autouse=True)
def raising() -> Iterator[None]:
    with interrupts.termination_raises():
        yield
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@ALL
def test_a_signal_waits_for_the_end_of_the_block(number: signal.Signals) -> None:
    seen = []
    with pytest.raises(KeyboardInterrupt) as raised, interrupts.deferred():  # noqa: PT012
        send(number)
        seen.append("finished")
    assert seen == ["finished"]
    assert interrupts.exit_code(raised.value) == 128 + number


@ALL
def test_check_raises_it(number: signal.Signals) -> None:
    seen = []
    with pytest.raises(KeyboardInterrupt), interrupts.deferred():  # noqa: PT012
        send(number)
        seen.append("before")
        interrupts.check()
        seen.append("after")
    assert seen == ["before"]


@ALL
def test_immediate_code_is_interrupted_at_once(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), interrupts.deferred(), interrupts.immediate():  # noqa: PT012
        send(number)
        pytest.fail("it went on")


def test_what_came_before_immediate_code_is_raised_there() -> None:
    seen = []
    with pytest.raises(KeyboardInterrupt), interrupts.deferred():  # noqa: PT012
        send(signal.SIGTERM)
        with interrupts.immediate():
            seen.append("began")
    assert seen == []


def test_deferred_code_inside_immediate_code_is_deferred() -> None:
    seen = []
    with pytest.raises(KeyboardInterrupt), interrupts.deferred(), interrupts.immediate():  # noqa: PT012
        with interrupts.deferred():
            send(signal.SIGINT)
            seen.append("finished")
        seen.append("went on")
    assert seen == ["finished"]


def test_an_error_in_the_block_gives_way_to_the_signal() -> None:
    with pytest.raises(Terminated) as raised, interrupts.deferred():  # noqa: PT012
        send(signal.SIGHUP)
        raise OSError(5, "the terminal is gone")
    assert raised.value.signal_number == signal.SIGHUP
    assert isinstance(raised.value.__context__, OSError)


def test_the_first_of_two_signals_counts_and_the_second_does_not_tear_a_clean_up() -> None:
    seen = []
    with pytest.raises(Terminated) as raised, interrupts.deferred():  # noqa: PT012
        send(signal.SIGTERM)
        send(signal.SIGINT)
        try:
            interrupts.check()
        finally:
            send(signal.SIGINT)
            seen.append("cleaned up")
    assert seen == ["cleaned up"]
    assert raised.value.signal_number == signal.SIGTERM


def test_code_that_hangs_is_interrupted_by_a_later_signal() -> None:
    main = threading.main_thread().ident
    assert main is not None
    timers = [threading.Timer(wait, signal.pthread_kill, (main, signal.SIGINT)) for wait in (0.05, 0.8)]
    for timer in timers:
        timer.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), interrupts.deferred():
        time.sleep(30)
    assert time.monotonic() - started < 10
    for timer in timers:
        timer.join()


def test_other_threads_do_not_touch_handlers() -> None:
    handlers = []
    before = signal.getsignal(signal.SIGINT)

    def run() -> None:
        with interrupts.deferred(), interrupts.immediate():
            handlers.append(signal.getsignal(signal.SIGINT))
            interrupts.check()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert handlers == [before]


def test_a_handler_of_the_programs_own_runs_as_usual() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))
    try:
        with interrupts.deferred():
            send(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == [signal.SIGTERM]


def test_a_handler_that_was_set_inside_the_block_stays() -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        with interrupts.deferred():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


IGNORED = """
import os, signal, sys
signal.signal(signal.Signals[sys.argv[1]], signal.SIG_IGN)
from llbfront import interrupts
with interrupts.termination_raises(), interrupts.deferred():
    os.kill(os.getpid(), signal.Signals[sys.argv[1]])
print("went on")
"""


@ALL
def test_an_ignored_signal_stays_ignored(number: signal.Signals) -> None:
    process = subprocess.run([sys.executable, "-c", IGNORED, number.name], capture_output=True, text=True, check=False, timeout=60)
    assert (process.returncode, process.stdout) == (0, "went on\n"), process.stderr
