"""Print progress for programs: each status event as one line of JSON, in the form of Go's `SolveStatus`.

The lines have the form of `docker buildx build --progress=rawjson`: absent fields left out, bytes in base64, times in RFC 3339 with nanoseconds.

Source: client/graph.go of BuildKit and encoding/json of Go. Parity: the source of a warning comes without the graph that it was
read by (`definition`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from llbfront.gostd.json import escape
from llbfront.gostd.time import format_rfc3339
from llbfront.printable import visible_json
from llbfront.progress.trace import Trace, fold

if TYPE_CHECKING:
    from llbfront.progress.events import ProgressGroup, StatusEvent, Vertex, VertexLog, VertexStatus, VertexWarning

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class RawJSONDisplay:
    """Writes each event at once; the trace is kept for those who ask."""

    interval_s: float | None = None

    def __init__(self, write: Callable[[str], object], *, trace: Trace | None = None) -> None:
        self.trace = trace or Trace()
        self._write = write

    def update(self, event: StatusEvent, now_ns: int | None = None) -> None:
        """Write the event as a line."""
        fold(self.trace, event, now_ns)
        self._write(encode_event(event) + "\n")

    def tick(self, now_ns: int | None = None) -> None:
        """Do nothing: events are printed at once."""

    def finish(self, error: BaseException | None = None, now_ns: int | None = None) -> None:
        """Do nothing: programs read errors and warnings from the events."""


def encode_event(event: StatusEvent) -> str:
    """Return an event as one line of JSON without the newline."""
    document = _encode(
        _present(
            vertexes=[_vertex(vertex) for vertex in event.vertexes],
            statuses=[_status(status) for status in event.statuses],
            logs=[_log(log) for log in event.logs],
            warnings=[_warning(warning) for warning in event.warnings],
        )
    )
    return visible_json(escape(document))


def _present(**fields: Any) -> dict[str, Any]:
    """Leave out what Go calls empty."""
    return {name: value for name, value in fields.items() if value}


def _time(time_ns: int | None) -> str | None:
    return None if time_ns is None else format_rfc3339(time_ns)


def _bytes(data: bytes) -> str | None:
    return base64.b64encode(data).decode() if data else None


def _vertex(vertex: Vertex) -> dict[str, Any]:
    return _present(
        digest=vertex.digest,
        inputs=vertex.inputs,
        name=vertex.name,
        started=_time(vertex.started_ns),
        completed=_time(vertex.completed_ns),
        cached=vertex.cached,
        error=vertex.error,
        progressGroup=_group(vertex.progress_group) if vertex.progress_group else None,
    )


def _group(group: ProgressGroup) -> dict[str, Any]:
    return _present(id=group.id, name=group.name, weak=group.weak)


def _status(status: VertexStatus) -> dict[str, Any]:
    return {
        "id": status.id,
        **_present(vertex=status.vertex, name=status.name, total=status.total),
        "current": status.current,
        "timestamp": format_rfc3339(status.timestamp_ns),
        **_present(started=_time(status.started_ns), completed=_time(status.completed_ns)),
    }


def _log(log: VertexLog) -> dict[str, Any]:
    return {
        **_present(vertex=log.vertex, stream=log.stream),
        "data": _bytes(log.data),
        "timestamp": format_rfc3339(log.timestamp_ns),
    }


def _warning(warning: VertexWarning) -> dict[str, Any]:
    source = warning.source
    return _present(
        vertex=warning.vertex,
        level=warning.level,
        short=_bytes(warning.short.encode()),
        detail=[_bytes(line.encode()) for line in warning.detail],
        url=warning.url,
        sourceInfo=source and _present(filename=source.filename, data=_bytes(source.data), language=source.language),
        range=[{"start": {"line": part.start}, "end": {"line": part.end}} for part in warning.ranges],
    )
