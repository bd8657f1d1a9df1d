"""Compare two graphs: changed, added and removed ops with the fields that differ.

Ops are paired from the results downwards along equal roles, so that a change is reported once, where it was made, and not at every op above
it. Two graphs have no difference exactly if their results have equal digests and their image configs are equal.

Source: none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import representation
from llbfront.errors import GraphError, InvalidJson, InvalidValue
from llbfront.foreign_json import parse_object
from llbfront.inspection.op_description import SESSION_ATTRIBUTES, describe_config, describe_node
from llbfront.oci import image as images

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node

    Described = str | dict[str, str]

__all__ = ["Difference", "FieldChange", "compare"]


_FOLLOWING = frozenset(("rootfs", "history"))


@attrs.frozen
class FieldChange:
    """Something that an op or the image config says, by its name in words (`environment MODE`); None where it does not say it."""

    name: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.name}: {_shown(self.before)} → {_shown(self.after)}"


@attrs.frozen(eq=False, field_transformer=representation.shortened)
class Difference:
    """An op that one graph has in the place of the other's; None on one side means added or removed, on both the image config."""

    before: Node | None
    after: Node | None
    fields: tuple[FieldChange, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self._head, *(f"    {change}" for change in self.fields)])

    @property
    def _head(self) -> str:
        node = self.after or self.before
        if node is None:
            return "~ image config"
        sign = "~" if self.before and self.after else "+" if self.after else "-"
        return f"{sign} {node.kind} {node.name}" + (f"  {node.lines}" if node.lines else "")


def _shown(text: str | None) -> str:
    """Return a text as it is if it can be read on one line."""
    if text is None:
        return "(unset)"
    return text if text.isprintable() and text.strip() == text != "" else repr(text)


def compare(before: Graph, after: Graph) -> tuple[Difference, ...]:
    """List what differs, the image config first, then ops from the results downwards.

    Returns:
        Nothing exactly if the results and the image configs are equal, apart from the session that local directories are read over.
        A config that is not known of one of the graphs, such as one
        loaded from protobuf, is not compared.
    """
    ops = tuple(_ops(before, after))
    config = _config_changes(before, after, with_history=not ops)
    return (Difference(None, None, config), *ops) if config else ops


def _config_changes(before: Graph, after: Graph, *, with_history: bool) -> tuple[FieldChange, ...]:
    """Compare image configs. Layers and history follow from the ops, so they count only if no op differs."""
    if before.config is None or after.config is None:
        return ()
    old, new = (_members(config) for config in (before.config, after.config))
    changes = tuple(_described(describe_config(_normal(before.config)), describe_config(_normal(after.config))))
    own = [{key: value for key, value in image.items() if key not in _FOLLOWING} for image in (old, new)]
    return changes or tuple(_raw_changes(*own)) or (tuple(_raw_changes(old, new)) if with_history else ())


def _members(config: bytes) -> dict[str, Any]:
    try:
        return parse_object(config).members
    except InvalidJson as error:
        raise GraphError(f"the image config of a graph is invalid: {error.message}") from None


def _normal(config: bytes) -> dict[str, Any]:
    """Return a config as BuildKit reads it: known members, of the right types."""
    try:
        return parse_object(images.write(images.read(config))).members
    except InvalidValue as error:
        raise GraphError(f"the image config of a graph is invalid: {error.message}") from None


def _described(before: Mapping[str, Described], after: Mapping[str, Described], prefix: str = "") -> Iterator[FieldChange]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _described(old, new, f"{name} ")
        elif old != new:
            yield FieldChange(f"{prefix}{name}", _joined(old), _joined(new))


def _joined(value: Described | None) -> str | None:
    return ", ".join(f"{name} {text}" for name, text in value.items()) if isinstance(value, dict) else value


def _ops(before: Graph, after: Graph) -> Sequence[Difference]:
    if before.result is None or after.result is None:
        return _one_sided(before, after)
    found: list[Difference] = []
    if before.result.index != after.result.index:
        change = FieldChange("output", str(before.result.index), str(after.result.index))
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
    return found


def _one_sided(before: Graph, after: Graph) -> tuple[Difference, ...]:
    removed = [Difference(node, None) for node in before.nodes]
    return tuple(removed + [Difference(None, node) for node in after.nodes])


def _pair(before: Graph, old: Node, after: Graph, new: Node) -> tuple[list[Difference], list[tuple[int, int]]]:
    """Compare two ops that stand in the same place; return what differs and which of their inputs stand in the same places."""
    if old.kind != new.kind:
        return [Difference(old, new, (FieldChange("kind", old.kind, new.kind),))], []
    fields = list(_described(_facts(old), _facts(new)))
    pairs, alone = _matched(old, new)
    found = [Difference(old, new, tuple(fields))] if fields else []
    found += [Difference(before.node(number), None) for number in alone[0]]
    found += [Difference(None, after.node(number)) for number in alone[1]]
    changed_below = any(before.node(one).digest != after.node(other).digest for one, other in pairs)
    # Equal fields of unequal bytes: an input in another place, or another encoding.
    if not found and not changed_below and (changes := tuple(_last_resort(before, old, after, new))):
        found.append(Difference(old, new, changes))
    return found, pairs


def _facts(node: Node) -> dict[str, Described]:
    outputs: dict[str, list[str]] = {}
    for edge in node.edges:
        outputs.setdefault(f"output read as {edge.role}", []).append(str(edge.index))
    return describe_node(node) | {role: ", ".join(indexes) for role, indexes in outputs.items()}


def _last_resort(before: Graph, old: Node, after: Graph, new: Node) -> Iterator[FieldChange]:
    """Tell ops apart that say the same: an input in another place, members in another order, or another encoding."""
    inputs = _inputs(before, old), _inputs(after, new)
    if inputs[0] != inputs[1]:
        yield FieldChange("inputs", *map(", ".join, inputs))
        return
    changes = tuple(_raw_changes(old.op, new.op))
    own = [change for change in changes if change.name.removeprefix("attrs.") not in SESSION_ATTRIBUTES]
    yield from own if changes else (FieldChange("bytes", old.digest, new.digest),)


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


def _raw_changes(before: Any, after: Any) -> Iterator[FieldChange]:
    """Compare JSON values member by member; names are paths such as `meta.env[1]`."""
    pending = [(before, after, "")]
    while pending:
        old, new, path = pending.pop()
        if isinstance(old, dict) and isinstance(new, dict):
            pending += reversed([(old.get(key), new.get(key), f"{path}.{key}") for key in dict.fromkeys((*old, *new))])
        elif isinstance(old, list) and isinstance(new, list):
            longest = range(max(len(old), len(new)))
            pending += reversed([(_at(old, index), _at(new, index), f"{path}[{index}]") for index in longest])
        elif old != new:
            yield FieldChange(path.removeprefix("."), _text(old), _text(new))


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else None


def __dir__() -> list[str]:
    return sorted(__all__)
