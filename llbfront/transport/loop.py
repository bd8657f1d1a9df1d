"""The loop of one thread: file descriptors, timers and finished worker threads → callbacks.

A `Loop` does nothing except inside `wait`. `wait` may be called again from inside any callback: it serves everything
meanwhile. Only `post` and `interrupt` may be called from another thread.

Source: none.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the module without its enums
import _thread
import itertools
import os
import select
import time
from collections import deque
from collections.abc import Callable
from types import FrameType
from typing import Any, Generic, TypeVar

from llbfront.errors import LlbfrontError

ValueT = TypeVar("ValueT")

_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR | select.POLLNVAL
_WRITABLE = select.POLLOUT | select.POLLERR | select.POLLNVAL


class Timer:
    """A callback at a time; `cancel` forgets it."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Job(Generic[ValueT]):
    """What a worker thread will have computed. `done` changes only between callbacks of the loop."""

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
    """See the module. `call_soon`, `call_later` and `watch` are for the loop's own thread, `post` and `interrupt` are for all threads."""

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
        self._interrupted = False
        self._is_catching = False

    def wait(self, until: Callable[[], bool], *, timeout_s: float | None = None) -> bool:
        """Run callbacks until `until()` is true; False if `timeout_s` passed first.

        `until` is asked after every turn. Raises what a callback raises, and KeyboardInterrupt only between callbacks.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        is_catching = self._catch_interrupts()
        try:
            while not until():
                if deadline is not None and time.monotonic() >= deadline:
                    return False
                self.turn(deadline)
        finally:
            if is_catching:
                self._leave_interrupts()
        return True

    def turn(self, deadline: float | None = None) -> None:
        """Write what is queued, sleep until something is due or `deadline` (of time.monotonic) has come, then do it."""
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
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Run `callback` in the next turn, after what is already readable has been read."""
        self._soon.append(callback)

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
        if self._wake is not None:
            try:
                os.write(self._wake[1], b"\0")
            except BlockingIOError:
                pass

    def enable_posting(self) -> None:
        """Open the pipe that lets other threads and signals wake the loop."""
        if self._wake is None:
            self._wake = os.pipe()
            for fd in self._wake:
                os.set_blocking(fd, False)
            self.watch(self._wake[0]).update(on_readable=self._run_posted, on_writable=None)

    def submit(self, work: Callable[[], ValueT], then: Callable[[Job[ValueT]], None] | None = None) -> Job[ValueT]:
        """Run `work` in a thread of its own; `then` gets the finished job on the loop's thread.

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

        _thread.start_new_thread(run, ())
        return job

    def interrupt(self) -> None:
        """Let `wait` raise KeyboardInterrupt, as Ctrl-C does. May be called from any thread once `enable_posting` was called."""
        self._interrupted = True
        self.post(lambda: None)

    def forget_interrupt(self) -> None:
        """Take back an interrupt that came when nothing was waited for."""
        self._interrupted = False

    def close(self) -> None:
        """Forget everything. Threads that still run post into the void."""
        if self._wake is not None:
            wake, self._wake = self._wake, None
            self._poll.unregister(wake[0])
            del self._watches[wake[0]]
            for fd in wake:
                os.close(fd)

    def _sleep_ms(self, deadline: float | None) -> float | None:
        if self._soon or self._posted:
            return 0
        while self._timers and self._timers[0][2].callback is None:
            self._timers.pop(0)
        due = self._timers[0][0] if self._timers else None
        if deadline is not None and (due is None or deadline < due):
            due = deadline
        return None if due is None else max(0.0, (due - time.monotonic()) * 1000) + 0.5

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

    def _catch_interrupts(self) -> bool:
        """Let Ctrl-C end `wait` between two callbacks, so that no protocol state is torn; say whether that is to be undone.

        Somebody else's handler of SIGINT is left alone, and so are threads other than the main one.
        """
        if self._is_catching or _signal.getsignal(_signal.SIGINT) is not _signal.default_int_handler:
            return False

        def interrupted(number: int, frame: FrameType | None) -> Any:
            if self._interrupted:  # the second Ctrl-C: a callback hangs
                _signal.default_int_handler(number, frame)
            self.interrupt()

        try:
            _signal.signal(_signal.SIGINT, interrupted)
        except ValueError:  # not the main thread
            return False
        self.enable_posting()
        self._is_catching = True
        return True

    def _leave_interrupts(self) -> None:
        self._is_catching = False
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
