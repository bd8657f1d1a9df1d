"""Targets that answer a question, of the field `call` or of the flag: they need no engine, and are not built."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

from llbfront import bake

DEFINITION = """\
group "default" {
  targets = ["lint", "outl"]
}
target "lint" {
  description = "check the file"
  call = "check"
  target = "a"
}
target "outl" {
  call = "outline"
  args = { V = "q" }
}
target "app" {
  contexts = { dep = "target:dep" }
}
target "dep" {
  dockerfile-inline = "FROM scratch\\nCOPY x /\\n"
}
target "asked-dep" {
  call = "check"
  dockerfile-inline = "FROM scratch\\nCOPY x /\\n"
}
target "user" {
  contexts = { dep = "target:asked-dep" }
}
target "bad" {
  call = "check"
  dockerfile-inline = "RUNN x"
}
target "odd" {
  call = "nothing"
}
"""
DOCKERFILE = "FROM scratch as base\nARG V=1\nFROM base AS a\nCOPY x /y\nFROM a\n"


@pytest.fixture(autouse=True)
def directory(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "docker-bake.hcl").write_text(DEFINITION)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin", "BUILDKIT_HOST": "unix:///nowhere/buildkitd.sock"}
    command = [sys.executable, "-m", "llbfront", "bake", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)


def test_fields_ask_without_a_flag() -> None:
    done = run()
    assert done.returncode == 4, done.stderr
    assert done.stdout.startswith("lint\ncheck the file\n\nCheck complete, 1 warning has been found!\n")
    assert "\noutl\n\nBUILD ARG   VALUE   DESCRIPTION\nV           q       \n" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "headings"),
    [
        (["--check"], 4, ["lint", "outl"]),
        (["--call", "outline"], 0, ["lint", "outl"]),
        (["--call", "targets", "outl"], 0, ["outl"]),
        (["--call", "check,ignorestatus=true", "lint"], 0, ["lint"]),
        (["--call=build", "lint"], 4, ["lint"]),
        (["--set", "*.call=outline", "app"], 0, ["app", "dep"]),
        (["--set", "lint.call=outline", "lint"], 0, ["lint"]),
        (["--call", "outline", "app"], 0, ["app", "dep"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_the_targets_that_are_asked(words: list[str], code: int, headings: list[str]) -> None:
    done = run(*words)
    assert done.returncode == code, done.stderr
    names = {"lint", "outl", "app", "dep"}
    assert [line for line in done.stdout.splitlines() if line in names] == headings


@pytest.mark.parametrize(
    "words", [["--set", "lint.call=build", "lint"], ["--set", "lint.call=", "lint"], ["app"], ["user"]], ids=" ".join
)
def test_the_others_are_built(words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == 3  # an engine is needed
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["odd"], "llbfront: unknown method nothing (one of build, check, lint, outline, targets; in target odd)\n"),
        (["--call", "nothing", "app"], "llbfront: unknown method nothing (one of build, check, lint, outline, targets)\n"),
    ],
    ids=["field", "flag"],
)
def test_an_unknown_question_is_refused(words: list[str], message: str) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


def test_one_answer_that_fails_does_not_end_the_others() -> None:
    done = run("bad", "lint")
    assert done.returncode == 1
    assert "unknown instruction: RUNN" in done.stderr
    assert "in target bad" in done.stderr
    assert "lint\ncheck the file\n\nCheck complete, 1 warning" in done.stdout


def test_json_is_one_document() -> None:
    done = run("--call", "check,format=json", "lint", "bad")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["group"] == {"default": {"targets": ["bad", "lint"]}}
    lint, bad = document["target"]["lint"], document["target"]["bad"]
    assert lint["build"] == {
        "context": ".", "dockerfile": "Dockerfile", "target": "a", "call": "lint", "description": "check the file"
    }  # fmt: skip
    assert [warning["ruleName"] for warning in lint["check"]["warnings"]] == ["FromAsCasing"]
    assert "unknown instruction: RUNN" in bad["check"]["error"]


@pytest.mark.parametrize(("flag", "shown"), [("--call=outline", "outline"), ("--check", "lint"), ("--call=build", None)])
def test_the_printed_plan_has_the_question(flag: str, shown: str | None) -> None:
    plan = json.loads(run("--print", flag, "app").stdout)
    assert {name: target.get("call") for name, target in plan["target"].items()} == {"app": shown, "dep": shown}


def test_the_requests_of_a_plan() -> None:
    assert list(bake.plan(["lint", "app"]).requests()) == ["app", "dep"]
    assert list(bake.plan(["lint", "app"]).questions()) == ["lint"]
    assert set(bake.plan("user").requests()) == {"user", "asked-dep"}
    assert set(bake.plan("app", overrides="app.call=check").requests()) == set()
