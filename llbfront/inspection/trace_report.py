"""Write where the time of a build went: as text, as JSON in the form `llbfront.trace/1`, and as events for trace viewers.

Source: the Trace Event Format of Chromium, and OTLP/JSON of OpenTelemetry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.inspection.build_steps import CACHED
from llbfront.inspection.cache_export import MIN, cache_modes, cache_mounts
from llbfront.inspection.critical_path import critical_path
from llbfront.inspection.schedule import Schedule
from llbfront.inspection.stage_names import step_place
from llbfront.printable import visible_rows

if TYPE_CHECKING:
    from llbfront.inspection.graph import Node
    from llbfront.inspection.recorded_build import RecordedBuild
    from llbfront.inspection.runs import NodeRun

SCHEMA = "llbfront.trace/1"
_NS_PER_US = 1000
_SHOWN_SLACK = 10


@attrs.frozen(eq=False)
class BuildTrace:
    """A build with its schedule, ready to be written."""

    build: RecordedBuild
    schedule: Schedule
    critical: tuple[Node, ...]

    @classmethod
    def of(cls, build: RecordedBuild) -> BuildTrace:
        """Compute the schedule of a build."""
        graph = build.graph
        return cls(build, Schedule(graph, graph.runs), critical_path(graph, graph.runs))

    @property
    def wall_ns(self) -> int:
        """The time from the first start to the last end that the engine reported."""
        starts = [run.started_ns for run in self.build.runs]
        ends = [run.completed_ns or run.started_ns for run in self.build.runs]
        return max(ends, default=0) - min(starts, default=0)

    def nodes(self) -> Iterator[tuple[Node, NodeRun]]:
        """Yield the ops that were started, in the order of the graph."""
        for node in self.build.graph.nodes:
            if run := self.build.graph.runs.get(node.digest):
                yield node, run

    def others(self) -> Iterator[NodeRun]:
        """Yield what the engine did besides the ops, such as exporting."""
        known = {node.digest for node in self.build.graph.nodes}
        return (run for run in self.build.runs if run.digest not in known)


def to_json(trace: BuildTrace) -> str:
    """Return a JSON document."""
    build = trace.build
    critical = {node.number for node in trace.critical}
    modes = cache_modes(build.graph)
    members = {
        "schema": SCHEMA,
        "build": {"ref": build.ref, "started_ns": build.started_ns, "context": build.context, "failed": build.has_failed},
        "wall_ns": trace.wall_ns,
        "critical_path_ns": trace.schedule.length_ns,
        "critical_path": [node.number for node in trace.critical],
        "steps": [_step(trace, node, run, modes, is_critical=node.number in critical) for node, run in trace.nodes()],
        "other": [_times(run) | {"digest": run.digest, "name": run.name} for run in trace.others()],
        "cache_mounts": [attrs.asdict(mount) for mount in cache_mounts(build.graph)],
        "cache_exports": [{"type": kind, "mode": mode or MIN} for kind, mode in build.caches],
    }
    return json.dumps(members, indent=2)


def _step(trace: BuildTrace, node: Node, run: NodeRun, modes: dict[int, str], *, is_critical: bool) -> dict[str, Any]:
    return {
        "number": node.number,
        "digest": node.digest,
        "stage": node.stage or "",
        "line": node.line,
        "instruction": node.instruction,
        "state": run.state,
        **_times(run),
        "is_critical": is_critical,
        "slack_ns": trace.schedule.slack_ns[node.number],
        "saved_if_removed_ns": trace.schedule.saved_if_removed_ns(node),
        "saved_if_cached_ns": trace.schedule.saved_if_cached_ns(node),
        "cache_mode": modes.get(node.number),
    }


def _times(run: NodeRun) -> dict[str, Any]:
    return {
        "started_ns": run.started_ns,
        "completed_ns": run.completed_ns,
        "duration_ns": run.duration_ns,
        "size_bytes": run.size_bytes,
    }


def to_text(trace: BuildTrace) -> str:
    """Return the critical path, the slack of the other ops, what cache exports carry, and the cache mounts."""
    parts = (_head(trace), _critical_lines(trace), _slack_lines(trace), _cache_lines(trace), _mount_lines(trace))
    return "\n\n".join(visible_rows(lines) for part in parts if (lines := list(part)))


def _head(trace: BuildTrace) -> Iterator[str]:
    outcome = ", which failed" if trace.build.has_failed else ""
    path = f"critical path {_seconds(trace.schedule.length_ns)}" if trace.critical else _without_path(trace)
    yield f"Build of {trace.build.context}{outcome}: {_seconds(trace.wall_ns)}, {path}"


def _without_path(trace: BuildTrace) -> str:
    """Return why there is no critical path."""
    states = {run.state for _, run in trace.nodes()}
    return "all steps came from the cache, so there is no critical path" if states == {CACHED} else "no step took any time"


def _critical_lines(trace: BuildTrace) -> Iterator[str]:
    if not trace.critical:
        return
    yield "Critical path, and by how much the build gets shorter at most if a step is cached or removed:"
    yield f"  {'took':>8}  {'cached':>8}  {'removed':>8}"
    for node in trace.critical:
        duration = trace.schedule.durations_ns[node.number]
        saved = trace.schedule.saved_if_cached_ns(node), trace.schedule.saved_if_removed_ns(node)
        yield f"  {_seconds(duration):>8}  {_seconds(saved[0]):>8}  {_seconds(saved[1]):>8}  {_title(node)}"


def _slack_lines(trace: BuildTrace) -> Iterator[str]:
    critical = {node.number for node in trace.critical}
    others = [
        (run.duration_ns, node)
        for node, run in trace.nodes()
        if node.number not in critical and run.duration_ns and run.state != "cached"
    ]
    for number, (duration, node) in enumerate(sorted(others, key=lambda each: -each[0])[:_SHOWN_SLACK]):
        if not number:
            yield "Other steps, the longest first, and how much longer they could take without delaying the build:"
            yield f"  {'took':>8}  {'slack':>8}"
        yield f"  {_seconds(duration):>8}  {_seconds(trace.schedule.slack_ns[node.number]):>8}  {_title(node)}"


def _cache_lines(trace: BuildTrace) -> Iterator[str]:
    graph = trace.build.graph
    modes = cache_modes(graph)
    left = [node for node in graph.nodes if modes.get(node.number, MIN) != MIN and node.line]
    carried = sum(1 for mode in modes.values() if mode == MIN)
    yield f"A cache export with mode=min carries the results of {carried} of {len(modes)} steps, mode=max of all."
    if left:
        yield "Only mode=max carries:"
        yield from (f"  {_title(node)}" for node in left)


def _mount_lines(trace: BuildTrace) -> Iterator[str]:
    mounts = list(cache_mounts(trace.build.graph))
    if mounts:
        yield "Cache mounts are in no export, and empty on a fresh engine such as in CI:"
    for mount in mounts:
        yield f"  {mount.target} ({mount.sharing}, id {mount.id}) of {step_place(mount.stage, mount.line)}"


def _title(node: Node) -> str:
    return f"{step_place(node.stage, node.line)} {node.instruction}" if node.line else node.instruction


def _seconds(duration_ns: int) -> str:
    return f"{duration_ns / 1e9:.2f}s"


def to_chrome(trace: BuildTrace) -> str:
    """Return the Trace Event Format, which chrome://tracing and Perfetto read: a row for each stage, times in microseconds."""
    rows: dict[str, int] = {}
    events = []
    for run, node in _spans(trace):
        row = _row(node)
        thread = rows.setdefault(row, len(rows) + 1)
        events.append(
            {
                "name": run.name,
                "cat": "engine" if node is None else node.kind,
                "ph": "X",
                "ts": run.started_ns / _NS_PER_US,
                "dur": ((run.completed_ns or run.started_ns) - run.started_ns) / _NS_PER_US,
                "pid": 1,
                "tid": thread,
                "args": {name: value for name, value in _attributes(run, node).items() if value != ""},
            }
        )
    named = [{"name": "thread_name", "ph": "M", "pid": 1, "tid": number, "args": {"name": row}} for row, number in rows.items()]
    return json.dumps({"traceEvents": [*named, *events], "displayTimeUnit": "ms"}, indent=2)


def to_otlp(trace: BuildTrace) -> str:
    """Return OTLP/JSON: a span for the build, and below it one for each op and for what the engine did besides."""
    build = trace.build
    trace_id = hashlib.sha256(build.ref.encode()).hexdigest()[:32]
    root = _span_id(build.ref)
    spans = [_span(trace_id, root, "", f"build {build.context}", build.started_ns, build.ended_ns, {}, is_error=build.has_failed)]
    for run, node in _spans(trace):
        end = run.completed_ns or run.started_ns
        members = _attributes(run, node)
        spans.append(
            _span(trace_id, _span_id(run.digest), root, run.name, run.started_ns, end, members, is_error=run.state == "failed")
        )
    resource = {"attributes": [_attribute("service.name", "llbfront")]}
    scopes = [{"scope": {"name": "llbfront.trace"}, "spans": spans}]
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": scopes}]}, indent=2)


def _spans(trace: BuildTrace) -> Iterator[tuple[NodeRun, Node | None]]:
    """Yield all that the engine reported, with its op if it has one, in the order of starting."""
    nodes = {node.digest: node for node in trace.build.graph.nodes}
    for run in sorted(trace.build.runs, key=lambda run: run.started_ns):
        yield run, nodes.get(run.digest)


def _row(node: Node | None) -> str:
    return "engine" if node is None else node.stage or node.kind


def _attributes(run: NodeRun, node: Node | None) -> dict[str, str | int]:
    members: dict[str, str | int] = {"digest": run.digest, "state": run.state, "size_bytes": run.size_bytes}
    if node is not None:
        members |= {"stage": node.stage or "", "lines": node.lines, "instruction": node.instruction}
    return members


def _span(
    trace_id: str,
    span_id: str,
    parent: str,
    name: str,
    start_ns: int,
    end_ns: int,
    members: dict[str, str | int],
    *,
    is_error: bool,
) -> dict[str, Any]:
    return {
        "traceId": trace_id,
        "spanId": span_id,
        "parentSpanId": parent,
        "name": name,
        "kind": 1,
        "startTimeUnixNano": str(start_ns),
        "endTimeUnixNano": str(end_ns),
        "attributes": [_attribute(f"llbfront.{key}", value) for key, value in members.items() if value != ""],
        "status": {"code": 2} if is_error else {},
    }


def _span_id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _attribute(key: str, value: str | int) -> dict[str, Any]:
    return {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
