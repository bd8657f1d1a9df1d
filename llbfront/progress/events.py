"""Status events of an engine as plain values.

All times are nanoseconds since 1970 by the clock of the engine, or None.

Source: client/graph.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from llbfront.source import LineRange, Source


@attrs.frozen
class ProgressGroup:
    """Vertices that people see as one step. A weak member alone does not bring the step on the screen."""

    id: str
    name: str = ""
    weak: bool = False


@attrs.frozen
class Vertex:
    """One node of the graph as it now is: waiting without `started_ns`, running without `completed_ns`."""

    digest: str
    name: str = ""
    inputs: tuple[str, ...] = ()
    started_ns: int | None = None
    completed_ns: int | None = None
    cached: bool = False
    error: str = ""
    progress_group: ProgressGroup | None = None


@attrs.frozen
class VertexStatus:
    """A task inside a vertex, such as one layer being pulled; `current` and `total` are bytes, 0 when unknown."""

    id: str
    vertex: str
    name: str = ""
    current: int = 0
    total: int = 0
    timestamp_ns: int = 0
    started_ns: int | None = None
    completed_ns: int | None = None


@attrs.frozen
class VertexLog:
    """Bytes that a step wrote, cut anywhere; stream 1 is stdout, 2 is stderr."""

    vertex: str
    data: bytes = b""
    timestamp_ns: int = 0
    stream: int = 1


@attrs.frozen
class VertexWarning:
    """A warning of a frontend or of the engine, with the lines of the source that it is about."""

    vertex: str
    short: str
    level: int = 0
    detail: tuple[str, ...] = ()
    url: str = ""
    source: Source | None = None
    ranges: tuple[LineRange, ...] = ()


@attrs.frozen
class StatusEvent:
    """One message of the status stream."""

    vertexes: tuple[Vertex, ...] = ()
    statuses: tuple[VertexStatus, ...] = ()
    logs: tuple[VertexLog, ...] = ()
    warnings: tuple[VertexWarning, ...] = ()
