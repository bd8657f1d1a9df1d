"""Why steps ran, from records of builds."""

from __future__ import annotations

import json
import pathlib
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llbfront.inspection import why_report
from llbfront.inspection.why import explain
from tests.inspection.records import recorded
from tests.support.json_forms import problems

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD = "FROM alpine AS build\nARG V=1\nENV A=$V B=2\nWORKDIR /w\n"
TAIL = "COPY src .\nRUN make\nFROM alpine\nCOPY --from=build /w /w\n"
# What changes: the text of the Dockerfile, options, and the causes by line.
CHANGES: Mapping[str, tuple[tuple[str, str], dict[str, str], dict[int, tuple[str, str]]]] = {
    "default of an argument": (("V=1", "V=3"), {}, {6: ("build-argument", "V")}),
    "build argument": (("", ""), {"V": "9"}, {6: ("build-argument", "V")}),
    "environment": (("B=2", "B=3"), {}, {6: ("environment", "B")}),
    "instruction": (("RUN make", "RUN make all"), {}, {6: ("instruction", ""), 8: ("earlier-step", "")}),
    "inserted step": (("COPY src", "RUN new\nCOPY src"), {}, {5: ("instruction", ""), 6: ("earlier-step", "")}),
    "directory": (("/w\nCOPY", "/v\nCOPY"), {}, {4: ("instruction", ""), 6: ("instruction", "")}),
    "option of RUN": (("RUN make", "RUN --network=none make"), {}, {6: ("option", "network")}),
    "mount of RUN": (("RUN make", "RUN --mount=type=cache,target=/c make"), {}, {6: ("option", "mount")}),
    "secret of RUN": (("RUN make", "RUN --mount=type=secret,id=s make"), {}, {6: ("option", "secret id")}),
    "image": (("FROM alpine AS", "FROM debian AS"), {}, {4: ("base-image", "docker.io/library/debian:latest")}),
    "platform": (("", ""), {"platform": "linux/arm64"}, {4: ("platform", "linux/arm64"), 8: ("platform", "linux/arm64")}),
    "user": (("RUN make", "USER 3\nRUN make"), {}, {7: ("instruction", "")}),
    "shell": (("RUN make", 'SHELL ["/bin/ash", "-c"]\nRUN make'), {}, {7: ("instruction", "")}),
    "copy": (("COPY src .", "COPY --chmod=700 src ."), {}, {5: ("instruction", ""), 6: ("earlier-step", "")}),
}


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.c").write_text("main")
    (tmp_path / "Dockerfile").write_text(HEAD + TAIL)
    return tmp_path


def causes(*explanations: Any) -> dict[int, tuple[str, str]]:
    return {each.step.line: (each.cause.kind, each.cause.name) for each in explanations if each.cause}


@pytest.mark.parametrize("change", CHANGES)
def test_the_cause_of_a_changed_dockerfile(root: pathlib.Path, change: str) -> None:
    (old, new), options, expected = CHANGES[change]
    before = recorded(root)
    dockerfile = root / "Dockerfile"
    text = dockerfile.read_text()
    assert old in text
    dockerfile.write_text(text.replace(old, new, 1))
    explained = causes(*explain(recorded(root, **options), before))
    assert {line: explained[line] for line in expected} == expected


def test_without_an_earlier_build_all_steps_are_first(root: pathlib.Path) -> None:
    assert {kind for kind, _ in causes(*explain(recorded(root))).values()} == {"first-build"}


def test_a_step_that_ran_without_a_change_was_lost(root: pathlib.Path) -> None:
    assert {kind for kind, _ in causes(*explain(recorded(root), recorded(root))).values()} == {"cache-lost"}


def test_cached_steps_have_no_cause(root: pathlib.Path) -> None:
    explanations = explain(recorded(root, cached=True), recorded(root))
    assert {each.state for each in explanations} == {"cached"}
    assert causes(*explanations) == {}


def test_of_several_builds_the_nearest_is_compared(root: pathlib.Path) -> None:
    same = recorded(root)
    (root / "src/main.c").write_text("other")
    other = recorded(root, V="5")
    (root / "src/main.c").write_text("third")
    explanations = explain(recorded(root), other, same)
    assert causes(*explanations)[5] == ("file-content", "")
    assert {each.compared_with for each in explanations if each.step.line == 6} == {same}


def test_a_step_that_failed_before_runs_for_the_first_time(root: pathlib.Path) -> None:
    before = recorded(root)
    make = next(node.digest for node in before.graph.nodes if "RUN make" in node.name)
    failed = attrs.evolve(before.graph.runs[make], state="failed")
    graph = attrs.evolve(before.graph, runs={**before.graph.runs, make: failed})
    assert causes(*explain(recorded(root), attrs.evolve(before, graph=graph)))[6][0] == "first-build"


def test_json_and_text_name_the_cause(root: pathlib.Path) -> None:
    before = recorded(root)
    (root / "src/main.c").rename(root / "src/moved.c")
    build = recorded(root)
    explanations = explain(build, before)
    document = json.loads(why_report.to_json(build, explanations))
    steps = {step["line"]: step for step in document["steps"]}
    cause = steps[5]["cause"]
    assert problems(document) == []
    assert (cause["kind"], cause["from"], cause["path"], cause["line"]) == ("file-renamed", "src/main.c", "src/moved.c", 5)
    assert (steps[6]["cause"]["kind"], steps[6]["cause"]["line"]) == ("earlier-step", 5)
    assert (steps[5]["stage"], steps[5]["state"], steps[5]["instruction"]) == ("build", "ran", "COPY src .")
    text = why_report.to_text(build, explanations, now_ns=3 * 60 * 10**9)
    assert "file-renamed: src/main.c was renamed to src/moved.c" in text
    assert "the step of line 5 ran" in text
    assert "2 minutes ago" in text


def test_a_changed_secret_is_said_and_no_cause(root: pathlib.Path) -> None:
    before, build = (attrs.evolve(recorded(root), secrets={"token": value}) for value in (b"a", b"b"))
    assert why_report.changed_secrets(build, before) == ["token"]
    assert "The content of the secret token changed" in why_report.to_text(build, explain(build, before), now_ns=0)
