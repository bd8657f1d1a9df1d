"""Write the timeline of a run as an HTML table: a bar for each op, in the order in which they started."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from llbfront.inspection.diagram.labels import clean
from llbfront.inspection.runs import outcome

if TYPE_CHECKING:
    from llbfront.inspection.diagram.svg import Picture
    from llbfront.inspection.runs import NodeRun

_PARTS = 10_000  # of the whole width, so that positions are whole numbers


def timeline(shown: Picture) -> str:
    """Return the section of the timeline; an empty text if no run is shown."""
    runs = sorted(shown.runs.items(), key=lambda item: (item[1].started_ns, item[0]))
    if not runs:
        return ""
    start = runs[0][1].started_ns
    total = max(1, max(_end(run) for _, run in runs) - start)
    rows = [_row(shown, number, run, start, total) for number, run in runs]
    scale = f"<span>0 s</span><span>{total / 1e9:.1f} s</span>"
    when = f'<th scope="col"><span class="hidden">When: </span><span class="scale">{scale}</span></th>'
    head = f'<tr><th class="name" scope="col">Step</th>{when}<th class="time" scope="col">Time</th></tr>'
    table = f"<table>\n<thead>{head}</thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>"
    return f'<section class="timeline" aria-label="Timeline" tabindex="0">\n<details open><summary><h2>Timeline</h2></summary>\n{table}\n</details>\n</section>\n'


def _end(run: NodeRun) -> int:
    return run.started_ns + run.duration_ns if run.completed_ns is None else run.completed_ns


def _row(shown: Picture, number: int, run: NodeRun, start: int, total: int) -> str:
    begin = (run.started_ns - start) * _PARTS // total
    length = (_end(run) - run.started_ns) * _PARTS // total
    critical = " critical" if number in shown.critical else ""
    bar = f'<i class="{run.state}{critical}" style="left:{_percent(begin)};width:{_percent(length)}"></i>'
    box = shown.diagram.boxes[number]
    label = escape(clean(f"{box.group}: {box.label}" if box.group else box.label))
    name = f'<td class="name"><button type="button" data-number="{number}">{label}</button></td>'
    return f'<tr>{name}<td><div class="track">{bar}</div></td><td class="time">{escape(outcome(run))}</td></tr>\n'


def _percent(parts: int) -> str:
    return f"{parts // 100}.{parts % 100:02}%"
