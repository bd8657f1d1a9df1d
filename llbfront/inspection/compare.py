"""What differs between two graphs: two Graphs → changed, added and removed ops, each with the fields that differ.

The ops of two graphs are paired from their results downwards along equal roles, so that one change is told once, where it was made,
and not at every op above it. Two graphs give no difference exactly if their results have equal digests.

Source: none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node


@attrs.frozen
class FieldChange:
    """A field of an op, by its path (`meta.args[2]`), None where it is absent."""

    path: str
    before: Any
    after: Any


@attrs.frozen(eq=False)
class Difference:
    """An op that one graph has in the place of the other's; None on one side means added or removed."""

    before: Node | None
    after: Node | None
    fields: tuple[FieldChange, ...] = ()

    def __str__(self) -> str:
        if self.before is None or self.after is None:
            node, sign = (self.after, "+") if self.before is None else (self.before, "-")
            return f"{sign} {node.kind} {node.name}" if node else ""
        head = f"~ {self.after.kind} {self.after.name}"
        return "\n".join([head, *(f"    {field.path}: {field.before!r} → {field.after!r}" for field in self.fields)])


def compare(before: Graph, after: Graph) -> tuple[Difference, ...]:
    """List what differs, from the results downwards; nothing exactly if the results are equal."""
    if before.result is None or after.result is None:
        return _one_sided(before, after)
    found: list[Difference] = []
    if before.result.index != after.result.index:
        change = FieldChange("output", before.result.index, after.result.index)
        found.append(Difference(before.node(before.result.number), after.node(after.result.number), (change,)))
    seen: set[tuple[str, str]] = set()
    pending = [(before.result.number, after.result.number)]
    while pending:
        old, new = (graph.node(number) for graph, number in zip((before, after), pending.pop(), strict=True))
        if old.digest == new.digest or (old.digest, new.digest) in seen:
            continue
        seen.add((old.digest, new.digest))
        differences, pairs = _pair(before, old, after, new)
        found += differences
        pending += reversed(pairs)
    return tuple(found)


def _one_sided(before: Graph, after: Graph) -> tuple[Difference, ...]:
    removed = [Difference(node, None) for node in before.nodes]
    return tuple(removed + [Difference(None, node) for node in after.nodes])


def _pair(before: Graph, old: Node, after: Graph, new: Node) -> tuple[list[Difference], list[tuple[int, int]]]:
    """Compare two ops that stand in the same place; return what differs and which of their inputs stand in the same places."""
    if old.kind != new.kind:
        return [Difference(old, new, (FieldChange("kind", old.kind, new.kind),))], []
    fields = list(_changes(_facts(old), _facts(new)))
    pairs, alone = _matched(old, new)
    found = [Difference(old, new, tuple(fields))] if fields else []
    found += [Difference(before.node(number), None) for number in alone[0]]
    found += [Difference(None, after.node(number)) for number in alone[1]]
    changed_below = any(before.node(one).digest != after.node(other).digest for one, other in pairs)
    if not found and not changed_below:  # equal fields of unequal bytes: an input in another place, or another encoding
        found.append(Difference(old, new, (_last_resort(before, old, after, new),)))
    return found, pairs


def _facts(node: Node) -> dict[str, Any]:
    read: dict[str, list[int]] = {}
    for edge in node.edges:
        read.setdefault(edge.role, []).append(edge.index)
    return {"platform": node.platform, "op": node.op, "output read": read}


def _last_resort(before: Graph, old: Node, after: Graph, new: Node) -> FieldChange:
    one, other = _inputs(before, old), _inputs(after, new)
    return FieldChange("inputs", one, other) if one != other else FieldChange("bytes", old.digest, new.digest)


def _inputs(graph: Graph, node: Node) -> list[str]:
    return [graph.node(edge.number).digest for edge in node.edges]


def _matched(old: Node, new: Node) -> tuple[list[tuple[int, int]], tuple[list[int], list[int]]]:
    """Pair inputs of equal roles in their order; return the pairs and what is left on either side."""
    waiting: dict[str, list[int]] = {}
    for edge in new.edges:
        waiting.setdefault(edge.role, []).append(edge.number)
    pairs, left = [], []
    for edge in old.edges:
        partners = waiting.get(edge.role)
        if partners:
            pairs.append((edge.number, partners.pop(0)))
        else:
            left.append(edge.number)
    return pairs, (left, [number for numbers in waiting.values() for number in numbers])


def _changes(before: Any, after: Any, path: str = "") -> Iterator[FieldChange]:
    pending = [(before, after, path)]
    while pending:
        old, new, where = pending.pop()
        if isinstance(old, dict) and isinstance(new, dict):
            pending += reversed([(old.get(key), new.get(key), _inside(where, key)) for key in dict.fromkeys((*old, *new))])
        elif isinstance(old, list) and isinstance(new, list):
            longest = range(max(len(old), len(new)))
            pending += reversed([(_at(old, index), _at(new, index), f"{where}[{index}]") for index in longest])
        elif old != new:
            yield FieldChange(where, old, new)


def _inside(path: str, key: str) -> str:
    inner = path.removeprefix("op").removeprefix(".")
    return f"{inner}.{key}" if inner else key


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else None
