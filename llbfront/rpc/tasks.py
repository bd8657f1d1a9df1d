"""Tasks: functions that run in turn with an event loop. While one waits for something, the loop and the other tasks go on.

Each task has a thread, because the function may call `Loop.wait` at any depth. Only one thread runs at a time: that of the loop, or that
of one task. So tasks use what belongs to the loop without locks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from llbfront import interrupts
from llbfront.rpc.event_loop import Job

if TYPE_CHECKING:
    from llbfront.rpc.event_loop import Loop

SIGNAL_INTERVAL_S = 0.2


class Cancelled(BaseException):
    """Raised in a task that was cancelled, where it waits. It is no Exception, so that the task does not handle it as a failure."""


class Task(Job[None]):
    """A function that runs in turn with a loop. `until` is what it waits for."""

    __slots__ = ("_is_cancelled", "_loop_turn", "_task_turn", "_thread", "until")

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self.until: Callable[[], bool] = lambda: True
        self._is_cancelled = False
        self._task_turn, self._loop_turn = threading.Lock(), threading.Lock()
        self._task_turn.acquire()
        self._loop_turn.acquire()
        self._thread = threading.Thread(target=self._run, args=(work,), name="llbfront-task", daemon=True)

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
            self.settle(None, None)
        except BaseException as error:  # noqa: BLE001 (it is raised on the loop's thread)
            self.settle(None, error)
        finally:
            self._loop_turn.release()

    def resume(self) -> None:
        """Run the function until it waits or ends. A signal is raised when it does neither for a while."""
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._task_turn.release()
        while not self._loop_turn.acquire(timeout=SIGNAL_INTERVAL_S):
            interrupts.check()

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the loop go on until a condition is true. Only the function itself may call this. Raises: Cancelled."""
        if not self._is_cancelled:
            self.until = until
            self._loop_turn.release()
            self._task_turn.acquire()
        if self._is_cancelled:
            raise Cancelled

    def cancel(self) -> None:
        """End the function where it waits."""
        self._is_cancelled = True
        if self._thread.ident is None:
            self.settle(None, Cancelled())
        elif not self.done:
            self.resume()


class Tasks:
    """The tasks of a loop, in the order in which they began. What one of them raises is raised where the loop waits."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._tasks: list[Task] = []
        self._running: Task | None = None
        loop.tasks = self

    @property
    def is_running(self) -> bool:
        """Whether a task runs now."""
        return self._running is not None

    def start(self, work: Callable[[], None]) -> None:
        """Add a task. It begins when the loop waits, and the tasks before it do."""
        self._tasks.append(Task(work))

    def resume_next(self) -> bool:
        """Run the first task that can go on until it waits. Return whether there is one."""
        task = next((task for task in self._tasks if task.until()), None)
        if task is None:
            return False
        self._run(task, task.resume)
        if task.done:
            self._tasks.remove(task)
            task.result()
        return True

    def _run(self, task: Task, part: Callable[[], None]) -> None:
        self._running = task
        try:
            part()
        except BaseException:  # a signal: the task still runs, and may be using the connection
            self._loop.is_broken = True
            raise
        finally:
            self._running = None

    def wait(self, until: Callable[[], bool], timeout_s: float | None) -> bool:
        """Let the task that runs wait. Return False if the time passed first. Raises: Cancelled."""
        if until():
            return True
        assert self._running is not None
        if timeout_s is None:
            self._running.wait(until)
            return True
        is_over: list[bool] = []
        timer = self._loop.call_later(timeout_s, lambda: is_over.append(True))
        try:
            self._running.wait(lambda: bool(is_over) or until())
        finally:
            timer.cancel()
        return until()

    def close(self) -> None:
        """Cancel the tasks that have not ended. With a broken loop one of them may still run, and they are left alone."""
        tasks, self._tasks = self._tasks, []
        if not self._loop.is_broken:
            for task in tasks:
                self._run(task, task.cancel)
        self._loop.tasks = None
