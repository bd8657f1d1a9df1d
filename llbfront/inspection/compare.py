"""Compare two graphs: changed, added and removed ops with the fields that differ.

Ops are paired first, so that a change is reported once, where it was made, and not at every op above it. Two graphs have no difference
exactly if their results have equal digests and their image configs are equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import arguments
from llbfront.errors import GraphError, InvalidJson, InvalidValue
from llbfront.foreign_json import parse_object
from llbfront.inspection.op_description import SESSION_ATTRIBUTES, describe_config, describe_node
from llbfront.inspection.pairing import pair
from llbfront.oci import image as images
from llbfront.short_repr import ShortRepr

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node

    Described = str | dict[str, str]

__all__ = ["Difference", "FieldChange", "compare_graphs"]


_FOLLOWING = frozenset(("rootfs", "history"))


@attrs.frozen
class FieldChange:
    """A field of an op, or of the image config, that differs.

    Attributes:
        name: the field in words, such as `environment MODE`.
        before: its value before, None if it had none.
        after: its value after, None if it has none.
    """

    name: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.name}: {shown(self.before)} → {shown(self.after)}"


@attrs.frozen(eq=False, repr=False)
class Difference(ShortRepr):
    """An op that differs between two graphs, or their image configs.

    Attributes:
        before: the op of the first graph; None if the op was added, and for the image config.
        after: the op of the second graph; None if the op was removed, and for the image config.
        fields: the fields that differ.
    """

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


def shown(text: str | None) -> str:
    """Return a string as it is if it can be read on one line."""
    if text is None:
        return "(unset)"
    return text if text.isprintable() and text.strip() == text != "" else repr(text)


@arguments.typed
def compare_graphs(before: Graph, after: Graph) -> tuple[Difference, ...]:
    r"""List how two graphs differ: the image config first, then ops in the order of `after`.

    Args:
        before: the first graph.
        after: the second graph.

    Returns:
        Nothing exactly if the results and the image configs are equal, apart from the session that local directories are read over. An image
        config that one of the graphs does not know is not compared.

    Example:
        >>> import llbfront
        >>> from llbfront.inspection import compare_graphs
        >>> compare_graphs(llbfront.convert("FROM alpine\n"), llbfront.convert("# the same\nFROM alpine\n"))
        ()
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


def _ops(before: Graph, after: Graph) -> tuple[Difference, ...]:
    """Return the differences of ops in the order of the graph after, removed ops after what they followed."""
    pairs = pair(before, after)
    partners = {new: old for old, new in pairs.items()}
    differences: dict[tuple[int, int, int], Difference] = {}
    place = 0
    for node in before.nodes:
        place = pairs.get(node.number, place)
        if node.number not in pairs:
            differences[place, 1, node.number] = Difference(node, None)
    place = 0
    for node in after.nodes:
        if node.number not in partners:
            differences[place, 2, node.number] = Difference(None, node)
            continue
        place, old = node.number, before.node(partners[node.number])
        if changes := tuple(_changes(old, node, before, after, pairs)):
            differences[place, 0, 0] = Difference(old, node, changes)
    return tuple(differences[key] for key in sorted(differences)) or tuple(_result_changes(before, after))


def _result_changes(before: Graph, after: Graph) -> Iterator[Difference]:
    """Compare which output is the result, in graphs whose ops are the same."""
    if before.result is None or after.result is None or before.result.index == after.result.index:
        return
    change = FieldChange("output", str(before.result.index), str(after.result.index))
    yield Difference(before.node(before.result.number), after.node(after.result.number), (change,))


def _changes(old: Node, new: Node, before: Graph, after: Graph, pairs: Mapping[int, int]) -> Iterator[FieldChange]:
    """Compare two paired ops: what they say, then which ops they read, then how they are written."""
    if old.digest == new.digest:
        return
    fields = tuple(_described(_facts(old), _facts(new))) or tuple(_other_inputs(old, new, before, after, pairs))
    if fields:
        yield from fields
        return
    written = tuple(_raw_changes(old.op, new.op))
    yield from (change for change in written if change.name.removeprefix("attrs.") not in SESSION_ATTRIBUTES)
    if not written and _digests(before, old) == _digests(after, new):
        yield FieldChange("bytes", old.digest, new.digest)


def _facts(node: Node) -> dict[str, Described]:
    outputs: dict[str, list[str]] = {}
    for edge in node.edges:
        outputs.setdefault(f"output read as {edge.role}", []).append(str(edge.index))
    return describe_node(node) | {role: ", ".join(indexes) for role, indexes in outputs.items()}


def _digests(graph: Graph, node: Node) -> list[str]:
    return [graph.node(edge.number).digest for edge in node.edges]


def _other_inputs(old: Node, new: Node, before: Graph, after: Graph, pairs: Mapping[int, int]) -> Iterator[FieldChange]:
    """Compare which ops two ops read, unless an op that was added or removed explains the change."""
    kept = set(pairs.values())
    if len(old.edges) != len(new.edges):
        left = [pairs[edge.number] for edge in old.edges if edge.number in pairs]
        if left != [edge.number for edge in new.edges if edge.number in kept]:
            yield FieldChange("inputs", _names(before, old), _names(after, new))
        return
    for edge, other in zip(old.edges, new.edges, strict=True):
        if edge.number in pairs and other.number in kept and pairs[edge.number] != other.number:
            names = before.node(edge.number).instruction, after.node(other.number).instruction
            yield FieldChange(f"input {edge.role}".rstrip(), *names)


def _names(graph: Graph, node: Node) -> str:
    return ", ".join(graph.node(edge.number).instruction for edge in node.edges)


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


compare = compare_graphs  # its name in 0.1


def __dir__() -> list[str]:
    return sorted(__all__)
