"""Print the end of a build: the log of the step that failed, and all warnings.

Source: printErrorLogs of progressui, and the warnings that docker buildx prints after a build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.gostd.time import SECOND_NS
from llbfront.printable import visible_name, without_status_codes
from llbfront.progress.logs import without_color
from llbfront.source import marked_lines, split_lines, visible_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llbfront.progress.events import VertexWarning
    from llbfront.progress.logs import LogLine
    from llbfront.progress.palette import Palette
    from llbfront.progress.trace import Step, Trace
    from llbfront.source import Source

RULE = "------"
SOURCE_LINES = 3


def format_line(step: Step, line: LogLine, *, colors: bool) -> str:
    """Print a log line after its time: seconds since its step began, three decimals below ten seconds, fewer above."""
    seconds = step.offset_ns(line) / SECOND_NS
    decimals = 3 if seconds < 10 else 2 if seconds < 100 else 1
    return f"{seconds:.{decimals}f} {line.text if colors else without_color(line.text)}"


def failure_report(trace: Trace, palette: Palette, *, lines: int) -> str:
    """Print the last `lines` lines of each step that failed by itself, of a step without a log its error; empty when none did."""
    return "".join(_failure(step, palette, lines) for step in trace.failed)


def _failure(step: Step, palette: Palette, lines: int) -> str:
    tail = list(step.log)[-lines:]
    earlier = step.log_count - len(tail)
    return "".join(
        f"{row}\n"
        for row in (
            RULE,
            palette.paint("error", f" > {visible_name(step.name)}:"),
            *([f"({earlier} earlier lines)"] if earlier else []),
            *(format_line(step, line, colors=palette.has_colors) for line in tail),
            *([] if tail else [visible_name(without_status_codes(step.error))]),
            RULE,
        )
    )


def warning_report(trace: Trace, palette: Palette) -> str:
    """Print each warning with its rule, the line it is about and where to read more; empty when there is none."""
    if not trace.warnings:
        return ""
    count = len(trace.warnings)
    title = palette.paint("warning", f" {count} warning{'s' if count > 1 else ''}:")
    files = {source: split_lines(source) for source in {warning.source for warning in trace.warnings} if source}
    return f"\n{title}\n" + "".join(_warning(warning, files) for warning in trace.warnings)


def _warning(warning: VertexWarning, files: Mapping[Source, list[str]]) -> str:
    url = [f"   {visible_name(warning.url)}"] if warning.url else []
    rows = [f" - {visible_name(warning.short)}", *_marked_lines(warning, files), *url]
    return "".join(f"{row}\n" for row in rows)


def _marked_lines(warning: VertexWarning, files: Mapping[Source, list[str]]) -> list[str]:
    if warning.source is None:
        return []
    lines, name = files[warning.source], visible_name(warning.source.filename)
    numbers = marked_lines(warning.ranges, len(lines))[:SOURCE_LINES]
    return [f"   {name}:{number} | {visible_line(lines[number - 1])}".rstrip() for number in numbers]
