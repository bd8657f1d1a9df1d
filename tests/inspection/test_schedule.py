"""The critical path of a build, slack, and what caching or removing a step saves; what caches carry."""

from __future__ import annotations

import json
import pathlib

import attrs
import pytest

from llbfront.inspection import trace_report
from llbfront.inspection.cache_export import cache_modes, cache_mounts
from llbfront.inspection.schedule import Schedule
from llbfront.inspection.trace_report import BuildTrace
from tests.inspection.records import SECOND_NS, recorded
from tests.support.json_forms import problems

DOCKERFILE = """\
FROM alpine AS slow
RUN slow one
RUN --mount=type=cache,target=/c,id=pkg,sharing=locked slow two
FROM alpine AS fast
RUN fast
FROM alpine
COPY --from=slow /a /a
COPY --from=fast /b /b
"""
SECONDS = {"FROM": 0.0, "slow one": 5.0, "slow two": 4.0, "fast": 3.0, "--from=slow": 1.0, "--from=fast": 1.0}


@pytest.fixture
def trace(tmp_path: pathlib.Path) -> BuildTrace:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    return BuildTrace.of(recorded(tmp_path, seconds={"] RUN slow one": 5, "slow two": 4, "] RUN fast": 3, "FROM": 0, "COPY": 1}))


def by_line(trace: BuildTrace) -> dict[int, int]:
    return {node.line: node.number for node in trace.build.graph.nodes if node.kind != "source"}


def test_the_critical_path_is_the_longest_chain(trace: BuildTrace) -> None:
    assert trace.schedule.length_ns == 11 * SECOND_NS
    assert [node.line for node in trace.critical if node.kind != "source"] == [2, 3, 7, 8]


def test_slack_is_what_a_step_may_take_longer(trace: BuildTrace) -> None:
    slack = {line: trace.schedule.slack_ns[number] // SECOND_NS for line, number in by_line(trace).items()}
    assert slack == {2: 0, 3: 0, 5: 7, 7: 0, 8: 0}


def test_savings_are_bounds(trace: BuildTrace) -> None:
    graph, lines = trace.build.graph, by_line(trace)
    schedule = Schedule(graph, graph.runs)
    assert schedule.saved_if_removed_ns(graph.node(lines[2])) == 5 * SECOND_NS
    assert schedule.saved_if_removed_ns(graph.node(lines[5])) == 0
    # `slow one` is needed for nothing else; the copy behind it still waits for `fast` at its own second input
    assert schedule.saved_if_cached_ns(graph.node(lines[3])) == 7 * SECOND_NS
    assert schedule.saved_if_cached_ns(graph.node(lines[8])) == 11 * SECOND_NS


def test_min_carries_the_layers_of_the_result(trace: BuildTrace) -> None:
    modes, lines = cache_modes(trace.build.graph), by_line(trace)
    assert {line: modes[number] for line, number in lines.items()} == {2: "max", 3: "max", 5: "max", 7: "min", 8: "min"}
    (mount,) = cache_mounts(trace.build.graph)
    assert (mount.id, mount.target, mount.sharing, mount.line) == ("pkg", "/c", "locked", 3)


def test_json_has_the_documented_members(trace: BuildTrace) -> None:
    document = json.loads(trace_report.to_json(trace))
    assert problems(document) == []
    assert document["critical_path_ns"] == 11 * SECOND_NS
    step = next(step for step in document["steps"] if step["line"] == 5)
    assert (step["slack_ns"], step["is_critical"], step["cache_mode"]) == (7 * SECOND_NS, False, "max")


def test_text_has_the_path_the_slack_and_the_caches(trace: BuildTrace) -> None:
    text = trace_report.to_text(trace)
    assert "critical path 11.00s" in text
    assert "slow:2 RUN slow one" in text
    assert "7.00s  fast:5 RUN fast" in text
    assert "mode=min carries the results of 2 of 5 steps" in text
    assert "/c (locked, id pkg) of slow:3" in text


def test_chrome_events_have_times_in_microseconds(trace: BuildTrace) -> None:
    events = json.loads(trace_report.to_chrome(trace))["traceEvents"]
    complete = {event["name"]: event for event in events if event["ph"] == "X"}
    assert len(complete) == len(trace.build.runs)
    assert complete["[slow 2/3] RUN slow one"]["dur"] == 5_000_000
    rows = {event["tid"]: event["args"]["name"] for event in events if event["ph"] == "M"}
    assert rows[complete["[slow 2/3] RUN slow one"]["tid"]] == "slow"


def test_otlp_spans_are_children_of_the_build(trace: BuildTrace) -> None:
    (resource,) = json.loads(trace_report.to_otlp(trace))["resourceSpans"]
    root, *spans = resource["scopeSpans"][0]["spans"]
    assert len(spans) == len(trace.build.runs)
    assert {span["parentSpanId"] for span in spans} == {root["spanId"]}
    assert len({span["spanId"] for span in spans}) == len(spans)
    assert all(len(span["traceId"]) == 32 and len(span["spanId"]) == 16 for span in spans)


def test_a_build_without_a_critical_path_says_why(tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    build = recorded(tmp_path, cached=True, seconds={"": 0})
    assert "no step took any time" in trace_report.to_text(BuildTrace.of(build))
    runs = tuple(attrs.evolve(run, state="cached") for run in build.runs)
    text = trace_report.to_text(BuildTrace.of(attrs.evolve(build, runs=runs, graph=build.graph.with_runs(runs))))
    assert "all steps came from the cache, so there is no critical path" in text
    assert "Critical path, and by how much" not in text
