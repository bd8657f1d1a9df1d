"""The event loop of one thread: it calls back for file descriptors, timers and finished worker threads.

A `Loop` does nothing except inside `wait`. `wait` may be called again from inside any callback: it serves everything
meanwhile. Only `post`, `wake` and `interrupt` may be called from another thread.
"""

from __future__ import annotations

import itertools
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from llbfront import interrupts
from llbfront.errors import LlbfrontError

ValueT = TypeVar("ValueT")

_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR | select.POLLNVAL
_WRITABLE = select.POLLOUT | select.POLLERR | select.POLLNVAL


class Aborted(BaseException):
    """Raised by `wait` when a delivery failed or `interrupt` was called; `error` is what the caller of the library is to get.

    It is not an `Exception`, so that no code on the way takes it for a failure of the build.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


class Timer:
    """A callback at a time; `cancel` forgets it."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Job(Generic[ValueT]):
    """The future result of a worker thread. `done` changes only between callbacks of the loop."""

    __slots__ = ("_error", "_value", "done")

    def __init__(self) -> None:
        self.done = False
        self._value: ValueT | None = None
        self._error: BaseException | None = None

    def result(self) -> ValueT:
        """Return what the function returned, or raise what it raised. Only when `done`."""
        if not self.done:
            raise LlbfrontError("the result of a job was asked for before its end")
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]

    def settle(self, value: ValueT | None, error: BaseException | None) -> None:
        self._value, self._error, self.done = value, error, True


class Scheduler(Protocol):
    """Runs functions in turn with a loop; see `tasks`."""

    @property
    def is_running(self) -> bool:
        """Whether one of the functions runs now."""

    def resume_next(self) -> bool:
        """Run one function until it waits. Return whether there is one that can run."""

    def wait(self, until: Callable[[], bool], timeout_s: float | None) -> bool:
        """Let the function that runs wait, as `Loop.wait` does."""


class Watch:
    """Interest in one file descriptor: what to call when it can be read, and when it can be written."""

    __slots__ = ("_loop", "fd", "on_readable", "on_writable")

    def __init__(self, loop: Loop, fd: int) -> None:
        self._loop = loop
        self.fd = fd
        self.on_readable: Callable[[], None] | None = None
        self.on_writable: Callable[[], None] | None = None

    def update(self, *, on_readable: Callable[[], None] | None, on_writable: Callable[[], None] | None) -> None:
        self.on_readable, self.on_writable = on_readable, on_writable
        self._loop.watch_changed(self)

    def cancel(self) -> None:
        self.update(on_readable=None, on_writable=None)


class Loop:
    """See the module. `call_soon`, `call_later`, `deliver` and `watch` are for the thread that waits, `post` and `interrupt` for all.

    is_broken: an exception left a callback, and may have left protocol state half-done: the connection must be closed.
    tasks: functions that run in turn with the loop, None if there are none.
    """

    def __init__(self) -> None:
        self._poll = select.poll()
        self._watches: dict[int, Watch] = {}
        self._soon: deque[Callable[[], None]] = deque()
        self._before_poll: deque[Callable[[], None]] = deque()
        self._flushes: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._wake: tuple[int, int] | None = None
        self._posted: deque[Callable[[], None]] = deque()
        self._deliveries: deque[Callable[[], None]] = deque()
        self._interrupt: BaseException | None = None
        self._lock = threading.RLock()  # a signal handler may wake the loop while its thread does
        self._is_closed = False
        self.is_broken = False
        self.tasks: Scheduler | None = None

    def wait(self, until: Callable[[], bool], *, timeout_s: float | None = None) -> bool:
        """Run callbacks until `until()` is true; False if `timeout_s` passed first.

        `until` is asked after every turn. Between two turns deliveries run, and signals, interrupts and what deliveries raise are raised.

        Raises: Aborted, KeyboardInterrupt; what a callback raises, which breaks the loop.
        """
        if self.tasks is not None and self.tasks.is_running:
            return self.tasks.wait(until, timeout_s)
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        self.enable_posting()
        with interrupts.deferred(self.wake):
            self._run_deliveries()
            while not until():
                if deadline is not None and time.monotonic() >= deadline:
                    return False
                has_run = self.tasks is not None and self.tasks.resume_next()
                self.turn(time.monotonic() if has_run else deadline)
                self._run_deliveries()
        return True

    def turn(self, deadline: float | None = None) -> None:
        """Write what is queued, sleep until something is due or `deadline` (of time.monotonic) has come, then do it."""
        try:
            self._turn(deadline)
        except BaseException:
            self.is_broken = True
            raise

    def _turn(self, deadline: float | None) -> None:
        while self._before_poll or self._flushes:
            (self._before_poll or self._flushes).popleft()()
        for fd, mask in self._poll.poll(self._sleep_ms(deadline)):
            watch = self._watches.get(fd)
            if watch is not None and mask & _READABLE and watch.on_readable is not None:
                watch.on_readable()
            if watch is not None and mask & _WRITABLE and watch.on_writable is not None:
                watch.on_writable()
        self._run_timers()
        for _ in range(len(self._soon)):
            if self._soon:  # a callback that waits runs others
                self._soon.popleft()()

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Run `callback` in the next turn, after what is already readable has been read."""
        self._soon.append(callback)

    def deliver(self, callback: Callable[[], None]) -> None:
        """Run `callback` after this turn, outside of all protocol state: it may raise, wait, and be interrupted by signals at once."""
        self._deliveries.append(callback)

    def before_poll(self, callback: Callable[[], None], *, last: bool = False) -> None:
        """Run `callback` once, just before the loop would sleep: the moment to write what callbacks have queued.

        last: after those that are not, so that a tunnel fills the connection that carries it before that writes.
        """
        (self._flushes if last else self._before_poll).append(callback)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        timer = Timer(callback)
        self._timers.append((time.monotonic() + seconds, next(self._order), timer))
        self._timers.sort()
        return timer

    def watch(self, fd: int) -> Watch:
        """Return the interest in `fd`, at first in nothing; `update` says in what."""
        return Watch(self, fd)

    def watch_changed(self, watch: Watch) -> None:
        mask = (select.POLLIN if watch.on_readable else 0) | (select.POLLOUT if watch.on_writable else 0)
        if mask:
            self._watches[watch.fd] = watch
            self._poll.register(watch.fd, mask)
        elif self._watches.get(watch.fd) is watch:
            del self._watches[watch.fd]
            self._poll.unregister(watch.fd)

    def post(self, callback: Callable[[], None]) -> None:
        """Run `callback` on the loop's thread. May be called from any thread once `enable_posting` was called."""
        self._posted.append(callback)
        self.wake()

    def wake(self) -> None:
        """End the sleep of the loop. May be called from any thread, and from signal handlers."""
        with self._lock:  # the descriptor must not be closed meanwhile, and be another one's
            if self._wake is not None:
                try:
                    os.write(self._wake[1], b"\0")
                except BlockingIOError:
                    pass

    def enable_posting(self) -> None:
        """Open the pipe that lets other threads and signals wake the loop."""
        if self._wake is None and not self._is_closed:
            self._wake = os.pipe()
            for fd in self._wake:
                os.set_blocking(fd, False)
            self.watch(self._wake[0]).update(on_readable=self._run_posted, on_writable=None)

    def submit(self, work: Callable[[], ValueT], then: Callable[[Job[ValueT]], None] | None = None) -> Job[ValueT]:
        """Run `work` in a new thread; `then` gets the finished job on the loop's thread.

        The thread does not keep the process alive.
        """
        self.enable_posting()
        job: Job[ValueT] = Job()

        def settle(value: ValueT | None, error: BaseException | None) -> None:
            job.settle(value, error)
            if then is not None:
                then(job)

        def run() -> None:
            try:
                value = work()
            except BaseException as error:  # noqa: BLE001 (it is raised on the loop's thread)
                failure = error
                self.post(lambda: settle(None, failure))
            else:
                self.post(lambda: settle(value, None))

        threading.Thread(target=run, name="llbfront-job", daemon=True).start()
        return job

    def interrupt(self, error: BaseException) -> None:
        """Make `wait` raise Aborted with `error` before its next turn. May be called from any thread."""
        self._interrupt = error
        self.wake()

    def forget_interrupt(self) -> None:
        """Discard an interrupt that came when nothing was waiting."""
        self._interrupt = None

    def close(self) -> None:
        """Close the pipe. Threads that still run post into the void."""
        self._is_closed = True
        if self._wake is not None:
            self._poll.unregister(self._wake[0])
            del self._watches[self._wake[0]]
            with self._lock:
                wake, self._wake = self._wake, None
                for fd in wake:
                    os.close(fd)

    def _run_deliveries(self) -> None:
        """Run what was delivered, then raise the signal or interrupt that came meanwhile."""
        while self._deliveries:
            callback = self._deliveries.popleft()
            with interrupts.immediate():
                try:
                    callback()
                except Exception as error:  # noqa: BLE001  (it is raised where the library was called)
                    raise Aborted(error) from None
        interrupts.check()
        if self._interrupt is not None:
            interrupt, self._interrupt = self._interrupt, None
            raise Aborted(interrupt)

    def _sleep_ms(self, deadline: float | None) -> float | None:
        if self._soon or self._posted:
            return 0
        while self._timers and self._timers[0][2].callback is None:
            self._timers.pop(0)
        due = self._timers[0][0] if self._timers else None
        if deadline is not None and (due is None or deadline < due):
            due = deadline
        if due is None:
            return None
        left_s = due - time.monotonic()
        return left_s * 1000 + 0.5 if left_s > 0 else 0

    def _run_timers(self) -> None:
        now = time.monotonic() if self._timers else 0.0
        while self._timers and (self._timers[0][0] <= now or self._timers[0][2].callback is None):
            timer = self._timers.pop(0)[2]
            callback, timer.callback = timer.callback, None
            if callback is not None:
                callback()

    def _run_posted(self) -> None:
        if self._wake is not None:
            try:
                os.read(self._wake[0], 4096)
            except BlockingIOError:
                pass
        while self._posted:
            self._posted.popleft()()
