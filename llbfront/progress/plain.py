"""Print progress as lines, for files, pipes and CI logs.

The lines are `#N name`, `#N 0.123 output`, `#N task 1.2MB / 3.4MB`, `#N WARN: …` and `#N DONE 1.2s` (CACHED, CANCELED, ERROR). One step
prints at a time, so that the lines of parallel steps do not mix; `#N ...` says that it continues later. Events are collected for a tenth of
a second, and tasks print every 5 seconds or 5 percent.

Source: progressui/printer.go of BuildKit. Parity: BuildKit passes the output of steps on as it is. Here colours stay, each carriage
return begins a new line, and all other control sequences are left out; ends are told when they have lasted a tenth of a second, where BuildKit may tell one twice; and a step that
waits for the floor gets it by the simple rule of `_next_speaker`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from llbfront.gostd.time import SECOND_NS
from llbfront.printable import visible_name, without_status_codes
from llbfront.progress.palette import PLAIN
from llbfront.progress.reports import failure_report, format_line, warning_report
from llbfront.progress.sizes import format_amount, format_rate
from llbfront.progress.trace import Step, StepState, Trace, flush_lines, fold

if TYPE_CHECKING:
    from llbfront.progress.events import StatusEvent, VertexStatus
    from llbfront.progress.logs import LogLine

GATHER_NS = SECOND_NS // 10
STATUS_EVERY_NS = 5 * SECOND_NS
STATUS_EVERY_SHARE = 0.05
FLOOR_NS = 5 * SECOND_NS  # a silent step keeps the floor so long while others wait
LONGEST_WAIT_NS = 10 * SECOND_NS  # a step waits at most so long for a talkative one
SILENT_NS = SECOND_NS
IDLE_NS = SECOND_NS  # then the floor is given to a running step that has nothing to say
UNFINISHED_LINE_NS = 5 * SECOND_NS
FAILURE_LINES = 10
NAME_LIMIT = 72


class _Page:
    """The output of a step that is still to be printed, and the statuses that were printed last."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.number = 0
        self.waiting_since_ns: int | None = None
        self.lines: list[LogLine] = []
        self.statuses: dict[str, None] = {}
        self.printed: dict[str, VertexStatus] = {}
        self.printed_ns = 0
        self.changed_ns = 0
        self.warnings = 0
        self.has_open_status = False


class PlainDisplay:
    """Prints a trace line by line through `write`, which gets whole lines. Names longer than `name_limit` are cut."""

    interval_s: float | None = 0.15

    def __init__(
        self,
        write: Callable[[str], object],
        *,
        trace: Trace | None = None,
        description: str = "",
        name_limit: int | None = None,
        colors: bool = True,
    ) -> None:
        self.trace = trace or Trace()
        self._write = write
        self._description = visible_name(description)
        self._name_limit = name_limit
        self._colors = colors
        self._pages: dict[str, _Page] = {}
        self._waiting: dict[str, _Page] = {}
        self._speaker: _Page | None = None
        self._floor_since_ns = 0
        self._news_since_ns: int | None = None
        self._numbers = 0
        self._has_begun = False
        self._out: list[str] = []

    def update(self, event: StatusEvent, now_ns: int | None = None) -> None:
        """Handle an event; print if changes have been collected for a tenth of a second."""
        now_ns = time.time_ns() if now_ns is None else now_ns
        fold(self.trace, event, now_ns)
        self._note(event, now_ns)
        self.tick(now_ns)

    def tick(self, now_ns: int | None = None) -> None:
        """Print what has waited; to be called about every `interval_s`."""
        now_ns = time.time_ns() if now_ns is None else now_ns
        if self._news_since_ns is not None and now_ns - self._news_since_ns < GATHER_NS:
            return
        self._news_since_ns = None
        self._end_old_lines(now_ns)
        self._print_ended(now_ns, settled_ns=now_ns - GATHER_NS)
        speaker = self._next_speaker(now_ns)
        if speaker is not None:
            self._print(speaker, now_ns)
        self._flush()

    def finish(self, error: BaseException | None = None, now_ns: int | None = None) -> None:  # noqa: ARG002  (all displays alike)
        """Print all that is left, the log tail of steps that failed, and the warnings."""
        now_ns = time.time_ns() if now_ns is None else now_ns
        for step in self.trace.running.values():
            self._page(step).lines += flush_lines(self.trace, step)
        self._waiting.update({digest: page for digest, page in self._pages.items() if page.has_open_status})
        self._print_ended(now_ns, settled_ns=now_ns)
        for page in [page for page in self._waiting.values() if page.step.index]:
            self._print(page, now_ns)
        self._out.append(failure_report(self.trace, PLAIN, lines=FAILURE_LINES))
        self._out.append(warning_report(self.trace, PLAIN))
        self._flush()

    def _flush(self) -> None:
        if text := "".join(self._out):
            self._write(text)
        self._out.clear()

    def _page(self, step: Step) -> _Page:
        return self._pages.get(step.digest) or self._pages.setdefault(step.digest, _Page(step))

    def _note(self, event: StatusEvent, now_ns: int) -> None:
        if self._news_since_ns is None:
            self._news_since_ns = now_ns
        for step in self.trace.changed.values():
            page = self._waiting[step.digest] = self._page(step)
            page.changed_ns = now_ns
            if page.waiting_since_ns is None:
                page.waiting_since_ns = now_ns
        for status in event.statuses:
            if owner := self.trace.by_digest.get(status.vertex):
                self._page(owner).statuses[status.id] = None
        for step, line in self.trace.new_lines:
            self._page(step).lines.append(line)

    def _end_old_lines(self, now_ns: int) -> None:
        """Show a line that stands unfinished for long, such as a question or a progress bar."""
        before_ns = self.trace.engine_time(now_ns) - UNFINISHED_LINE_NS
        for step in self.trace.running.values():
            if any(line.time_ns <= before_ns for line in step.unfinished_lines()):
                page = self._waiting[step.digest] = self._page(step)
                page.lines += flush_lines(self.trace, step)

    def _print_ended(self, now_ns: int, *, settled_ns: int) -> None:
        """Print steps that ended and did not change since: the engine ends a step when it has its cache key and starts it again."""
        ended = [
            page for page in self._waiting.values() if page.step.has_ended and page.step.index and page.changed_ns <= settled_ns
        ]
        for page in sorted(ended, key=lambda page: (page is not self._speaker, page.step.completed_ns or 0)):
            self._print(page, now_ns)

    def _next_speaker(self, now_ns: int) -> _Page | None:
        """Choose the step that may print: the present one, or when it is silent or others waited long, the one that waited longest."""
        others = [page for page in self._waiting.values() if page is not self._speaker and page.step.digest in self.trace.running]
        oldest = min(others, key=lambda page: page.waiting_since_ns or 0, default=None)
        if self._speaker is None:
            return self._first_speaker(oldest, now_ns)
        held_ns = now_ns - self._floor_since_ns
        has_news = self._speaker.step.digest in self._waiting and not self._speaker.step.has_ended
        is_silent = not has_news and now_ns - self._speaker.printed_ns >= SILENT_NS
        if oldest is not None and held_ns >= (FLOOR_NS if is_silent else LONGEST_WAIT_NS):
            return oldest
        return self._speaker if has_news else None

    def _first_speaker(self, oldest: _Page | None, now_ns: int) -> _Page | None:
        """Choose the step to print next: print ends first, then the step that waited longest, else one that runs."""
        if oldest is None:
            is_idle = self.trace.running and now_ns - self._floor_since_ns >= IDLE_NS
            return self._page(next(iter(self.trace.running.values()))) if is_idle else None
        has_ends = any(page.step.has_ended for page in self._waiting.values())
        return None if has_ends and now_ns - (oldest.waiting_since_ns or 0) < IDLE_NS else oldest

    def _print(self, page: _Page, now_ns: int) -> None:
        self._give_floor(page, now_ns)
        self._print_statuses(page)
        step = page.step
        for warning in step.warnings[page.warnings :]:
            self._say(page, f"WARN: {visible_name(warning.short)}")
        page.warnings = len(step.warnings)
        for line in page.lines:
            self._say(page, format_line(step, line, colors=self._colors))
        page.lines.clear()
        page.waiting_since_ns, page.printed_ns = None, now_ns
        self._waiting.pop(step.digest, None)
        if step.has_ended and not page.has_open_status:
            self._say(page, OUTCOMES[step.state](step))
            self._speaker = None
            self._floor_since_ns = now_ns

    def _give_floor(self, page: _Page, now_ns: int) -> None:
        if page is self._speaker:
            return
        if not page.number:
            self._numbers += 1
            page.number = self._numbers
        if self._speaker is not None:
            self._say(self._speaker, "...")
        if self._has_begun:
            self._out.append("\n")
        elif self._description:
            self._out.append(f"#0 {self._description}\n\n")
        self._has_begun = True
        self._say(page, _limit(visible_name(page.step.name), self._name_limit))
        self._speaker, self._floor_since_ns = page, now_ns

    def _print_statuses(self, page: _Page) -> None:
        page.has_open_status = False
        for status_id in page.statuses:
            status = page.step.statuses[status_id]
            if _is_worth_a_line(status, page.printed.get(status_id)):
                page.printed[status_id] = status
                page.has_open_status |= status.completed_ns is None
                self._say(page, _describe(status))
        page.statuses.clear()

    def _say(self, page: _Page, text: str) -> None:
        self._out.append(f"#{page.number} {text}\n")


def _duration(step: Step) -> str:
    return f"DONE {step.duration_ns(step.completed_ns or 0) / SECOND_NS:.1f}s"


OUTCOMES: dict[StepState, Callable[[Step], str]] = {
    StepState.DONE: _duration,
    StepState.CACHED: lambda _: "CACHED",
    StepState.CANCELED: lambda _: "CANCELED",
    StepState.FAILED: lambda step: f"ERROR: {visible_name(without_status_codes(step.error))}",
}


def _limit(name: str, limit: int | None) -> str:
    return name if limit is None or len(name) <= limit else f"{name[:limit]}..."


def _is_worth_a_line(status: VertexStatus, printed: VertexStatus | None) -> bool:
    if printed is None or status.completed_ns is not None:
        return True
    share = (status.current - printed.current) / status.total if status.total else 0.0
    return share >= STATUS_EVERY_SHARE or status.timestamp_ns - printed.timestamp_ns >= STATUS_EVERY_NS


def _describe(status: VertexStatus) -> str:
    end_ns = status.timestamp_ns if status.completed_ns is None else status.completed_ns
    spent_s = 0.0 if status.started_ns is None else (end_ns - status.started_ns) / SECOND_NS
    words = (
        visible_name(status.id),
        format_amount(status),
        f"{spent_s:.1f}s" if spent_s > 0.01 else "",
        format_rate(status) if status.completed_ns is None else "done",
    )
    return " ".join(word for word in words if word)
