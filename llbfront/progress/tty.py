"""Progress on a terminal, redrawn in place.

Enters: status events, ticks of a clock, the size of the terminal. Leaves: pictures of the trace at a limited rate; at the end the
picture of all steps, the log of steps that failed, and the warnings.

Source: the console display of progressui of BuildKit.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import attrs

from llbfront.progress.ending import failure_report, warning_report
from llbfront.progress.layout import Frame, final_rows, live_rows
from llbfront.progress.screen import Screen
from llbfront.progress.trace import LOG_LINES_KEPT, StepState, Trace, flush_lines, fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from llbfront.progress.events import StatusEvent
    from llbfront.progress.palette import Palette


@attrs.define(eq=False)
class TTYDisplay:
    """Draws a trace through `write`; `size` is asked for (columns, lines) before every picture."""

    write: Callable[[str], object]
    size: Callable[[], tuple[int, int]]
    palette: Palette
    trace: Trace = attrs.field(factory=Trace)
    screen: Screen = attrs.field(factory=Screen)
    description: str = ""
    log_lines: int = 6
    interval_s: float | None = 0.1
    _drawn_ns: int | None = attrs.field(default=None, init=False)
    _has_finished: bool = attrs.field(default=False, init=False)

    def update(self, event: StatusEvent, now_ns: int | None = None) -> None:
        """Take an event; draws when the last picture is old enough."""
        now_ns = time.time_ns() if now_ns is None else now_ns
        fold(self.trace, event, now_ns)
        self.tick(now_ns)

    def tick(self, now_ns: int | None = None) -> None:
        """Draw, unless the last picture is younger than `interval_s`."""
        now_ns = time.time_ns() if now_ns is None else now_ns
        if self._drawn_ns is None or now_ns - self._drawn_ns >= (self.interval_s or 0) * 1e9:
            self._drawn_ns = now_ns
            self._draw(live_rows(self.trace, self._frame(now_ns)))

    def finish(self, error: BaseException | None = None, now_ns: int | None = None) -> None:
        """Draw all steps, then print the log of steps that failed, and the warnings. A second call does nothing."""
        if self._has_finished:
            return
        self._has_finished = True
        now_ns = time.time_ns() if now_ns is None else now_ns
        for step in self.trace.running.values():
            flush_lines(self.trace, step)
        self._draw(final_rows(self.trace, self._frame(now_ns), self._outcome(error)))
        self.write(failure_report(self.trace, self.palette, lines=LOG_LINES_KEPT) + warning_report(self.trace, self.palette))

    def _outcome(self, error: BaseException | None) -> str:
        if self.trace.counts[StepState.FAILED]:
            return "FAILED"
        if error is not None:
            return "CANCELED" if isinstance(error, KeyboardInterrupt) else "FAILED"
        return "FINISHED"

    def _frame(self, now_ns: int) -> Frame:
        columns, lines = self.size()
        return Frame(columns, lines, self.trace.engine_time(now_ns), self.palette, self.log_lines, self.description)

    def _draw(self, rows: list[str]) -> None:
        text = self.screen.draw(rows, self.size())
        if text:
            self.write(text)
