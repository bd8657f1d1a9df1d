"""What a trace says of each op of the graph."""

from __future__ import annotations

import pytest

from llbfront.client.node_runs import node_runs
from llbfront.progress.events import ProgressGroup, StatusEvent, Vertex, VertexStatus
from llbfront.progress.trace import Trace, fold
from tests.progress import recording

S = 10**9


def runs(*vertexes: Vertex, statuses: tuple[VertexStatus, ...] = ()) -> dict[str, tuple[str, int, int]]:
    trace = fold(Trace(), StatusEvent(vertexes=vertexes, statuses=statuses))
    return {run.digest: (run.state, run.duration_ns, run.size_bytes) for run in node_runs(trace)}


@pytest.mark.parametrize(
    ("vertex", "expected"),
    [
        (Vertex("a", started_ns=S, completed_ns=3 * S), {"a": ("ran", 2 * S, 0)}),
        (Vertex("a", started_ns=S, completed_ns=S, cached=True), {"a": ("cached", 0, 0)}),
        (Vertex("a", started_ns=S, completed_ns=2 * S, error="exit code 1"), {"a": ("failed", S, 0)}),
        (Vertex("a", started_ns=S), {"a": ("ran", 0, 0)}),
        (Vertex("a"), {}),
    ],
)
def test_a_vertex_that_started_has_a_run(vertex: Vertex, expected: dict[str, tuple[str, int, int]]) -> None:
    assert runs(vertex) == expected


def test_the_members_of_a_group_have_runs_of_their_own() -> None:
    group = ProgressGroup("g", "COPY --link")
    copy = Vertex("a", started_ns=S, completed_ns=3 * S, progress_group=group)
    merge = Vertex("b", started_ns=3 * S, completed_ns=4 * S, progress_group=group)
    assert runs(copy, merge) == {"a": ("ran", 2 * S, 0), "b": ("ran", S, 0)}


def test_an_op_that_paused_began_at_its_first_start() -> None:
    trace = fold(Trace(), StatusEvent(vertexes=(Vertex("a", started_ns=S, completed_ns=3 * S),)))
    trace = fold(trace, StatusEvent(vertexes=(Vertex("a", started_ns=5 * S, completed_ns=9 * S),)))
    (run,) = node_runs(trace)
    assert (run.started_ns, run.completed_ns, run.duration_ns) == (S, 9 * S, 6 * S)


def test_bytes_are_those_that_were_transferred() -> None:
    statuses = (
        VertexStatus("sha256:1", "a", current=500),
        VertexStatus("sha256:2", "a", current=20),
        VertexStatus("extracting sha256:1", "a", current=7),
    )
    assert runs(Vertex("a", started_ns=S, completed_ns=S), statuses=statuses) == {"a": ("ran", 0, 520)}


@pytest.mark.parametrize("name", ["stages", "cached", "multi"])
def test_recorded_builds_have_a_run_for_each_vertex(name: str) -> None:
    trace = Trace()
    for event in recording.events(name):
        fold(trace, event)
    started = {vertex.digest for event in recording.events(name) for vertex in event.vertexes if vertex.started_ns is not None}
    assert {run.digest for run in node_runs(trace)} == started != set()
