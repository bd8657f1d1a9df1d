"""`llbfront build --call`: the answers are those of the commands that are called so."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from llbfront.cli.main import main

ROOT = pathlib.Path(__file__).parents[1]
DOCKERFILE = "# base what all stand on\nFROM alpine AS base\nARG V=1\nENV a $V\nFROM base AS last\nARG W=2\nRUN echo $W\n"


@pytest.fixture
def run(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)

    def call(*arguments: str) -> tuple[int, str, str]:
        return main(arguments), *capsys.readouterr()

    return call


@pytest.mark.parametrize(
    ("flags", "command"),
    [
        (("--check",), ("check",)),
        (("--call", "check"), ("check",)),
        (("--call=lint,format=json",), ("check", "--json")),
        (("--call=outline",), ("outline",)),
        (("--call=outline,format=json", "--target", "base", "--build-arg", "V=5"), ("outline", "--json", "--target", "base", "--build-arg", "V=5")),
        (("--call=targets", "-f", "Dockerfile"), ("targets", "-f", "Dockerfile")),
        (("--call=check", "--platform", "linux/arm64"), ("check", "--platform", "linux/arm64")),
    ],
)  # fmt: skip
def test_a_question_is_answered_as_by_its_command(run: Any, flags: tuple[str, ...], command: tuple[str, ...]) -> None:
    asked = run("build", *flags, ".")
    assert asked == run(*command, ".")
    assert asked[1]


def test_the_status_can_be_ignored(run: Any) -> None:
    assert run("build", "--check", ".")[0] == 4
    assert run("build", "--call=check,ignorestatus=true", ".")[0] == 0
    code, out, _ = run("build", "--call=check,format=json,ignorestatus=1", ".")
    assert (code, json.loads(out)["warnings"][0]["ruleName"]) == (0, "LegacyKeyValueFormat")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--call=outlines",), "unknown method outlines (did you mean outline?)"),
        (("--call=check,format=xml",), "invalid call 'check,format=xml'"),
        (("--call=check,colour=red",), "invalid call 'check,colour=red'"),
        (("--call=check,ignorestatus=maybe",), "invalid call 'check,ignorestatus=maybe'"),
        (("--check", "--platform", "linux/amd64,linux/arm64"), "--call=check looks at one platform"),
        (("--check", "--addr", "unix:///nowhere.sock"), "unix:///nowhere.sock"),
    ],
)
def test_what_cannot_be_asked_is_one_line(run: Any, flags: tuple[str, ...], message: str) -> None:
    code, out, err = run("build", *flags, ".")
    assert code == (3 if "--addr" in flags else 2)
    assert message in err.splitlines()[0]
    assert out == ""


def test_a_frontend_of_ones_own_answers(run: Any, tmp_path: pathlib.Path) -> None:
    (tmp_path / "common").write_text("# tools\nENV a b\n")
    (tmp_path / "Dockerfile").write_text("FROM alpine AS first\nINCLUDE common\n")
    words = ("build", "--frontend", str(ROOT / "examples/include/include.py"))
    assert run(*words, "--call", "targets")[1].splitlines()[1].startswith("first")
    code, out, _ = run(*words, "--check")
    assert code == 4
    assert "common:2\n" in out
    found = json.loads(run(*words, "--call=check,format=json")[1])
    (warning,) = found["warnings"]
    assert found["sources"][warning["location"]["sourceIndex"]]["filename"] == "common"
