"""What is said when a build is over: the log of the step that failed, and all warnings.

Enters: a trace. Leaves: text for the end of the output.

Source: printErrorLogs of progressui, and the warnings that docker buildx prints after a build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.progress.clock import SECOND_NS
from llbfront.progress.logs import one_line, without_color

if TYPE_CHECKING:
    from llbfront.progress.events import VertexWarning
    from llbfront.progress.logs import LogLine
    from llbfront.progress.palette import Palette
    from llbfront.progress.trace import Step, Trace

RULE = "------"
SOURCE_LINES = 3


def format_line(step: Step, line: LogLine, *, colors: bool) -> str:
    """Print a log line behind its time: seconds since its step began, three decimals below ten seconds, fewer above."""
    seconds = step.offset_ns(line) / SECOND_NS
    decimals = 3 if seconds < 10 else 2 if seconds < 100 else 1
    return f"{seconds:.{decimals}f} {line.text if colors else without_color(line.text)}"


def failure_report(trace: Trace, palette: Palette, *, lines: int) -> str:
    """Print the last `lines` lines of each step that failed by itself; empty when none did."""
    return "".join(_failure(step, palette, lines) for step in trace.failed)


def _failure(step: Step, palette: Palette, lines: int) -> str:
    tail = list(step.log)[-lines:]
    earlier = step.log_count - len(tail)
    return "".join(
        f"{row}\n"
        for row in (
            RULE,
            palette.paint("error", f" > {one_line(step.name)}:"),
            *([f"({earlier} earlier lines)"] if earlier else []),
            *(format_line(step, line, colors=palette.has_colors) for line in tail),
            RULE,
        )
    )


def warning_report(trace: Trace, palette: Palette) -> str:
    """Print each warning with its rule, the line it is about and where to read more; empty when there is none."""
    if not trace.warnings:
        return ""
    count = len(trace.warnings)
    title = palette.paint("warning", f" {count} warning{'s' if count > 1 else ''}:")
    return f"\n{title}\n" + "".join(_warning(warning) for warning in trace.warnings)


def _warning(warning: VertexWarning) -> str:
    rows = [f" - {one_line(warning.short)}", *_marked_lines(warning), *([f"   {warning.url}"] if warning.url else [])]
    return "".join(f"{row}\n" for row in rows)


def _marked_lines(warning: VertexWarning) -> list[str]:
    if warning.source is None:
        return []
    text = warning.source.data.decode(errors="replace").splitlines()
    numbers = [number for part in warning.ranges for number in range(part.start, part.end + 1) if 1 <= number <= len(text)]
    return [f"   {warning.source.filename}:{number} | {text[number - 1]}".rstrip() for number in numbers[:SOURCE_LINES]]
