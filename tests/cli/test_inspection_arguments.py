"""Arguments of the inspection commands: contexts that only an engine can read, a Dockerfile of two megabytes, and options that exclude each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from llbfront.cli.main import main

if TYPE_CHECKING:
    import pathlib

OFFLINE = ("graph", "llb", "inputs", "stages", "check", "outline", "targets", "diff")
LINES = 40_000
COMMENTS = "FROM alpine\n" + "".join(f"# line {number} of a comment that is long enough for this test\n" for number in range(LINES))
HEREDOC = (
    "FROM alpine\nRUN <<EOF\n" + "".join(f"echo line {number} of a script that is long\n" for number in range(LINES)) + "EOF\n"
)


@pytest.fixture(autouse=True)
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LLBFRONT_RECORD", "1")
    (tmp_path / "Dockerfile").write_text("FROM alpine\nCOPY a /\n")
    (tmp_path / "a").write_text("a")
    (tmp_path / "changes").write_text("a\n")
    return tmp_path


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    """The only line of standard error, with nothing on standard output."""
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line


@pytest.mark.parametrize("context", ["https://web.test/app.git#main", "git@web.test:app", "http://web.test/context.tar"])
@pytest.mark.parametrize("command", [*OFFLINE, "affected"])
def test_a_context_that_is_not_here_is_named_with_what_to_do(
    capsys: pytest.CaptureFixture[str], command: str, context: str
) -> None:
    more = ["--files", "changes"] if command == "affected" else []
    assert main([command, *more, context]) == 2
    line = complaint(capsys)
    assert line == f"llbfront: the context {context} can only be read with an engine (clone it, and name the directory)"


@pytest.mark.parametrize("command", OFFLINE)
def test_a_password_of_a_context_is_not_shown(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([command, "https://user:hunter2@web.test/app.git"]) == 2
    assert "hunter2" not in complaint(capsys)


@pytest.mark.parametrize("text", [COMMENTS, HEREDOC], ids=["comments", "heredoc"])
@pytest.mark.parametrize("command", [*OFFLINE, "affected"])
def test_a_dockerfile_of_two_megabytes(place: pathlib.Path, capsys: pytest.CaptureFixture[str], command: str, text: str) -> None:
    (place / "large").mkdir()
    (place / "large/Dockerfile").write_text(text)
    (place / "large/changes").write_text("large/Dockerfile\n")
    more = {"affected": ["--files", "large/changes"], "diff": ["large"]}.get(command, [])
    assert main([command, *more, "large"]) == 0
    assert len(capsys.readouterr().out) < 10_000


@pytest.mark.parametrize(("name", "limit"), [("g.html", 3 << 20), ("g.svg", 100_000), ("g.json", 10_000)])
def test_a_picture_of_a_dockerfile_of_two_megabytes(place: pathlib.Path, name: str, limit: int) -> None:
    (place / "Dockerfile").write_text(HEREDOC)
    assert main(["graph", "-o", name, "."]) == 0
    assert (place / name).stat().st_size < limit


def test_a_large_dockerfile_differs_in_words(place: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "before.Dockerfile").write_text(HEREDOC)
    (place / "after.Dockerfile").write_text(HEREDOC.replace("line 39999 ", "last line "))
    assert main(["diff", "--json", "before.Dockerfile", "after.Dockerfile"]) == 4
    assert json.loads(capsys.readouterr().out)["differing_count"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["graph", "--frontend", "none.py", "--build", "latest"], "--frontend and --build cannot be used together"),
        (["graph", "--frontend", "none.py", "--run", "none.json"], "cannot read the frontend none.py: no such file"),
        (["why", "--build", "latest", "."], "--build names a build, and so do PATH and --file"),
        (["trace", "--build", "latest", "-f", "Dockerfile"], "--build names a build, and so do PATH and --file"),
        (["why", "--list", "--against", "x"], "--list lists all builds that are recorded"),
        (["why", "-"], "no build of - is recorded"),
        (["trace", "https://user:hunter2@web.test/app.git"], "web.test/app.git is recorded"),
        (["diff", "build:none", "."], "no build none is recorded"),
        (["lock", "none", "--platform", "a/b/c/d/e"], '"d/e" is an invalid component of "a/b/c/d/e"'),
        (["lock", "--check", "--policy", "none.json", "none"], "--policy"),
    ],
)
def test_what_is_wrong_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert main(arguments) == 2
    line = complaint(capsys)
    assert said in line
    assert "hunter2" not in line
