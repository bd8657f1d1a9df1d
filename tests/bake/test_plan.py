"""Plans equal those that docker buildx bake prints, and definitions that it refuses are refused with a place."""

from __future__ import annotations

import json
import pathlib
import re

import pytest

from llbfront import bake
from llbfront.bake import files as definition_files
from llbfront.errors import BakeError
from tests.bake.cases import CASES, DEFINITIONS, Case
from tests.bake.golden import ENVIRONMENT, EXPECTED, in_order

RECORDED = json.loads(EXPECTED.read_text())
PLANNED = [case for case in CASES if RECORDED[case.name] is not None]
REFUSED = [case for case in CASES if RECORDED[case.name] is None]


@pytest.fixture(autouse=True)
def _in_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DEFINITIONS)
    monkeypatch.setenv("HOME", ENVIRONMENT["HOME"])


def planned(case: Case) -> bake.Plan:
    return bake.plan(
        case.targets,
        files=case.files,
        overrides=case.overrides,
        variables=dict(case.variables),
        environ={**ENVIRONMENT, **dict(case.environ)},
    )


@pytest.mark.parametrize("case", PLANNED, ids=lambda case: case.name)
def test_the_plan_is_that_of_buildx(case: Case) -> None:
    assert in_order(planned(case).to_json()) == RECORDED[case.name]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_buildx_refuses_is_refused_in_one_line(case: Case) -> None:
    with pytest.raises(BakeError) as refused:
        planned(case)
    assert str(refused.value)
    assert "\n" not in str(refused.value)


PLACES = {
    "error_syntax.hcl": 3,
    "error_unclosed.hcl": 1,
    "error_unknown_variable.hcl": 3,
    "error_unknown_function.hcl": 2,
    "error_cycle.hcl": 2,
    "error_matrix_name.hcl": 2,
    "error_types.hcl": 2,
    "error_output.hcl": 2,
    "error_function_argument.hcl": 2,
    "error_redefined.hcl": 3,
    "error_newline.hcl": 2,
    "error_escape.hcl": 2,
    "error_function_unknown_argument.hcl": 4,
    "error_json.json": 3,
    "error_json_template.json": 3,
    "error_reference_cycle.hcl": 1,
    "validation_fails.hcl": 4,
    "error_compose_key.yaml": 4,
    "error_compose_required.yaml": 4,
    "error_compose_syntax.yaml": 4,
    "error_compose_duplicate.yaml": 4,
    "error_compose_type.yaml": 3,
    "error_compose_interpolation.yaml": 3,
}


@pytest.mark.parametrize("name", PLACES)
def test_errors_name_the_line_and_mark_it(name: str) -> None:
    with pytest.raises(BakeError) as refused:
        planned(Case((name,)))
    assert str(refused.value).startswith(f"{name}:{PLACES[name]}: ")
    assert re.search(rf"^ *{PLACES[name]} \| >>> ", "\n".join(refused.value.explanation()), re.MULTILINE)


def test_misspelt_names_get_a_hint() -> None:
    with pytest.raises(BakeError, match=r"There is no variable named \"VERSIOM\"\. \(did you mean VERSION\?\)"):
        planned(Case(("error_unknown_variable.hcl",)))


def test_a_plan_can_be_changed() -> None:
    plan = planned(Case(("groups.hcl",)))
    plan.targets["web"].tags = ["changed"]
    assert plan.to_json()["target"]["web"]["tags"] == ["changed"]


def test_a_very_long_expression_is_refused_in_one_line(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "long.hcl"
    path.write_text(f'target "default" {{ args = {{ A = {" + ".join(["1"] * 5000)} }} }}\n')
    with pytest.raises(BakeError, match="nested too deep"):
        bake.plan(files=path, environ={})


@pytest.mark.parametrize("name", ["-", "definition"])
def test_a_compose_file_without_its_suffix_is_judged_as_one(
    name: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in it is not one of HCL."""
    path = tmp_path / "definition"
    path.write_text("services:\n  app:\n    build:\n      context: .\n      args:\n        A: ${MISSING:?it is not set}\n")
    monkeypatch.setattr(definition_files, "STANDARD_INPUT", str(path))
    with pytest.raises(BakeError, match="it is not set"):
        bake.plan("app", files=name if name == "-" else path, environ={})
