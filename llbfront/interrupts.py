"""Signals that end a program (SIGINT, SIGTERM, SIGHUP), raised only where nothing is left half-done.

Python raises KeyboardInterrupt between any two instructions, also inside a protocol or a clean-up. `deferred` holds the signals back
for the length of a block, `check` and the end of the block raise them, `immediate` lets code of the user be interrupted at once. Only
handlers that raise are held back, and only in the main thread; a handler that the program installed itself runs as usual.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STUCK_S = 0.5


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP arrived. `signal_number` says which."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


def exit_code(interrupt: KeyboardInterrupt) -> int:
    """Return the exit code of a program that a signal ended: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP."""
    return 128 + (interrupt.signal_number if isinstance(interrupt, Terminated) else signal.SIGINT)


def age_s() -> float | None:
    """Return how long ago the first signal arrived, None if none has. Signals that the program handles itself do not count."""
    return None if _deferral.arrived_s is None else time.monotonic() - _deferral.arrived_s


def describe(interrupt: KeyboardInterrupt) -> str:
    """Return what ended the program, for people."""
    return f"ended by {signal.Signals(interrupt.signal_number).name}" if isinstance(interrupt, Terminated) else "interrupted"


@contextlib.contextmanager
def termination_raises() -> Iterator[None]:
    """Raise Terminated for SIGTERM and SIGHUP in a block, unless they are ignored (`nohup`) or handled. For the main thread."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS} if _is_main_thread() else {}
    replaced = {number: handler for number, handler in handlers.items() if handler in (signal.SIG_DFL, signal.default_int_handler)}
    for number in replaced:
        signal.signal(number, _raise)
    try:
        yield
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def deferred(wake: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold signals back until the end of the block or `check`. `wake` is called when one arrives, from its handler.

    A signal that arrives 0.5 s after one that is still held back is raised at once, so that code which hangs can be interrupted.
    """
    if not _is_main_thread():
        yield
        return
    was_immediate = _deferral.enter(wake)
    try:
        yield
    except KeyboardInterrupt:
        _deferral.leave(wake, was_immediate=was_immediate)
        _deferral.pending = None
        raise
    except BaseException:
        _deferral.leave(wake, was_immediate=was_immediate)
        _deferral.check_if_outside()
        raise
    else:
        _deferral.leave(wake, was_immediate=was_immediate)
        _deferral.check_if_outside()


@contextlib.contextmanager
def immediate() -> Iterator[None]:
    """Raise signals at once inside the block, as if there were no `deferred` around it. For code of the user, and reads that may hang."""
    if not _is_main_thread() or not _deferral.depth:
        yield
        return
    was_immediate = _deferral.is_immediate
    try:
        _deferral.is_immediate = True
        _deferral.check()
        yield
    finally:
        _deferral.is_immediate = was_immediate


def check() -> None:
    """Raise the signal that is held back, if there is one."""
    if _is_main_thread():
        _deferral.check()


class _Deferral:
    """The state of the main thread: how deep it is inside `deferred`, the handlers that were replaced, the signal held back."""

    def __init__(self) -> None:
        self.depth = 0
        self.is_immediate = False
        self.pending: int | None = None
        self.arrived_s: float | None = None
        self._pending_since_s = 0.0
        self._replaced: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._wakes: list[Callable[[], None]] = []

    def enter(self, wake: Callable[[], None] | None) -> bool:
        """Begin to hold back; return whether the code around is to be interrupted at once."""
        if not self.depth:
            for number in SIGNALS:
                handler = signal.getsignal(number)
                if handler is signal.default_int_handler or handler is _raise:
                    self._replaced[number] = handler
                    signal.signal(number, _on_signal)
        self.depth += 1
        if wake:
            self._wakes.append(wake)
        was_immediate, self.is_immediate = self.is_immediate, False
        return was_immediate

    def leave(self, wake: Callable[[], None] | None, *, was_immediate: bool) -> None:
        self.is_immediate = was_immediate
        if wake:
            self._wakes.remove(wake)
        self.depth -= 1
        if not self.depth:
            for number, handler in self._replaced.items():
                if signal.getsignal(number) is _on_signal:
                    signal.signal(number, handler)

    def check_if_outside(self) -> None:
        if self.is_immediate or not self.depth:
            self.check()

    def check(self) -> None:
        if self.pending is not None:
            number, self.pending = self.pending, None
            self._replaced[number](number, None)

    def note(self) -> float:
        """Remember when the first signal arrived; return the time."""
        now_s = time.monotonic()
        if self.arrived_s is None:
            self.arrived_s = now_s
        return now_s

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        now_s = self.note()
        is_stuck = self.pending is not None and now_s - self._pending_since_s > STUCK_S
        if self.is_immediate or is_stuck or not self.depth:  # at depth 0: while handlers are being replaced or restored
            self.pending = None
            self._replaced[number](number, frame)
        if self.pending is None:
            self.pending, self._pending_since_s = number, now_s
        for wake in self._wakes:
            wake()


_deferral = _Deferral()


def _on_signal(number: int, frame: FrameType | None) -> None:
    _deferral.on_signal(number, frame)


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    _deferral.note()
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated(number)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
