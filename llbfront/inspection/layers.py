"""Which ops make the layers of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph

_CONTINUED = {"exec": ("root",), "file": ("base",), "merge": ("layer",), "diff": ("upper",), "passthrough": ("output",)}


def layers_of(graph: Graph) -> set[int]:
    """Return the ops whose files are layers of the result, by number."""
    return {number for number in chain_of(graph) if graph.node(number).kind in {"exec", "file", "source"}}


def chain_of(graph: Graph) -> set[int]:
    """Return the ops that the result continues, merges and diffs among them, by number."""
    chain: set[int] = set()
    pending = [graph.result.number] if graph.result else []
    while pending:
        node = graph.node(pending.pop())
        if node.number not in chain:
            chain.add(node.number)
            continued = _CONTINUED.get(node.kind, ())
            pending += [edge.number for edge in node.edges if any(role in continued for role in edge.role.split(" "))]
    return chain
