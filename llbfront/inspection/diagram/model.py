"""The content of a diagram: the ops of a Graph as boxes in groups, connected by arrows.

Each op is a box, each edge an arrow. The ops of a stage form a group. Stages that the target does not need have no ops; with
`with_unused` their instructions are shown as boxes that belong to no op.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.inspection.layers import layers_of

if TYPE_CHECKING:
    from llbfront.inspection.facts import Stage
    from llbfront.inspection.graph import Edge, Graph, Node

LABEL_COLUMNS = 33
LABEL_LINES = 4
_WIDE_FROM = 0x1100  # from here on, most characters take two columns
_BRACKETS = re.compile(r"\[([^\]]*+)\] ")
_STEP = re.compile(r"(?<!\d)\d++/\d++\Z")
_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)  # a fixed list: unicodedata changes with Python
_HEX = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")
_MOUNT_FLAG = re.compile(r"(?<= )--mount=\S+ (?=.)")
_MAIN_ROLES = {"exec": "root", "file": "base", "merge": "layer", "diff": "lower", "passthrough": "output", "build": "definition"}
_MOUNT_TYPES = {"CACHE": "cache", "SECRET": "secret", "SSH": "ssh", "TMPFS": "tmpfs"}


@attrs.frozen
class Arrow:
    """An edge: the box that is read, its output, and what it is read for. `is_main` marks what the reader continues."""

    source: int
    target: int
    index: int
    label: str
    is_main: bool
    is_mount: bool


@attrs.frozen
class Box:
    """An op, or with `is_unused` an instruction of a stage that is not built.

    `lines` are the label, wrapped; `badges` the mounts that read no op, and other things that a step says of itself.
    """

    number: int
    kind: str
    title: str
    lines: tuple[str, ...]
    badges: tuple[str, ...] = ()
    place: str = ""
    group: str = ""
    is_layer: bool = False
    is_unused: bool = False
    is_result: bool = False


@attrs.frozen
class Diagram:
    """All boxes by number, inputs first, the arrows, and the titles of groups by their key in the order of the Dockerfile."""

    boxes: Mapping[int, Box]
    arrows: tuple[Arrow, ...]
    groups: Mapping[str, str]


def diagram(graph: Graph, *, with_unused: bool = False) -> Diagram:
    """Describe what is shown of a graph; `with_unused` adds the stages of the Dockerfile that the target does not need."""
    layers = layers_of(graph)
    groups = _groups(graph)
    boxes = {node.number: _box(graph, node, groups.get(node.number, ""), node.number in layers) for node in graph.nodes}
    arrows = [_arrow(node, edge) for node in graph.nodes for edge in node.edges]
    titles = {key: key for key in dict.fromkeys(groups.values()) if key}
    if with_unused:
        for stage in graph.facts.stages:
            if not stage.is_needed:
                added, joined = _unused(stage, len(boxes), titles)
                boxes |= added
                arrows += joined
    order = {stage.name: position for position, stage in enumerate(graph.facts.stages)}
    ordered = sorted(titles, key=lambda key: order.get(key, len(order)))
    return Diagram(boxes, tuple(arrows), {key: titles[key] for key in ordered})


def label_of(node: Node) -> str:
    """Return the name of a node on one line, without the number of the step in front."""
    return " ".join(_split_name(node.name)[1].split()) or node.kind


def _split_name(name: str) -> tuple[str, str]:
    """Split the name of a step into its number, such as `2/3`, and what follows the brackets around it."""
    brackets = _BRACKETS.match(name)
    step = _STEP.search(brackets[1]) if brackets else None
    return (step[0], name[brackets.end() :]) if brackets and step else ("", name)


def _short_label(text: str) -> str:
    """Leave out mounts, which the picture shows, the name of Docker Hub's library, and most of a digest."""
    text = _HEX.sub(r"\1…", text)
    short = _MOUNT_FLAG.sub("", text) if text.startswith("RUN ") else text
    return short.replace(" docker.io/library/", " ")


def wrap(text: str, columns: int = LABEL_COLUMNS, lines: int = LABEL_LINES) -> tuple[str, ...]:
    """Break a text into lines of at most `columns`, between words where possible; `…` ends a text that needs more lines."""
    rows: list[str] = []
    row = ""
    for word in text[: (columns + 1) * (lines + 2)].split(" "):  # what follows is not shown
        for part in _pieces(word, columns):
            joined = f"{row} {part}" if row else part
            if width_of(joined) <= columns:
                row = joined
            else:
                rows.append(row)
                row = part
        if len(rows) > lines:
            break
    rows = [*rows, row] if row else rows
    if len(rows) <= lines:
        return tuple(rows)
    last = rows[lines - 1]
    while width_of(last) > columns - 1:
        last = last[:-1]
    return (*rows[: lines - 1], f"{last}…")


def width_of(text: str) -> int:
    """Return how many columns of a monospaced font a text takes."""
    return sum(2 if ord(char) >= _WIDE_FROM else 1 for char in text)


def clean(text: str) -> str:
    """Replace control characters, marks that reorder text, and what XML cannot hold by the replacement character."""
    return _UNSHOWN.sub("\ufffd", text)


def _pieces(word: str, columns: int) -> Iterator[str]:
    """Cut a word that is longer than a line, after a slash or another mark if there is one in the second half."""
    while width_of(word) > columns:
        fit = next(size for size in range(len(word), 0, -1) if width_of(word[:size]) <= columns)
        cut = next((at for at in range(fit, fit // 2, -1) if word[at - 1] in "/=,;:&-_."), fit)
        yield word[:cut]
        word = word[cut:]
    yield word


def _box(graph: Graph, node: Node, group: str, is_layer: bool) -> Box:
    return Box(
        node.number,
        node.kind,
        _title(node, _split_name(node.name)[0]),
        wrap(_short_label(clean(label_of(node))), LABEL_COLUMNS - (4 if node.kind in {"merge", "diff"} else 0)),
        tuple(clean(badge) for badge in _badges(node)),
        clean(_place(node)),
        group,
        is_layer,
        is_result=graph.result is not None and graph.result.number == node.number,
    )


def _title(node: Node, step: str) -> str:
    kind = {"docker-image": "image", "local": "context"}.get(node.scheme, node.scheme) if node.kind == "source" else node.kind
    return f"{kind} {step}".strip()


def _place(node: Node) -> str:
    """The lines that a node comes from, without the name of the file: the page names the file."""
    return ", ".join(part.partition(":")[2] or part for part in node.lines.split(", ")) if node.lines else ""


def _badges(node: Node) -> Iterator[str]:
    for mount in node.op.get("mounts", ()):
        if kind := _MOUNT_TYPES.get(mount.get("mountType", "")):
            yield f"{kind} {_mount_name(mount)}".strip()
    if node.network in {"none", "host"}:
        yield f"network {node.network}"
    if node.meta.ignore_cache:
        yield "no cache"


def _mount_name(mount: Mapping[str, object]) -> str:
    return str(mount.get("dest", ""))


def _arrow(node: Node, edge: Edge) -> Arrow:
    roles = edge.role.split(" ")
    mounts = [role for role in roles if role.startswith("/")]
    is_main = _MAIN_ROLES.get(node.kind) in roles and (node.kind != "merge" or edge == node.edges[0])
    return Arrow(edge.number, node.number, edge.index, clean(" ".join(mounts)), is_main, bool(mounts))


def _groups(graph: Graph) -> dict[int, str]:
    """The stage of each node. Ops without a name, such as the parts of COPY --link, belong to the stage that alone uses them."""
    groups = {node.number: stage for stage, nodes in graph.stages.items() for node in nodes}
    readers: dict[int, set[str]] = {}
    for node in reversed(graph.nodes):
        if node.number not in groups and node.kind != "source" and len(stages := readers.get(node.number, set())) == 1:
            groups[node.number] = next(iter(stages))
        for edge in node.edges:
            readers.setdefault(edge.number, set()).add(groups.get(node.number, ""))
    return groups


def _unused(stage: Stage, last: int, titles: dict[str, str]) -> tuple[dict[int, Box], list[Arrow]]:
    """Show a stage that is not built as a chain of its instructions."""
    key = f"{stage.name} (unused)"
    titles[key] = f"{stage.name} (not built)"
    texts: Sequence[str] = (f"FROM {stage.image}", *(step for step in stage.steps if not step.upper().startswith("FROM ")))
    boxes = {
        last + place: Box(
            last + place,
            "unused",
            text.split(" ")[0].lower(),
            wrap(_short_label(clean(" ".join(text.split())))),
            place=str(stage.line) if place == 1 else "",
            group=key,
            is_unused=True,
        )
        for place, text in enumerate(texts, 1)
    }
    numbers = list(boxes)
    arrows = [Arrow(first, second, 0, "", is_main=True, is_mount=False) for first, second in itertools.pairwise(numbers)]
    return boxes, arrows
