"""The tools of the comparison: the same seed makes the same cases, a difference is seen and named, a failure is made small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.differential import compare, filters, run
from tests.differential.explain import explain
from tests.differential.generator.cases import make
from tests.differential.shrink import shrink

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow

GOOD: dict[str, Any] = {
    "error": None,
    "ops": ["sha256:1"],
    "metadata": {},
    "image": {"os": "linux"},
    "meta": {"k": "v"},
    "warnings": [],
}


def kinds(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    return [difference.kind for difference in compare.differences({**GOOD, **ours}, {**GOOD, **theirs})]


def test_the_same_seed_makes_the_same_cases() -> None:
    assert [make(3, number) for number in range(50)] == [make(3, number) for number in range(50)]
    assert make(3, 0) != make(4, 0)


def test_every_kind_of_difference_is_named() -> None:
    assert kinds({}, {}) == []
    assert kinds({"error": "x"}, {"error": "y"}) == []
    assert kinds({"error": "x"}, {}) == ["error"]
    assert kinds({"ops": []}, {}) == ["ops"]
    assert kinds({"metadata": {"sha256:1": {"ignore_cache": True}}}, {}) == ["metadata"]
    assert kinds({"metadata": {"sha256:1": {"caps": {}}}}, {"metadata": {"sha256:1": {}}}) == []
    assert kinds({"image": {"a": 1, "b": 2}}, {"image": {"b": 2, "a": 1}}) == ["image"]
    assert kinds({"meta": {}}, {}) == ["meta"]
    assert kinds({"warnings": [{"rule": "R"}]}, {}) == ["warnings"]
    assert kinds({"platforms": {"linux/amd64": GOOD}}, {}) == ["platforms"]
    assert kinds({"platforms": {"p": {**GOOD, "ops": []}}}, {"platforms": {"p": GOOD}}) == ["ops"]


def test_ids_of_progress_groups_do_not_count_in_a_converted_graph() -> None:
    text = '{"def": {}, "metadata": {"sha256:1": {"progress_group": {"id": "%s"}}}}'
    assert kinds({"meta": {"result.json": text % "a"}}, {"meta": {"result.json": text % "b"}}) == []


def test_an_op_that_differs_is_shown_field_by_field() -> None:
    cases = [{"id": "1", "dockerfile": f"FROM alpine\nRUN {word}\n", "caps": "all", "def": True} for word in ("one", "two")]
    [answers] = filters.ask(cases, filters.oracle())
    differences = compare.differences(*answers)
    shown = "\n".join(explain(cases[0], differences, *answers))
    assert [difference.kind for difference in differences] == ["ops", "image", "sources"]
    assert "the first difference is number 1" in shown
    assert '-    "two"' in shown
    assert '+    "one"' in shown


def test_a_failing_case_is_made_small() -> None:
    case = {
        "id": "1",
        "dockerfile": "FROM a AS b\nRUN one two\n# note\nCOPY x y\nRUN bad three\nUSER me\n",
        "opts": {"target": "b", "platform": "linux/arm64"},
        "images": {"a": {"digest": "d"}},
    }

    def failing(cases: Sequence[filters.Case]) -> list[bool]:
        return ["RUN bad" in candidate["dockerfile"] and "target" in candidate["opts"] for candidate in cases]

    small = shrink(case, failing)
    assert small["dockerfile"] == "RUN bad"
    assert small["opts"] == {"target": "b"}
    assert small["images"] == {}


def test_the_reference_agrees_with_itself() -> None:
    judges = run.Judges(filters.oracle(), filters.oracle())
    tally = run.run(judges, (make(11, number) for number in range(300)))
    assert tally.cases == 300
    assert tally.accepted > 150
    assert [failure.case["id"] for failure in tally.failures] == []


def test_a_case_that_crashes_the_reference_does_not_stop_the_run() -> None:
    endless = {"docker.io/library/x:latest": {"config": {"config": {"OnBuild": ["COPY --from=x a b"]}}}}
    cases: list[filters.Case] = [
        {"id": "endless", "dockerfile": "FROM x", "images": endless},
        {"id": "good", "dockerfile": "FROM scratch"},
    ]
    [[dead, good]] = filters.ask(cases, filters.oracle())
    assert dead["error"].startswith(run.PANIC)
    assert good["error"] is None
