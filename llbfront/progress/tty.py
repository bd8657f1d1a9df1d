"""Show progress on a terminal, redrawn in place at a limited rate.

At the end all steps, the log of steps that failed, and the warnings are printed.

Source: the console display of progressui of BuildKit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from llbfront.errors import Cancelled
from llbfront.gostd.time import SECOND_NS
from llbfront.progress.layout import Frame, final_rows, live_rows
from llbfront.progress.palette import PLAIN
from llbfront.progress.reports import failure_report, warning_report
from llbfront.progress.screen import Screen
from llbfront.progress.trace import LOG_LINES_KEPT, StepState, Trace, flush_lines, fold

if TYPE_CHECKING:
    from llbfront.progress.events import StatusEvent
    from llbfront.progress.palette import Palette


class TTYDisplay:
    """Draws a trace through `write`; `size` is asked for (columns, lines) before every picture."""

    def __init__(
        self,
        write: Callable[[str], object],
        size: Callable[[], tuple[int, int]],
        *,
        palette: Palette = PLAIN,
        trace: Trace | None = None,
        screen: Screen | None = None,
        description: str = "",
        log_lines: int = 6,
        interval_s: float = 0.1,
    ) -> None:
        self.trace = trace or Trace()
        self.trace.overwrites = True  # as a terminal does
        self.interval_s: float | None = interval_s
        self._write = write
        self._size = size
        self._palette = palette
        self._screen = screen or Screen()
        self._description = description
        self._log_lines = log_lines
        self._interval_ns = int(interval_s * SECOND_NS)
        self._drawn_ns: int | None = None
        self._has_finished = False

    def update(self, event: StatusEvent, now_ns: int | None = None) -> None:
        """Handle an event; draw if the last picture is old enough."""
        now_ns = time.time_ns() if now_ns is None else now_ns
        fold(self.trace, event, now_ns)
        self.tick(now_ns)

    def tick(self, now_ns: int | None = None) -> None:
        """Draw, unless the last picture is younger than `interval_s`."""
        now_ns = time.time_ns() if now_ns is None else now_ns
        if self.trace.total and (self._drawn_ns is None or now_ns - self._drawn_ns >= self._interval_ns):
            self._drawn_ns = now_ns
            self._draw(live_rows(self.trace, self._frame(now_ns)))

    def finish(self, error: BaseException | None = None, now_ns: int | None = None) -> None:
        """Draw all steps, then print the log of steps that failed, and the warnings.

        A second call does nothing, nor does the first when no step was ever known: what failed before has its own words.
        """
        if self._has_finished or not self.trace.total:
            return
        self._has_finished = True
        now_ns = time.time_ns() if now_ns is None else now_ns
        for step in self.trace.running.values():
            flush_lines(self.trace, step)
        self._draw(final_rows(self.trace, self._frame(now_ns), self._outcome(error)), is_last=True)
        self._write(failure_report(self.trace, self._palette, lines=LOG_LINES_KEPT) + warning_report(self.trace, self._palette))

    def _outcome(self, error: BaseException | None) -> str:
        if self.trace.counts[StepState.FAILED]:
            return "FAILED"
        if error is not None:
            return "CANCELED" if isinstance(error, (KeyboardInterrupt, Cancelled)) else "FAILED"
        return "FINISHED"

    def _frame(self, now_ns: int) -> Frame:
        columns, lines = self._size()
        return Frame(columns, lines, self.trace.engine_time(now_ns), self._palette, self._log_lines, self._description)

    def _draw(self, rows: list[str], *, is_last: bool = False) -> None:
        text = self._screen.draw(rows, self._size(), is_last=is_last)
        if text:
            self._write(text)
