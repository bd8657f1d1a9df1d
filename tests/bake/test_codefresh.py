"""Build steps of codefresh.yml become targets; the other steps are listed with the reason."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from llbfront import bake
from llbfront.bake.codefresh.conditions import decide
from llbfront.errors import BakeError

VARIABLES = {"TAG": "1.2", "CF_BRANCH": "main", "CF_BRANCH_TAG_NORMALIZED": "main", "EMPTY": ""}


def planned(tmp_path: pathlib.Path, text: str, *targets: str) -> bake.Plan:
    path = tmp_path / "codefresh.yml"
    path.write_text(f"version: '1.0'\nsteps:\n{text}")
    return bake.plan(targets, files=path, variables=VARIABLES, environ={})


FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "image_name": ("image_name: org/app", {"tags": ["org/app:main"]}),
    "tag": ("image_name: org/app\n    tag: ${{TAG}}", {"tags": ["org/app:1.2"]}),
    "tags": ("image_name: org/app\n    tags: [a, '${{TAG}}']", {"tags": ["org/app:a", "org/app:1.2"]}),
    "old spelling": ("image-name: org/app\n    tag: x", {"tags": ["org/app:x"]}),
    "working directory": ("working_directory: ./sub/dir", {"context": "sub/dir"}),
    "checkout": ("working_directory: ${{main_clone}}/app", {"context": "app"}),
    "volume": ("working_directory: /codefresh/volume/${{CF_REPO_NAME}}", {"context": "."}),
    "dockerfile": ("dockerfile: docker/Dockerfile.prod", {"dockerfile": "docker/Dockerfile.prod"}),
    "inline": ("dockerfile: {content: FROM alpine}", {"dockerfile-inline": "FROM alpine", "dockerfile": "Dockerfile"}),
    "arguments": ("build_arguments: [A=1, 'B=${{TAG}}', TAG, MISSING]", {"args": {"A": "1", "B": "1.2", "TAG": "1.2"}}),
    "argument mapping": ("build_arguments: {A: 1, B: true}", {"args": {"A": "1", "B": "true"}}),
    "target": ("target: test", {"target": "test"}),
    "platform": ("platform: linux/amd64, linux/arm64", {"platforms": ["linux/amd64", "linux/arm64"]}),
    "cache": (
        "buildkit: true\n    cache_from: [org/app:cache]\n    cache_to: ['type=inline']",
        {"cache-from": [{"type": "registry", "ref": "org/app:cache"}], "cache-to": [{"type": "inline"}]},
    ),
    "no cache": ("no_cache: true", {"no-cache": True}),
    "unknown variable": ("image_name: org/app\n    tag: ${{NOBODY_KNOWS}}", {"tags": ["org/app:${{NOBODY_KNOWS}}"]}),
}


@pytest.mark.parametrize("name", FIELDS)
def test_fields_of_build_steps(tmp_path: pathlib.Path, name: str) -> None:
    text, expected = FIELDS[name]
    plan = planned(tmp_path, f"  app:\n    type: build\n    {text}\n").to_json()["target"]["app"]
    assert {key: plan.get(key) for key in expected} == expected


def test_steps_nest_and_others_are_listed(tmp_path: pathlib.Path) -> None:
    plan = planned(
        tmp_path,
        """\
  clone: {type: git-clone, repo: a/b}
  both sides:
    type: parallel
    steps:
      one: {type: build, image_name: a, working_directory: '${{clone}}/one'}
      inner:
        type: parallel
        steps:
          two: {type: build, image_name: b}
  tests: {image: alpine, commands: [ls]}
  skipped: {type: build, image_name: c, when: {branch: {only: [release]}}}
""",
    )
    assert set(plan.targets) == {"one", "two"}
    assert plan.targets["one"].context == "one"
    assert [(step.name, step.reason) for step in plan.not_run] == [
        ("clone", "steps of type git-clone are not run"),
        ("tests", "steps of type freestyle are not run"),
        ("skipped", "its condition does not hold"),
    ]


def test_a_parallel_step_is_a_group(tmp_path: pathlib.Path) -> None:
    text = "  all: {type: parallel, steps: {one: {type: build, image_name: a}}}\n  two: {type: build, image_name: b}\n"
    assert set(planned(tmp_path, text, "all").targets) == {"one"}


@pytest.mark.parametrize(
    ("when", "runs"),
    [
        (None, True),
        ({"branch": {"only": ["main"]}}, True),
        ({"branch": {"only": ["release"]}}, False),
        ({"branch": {"only": ["/^m/"]}}, True),
        ({"branch": {"ignore": ["main"]}}, False),
        ({"branch": {"ignore": ["/MAIN/i"]}}, False),
        ({"condition": {"all": {"a": "'${{TAG}}' == '1.2'"}}}, True),
        ({"condition": {"all": {"a": "'${{TAG}}' != '1.2'"}}}, False),
        ({"condition": {"all": {"a": "'${{TAG}}' == '1.2'", "b": "'${{UNKNOWN}}' == 'x'"}}}, None),
        ({"condition": {"any": {"a": "'x' == 'x'", "b": "'${{UNKNOWN}}' == 'x'"}}}, True),
        ({"condition": {"all": {"a": "'${{EMPTY}}' == ''"}}}, True),
        ({"condition": {"all": {"a": "lower('ABC') == 'abc' && '1' == '1'"}}}, True),
        ({"condition": {"all": {"a": "match('${{CF_BRANCH}}', '^ma', false)"}}}, True),
        ({"condition": {"all": {"a": "steps.build.result == 'success'"}}}, None),
        ({"steps": [{"name": "x", "on": ["success"]}]}, True),
    ],
)
def test_conditions_are_decided_as_far_as_possible(when: Any, runs: bool | None) -> None:
    assert decide(when, VARIABLES) is runs


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  app: text\n", "codefresh.yml:3: the step app must be a mapping"),
        ("  app: {type: build\n", "codefresh.yml:4: not valid YAML"),
        ("  app: {type: build, cache_to: ['type']}\n  b: [", "not valid YAML"),
        ("  app: {type: build, secrets: [nothing]}\n", "codefresh.yml:3: invalid value nothing"),
    ],
)
def test_errors_name_the_line(tmp_path: pathlib.Path, text: str, message: str) -> None:
    with pytest.raises(BakeError) as refused:
        planned(tmp_path, text)
    assert message in str(refused.value)


MISSING = {
    "one in one step": (
        "  a: {type: build, image_name: '${{ONE}}'}",
        "target a: the variable ONE has no value (set it with --var ONE=VALUE)",
    ),
    "one in two steps": (
        "  a: {type: build, image_name: '${{ONE}}'}\n  b: {type: build, image_name: '${{ONE}}'}",
        "target a, b: the variable ONE has no value (set it with --var ONE=VALUE)",
    ),
    "two in one step": (
        "  a: {type: build, image_name: '${{ONE}}', dockerfile: '${{TWO}}'}",
        "variables have no value: TWO (target a), ONE (target a) (set them with --var TWO=VALUE --var ONE=VALUE)",
    ),
    "two in two steps": (
        "  a: {type: build, image_name: '${{ONE}}'}\n  b: {type: build, image_name: '${{TWO}}-${{ONE}}'}",
        "variables have no value: ONE (target a, b), TWO (target b) (set them with --var ONE=VALUE --var TWO=VALUE)",
    ),
    "in an argument": (
        "  a: {type: build, tag: t, build_arguments: ['A=${{ONE}}']}",
        "target a: the variable ONE has no value (set it with --var ONE=VALUE)",
    ),
    "in a directory": (
        "  a: {type: build, tag: t, working_directory: './${{ ONE }}'}",
        "target a: the variable ONE has no value (set it with --var ONE=VALUE)",
    ),
}


@pytest.mark.parametrize(("text", "message"), MISSING.values(), ids=MISSING)
def test_all_variables_without_values_are_named(tmp_path: pathlib.Path, text: str, message: str) -> None:
    with pytest.raises(BakeError) as refused:
        planned(tmp_path, f"{text}\n").requests()
    assert str(refused.value) == message


def test_a_bake_file_may_hold_such_a_text(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docker-bake.json").write_text('{"target": {"default": {"args": {"A": "$${{ONE}}"}}}}')
    monkeypatch.chdir(tmp_path)
    assert bake.plan().requests()["default"].request.build_args == {"A": "${{ONE}}"}


def test_a_variable_without_value_is_an_error_of_the_build(tmp_path: pathlib.Path) -> None:
    plan = planned(tmp_path, "  app: {type: build, image_name: org/app, tag: '${{NOBODY_KNOWS}}'}\n")
    with pytest.raises(BakeError, match="the variable NOBODY_KNOWS has no value"):
        plan.requests()
