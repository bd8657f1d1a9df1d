"""Tasks run in turn with the loop: one waits while the others go on."""

from __future__ import annotations

import functools
import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from llbfront.rpc.event_loop import Loop
from llbfront.rpc.tasks import Cancelled, Tasks


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def tasks(loop: Loop) -> Iterator[Tasks]:
    tasks = Tasks(loop)
    yield tasks
    tasks.close()


def test_a_task_begins_when_the_loop_waits(loop: Loop, tasks: Tasks) -> None:
    seen: list[str] = []
    tasks.start(lambda: seen.append("task"))
    assert seen == []
    loop.wait(lambda: bool(seen))
    assert seen == ["task"]


def test_the_others_go_on_while_one_waits(loop: Loop, tasks: Tasks) -> None:
    seen: list[str] = []

    def work(name: str) -> None:
        seen.append(f"{name} begins")
        loop.wait(lambda: "answer" in seen)
        seen.append(f"{name} ends")

    for name in "abc":
        tasks.start(functools.partial(work, name))
    loop.call_later(0.05, lambda: seen.append("answer"))
    loop.wait(lambda: "c ends" in seen)
    assert seen == ["a begins", "b begins", "c begins", "answer", "a ends", "b ends", "c ends"]


def test_the_first_task_that_can_go_on_is_first(loop: Loop, tasks: Tasks) -> None:
    seen: list[str] = []

    def work(name: str) -> None:
        seen.append(f"{name} asks")
        loop.call_soon(lambda: seen.append(f"answer for {name}"))
        loop.wait(lambda: f"answer for {name}" in seen)
        seen.append(f"{name} ends")

    tasks.start(lambda: work("a"))
    tasks.start(lambda: work("b"))
    loop.wait(lambda: "b ends" in seen)
    assert seen.index("a ends") < seen.index("b asks")


def test_no_two_tasks_run_at_once(loop: Loop, tasks: Tasks) -> None:
    running: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        for turn in range(3):
            running.append(number)
            most.append(len(running))
            time.sleep(0.002)
            running.remove(number)
            loop.wait(functools.partial(lambda until_s: time.monotonic() >= until_s, time.monotonic() + 0.001 * turn), timeout_s=1)
        done.append(number)

    done: list[int] = []
    for number in range(5):
        tasks.start(functools.partial(work, number))
    assert loop.wait(lambda: len(done) == 5, timeout_s=20)
    assert max(most) == 1


def test_a_wait_of_a_task_may_time_out(loop: Loop, tasks: Tasks) -> None:
    seen: list[bool] = []
    tasks.start(lambda: seen.append(loop.wait(lambda: False, timeout_s=0.02)))
    tasks.start(lambda: seen.append(loop.wait(lambda: True, timeout_s=0.02)))
    assert loop.wait(lambda: len(seen) == 2, timeout_s=5)
    assert sorted(seen) == [False, True]


def test_what_a_task_raises_is_raised_where_the_loop_waits(loop: Loop, tasks: Tasks) -> None:
    def work() -> None:
        raise IndexError

    tasks.start(work)
    with pytest.raises(IndexError):
        loop.wait(lambda: False, timeout_s=5)
    assert not loop.is_broken


def test_closing_cancels_tasks_where_they_wait(loop: Loop) -> None:
    tasks, seen = Tasks(loop), []

    def work() -> None:
        try:
            loop.wait(lambda: False)
        except Cancelled:
            seen.append("cancelled")
            with pytest.raises(Cancelled):
                loop.wait(lambda: False)
            raise
        finally:
            seen.append("cleaned up")

    tasks.start(work)
    loop.wait(lambda: False, timeout_s=0.02)
    tasks.start(lambda: seen.append("never begins"))
    tasks.close()
    assert seen == ["cancelled", "cleaned up"]
    assert not [
        thread for thread in threading.enumerate() if thread.name == "llbfront-task" and thread.is_alive() and _ends(thread)
    ]


def _ends(thread: threading.Thread) -> bool:
    thread.join(1)
    return thread.is_alive()


def test_a_signal_interrupts_a_task_that_does_not_come_back(loop: Loop, tasks: Tasks) -> None:
    end = threading.Event()
    threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    def work() -> None:
        end.wait(20)

    tasks.start(work)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        loop.wait(lambda: False, timeout_s=20)
    assert time.monotonic() - started < 10
    assert loop.is_broken  # the task may still use the connection
    end.set()
