"""`llbfront build --call`: the answers are those of the commands that are called so."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from llbfront.cli.main import main

ROOT = pathlib.Path(__file__).parents[1]
DOCKERFILE = "# base what all stand on\nFROM alpine AS base\nARG V=1\nENV a $V\nFROM base AS last\nARG W=2\nRUN echo $W\n"
TARGETS = "TARGET         DESCRIPTION\nbase           what all stand on\nlast (default) \n"


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
        (("--call=check", "--platform", "linux/arm64"), ("check", "--platform", "linux/arm64")),
    ],
)  # fmt: skip
def test_a_question_is_answered_as_by_its_command(run: Any, flags: tuple[str, ...], command: tuple[str, ...]) -> None:
    answer = run("build", *flags, ".")
    assert answer == run(*command, ".")
    assert answer[1]


def test_targets_are_the_table_of_buildx(run: Any) -> None:
    code, out, err = run("build", "--call=targets", "-f", "Dockerfile", ".")
    assert (code, err) == (0, "")
    assert out == TARGETS


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
    document = json.loads(run(*words, "--call=check,format=json")[1])
    (warning,) = document["warnings"]
    assert document["sources"][warning["location"]["sourceIndex"]]["filename"] == "common"


def make_frontend(folder: pathlib.Path, body: str) -> str:
    path = folder / "own.py"
    path.write_text(f"from llbfront import llb\n\n\ndef frontend(build):\n    return {body}\n")
    return str(path)


WARNED = "FROM scratch AS a\nENV a b\n"
BROKEN = "FROM scratch\nRUNN x\n"
BOTH = "FROM scratch AS A\nFROM scratch\nCOPY --from=${X?no} a b\n"
CHECKS = {
    "nothing": ("FROM scratch\n", 0, "Check complete, no warnings found.\n", ""),
    "a warning": (WARNED, 4, "Check complete, 1 warning has been found!\n\nWARNING: LegacyKeyValueFormat", ""),
    "an error": (BROKEN, 1, "", "Dockerfile:2: "),
    "a warning and an error": (
        BOTH,
        1,
        "Check complete, 1 warning has been found!\n\nWARNING: StageNameCasing",
        "llbfront: failed to process",
    ),
}


@pytest.mark.parametrize("by", ["check", "build --check", "build --frontend"])
@pytest.mark.parametrize("case", CHECKS)
def test_a_check_prints_what_docker_prints(run: Any, tmp_path: pathlib.Path, case: str, by: str) -> None:
    text, code, out, err = CHECKS[case]
    (tmp_path / "Dockerfile").write_text(text)
    words = {
        "check": ("check",),
        "build --check": ("build", "--check"),
        "build --frontend": ("build", "--check", "--frontend", make_frontend(tmp_path, "build.source")),
    }[by]
    answer = run(*words)
    assert answer[0] == code
    assert answer[1].startswith(out)
    assert ("no warnings found" in answer[1]) == (code == 0)
    assert err in answer[2]


@pytest.mark.parametrize("method", ["check", "outline", "targets"])
def test_a_frontend_that_returns_an_image_cannot_be_asked_about_a_dockerfile(run: Any, tmp_path: pathlib.Path, method: str) -> None:
    code, out, err = run("build", "--frontend", make_frontend(tmp_path, "llb.scratch()"), "--call", method)
    name = {"check": "lint"}.get(method, method)
    hint = "the frontend returns an image; this needs a frontend that returns a Dockerfile"
    assert (code, out, err) == (1, "", f"llbfront: unsupported request frontend.{name} ({hint})\n")


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (("--push", "-t", "app"), "--push has"),
        (("-o", "out"), "--output has"),
        (("--load",), "--load has"),
        (("--cache-to", "type=inline"), "--cache-to has"),
        (("--iidfile", "iid"), "--iidfile has"),
        (("--metadata-file", "metadata.json"), "--metadata-file has"),
        (("-o", "type=oci,dest=a.tar", "--iidfile", "iid"), "--output, --iidfile have"),
    ],
)
@pytest.mark.parametrize(("method", "expected"), [("check", 4), ("outline", 0), ("targets", 0)])
def test_flags_about_a_result_have_no_effect_on_a_question(
    run: Any, flags: tuple[str, ...], named: str, method: str, expected: int
) -> None:
    code, _, err = run("build", "--call", method, *flags, ".")
    assert code == expected
    assert err.splitlines()[0] == f"llbfront: warning: --call and --check build nothing: {named} no effect"
