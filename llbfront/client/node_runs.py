"""Read how each op went in a build from the trace of its progress.

Source: client/graph.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from llbfront.errors import ContextError, InvalidJson
from llbfront.inspection.runs import NodeRun
from llbfront.progress.rawjson_reader import read_events
from llbfront.progress.trace import Trace, fold

if TYPE_CHECKING:
    from llbfront.progress.events import Vertex
    from llbfront.progress.trace import Step

_HINT = "write it with llbfront build --progress rawjson . 2> FILE"
_WITHOUT_BYTES = "extracting "  # the engine counts seconds there


def node_runs(trace: Trace) -> tuple[NodeRun, ...]:
    """Return a run for each vertex that started, also of steps that displays hide, in the order in which they were announced."""
    return tuple(run for step in dict.fromkeys(trace.by_digest.values()) for run in _runs(step))


def read_runs(data: bytes, *, name: str) -> tuple[NodeRun, ...]:
    """Read the runs of a build from its progress in raw JSON; `name` is that of the file, for messages.

    Raises:
        ContextError: the file holds no progress.
    """
    trace = Trace()
    try:
        for event in read_events(data):
            fold(trace, event)
    except InvalidJson as error:
        raise ContextError(f"{name} is not progress in raw JSON: {error.message}", hint=_HINT) from None
    runs = node_runs(trace)
    if not runs:
        raise ContextError(f"{name} holds no progress in raw JSON", hint=_HINT)
    return runs


def _runs(step: Step) -> Iterator[NodeRun]:
    for vertex in step.members.values():
        if vertex.started_ns is not None:
            yield NodeRun(
                vertex.digest,
                "failed" if vertex.error else "cached" if vertex.cached else "ran",
                _started_ns(step, vertex.started_ns),
                vertex.completed_ns,
                _duration_ns(step, vertex),
                _size_bytes(step, vertex.digest),
                vertex.name,
            )


def _started_ns(step: Step, latest_ns: int) -> int:
    """Return the first start of a vertex. A vertex has only its latest start; a step that is not a group has all of them."""
    return latest_ns if step.is_group or step.started_ns is None else step.started_ns


def _duration_ns(step: Step, vertex: Vertex) -> int:
    """Return the duration of a vertex. For a step that is not a group, pauses between its runs do not count."""
    start = vertex.started_ns or 0
    end = start if vertex.completed_ns is None else vertex.completed_ns
    return max(0, end - start) if step.is_group else step.duration_ns(end)


def _size_bytes(step: Step, digest: str) -> int:
    statuses = (status for status in step.statuses.values() if status.vertex == digest)
    return sum(status.current for status in statuses if not status.id.startswith(_WITHOUT_BYTES))
