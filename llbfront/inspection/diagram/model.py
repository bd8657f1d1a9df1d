"""The content of a diagram: the ops of a Graph as boxes in groups, connected by arrows.

Each op is a box, each edge an arrow. The ops of a stage form a group. Stages that the target does not need have no ops; with
`with_unused` their instructions are shown as boxes that belong to no op.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.inspection.diagram.labels import box_label, box_lines, clean, in_words, place_of, short_label, split_name
from llbfront.inspection.layers import layers_of

if TYPE_CHECKING:
    from llbfront.inspection.facts import Stage
    from llbfront.inspection.graph import Edge, Graph, Node

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

    `lines` are the label as far as the box has space; `badges` the mounts that read no op, and other things that a step says of itself.
    """

    number: int
    kind: str
    title: str
    label: str
    lines: tuple[str, ...]
    badges: tuple[str, ...] = ()
    place: str = ""
    group: str = ""
    is_layer: bool = False
    is_unused: bool = False
    is_result: bool = False

    @property
    def lines_text(self) -> str:
        """Where the box comes from, as `line 3` or `lines 3-4`; empty if that is not known."""
        return in_words(self.place)


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


def _box(graph: Graph, node: Node, group: str, is_layer: bool) -> Box:
    label = box_label(node)
    return Box(
        node.number,
        node.kind,
        _title(node, split_name(node.name)[0]),
        label,
        box_lines(label, node.kind),
        tuple(clean(badge) for badge in _badges(node)),
        place_of(node),
        group,
        is_layer,
        is_result=graph.result is not None and graph.result.number == node.number,
    )


def _title(node: Node, step: str) -> str:
    kind = {"docker-image": "image", "local": "context"}.get(node.scheme, node.scheme) if node.kind == "source" else node.kind
    return f"{kind} {step}".strip()


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
    """Return the stage of each node. Ops without a name, such as the parts of COPY --link, belong to the only stage that uses them."""
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
            text,
            box_lines(text, "unused"),
            place=str(stage.line) if place == 1 else "",
            group=key,
            is_unused=True,
        )
        for place, text in enumerate((short_label(clean(" ".join(text.split()))) for text in texts), 1)
    }
    numbers = list(boxes)
    arrows = [Arrow(first, second, 0, "", is_main=True, is_mount=False) for first, second in itertools.pairwise(numbers)]
    return boxes, arrows
