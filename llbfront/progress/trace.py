"""The state of a build as far as it is known: steps in the order in which they started, with times, tasks, logs and warnings.

`fold` adds an event. It changes the trace in place, since a build has thousands of steps and each event concerns one or two; `changed` and
`new_lines` say what the last event did.

Source: progressui/display.go of BuildKit (type trace).
"""

from __future__ import annotations

import collections
import enum
from typing import TYPE_CHECKING

import attrs

from llbfront.progress.clock import Interval, covered_ns, merge
from llbfront.progress.logs import LineCutter, LogLine, without_color

if TYPE_CHECKING:
    from llbfront.progress.events import StatusEvent, Vertex, VertexLog, VertexStatus, VertexWarning
    from llbfront.source import Source

LOG_LINES_KEPT = 1000
CANCELED = "context canceled"


class StepState(enum.Enum):
    """Where a step is. A step that ran, ended and was asked for again is running again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CACHED = "cached"
    CANCELED = "canceled"
    FAILED = "failed"

    __hash__ = object.__hash__  # the one of enums is a function in Python, called six times for each vertex that an engine tells of


ENDED = frozenset({StepState.DONE, StepState.CACHED, StepState.CANCELED, StepState.FAILED})


class Step:
    """A vertex, or the vertices of a progress group, as people see it.

    `index` counts from 1 in the order of starting, 0 before. `log` holds the last lines only, `log_count` counts all.
    `intervals` are merged and sorted; `statuses` are in the order the engine began them.
    """

    __slots__ = (
        "cutters", "digest", "error", "index", "intervals", "is_group", "log", "log_count", "members", "name", "spans", "state",
        "statuses", "warnings",
    )  # fmt: skip

    def __init__(self, digest: str, name: str, *, is_group: bool = False) -> None:
        self.digest = digest
        self.name = name
        self.is_group = is_group
        self.index = 0
        self.state = StepState.WAITING
        self.error = ""
        self.members: dict[str, Vertex] = {}
        self.intervals: tuple[Interval, ...] = ()
        self.spans: dict[int, int | None] = {}
        self.statuses: dict[str, VertexStatus] = {}
        self.log: collections.deque[LogLine] = collections.deque(maxlen=LOG_LINES_KEPT)
        self.log_count = 0
        self.cutters: dict[int, LineCutter] = {}
        self.warnings: list[VertexWarning] = []

    def __repr__(self) -> str:
        return f"<Step {self.index} {self.state.value} {self.name!r}>"

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def started_ns(self) -> int | None:
        """When it first started, by the engine's clock."""
        return self.intervals[0][0] if self.intervals else None

    @property
    def completed_ns(self) -> int | None:
        """When it last ended, None while it runs or waits."""
        return self.intervals[-1][1] if self.intervals else None

    def duration_ns(self, now_ns: int) -> int:
        """Return how long it ran, without pauses between runs. A run that has not ended lasts until `now_ns` on the engine's clock."""
        return covered_ns(self.intervals, now_ns)

    def offset_ns(self, line: LogLine) -> int:
        """Return when a line was written, relative to the start of its run."""
        starts = [start for start, _ in self.intervals if start <= line.time_ns]
        return line.time_ns - starts[-1] if starts else 0

    def unfinished_lines(self) -> list[LogLine]:
        """Return the last line of each stream that has no newline yet."""
        return [line for cutter in self.cutters.values() if (line := cutter.peek())]

    def log_tail(self, lines: int) -> tuple[str, ...]:
        """Return the last lines of the log without colours."""
        return tuple(without_color(line.text) for line in list(self.log)[-lines:])


class Trace:
    """All steps of a build. `skew_ns` is how far our clock is ahead of the engine's, None while unknown.

    `steps` holds what has started, in that order; `running` the part of it that runs; `by_digest` finds the step of any vertex.
    `changed` and `new_lines` are what the last event touched. `overwrites` says that carriage returns let log text replace log text. A warning that several vertices repeat is kept once.
    """

    def __init__(self, *, skew_ns: int | None = None) -> None:
        self.skew_ns = skew_ns
        self.overwrites = False
        self.started_ns: int | None = None
        self.steps: list[Step] = []
        self.running: dict[str, Step] = {}
        self.by_digest: dict[str, Step] = {}
        self.groups: dict[str, Step] = {}
        self.warnings: list[VertexWarning] = []
        self.known_warnings: set[VertexWarning] = set()
        self.sources: dict[Source, Source] = {}
        self.counts = dict.fromkeys(StepState, 0)
        self.changed: dict[str, Step] = {}
        self.new_lines: list[tuple[Step, LogLine]] = []

    @property
    def total(self) -> int:
        """Steps known so far, started or not."""
        return sum(self.counts.values())

    @property
    def completed(self) -> int:
        """Steps that have ended, in whatever way."""
        return sum(self.counts[state] for state in ENDED)

    @property
    def cached(self) -> int:
        """Steps that were not run because their result was known."""
        return self.counts[StepState.CACHED]

    @property
    def failed(self) -> tuple[Step, ...]:
        """Steps that failed by themselves, in the order of starting."""
        return tuple(step for step in self.steps if step.state is StepState.FAILED)

    def engine_time(self, now_ns: int) -> int:
        """Our time as the engine's clock shows it."""
        return now_ns - (self.skew_ns or 0)


def fold(trace: Trace, event: StatusEvent, now_ns: int | None = None) -> Trace:
    """Apply an event to the trace, in place, and return it.

    `now_ns` is our clock; the first start seen with it estimates the skew where the stream's header gave none.
    """
    trace.changed, trace.new_lines = {}, []
    for vertex in event.vertexes:
        _fold_vertex(trace, vertex)
    if trace.skew_ns is None and now_ns is not None and trace.started_ns is not None:
        trace.skew_ns = now_ns - trace.started_ns
    for status in event.statuses:
        _fold_status(trace, status)
    for warning in event.warnings:
        _fold_warning(trace, warning)
    for log in event.logs:
        _fold_log(trace, log)
    return trace


def flush_lines(trace: Trace, step: Step) -> list[LogLine]:
    """End the unfinished lines of a step. They are put in its log and returned."""
    lines = [line for cutter in step.cutters.values() for line in cutter.flush()]
    _add_lines(trace, step, lines)
    return lines


def _fold_vertex(trace: Trace, vertex: Vertex) -> None:
    step = _step_of(trace, vertex)
    known = step.members.get(vertex.digest)
    if known is not None and known.started_ns is not None and vertex.started_ns is None:
        return  # the engine announces a vertex again for a second job; it does not take back that it ran
    if known == vertex:
        return
    step.members[vertex.digest] = vertex
    if not step.is_group:
        step.name = vertex.name or step.name
    if vertex.started_ns is not None:
        step.spans[vertex.started_ns] = vertex.completed_ns
        step.intervals = merge(step.spans.items())
        if trace.started_ns is None:
            trace.started_ns = vertex.started_ns
    _settle(trace, step)


def _step_of(trace: Trace, vertex: Vertex) -> Step:
    group = vertex.progress_group
    if group is not None:
        step = trace.groups.get(group.id)
        if step is None:
            step = trace.groups[group.id] = Step(group.id, group.name or vertex.name, is_group=True)
        trace.by_digest[vertex.digest] = step
        return step
    step = trace.by_digest.get(vertex.digest)
    if step is None:
        step = trace.by_digest[vertex.digest] = Step(vertex.digest, vertex.name)
        trace.counts[StepState.WAITING] += 1
    return step


def _settle(trace: Trace, step: Step) -> None:
    """Bring a step's state, its place in the trace and the counts in line with its members."""
    if step.is_group and not step.index and _is_hidden(step):
        return
    before, step.state = step.state, _state(step)
    if not (step.is_group and not step.index):
        trace.counts[before] -= 1
    trace.counts[step.state] += 1
    if not step.index and step.intervals:
        trace.steps.append(step)
        step.index = len(trace.steps)
    if step.state is StepState.RUNNING:
        trace.running[step.digest] = step
    else:
        trace.running.pop(step.digest, None)
    if step.cutters and step.has_ended:
        flush_lines(trace, step)
    if step.index:
        trace.changed[step.digest] = step


def _is_hidden(step: Step) -> bool:
    """Return whether only weak members of a group have run, and none failed: then it need not be shown."""
    return not any(
        member.error or (member.started_ns is not None and not (member.progress_group and member.progress_group.weak))
        for member in step.members.values()
        if member.started_ns is not None
    )


def _state(step: Step) -> StepState:
    step.error = next((member.error for member in step.members.values() if member.error), "")
    if not step.intervals:
        return StepState.WAITING
    if step.intervals[-1][1] is None:
        return StepState.RUNNING
    if step.error:
        return StepState.CANCELED if step.error.endswith(CANCELED) else StepState.FAILED
    return StepState.CACHED if all(member.cached for member in step.members.values()) else StepState.DONE


def _fold_status(trace: Trace, status: VertexStatus) -> None:
    step = trace.by_digest.get(status.vertex)
    if step is not None:
        step.statuses[status.id] = status
        trace.changed[step.digest] = step


def _fold_warning(trace: Trace, warning: VertexWarning) -> None:
    if warning.source is not None:  # every warning brings the whole file
        warning = attrs.evolve(warning, source=trace.sources.setdefault(warning.source, warning.source))
    facts = attrs.evolve(warning, vertex="")
    if facts in trace.known_warnings:
        return
    trace.known_warnings.add(facts)
    trace.warnings.append(warning)
    step = trace.by_digest.get(warning.vertex)
    if step is not None:
        step.warnings.append(warning)
        trace.changed[step.digest] = step


def _fold_log(trace: Trace, log: VertexLog) -> None:
    step = trace.by_digest.get(log.vertex)
    if step is None:
        return
    cutter = step.cutters.get(log.stream)
    if cutter is None:
        cutter = step.cutters[log.stream] = LineCutter(log.stream, overwrites=trace.overwrites)
    _add_lines(trace, step, cutter.feed(log.data, log.timestamp_ns))
    if step.has_ended:
        flush_lines(trace, step)


def _add_lines(trace: Trace, step: Step, lines: list[LogLine]) -> None:
    step.log.extend(lines)
    step.log_count += len(lines)
    trace.new_lines.extend((step, line) for line in lines)
    trace.changed[step.digest] = step
