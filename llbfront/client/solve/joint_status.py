"""Join the status streams of builds that run together: each step is named after a target, and a step that several streams report is shown once.

Source: util/progress of docker/buildx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.progress.events import StatusEvent

if TYPE_CHECKING:
    from llbfront.progress.events import Vertex, VertexLog, VertexStatus


class JointStatus:
    """The steps that the streams of all builds have reported. An engine reports a step to each build that needs it."""

    def __init__(self, *, names_steps: bool) -> None:
        """Join status streams. With `names_steps`, names of steps begin with the first target that needs them."""
        self._names_steps = names_steps
        self._owners: dict[str, str] = {}
        self._vertexes: dict[str, Vertex] = {}
        self._statuses: dict[tuple[str, str], VertexStatus] = {}
        self._logs: dict[str, list[VertexLog]] = {}  # of each step the latest lines, which have one time

    def news(self, target: str, event: StatusEvent) -> StatusEvent | None:
        """Return what is new in an event of the stream of a target, None if nothing is."""
        vertexes = tuple(
            vertex for vertex in (self._named(target, reported) for reported in event.vertexes) if self._is_new_vertex(vertex)
        )
        statuses = tuple(filter(self._is_new_status, event.statuses))
        logs = tuple(filter(self._is_new_log, event.logs))
        if not (vertexes or statuses or logs or event.warnings):
            return None
        return attrs.evolve(event, vertexes=vertexes, statuses=statuses, logs=logs)

    def _named(self, target: str, vertex: Vertex) -> Vertex:
        """Name a step after a target: `[app build 2/3] RUN make`."""
        if not self._names_steps:
            return vertex
        owner = self._owners.setdefault(vertex.digest, target)
        shown = f"[{owner} {vertex.name[1:]}" if vertex.name.startswith("[") else f"[{owner}] {vertex.name}"
        return attrs.evolve(vertex, name=shown)

    def _is_new_vertex(self, vertex: Vertex) -> bool:
        """Return whether the state of a step has changed. A step that has ended changes only if it fails or runs again."""
        last = self._vertexes.get(vertex.digest)
        if last is not None and last.completed_ns is not None and not vertex.error:
            is_new = vertex.completed_ns is None and (vertex.started_ns or 0) > last.completed_ns
        else:
            is_new = vertex != last
        if is_new:
            self._vertexes[vertex.digest] = vertex
        return is_new

    def _is_new_status(self, status: VertexStatus) -> bool:
        key = status.vertex, status.id
        last = self._statuses.get(key)
        if last is not None and _progress(status) <= _progress(last):
            return False
        self._statuses[key] = status
        return True

    def _is_new_log(self, log: VertexLog) -> bool:
        """Return whether a piece of a log is new. All streams have the same pieces in the same order."""
        latest = self._logs.setdefault(log.vertex, [])
        if latest and log.timestamp_ns < latest[0].timestamp_ns:
            return False
        if latest and log.timestamp_ns == latest[0].timestamp_ns:
            if log in latest:
                return False
            latest.append(log)
            return True
        self._logs[log.vertex] = [log]
        return True


def _progress(status: VertexStatus) -> tuple[bool, int, int]:
    return status.completed_ns is not None, status.timestamp_ns, status.current
