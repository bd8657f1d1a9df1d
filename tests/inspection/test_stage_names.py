"""Stages and steps have the names of the progress of a build in every report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.cli.main import main
from llbfront.inspection import build_steps, diff_report, inputs_report, stages, trace_report
from llbfront.inspection.diagram import report
from llbfront.inspection.formats import Graph
from llbfront.inspection.stage_names import is_named, step_place
from tests.inspection.records import recorded

if TYPE_CHECKING:
    import pathlib

# the stage of each COPY of a Dockerfile, by its line
CASES = {
    "one stage without a name": ("FROM scratch\nCOPY f /\n", {2: "stage-0"}),
    "one stage with a name": ("FROM scratch AS app\nCOPY f /\n", {2: "app"}),
    "a name in capitals": ("FROM scratch AS App\nCOPY f /\n", {2: "app"}),
    "a global ARG": ("ARG V=1\nFROM scratch\nCOPY f /\n", {3: "stage-0"}),
    "two stages without names": ("FROM scratch\nCOPY f /a\nFROM scratch\nCOPY f /b\nCOPY --from=0 / /\n", {2: "stage-0", 4: "stage-1", 5: "stage-1"}),
    "a name between": ("FROM scratch AS a\nCOPY f /\nFROM scratch\nCOPY --from=a / /\n", {2: "a", 4: "stage-1"}),
    "a stage that continues": ("FROM scratch AS a\nCOPY f /\nFROM a\nCOPY f /g\n", {2: "a", 4: "stage-1"}),
    "a skipped stage": ("FROM scratch\nCOPY f /x\nFROM scratch\nCOPY f /\n", {4: "stage-1"}),
    "a skipped stage with a name": ("FROM scratch AS x\nCOPY f /x\nFROM scratch\nCOPY f /\n", {4: "stage-1"}),
    "COPY --link": ("FROM scratch\nCOPY --link f /\n", {2: "stage-0"}),
    "a name like a number": ("FROM scratch AS stage-7\nCOPY f /\n", {2: "stage-7"}),
    "a comment above": ("# syntax\n\nFROM scratch\nCOPY f /\n", {4: "stage-0"}),
    "two names": ("FROM scratch AS one\nCOPY f /\nFROM scratch AS two\nCOPY --from=one / /\n", {2: "one", 4: "two"}),
}  # fmt: skip


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> tuple[pathlib.Path, dict[int, str]]:
    text, expected = CASES[request.param]
    (tmp_path / "Dockerfile").write_text(text)
    (tmp_path / "f").write_text("")
    return tmp_path, expected


def _by_line(steps: list[dict[str, object]]) -> dict[object, object]:
    return {step["line"]: step["stage"] for step in steps if step["line"] and not str(step["instruction"]).startswith("FROM")}


def test_all_reports_name_stages_alike(case: tuple[pathlib.Path, dict[int, str]]) -> None:
    root, expected = case
    build = recorded(root)
    graph = llbfront.convert(root)
    copies = dict(line for line in expected.items() if "--from" not in (root / "Dockerfile").read_text().splitlines()[line[0] - 1])
    for each in (graph, build.graph, Graph.load(graph.definition.encode())):  # a loaded graph has the Dockerfile, no facts
        assert {node.line: node.stage for node in each.nodes if node.is_step and node.kind != "source"} == expected
        assert {step.line: step.stage for step in build_steps.steps_of(each)} == expected
        drawn = {node["lines"].rpartition(":")[2]: node["stage"] for node in json.loads(report.to_json(each))["nodes"]}
        assert {str(line): stage for line, stage in expected.items()}.items() <= drawn.items()
    assert _by_line(json.loads(inputs_report.to_json(graph.inputs(), ()))["steps"]) == copies
    assert _by_line(json.loads(trace_report.to_json(trace_report.BuildTrace.of(build)))["steps"]) == expected
    assert {status.name for status in stages.stage_statuses(graph)} >= set(expected.values())


def test_differences_name_stages_as_other_reports(case: tuple[pathlib.Path, dict[int, str]]) -> None:
    root, expected = case
    before = llbfront.convert(root)
    after = llbfront.convert((root / "Dockerfile").read_text().replace(" f /", " f /other/"))
    differences = json.loads(diff_report.Report(before, after).to_json())["differences"]
    named = {each["line"]: each["stage"] for each in differences if each["kind"] == "changed" and each["line"]}
    assert named and named.items() <= expected.items()


def test_targets_are_listed_by_the_same_names(
    case: tuple[pathlib.Path, dict[int, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    root, expected = case
    assert main(["targets", str(root)]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]} >= set(expected.values())


def test_a_graph_without_a_dockerfile_has_no_stages() -> None:
    graph = llbfront.convert("FROM scratch\nCOPY f /\n")
    bare = Graph.load(graph.definition.encode())
    assert [node.stage for node in bare.nodes if not node.is_step] == [None]
    assert step_place(None, 3) == "-:3"
    assert step_place("build", 3) == "build:3"


def test_a_stage_without_a_name_is_no_target() -> None:
    facts = llbfront.convert("FROM scratch\nFROM scratch AS stage-7\nCOPY f /\n").facts
    assert [is_named(stage, number) for number, stage in enumerate(facts.stages)] == [False, True]
