"""Plans equal those that docker buildx bake prints, and definitions that it refuses are refused with a place."""

from __future__ import annotations

import json
import pathlib
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

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
    monkeypatch.setattr(definition_files, "STDIN_PATH", str(path))
    with pytest.raises(BakeError, match="it is not set"):
        bake.plan("app", files=name if name == "-" else path, environ={})


def write(directory: pathlib.Path, name: str, text: str) -> pathlib.Path:
    file = directory / name
    file.write_text(text)
    return file


INHERITED, LINKED = 'inherits = ["@", "@"]', 'contexts = { a = "target:@", b = "target:@" }'


def chain(count: int, *lines: str) -> str:
    """Targets t0, t1, …, whose lines name the one before as `@`."""
    body = "\n".join(lines)
    return 'target "t0" {}\n' + "".join(
        f'target "t{number}" {{\n{body.replace("@", f"t{number - 1}")}\n}}\n' for number in range(1, count)
    )


@pytest.mark.parametrize("lines", [[INHERITED], [LINKED], [INHERITED, LINKED]], ids=["inherited", "linked", "both"])
@pytest.mark.timeout(60)
def test_targets_that_are_reached_in_many_ways_are_resolved_once(tmp_path: pathlib.Path, lines: list[str]) -> None:
    file = write(tmp_path, "docker-bake.hcl", chain(40, *lines))
    assert bake.plan("t39", files=file).targets["t39"].inherits is None


@pytest.mark.parametrize("line", [INHERITED, LINKED], ids=["inherited", "linked"])
def test_a_chain_that_is_too_long_is_refused_in_one_line(tmp_path: pathlib.Path, line: str) -> None:
    file = write(tmp_path, "docker-bake.hcl", chain(1500, line))
    with pytest.raises(BakeError, match="nested too deep") as caught:
        bake.plan("t1499", files=file)
    assert "\n" not in str(caught.value)


def test_a_reference_reads_targets_that_follow_it(tmp_path: pathlib.Path) -> None:
    text = 'target "a" { tags = target.b.tags }\ntarget "b" { tags = target.c.tags }\ntarget "c" { tags = ["x"] }\n'
    assert bake.plan("a", files=write(tmp_path, "docker-bake.hcl", text)).targets["a"].tags == ["x"]


REFUSED_TEXTS = {
    "huge number": ('{"target": {"a": {"shm-size": 1e99999}}}', "number is too large"),
    "number of many digits": ('{"target": {"a": {"shm-size": ' + "1" * 20_000 + "}}}", "number is too large"),
    "digits that are not ASCII": ('{"target": {"a": {"shm-size": \u0661}}}', "Invalid JSON"),
    "large matrix": (
        '{"target": {"a": {"name": "t${x}-${y}", "matrix": {"x": "${range(1000)}", "y": "${range(1000)}"}}}}',
        "1000000 combinations",
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSED_TEXTS))
def test_numbers_that_cannot_be_read_are_refused(tmp_path: pathlib.Path, case: str) -> None:
    text, message = REFUSED_TEXTS[case]
    with pytest.raises(BakeError, match=message) as refused:
        bake.plan("a", files=write(tmp_path, "docker-bake.json", text))
    assert refused.value.span is not None


@pytest.mark.parametrize(
    "field",
    [
        '"args": {"\\udcff": "x"}',
        '"args": {"a": "\\ud800"}',
        '"dockerfile-inline": "FROM \\ud800"',
        '"args": {"a": "${jsondecode(\\"\\\\\\"\\\\\\\\ud800\\\\\\"\\")}"}',
    ],
)
def test_lone_surrogates_in_json_are_replaced_as_in_go(tmp_path: pathlib.Path, field: str) -> None:
    file = write(tmp_path, "docker-bake.json", f'{{"target": {{"a": {{{field}}}}}}}')
    printed = json.dumps(bake.plan("a", files=file).to_json(), ensure_ascii=False)
    assert "\ufffd" in printed
    assert printed.encode()


def test_a_group_where_a_target_is_needed_is_named_as_such(tmp_path: pathlib.Path) -> None:
    text = 'target "app" {\n  name = "app-${v}"\n  matrix = { v = ["a"] }\n}\ntarget "default" { inherits = ["app"] }\n'
    with pytest.raises(BakeError, match=r"failed to find target app \(app is a group\)"):
        bake.plan(files=write(tmp_path, "docker-bake.hcl", text))


def test_keys_of_a_compose_file_are_beside_it(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir/key").write_bytes(key)
    write(tmp_path, "dir/included.yaml", "services:\n  app:\n    build:\n      context: .\n      ssh: [own=./key]\n")
    write(tmp_path, "compose.yaml", "include: [dir/included.yaml]\n")
    monkeypatch.chdir(tmp_path)
    assert bake.plan("app", files="compose.yaml").to_json()["target"]["app"]["ssh"] == [{"id": "own", "paths": ["dir/key"]}]
