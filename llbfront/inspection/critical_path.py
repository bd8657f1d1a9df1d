"""The chain of ops that decided how long a build took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node
    from llbfront.inspection.runs import NodeRun


def critical_path(graph: Graph, runs: Mapping[str, NodeRun]) -> tuple[Node, ...]:
    """Find the chain of ops, each an input of the next, that worked longest in all.

    Args:
        graph: the graph that was built.
        runs: how its ops went, by digest. Ops that are missing count as no time.

    Returns:
        The ops in the order in which they ran; nothing if no op took any time.
    """
    total: dict[int, int] = {}
    before: dict[int, int | None] = {}
    for node in graph.nodes:
        inputs = [edge.number for edge in node.edges]
        last = max(inputs, key=lambda number: (total[number], -number), default=None)
        before[node.number] = last
        total[node.number] = (0 if last is None else total[last]) + (runs[node.digest].duration_ns if node.digest in runs else 0)
    number = max(total, key=lambda node: (total[node], node), default=None)
    if number is None or not total[number]:
        return ()
    path = []
    while number is not None:
        path.append(graph.node(number))
        number = before[number]
    return tuple(node for node in reversed(path) if node.digest in runs)
