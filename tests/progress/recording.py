"""Status streams of real builds, recorded with `buildctl build --progress=rawjson`, as events.

Each was made by the Dockerfile that its first warning or its steps show: `FROM scratch` and a static busybox.
"""

from __future__ import annotations

import base64
import json
import pathlib
from typing import TYPE_CHECKING, Any

from llbfront.gostd.time import parse_rfc3339
from llbfront.progress.events import ProgressGroup, StatusEvent, Vertex, VertexLog, VertexStatus, VertexWarning
from llbfront.source import LineRange, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDED = pathlib.Path(__file__).parent / "recorded"


def lines(name: str) -> list[str]:
    return [line for line in (RECORDED / f"{name}.json").read_text().splitlines() if line.startswith("{")]


def events(name: str) -> list[StatusEvent]:
    return [decode(json.loads(line)) for line in lines(name)]


def decode(message: dict[str, Any]) -> StatusEvent:
    return StatusEvent(
        tuple(_vertex(v) for v in message.get("vertexes", ())),
        tuple(_status(s) for s in message.get("statuses", ())),
        tuple(
            VertexLog(entry["vertex"], base64.b64decode(entry["data"] or ""), _time(entry["timestamp"]) or 0, entry["stream"])
            for entry in message.get("logs", ())
        ),
        tuple(_warning(w) for w in message.get("warnings", ())),
    )


def timed(name: str) -> Iterator[tuple[int, StatusEvent]]:
    """Events with the time at which they were sent, as the newest time inside tells; those before the first time bear it too."""
    now_ns = 0
    early: list[StatusEvent] = []
    for event in events(name):
        spans = [(v.started_ns, v.completed_ns) for v in event.vertexes] + [
            (v.timestamp_ns, v.completed_ns) for v in event.statuses
        ]
        times = [time for span in spans for time in span if time]
        now_ns = max([now_ns, *times, *(log.timestamp_ns for log in event.logs)])
        if not now_ns:
            early.append(event)
            continue
        yield from ((now_ns, earlier) for earlier in early)
        early.clear()
        yield now_ns, event


def _time(text: str | None) -> int | None:
    return parse_rfc3339(text) if text else None


def _vertex(v: dict[str, Any]) -> Vertex:
    group = v.get("progressGroup")
    return Vertex(
        v["digest"],
        v.get("name", ""),
        tuple(v.get("inputs", ())),
        _time(v.get("started")),
        _time(v.get("completed")),
        v.get("cached", False),
        v.get("error", ""),
        ProgressGroup(group["id"], group.get("name", ""), group.get("weak", False)) if group else None,
    )


def _status(s: dict[str, Any]) -> VertexStatus:
    return VertexStatus(
        s["id"],
        s["vertex"],
        s.get("name", ""),
        s["current"],
        s.get("total", 0),
        _time(s["timestamp"]) or 0,
        _time(s.get("started")),
        _time(s.get("completed")),
    )


def _warning(w: dict[str, Any]) -> VertexWarning:
    info = w.get("sourceInfo")
    return VertexWarning(
        w["vertex"],
        base64.b64decode(w["short"]).decode(),
        w.get("level", 0),
        tuple(base64.b64decode(line).decode() for line in w.get("detail", ())),
        w.get("url", ""),
        Source(info["filename"], base64.b64decode(info["data"]), info["language"]) if info else None,
        tuple(LineRange(part["start"]["line"], part["end"]["line"]) for part in w.get("range", ())),
    )
