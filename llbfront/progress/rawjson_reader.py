"""Read progress that was written as raw JSON by llbfront, buildctl or docker buildx.

Logs and warnings are left out.

Source: client/graph.go of BuildKit for the form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from llbfront.errors import InvalidJson
from llbfront.foreign_json import parse_object
from llbfront.gostd.time import parse_rfc3339
from llbfront.progress.events import ProgressGroup, StatusEvent, Vertex, VertexStatus

if TYPE_CHECKING:
    from llbfront.foreign_json import JsonObject


def read_events(data: bytes) -> Iterator[StatusEvent]:
    """Read the events of a build. Lines that do not begin with `{` are messages, and ignored.

    Raises:
        InvalidJson: a line is not a status event; the message names the line.
    """
    for number, line in enumerate(data.splitlines(), 1):
        if line.startswith(b"{"):
            try:
                yield _event(parse_object(line))
            except InvalidJson as error:
                raise InvalidJson(f"line {number} is not a status event: {error.message}") from None


def _event(event: JsonObject) -> StatusEvent:
    return StatusEvent(
        tuple(_vertex(vertex) for vertex in event.objects("vertexes")),
        tuple(_status(status) for status in event.objects("statuses")),
    )


def _vertex(vertex: JsonObject) -> Vertex:
    group = vertex.object("progressGroup")
    return Vertex(
        vertex.text("digest"),
        vertex.text("name"),
        vertex.texts("inputs"),
        _time(vertex, "started"),
        _time(vertex, "completed"),
        vertex.flag("cached"),
        vertex.text("error"),
        ProgressGroup(group.text("id"), group.text("name"), group.flag("weak")) if group.members else None,
    )


def _status(status: JsonObject) -> VertexStatus:
    return VertexStatus(
        status.text("id"),
        status.text("vertex"),
        status.text("name"),
        status.integer("current"),
        status.integer("total"),
        _time(status, "timestamp") or 0,
        _time(status, "started"),
        _time(status, "completed"),
    )


def _time(members: JsonObject, name: str) -> int | None:
    text = members.text(name)
    if text and (time_ns := parse_rfc3339(text)) is not None:
        return time_ns
    if text:
        raise InvalidJson(f"{name} is not a time")
    return None
