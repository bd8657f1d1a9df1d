"""Write a picture as one HTML page: pan, zoom, search, the details of each op, and the timeline of a run.

The page holds everything it needs and forbids itself any network access. Its parts are the files page.html, page.css and page.js next to
this module.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from llbfront.inspection.diagram.labels import clean, label_of
from llbfront.inspection.diagram.style import style
from llbfront.inspection.diagram.svg import element, picture, shape
from llbfront.inspection.diagram.timeline import timeline
from llbfront.inspection.op_description import describe_node
from llbfront.inspection.runs import outcome, seconds, size_text

if TYPE_CHECKING:
    from llbfront.inspection.diagram.svg import Picture
    from llbfront.inspection.graph import Edge, Graph, Node
    from llbfront.source import Span

_THEMES = {"light": ":root[data-theme=light]", "dark": ":root[data-theme=dark]"}
_LEGEND = {
    "source": "Image, context or other source",
    "exec": "RUN",
    "file": "COPY, ADD, WORKDIR",
    "merge": "Merge of layers (COPY --link)",
    "diff": "Difference of layers",
}
_KEYS = (
    "<p>Drag to move, scroll to zoom, click a step for its details.</p>"
    "<p><kbd>↑</kbd> <kbd>↓</kbd> inputs and readers, <kbd>←</kbd> <kbd>→</kbd> neighbours, <kbd>Enter</kbd> details</p>"
    "<p><kbd>/</kbd> search, <kbd>+</kbd> <kbd>-</kbd> zoom, <kbd>0</kbd> show everything, <kbd>Esc</kbd> clear</p>"
)
_BAR = '<rect class="bar" x="4" y="2" width="3" height="14"/>'
_USES = {"root": "root file system", "base": "copied into", "layer": "merged"}
_ENVIRONMENT = "environment "
_EXCERPT_LINES = 60


def to_html(graph: Graph, *, with_unused: bool = False, title: str = "") -> str:
    """Write a page that needs nothing else; `with_unused` adds the stages that the target does not need."""
    shown = picture(graph, with_unused=with_unused, title=title)
    parts = {
        "TITLE": escape(shown.title),
        "SUMMARY": escape(_summary(graph, shown)),
        "CSS": _read("page.css") + style(themes=_THEMES),
        "SVG": element(shown, is_interactive=True),
        "LEGEND": _legend(shown),
        "TIMELINE": timeline(shown),
        "DATA": _data(graph, shown),
        "JS": _read("page.js"),
    }
    return re.sub("@([A-Z]+)@", lambda match: parts[match[1]], _read("page.html"))


def _read(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


def _summary(graph: Graph, shown: Picture) -> str:
    words = [counted(len(graph.nodes), "op"), counted(len(graph.stages), "stage")]
    if shown.runs:
        ran = [run for run in shown.runs.values() if run.state != "cached"]
        words += [f"{len(ran)} ran", f"{len(shown.runs) - len(ran)} cached"]
        words += [f"critical path {seconds(critical)}"] if (critical := _critical_ns(shown)) else []
        words += [f"{size_text(size)} transferred"] if (size := sum(run.size_bytes for run in ran)) else []
    return ", ".join(words)


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _critical_ns(shown: Picture) -> int:
    return sum(shown.runs[number].duration_ns for number in shown.critical)


def _data(graph: Graph, shown: Picture) -> str:
    """Return the details of all ops as JSON that is safe inside a script element."""
    value = {"result": graph.result.number if graph.result else None, "nodes": [_node(shown, node) for node in graph.nodes]}
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _node(shown: Picture, node: Node) -> dict[str, Any]:
    box, at, run = shown.diagram.boxes[node.number], shown.scene.boxes[node.number], shown.runs.get(node.number)
    kind, _, step = box.title.partition(" ")
    notes = [*(["layer of the result"] if box.is_layer else []), *(["result"] if box.is_result else [])]
    notes += ["on the critical path"] if node.number in shown.critical else []
    facts = [(name, clean(value)) for name, value in _flat(describe_node(node))]
    return {
        "number": node.number,
        "label": box.label,
        "kind": kind,
        "step": step.replace("/", " of "),
        "stage": clean(box.group),
        "digest": node.digest,
        "x": at.x,
        "y": at.y,
        "width": at.width,
        "height": at.height,
        "inputs": [{"number": edge.number, "use": clean(_use(edge))} for edge in node.edges],
        "source": [_excerpt(span) for span in node.spans],
        "facts": [fact for fact in facts if not fact[0].startswith(_ENVIRONMENT)],
        "environment": [(name.removeprefix(_ENVIRONMENT), value) for name, value in facts if name.startswith(_ENVIRONMENT)],
        "run": outcome(run) if run else "",
        "reason": clean(run.reason) if run else "",
        "notes": ", ".join(notes),
        "search": " ".join(
            [box.label, clean(label_of(node)), box.title, box.group, box.lines_text, f"line {box.place}", node.digest, node.name]
        ).lower(),
    }


def _use(edge: Edge) -> str:
    """Say what an input is read for, such as `copy /go.mod` or `/out mounted at /bin`."""
    roles = edge.role.split(" ")
    mounts = [f"mounted at {role}" for role in roles if role.startswith("/")]
    others = [_USES.get(role, role) for role in roles if not role.startswith("/")]
    if mounts and not others:
        return " ".join([*(path for path in edge.paths if path != "/"), ", ".join(mounts)])
    return " ".join([", ".join(others + mounts), *edge.paths])


def _flat(facts: Mapping[str, str | dict[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        text = value if isinstance(value, str) else ", ".join(f"{key} {member}" for key, member in value.items())
        if text:
            yield clean(name), text


def _excerpt(span: Span) -> dict[str, Any]:
    text = span.source.text.split("\n")
    numbers = [line for part in span.ranges for line in range(part.start, max(part.start, part.end) + 1) if 0 < line <= len(text)]
    lines = [[number, clean(text[number - 1].rstrip("\r").expandtabs(4))] for number in dict.fromkeys(numbers[:_EXCERPT_LINES])]
    return {"file": clean(span.source.filename), "lines": lines}


def _legend(shown: Picture) -> str:
    """Explain the kinds, lines and marks that the picture has, and the keys."""
    kinds = {box.kind for box in shown.diagram.boxes.values()}
    rows = [f"{_swatch(kind)}{escape(text)}" for kind, text in _LEGEND.items() if kind in kinds]
    rows.append(f"{_drawn(_BAR)}Layer of the result")
    if any(arrow.is_mount for arrow in shown.diagram.arrows):
        rows.append(f"{_line('mount')}Mount")
    if any(run.state == "cached" for run in shown.runs.values()):
        rows.append(f"{_swatch('exec', 'cached')}From the cache")
    if shown.critical:
        rows.append(f"{_line('critical')}Critical path")
    if "unused" in kinds:
        rows.append(f"{_swatch('unused')}Not built")
    return f'<ul class="legend">{"".join(f"<li>{row}</li>" for row in rows)}</ul>\n{_KEYS}\n'


def _line(mark: str) -> str:
    return _drawn(f'<path class="line {mark}" d="M2 9h30"/>')


def _drawn(content: str) -> str:
    return f'<svg class="llbfront" width="34" height="18" aria-hidden="true">{content}</svg>'


def _swatch(kind: str, state: str = "") -> str:
    classes = f"{kind} {state}".rstrip()
    return _drawn(f'<g class="{classes}">{shape(kind, x=2, y=2, width=28, height=14)}</g>')
