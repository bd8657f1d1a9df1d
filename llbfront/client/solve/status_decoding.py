"""Convert messages of the Control service: status responses to StatusEvents, and exporters to the fields of a SolveRequest.

Source: client/graph.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llbfront.pb import control_pb2 as control
from llbfront.pb import ops_pb2 as ops
from llbfront.progress.events import ProgressGroup, StatusEvent, Vertex, VertexLog, VertexStatus, VertexWarning
from llbfront.rpc.timestamp import to_nanoseconds
from llbfront.source import LineRange, Source

if TYPE_CHECKING:
    from llbfront.client.buildflags.exporters import Export
    from llbfront.frontend.bridge import FrontendWarning


def exporters(exports: Sequence[Export]) -> dict[str, Any]:
    """Return the fields of a solve that describe its exporters."""
    fields: dict[str, Any] = {"Exporters": [control.Exporter(Type=export.type, Attrs=export.attrs) for export in exports]}
    if exports:  # engines before v0.13 read only these two
        fields |= {"ExporterDeprecated": exports[0].type, "ExporterAttrsDeprecated": exports[0].attrs}
    return fields


def status_event(response: control.StatusResponse) -> StatusEvent:
    """Decode one message of the status stream."""
    return StatusEvent(
        tuple(map(_vertex, response.vertexes)),
        tuple(map(_status, response.statuses)),
        tuple([VertexLog(log.vertex, log.msg, to_nanoseconds(log.timestamp), log.stream) for log in response.logs]),
        tuple(map(_warning, response.warnings)),
    )


def _vertex(vertex: control.Vertex) -> Vertex:
    group = vertex.progressGroup if vertex.HasField("progressGroup") else None
    return Vertex(
        vertex.digest,
        vertex.name,
        tuple(vertex.inputs),
        to_nanoseconds(vertex.started) if vertex.HasField("started") else None,
        to_nanoseconds(vertex.completed) if vertex.HasField("completed") else None,
        vertex.cached,
        vertex.error,
        None if group is None else ProgressGroup(group.id, group.name, group.weak),
    )


def _status(status: control.VertexStatus) -> VertexStatus:
    return VertexStatus(
        status.ID,
        status.vertex,
        status.name,
        status.current,
        status.total,
        to_nanoseconds(status.timestamp),
        to_nanoseconds(status.started) if status.HasField("started") else None,
        to_nanoseconds(status.completed) if status.HasField("completed") else None,
    )


def _warning(warning: control.VertexWarning) -> VertexWarning:
    return VertexWarning(
        vertex=warning.vertex,
        short=warning.short.decode(errors="replace"),
        level=warning.level,
        detail=tuple(line.decode(errors="replace") for line in warning.detail),
        url=warning.url,
        source=_source(warning.info) if warning.HasField("info") else None,
        ranges=tuple(LineRange(part.start.line, part.end.line) for part in warning.ranges),
    )


def _source(info: ops.SourceInfo) -> Source:
    return Source(info.filename, info.data, info.language)


def frontend_warning(warning: FrontendWarning) -> VertexWarning:
    """Return a warning of a frontend that runs in the client as the engine would pass it on."""
    source = warning.span.source
    return VertexWarning(
        vertex=warning.digest,
        short=_visible(warning.text),
        level=1,
        detail=(_visible(warning.detail),),
        url=warning.url,
        source=Source(source.filename, source.data, source.language),
        ranges=tuple(
            LineRange(line, line) for part in warning.span.ranges for line in range(part.start, max(part.start, part.end) + 1)
        ),
    )


def _visible(text: str) -> str:
    return text.encode(errors="surrogateescape").decode(errors="replace")
