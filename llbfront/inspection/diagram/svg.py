"""Write a scene as SVG: the same text for the same graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING

import attrs

from llbfront.inspection.critical_path import critical_path
from llbfront.inspection.diagram import routing
from llbfront.inspection.diagram.labels import clean
from llbfront.inspection.diagram.layout import place
from llbfront.inspection.diagram.model import diagram
from llbfront.inspection.diagram.notes import NOTE_COLUMNS, shorten
from llbfront.inspection.diagram.style import LANES, style
from llbfront.inspection.runs import outcome
from llbfront.inspection.stage_names import target_of

if TYPE_CHECKING:
    from llbfront.inspection.diagram.model import Arrow, Box, Diagram
    from llbfront.inspection.diagram.routing import Point, Rectangle, Scene
    from llbfront.inspection.graph import Graph
    from llbfront.inspection.runs import NodeRun

_RADIUS = 7
_TIP = 6
_FOLD = 12
_SLANT = 12
_HEAD_COLUMNS = 35
_TOOLTIP_CHARACTERS = 300
_LEFT = {"merge": 20, "diff": 20}
_RIGHT = {"file": 18, "merge": 20, "diff": 20}


@attrs.frozen
class Picture:
    """A diagram with its coordinates and the run that it shows. `critical` are the numbers of the ops on the critical path."""

    diagram: Diagram
    scene: Scene
    runs: Mapping[int, NodeRun]
    critical: frozenset[int]
    title: str


def picture(graph: Graph, *, with_unused: bool = False, title: str = "") -> Picture:
    """Lay out a graph, with its run if it has one. The default title has its files and target."""
    runs = graph.runs
    shown = diagram(graph, with_unused=with_unused)
    numbered = {node.number: runs[node.digest] for node in graph.nodes if node.digest in runs}
    critical = frozenset(node.number for node in critical_path(graph, runs))
    return Picture(shown, routing.scene(shown, place(shown)), numbered, critical, clean(title) or title_of(graph))


def title_of(graph: Graph) -> str:
    """Return the title of a picture of a graph."""
    target = next((stage.name for stage in graph.facts.stages if stage.is_target), None) or target_of(graph)
    names = dict.fromkeys(span.source.filename for node in graph.nodes for span in node.spans)
    name = next(iter(names), "LLB")
    return clean(f"Build graph of {name}" + (f", target {target}" if target else ""))


def to_svg(graph: Graph, *, with_unused: bool = False, title: str = "") -> str:
    """Return a self-contained SVG; `with_unused` adds the stages that the target does not need."""
    shown = picture(graph, with_unused=with_unused, title=title)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{element(shown, rules=style())}'


def inline(graph: Graph) -> str:
    """Return a picture to embed in an HTML page."""
    return element(picture(graph), rules=style())


def element(shown: Picture, *, rules: str = "", is_interactive: bool = False) -> str:
    """Write the svg element; an interactive one has boxes that can be focused."""
    scene = shown.scene
    role = 'role="group"' if is_interactive else 'role="img"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="llbfront" {role} aria-label="{escape(shown.title)}" '
        f'width="{scene.width}" height="{scene.height}" viewBox="0 0 {scene.width} {scene.height}">\n'
    )
    parts = [
        head,
        f"<title>{escape(shown.title)}</title>\n" if not is_interactive else "",
        f"<style>\n{rules}</style>\n" if rules else "",
        f'<rect class="background" width="{scene.width}" height="{scene.height}"/>\n',
        *_areas(shown),
        '<g class="arrows" aria-hidden="true">\n',
        *(_arrow(shown, arrow, points) for arrow, points in scene.lines),
        "</g>\n",
        *_titles(shown),
        *(_box(shown, box, scene.boxes[number], is_interactive) for number, box in shown.diagram.boxes.items()),
        "</svg>\n",
    ]
    return "".join(parts)


def _areas(shown: Picture) -> Iterator[str]:
    for key, at in shown.scene.areas.items():
        rectangle = f'x="{at.x}" y="{at.y}" width="{at.width}" height="{at.height}" rx="10"'
        unused = " unused" if any(box.is_unused and box.group == key for box in shown.diagram.boxes.values()) else ""
        yield f'<g class="stage{unused}" aria-hidden="true"><rect class="area" {rectangle}/><rect class="area-border" {rectangle}/></g>\n'


def _titles(shown: Picture) -> Iterator[str]:
    """Write the names of stages, before the arrows that cross them."""
    for key, at in shown.scene.areas.items():
        name = escape(clean(shown.diagram.groups[key]))
        yield f'<text class="area-title" aria-hidden="true" x="{at.x + 13}" y="{at.y + 17}">{name}</text>\n'


def _arrow(shown: Picture, arrow: Arrow, points: tuple[Point, ...]) -> str:
    marks = list(filter(None, [_mark(shown, arrow)]))
    if arrow.source in shown.critical and arrow.target in shown.critical:
        marks.append("critical")
    kind = "".join(f" {mark}" for mark in marks)
    x, y = points[-1]
    tip = f"M{x} {y}l-4 -{_TIP}h8z"
    ends = f'data-from="{arrow.source}" data-to="{arrow.target}"'
    return f'<g {ends}><path class="line{kind}" d="{_rounded(points)}"/><path class="tip{kind}" d="{tip}"/></g>\n'


def _mark(shown: Picture, arrow: Arrow) -> str:
    """Return the class of the colour of a line: outputs with long lines have colours in turn, so that parallel lines can be distinguished."""
    if arrow.is_mount:
        return "mount"
    lane = shown.scene.lanes.get(arrow.source)
    return "" if lane is None else f"lane-{lane % LANES}"


def _rounded(points: tuple[Point, ...]) -> str:
    """Draw a line with round corners."""
    x, y = points[0]
    path = [f"M{x} {y}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_RADIUS, _distance(before, corner) // 2, _distance(corner, after) // 2)
        begin, end = _toward(corner, before, radius), _toward(corner, after, radius)
        path.append(f"L{begin[0]} {begin[1]}Q{corner[0]} {corner[1]} {end[0]} {end[1]}")
    path.append(f"L{points[-1][0]} {points[-1][1]}")
    return "".join(path)


def _distance(point: Point, other: Point) -> int:
    return abs(point[0] - other[0]) + abs(point[1] - other[1])


def _toward(start: Point, end: Point, length: int) -> Point:
    x, y = end[0] - start[0], end[1] - start[1]
    return start[0] + (x > 0) * length - (x < 0) * length, start[1] + (y > 0) * length - (y < 0) * length


def _box(shown: Picture, box: Box, at: Rectangle, is_interactive: bool) -> str:
    run = shown.runs.get(box.number)
    marks = [
        box.kind,
        *(name for name, is_set in (("result", box.is_result), ("critical", box.number in shown.critical)) if is_set),
    ]
    marks += [run.state] if run else []
    about = _describe(shown, box, run)
    attributes = f'class="op {" ".join(marks)}" id="op-{box.number}"'
    if is_interactive and not box.is_unused:
        attributes += f' data-number="{box.number}" role="button" tabindex="-1" aria-label="{escape(about)}"'
    elif is_interactive:
        attributes += f' role="img" aria-label="{escape(about)}"'
    title = "" if is_interactive else f"<title>{escape(about)}</title>"
    return f"<g {attributes}>{title}{shape(box.kind, at.x, at.y, at.width, at.height)}{''.join(_texts(shown, box, run, at))}</g>\n"


def _texts(shown: Picture, box: Box, run: NodeRun | None, at: Rectangle) -> Iterator[str]:
    left, right = at.x + _LEFT.get(box.kind, 12), at.x + at.width - _RIGHT.get(box.kind, 12)
    aside, inset = (6, 16) if box.kind == "source" else (4, 8)
    bar = f'<rect class="bar" x="{at.x + aside}" y="{at.y + inset}" width="3" height="{at.height - 2 * inset}" rx="1.5"/>'
    yield bar if box.is_layer and not box.is_unused else ""
    y = at.y + 15
    yield f'<text class="head" x="{left}" y="{y}">{escape(_head(box, outcome(run) if run else ""))}</text>'
    if run:
        yield f'<text class="head time {run.state}" x="{right}" y="{y}" text-anchor="end">{escape(outcome(run))}</text>'
    y += 16
    for line in box.lines:
        yield f'<text class="label" x="{left}" y="{y}">{escape(line)}</text>'
        y += routing.LINE_HEIGHT
    for badge in box.badges:
        yield f'<text class="badge" x="{left}" y="{y}">{escape(shorten(badge, NOTE_COLUMNS))}</text>'
        y += routing.FOOTER_HEIGHT
    for arrow, note in shown.scene.notes.get(box.number, ()):
        yield f'<text class="note {_mark(shown, arrow)}" x="{left}" y="{y}">{escape(note)}</text>'
        y += routing.FOOTER_HEIGHT


def _head(box: Box, outcome: str) -> str:
    """Return the first line of a box, as much of it as fits next to the outcome of the run."""
    parts = [box.title, *([box.lines_text] if box.place else []), *(["result"] if box.is_result else [])]
    columns = _HEAD_COLUMNS - len(outcome)
    while len(parts) > 1 and len(" · ".join(parts)) > columns:
        parts.pop()
    return " · ".join(parts)[:columns]


def shape(kind: str, x: int, y: int, width: int, height: int) -> str:
    """Draw the outline of a kind: sources round, files with a folded corner, merges and diffs hexagonal, others rectangular."""
    if kind == "file":
        fold = min(_FOLD, height // 3)
        return f'<path class="shape" d="M{x} {y}h{width - fold}l{fold} {fold}v{height - fold}h-{width}z"/>'
    if kind in {"merge", "diff"}:
        half, slant = height // 2, min(_SLANT, height // 3)
        corners = f"M{x + slant} {y}h{width - 2 * slant}l{slant} {half}l-{slant} {height - half}h-{width - 2 * slant}l-{slant} -{height - half}z"
        return f'<path class="shape" d="{corners}"/>'
    radius = min(20, height // 2) if kind == "source" else 4
    return f'<rect class="shape" x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}"/>'


def _describe(shown: Picture, box: Box, run: NodeRun | None) -> str:
    """Describe a box in words, for tooltips and screen readers."""
    stage = f"stage {box.group}" if box.group and not box.is_unused else ""
    label = box.label if len(box.label) <= _TOOLTIP_CHARACTERS else f"{box.label[: _TOOLTIP_CHARACTERS - 1]}…"
    parts = [label, box.title, stage, box.lines_text, *box.badges, *(note for _, note in shown.scene.notes.get(box.number, ()))]
    parts += ["layer of the result"] if box.is_layer else []
    parts += ["result"] if box.is_result else []
    parts += ["not built"] if box.is_unused else []
    parts += [outcome(run)] if run else []
    return ", ".join(filter(None, parts))
