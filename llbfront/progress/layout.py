"""Lay out the rows of a terminal for a trace.

There is one header, and a row per step with its time at the right edge. Below a running step are its open tasks and the last lines of its
log. If there is not enough space, completed steps are left out first, the oldest before others, then logs, then tasks; a row says how many
steps are not shown.

Source: progressui/display.go of BuildKit for the look of header and rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.printable import visible_name
from llbfront.progress.cell_width import fit, width
from llbfront.progress.clock import format_seconds
from llbfront.progress.logs import without_color
from llbfront.progress.sizes import format_amount, format_bytes, format_rate
from llbfront.progress.trace import Step, StepState, Trace

if TYPE_CHECKING:
    from llbfront.progress.events import VertexStatus
    from llbfront.progress.palette import Palette

NARROWEST = 20
TIME_CELLS = 7
MIN_DESCRIPTION_CELLS = 8
TASKS_SHOWN = 4
EXPORT = "exporting to "  # so the engine names the steps of all exporters
LABELS = {StepState.CACHED: "CACHED ", StepState.CANCELED: "CANCELED ", StepState.FAILED: "ERROR "}
ROLES = {StepState.DONE: "run", StepState.CACHED: "run", StepState.CANCELED: "cancel", StepState.FAILED: "error"}


@attrs.frozen
class Frame:
    """The parameters of a screen: its size in cells, the time of the engine, the colours, and the number of log lines per step."""

    columns: int
    lines: int
    now_ns: int
    palette: Palette
    log_lines: int = 6
    description: str = ""


def live_rows(trace: Trace, frame: Frame) -> list[str]:
    """Return the header and the rows that fit, fewer than the terminal has lines."""
    free_lines = max(1, frame.lines - 2)
    running = list(trace.running.values())
    if len(running) > free_lines:
        shown = running[: free_lines - 1]
        return [
            _header(trace, frame, ""),
            *(_step_row(step, frame) for step in shown),
            _more(len(running) - len(shown), "running", frame),
        ]
    free_lines -= len(running)
    tasks = _tasks_within(running, free_lines)
    free_lines -= sum(map(len, tasks.values()))
    ended_count = len(trace.steps) - len(running)
    reserve = min(ended_count, max(free_lines // 3, free_lines - frame.log_lines * len(running)))
    logs = _logs_within(running, free_lines - reserve, frame)
    free_lines -= sum(map(len, logs.values()))
    ended, hidden = _newest_ended(trace, ended_count, free_lines)
    rows = [_header(trace, frame, "")]
    if hidden:
        rows.append(_more(hidden, "ended", frame))
    for step in sorted((*ended, *running), key=lambda step: step.index):
        rows.append(_step_row(step, frame))
        rows += (_task_row(status, frame) for status in tasks.get(step.digest, ()))
        rows += logs.get(step.digest, ())
    return rows


def final_rows(trace: Trace, frame: Frame, outcome: str) -> list[str]:
    """Return the header and a row for every step; below an export its tasks, whose names tell what was made and where it went."""
    rows = [_header(trace, frame, outcome)]
    for step in trace.steps:
        rows.append(_step_row(step, frame))
        if step.name.startswith(EXPORT):
            rows += (frame.palette.paint("run", _whole_task_row(status, frame)) for status in step.statuses.values())
    return rows


def _tasks_within(running: Sequence[Step], max_rows: int) -> dict[str, list[VertexStatus]]:
    """Choose open tasks, as many for each step as there are rows for all steps."""
    each = min(TASKS_SHOWN, max_rows // max(1, len(running)))
    tasks = {}
    for step in running:
        opened = [status for status in step.statuses.values() if status.completed_ns is None]
        tasks[step.digest] = opened[-each:] if each else []
    return tasks


def _logs_within(running: Sequence[Step], max_rows: int, frame: Frame) -> dict[str, list[str]]:
    """Choose the last log lines, as many for each step as there are rows for all that have a log."""
    tails = {}
    talking = [step for step in running if step.log_count or step.unfinished_lines()]
    each = min(frame.log_lines, max_rows // max(1, len(talking)))
    for step in talking if each > 0 else ():
        newest = itertools.islice(reversed(step.log), each)
        lines = [*reversed(list(newest)), *step.unfinished_lines()][-each:]
        tails[step.digest] = [_log_row(line.text, frame) for line in lines]
    return tails


def _newest_ended(trace: Trace, count: int, max_rows: int) -> tuple[list[Step], int]:
    """Return the steps that started last of those that ended, failed ones before all, and how many a row must tell as left out."""
    if max_rows <= 0:
        return [], 0
    if count > max_rows:
        max_rows -= 1  # for the row that says so
    failed = list(trace.failed[:max_rows]) if trace.counts[StepState.FAILED] else []
    others = (step for step in reversed(trace.steps) if step.has_ended and step.state is not StepState.FAILED)
    newest = list(itertools.islice(others, max(0, max_rows - len(failed))))
    return [*failed, *newest], count - len(failed) - len(newest)


def _header(trace: Trace, frame: Frame, outcome: str) -> str:
    """Return the time, the counts and the outcome, in the longest form that fits, and as much of the description as fits."""
    elapsed = format_seconds(0 if trace.started_ns is None else frame.now_ns - trace.started_ns)
    cached = f", {trace.cached} cached" if trace.cached else ""
    counts = f"({trace.completed}/{trace.total}"
    forms = (f"[+] Building {elapsed} {counts}{cached})", f"[+] Building {elapsed} {counts})", f"[+] {elapsed} {counts})", elapsed)
    rows = [f"{form} {outcome}".rstrip() for form in forms]
    max_width = frame.columns - 1
    left = next((row for row in rows if width(row) <= max_width), rows[-1])
    spare = max_width - width(left) - 1
    if not frame.description or spare < MIN_DESCRIPTION_CELLS:
        return fit(left, max_width)
    return _spread(left, fit(visible_name(frame.description), spare), max_width)


def _more(count: int, what: str, frame: Frame) -> str:
    return frame.palette.paint("log", fit(f" => ({count} more {what})", frame.columns - 1))


def _step_row(step: Step, frame: Frame) -> str:
    left = f" => {LABELS.get(step.state, '')}{visible_name(step.name)}"
    transferred = sum(status.current for status in step.statuses.values() if status.completed_ns is not None)
    amount = format_bytes(transferred) if transferred and step.has_ended else ""
    row = _justify(left, _right(amount, step.duration_ns(frame.now_ns)), frame)
    role = ROLES.get(step.state)
    return frame.palette.paint(role, row) if role else row


def _task_row(status: VertexStatus, frame: Frame) -> str:
    return _justify(*_task_texts(status, frame), frame)


def _whole_task_row(status: VertexStatus, frame: Frame) -> str:
    """Return a row that wraps where the terminal is too narrow for it: digests and image names are there to be copied."""
    left, right = _task_texts(status, frame)
    max_width = frame.columns - 1
    return _spread(left, right, max_width) if width(left) + 1 + width(right) <= max_width else left


def _task_texts(status: VertexStatus, frame: Frame) -> tuple[str, str]:
    """Return what stands at the left and at the right of the row of a task."""
    amount = "  ".join(part for part in (format_amount(status), format_rate(status)) if part)
    started_ns = status.timestamp_ns if status.started_ns is None else status.started_ns
    end_ns = frame.now_ns if status.completed_ns is None else status.completed_ns
    return f" => => {visible_name(status.id)}", _right(amount, end_ns - started_ns)


def _right(amount: str, duration_ns: int) -> str:
    return f"{amount}{format_seconds(duration_ns):>{TIME_CELLS}}"


def _log_row(text: str, frame: Frame) -> str:
    shown = without_color(text).expandtabs(8)
    return frame.palette.paint("log", fit(f" => => # {shown}", frame.columns - 1))


def _justify(left: str, right: str, frame: Frame) -> str:
    """Write one string at each edge; the right one is dropped first if the terminal is too narrow."""
    max_width = frame.columns - 1
    if max_width - width(right) - 1 < NARROWEST:
        return fit(left, max_width)
    return _spread(fit(left, max_width - width(right) - 1), right, max_width)


def _spread(left: str, right: str, max_width: int) -> str:
    return f"{left}{' ' * (max_width - width(left) - width(right))}{right}"
