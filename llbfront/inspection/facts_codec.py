"""Facts and runs of a graph as plain values, for files, and back."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from typing import Any

import attrs

from llbfront.errors import GraphError
from llbfront.inspection.facts import NO_FACTS, Facts
from llbfront.inspection.runs import NodeRun

if typing.TYPE_CHECKING:
    from llbfront.inspection.graph import Graph


def values_of(graph: Graph) -> dict[str, Any]:
    """Return `facts` and `runs` of a graph as mappings and lists, each only if there are some."""
    values: dict[str, Any] = {}
    if graph.facts != NO_FACTS:
        values["facts"] = attrs.asdict(graph.facts)
    if graph.runs:
        values["runs"] = [attrs.asdict(run) for run in graph.runs.values()]
    return values


def with_values(graph: Graph, values: Any) -> Graph:
    """Return a graph with the `facts` and `runs` that a file holds. Raises: GraphError."""
    if not isinstance(values, dict):
        raise GraphError("the facts of a graph are not a map")
    facts = _read(Facts, values["facts"]) if "facts" in values else graph.facts
    runs = _read(tuple[NodeRun, ...], values.get("runs", []))
    return attrs.evolve(graph, facts=facts, runs=_by_digest(runs))


def _by_digest(runs: Iterable[NodeRun]) -> dict[str, NodeRun]:
    return {run.digest: run for run in runs}


def _read(kind: Any, value: Any) -> Any:
    """Read a value of a type: a class of attrs, a tuple of one type, a union, or a plain type. Raises: GraphError."""
    if attrs.has(kind):
        return _read_class(kind, value)
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, (list, tuple)):
            raise GraphError("the facts of a graph are damaged: a value is not a list")
        return tuple(_read(arguments[0], item) for item in value)
    if isinstance(kind, types.UnionType):
        return None if value is None else _read(arguments[0], value)
    if type(value) is not kind:
        raise GraphError(f"the facts of a graph are damaged: a value is no {kind.__name__}")
    return value


def _read_class(kind: Any, value: Any) -> Any:
    """Read a class of attrs. Members that this version does not know are left out."""
    if not isinstance(value, dict):
        raise GraphError(f"the facts of a graph are damaged: a {kind.__name__} is not a map")
    hints = typing.get_type_hints(kind)
    names = [field.name for field in attrs.fields(kind) if field.name in value]
    try:
        return kind(**{name: _read(hints[name], value[name]) for name in names})
    except TypeError:
        raise GraphError(f"the facts of a graph are damaged: a {kind.__name__} is not complete") from None
