"""When the ops of a build could have run: slack, and bounds on what caching or removing an op would save.

The model is the graph with the durations of a build: an op starts when its inputs have ended, and nothing else delays it. So savings are
upper bounds for an engine that runs everything at once.

Source: the critical path method.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node
    from llbfront.inspection.runs import NodeRun

__all__ = ["Schedule"]


@attrs.frozen(eq=False)
class Schedule:
    r"""The ops of a graph with the durations of a build. Ops that did not run took no time.

    Attributes:
        graph: the graph.
        runs: how its ops went, by digest: `graph.runs` of a recorded build or of a result.
        durations_ns: how long each op worked, by its number.
        length_ns: the length of the critical path: the shortest time that the build can take.
        slack_ns: how much longer each op could take without delaying the build, by its number.

    Example:
        >>> import llbfront
        >>> from llbfront.inspection import NodeRun, Schedule
        >>> graph = llbfront.convert("FROM alpine\nRUN make\n", platform="linux/amd64")
        >>> graph = graph.with_runs(NodeRun(node.digest, "ran", 0, 10**9, 10**9) for node in graph)
        >>> schedule = Schedule(graph, graph.runs)
        >>> schedule.length_ns, schedule.saved_if_cached_ns(graph.node(2))
        (2000000000, 2000000000)
    """

    graph: Graph
    runs: Mapping[str, NodeRun] = attrs.field(repr=False)

    @functools.cached_property
    def durations_ns(self) -> dict[int, int]:
        """How long each op worked, by its number."""
        runs = {node.number: self.runs.get(node.digest) for node in self.graph.nodes}
        return {number: 0 if run is None else run.duration_ns for number, run in runs.items()}

    @functools.cached_property
    def _ends_ns(self) -> dict[int, int]:
        return self._ends_without(())

    def _ends_without(self, free: Collection[int]) -> dict[int, int]:
        """Return when each op can end at the earliest if some ops take no time."""
        ends: dict[int, int] = {}
        for node in self.graph.nodes:
            start = max((ends[edge.number] for edge in node.edges), default=0)
            ends[node.number] = start + (0 if node.number in free else self.durations_ns[node.number])
        return ends

    @property
    def length_ns(self) -> int:
        """The length of the critical path: the shortest time that the build can take."""
        return max(self._ends_ns.values(), default=0)

    @functools.cached_property
    def slack_ns(self) -> dict[int, int]:
        """How much longer each op could take without delaying the build, by its number."""
        latest = dict.fromkeys(self._ends_ns, self.length_ns)
        for node in reversed(self.graph.nodes):
            start = latest[node.number] - self.durations_ns[node.number]
            for edge in node.edges:
                latest[edge.number] = min(latest[edge.number], start)
        return {number: latest[number] - end for number, end in self._ends_ns.items()}

    def saved_if_removed_ns(self, node: Node) -> int:
        """Return by how much the critical path gets shorter if an op takes no time."""
        return self._saved_ns({node.number})

    def saved_if_cached_ns(self, node: Node) -> int:
        """Return by how much the critical path gets shorter if an op comes from the cache, so that what only it needs does not run."""
        return self._saved_ns(self._only_for(node))

    def _saved_ns(self, free: Collection[int]) -> int:
        if all(self.slack_ns[number] for number in free if self.durations_ns[number]):
            return 0  # nothing on a critical path gets shorter
        return self.length_ns - max(self._ends_without(free).values(), default=0)

    def _only_for(self, node: Node) -> set[int]:
        """Return an op and those whose results only it uses, directly or not."""
        roots = [] if self.graph.result is None else [self.graph.result.number]
        needed: set[int] = set()
        while roots:
            number = roots.pop()
            if number != node.number and number not in needed:
                needed.add(number)
                roots += [edge.number for edge in self.graph.node(number).edges]
        return set(self.durations_ns) - needed
