"""Standard streams that are closed, full, or lose their reader: no traceback, and the exit code is the command's own."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).parents[2]
NOWHERE = "unix:///nowhere/buildkitd.sock"
# Arguments, exit code, and whether the answer is printed on standard output.
COMMANDS: dict[str, tuple[Sequence[str], int, bool]] = {
    "help": (["--help"], 0, True),
    "usage": (["build", "--nope"], 2, False),
    "no engine": (["build", "--addr", NOWHERE, "."], 3, False),
    "check": (["check", "."], 4, True),
    "build check": (["build", "--check", "."], 4, True),
    "outline": (["outline", "."], 0, True),
    "targets": (["targets", "--json", "."], 0, True),
    "llb": (["llb", "--format", "json", "."], 0, True),
    "bad dockerfile": (["llb", "bad"], 1, False),
    "doctor": (["doctor", "--addr", NOWHERE], 3, True),
    "completion": (["completion", "bash"], 0, True),
    "frontend": (["frontend", "image", "nothing.py"], 2, False),
    "version": (["--version"], 0, True),
}


@pytest.fixture
def place(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCMD foo\n")
    (tmp_path / "bad").write_text("FRMO scratch\n")
    return tmp_path


def run(place: pathlib.Path, name: str, redirections: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell, with redirections of its streams."""
    arguments, _, _ = COMMANDS[name]
    command = f'"$PYTHON" -m llbfront "$@" {redirections}'
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHON": sys.executable, "HOME": str(place), "BUILDKIT_HOST": NOWHERE}
    return subprocess.run(
        ["bash", "-c", command, "bash", *arguments], cwd=place, env=environ, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_closed_streams_change_nothing(place: pathlib.Path, name: str) -> None:
    done = run(place, name, "<&- >&- 2>&-")
    assert done.returncode == COMMANDS[name][1]


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", "2> /dev/full", "< /dev/full"])
@pytest.mark.parametrize("name", ["check", "bad dockerfile"])
def test_one_stream_that_cannot_be_used_changes_nothing(place: pathlib.Path, name: str, redirection: str) -> None:
    done = run(place, name, redirection)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode == COMMANDS[name][1]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_goes_away_changes_nothing(place: pathlib.Path, name: str) -> None:
    done = run(place, name, "2>&1 | head -c 1 > /dev/null; exit ${PIPESTATUS[0]}")
    assert done.returncode == COMMANDS[name][1]


@pytest.mark.parametrize("name", COMMANDS)
def test_an_answer_that_is_lost_on_a_full_device_is_an_error(place: pathlib.Path, name: str) -> None:
    _, code, answers = COMMANDS[name]
    done = run(place, name, "> /dev/full")
    assert "Traceback" not in done.stderr
    assert done.returncode == (code or 1)
    assert ("llbfront: cannot write to standard output: no space left on device" in done.stderr.splitlines()) is answers


def test_text_that_the_encoding_does_not_have_is_no_traceback(place: pathlib.Path) -> None:
    (place / "Dockerfile").write_text("FROM scratch AS ä\n# größer\nCOPY ä /\n")
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "llbfront", "llb", "."], cwd=place, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1}
    assert "Traceback" not in done.stderr


def test_a_stream_in_non_blocking_mode_gets_everything(place: pathlib.Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-m", "llbfront", "completion", "zsh"], cwd=place, env=environ, stdout=writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        text = pipe.read()
    assert process.wait() == 0
    whole = subprocess.run([sys.executable, "-m", "llbfront", "completion", "zsh"], env=environ, capture_output=True, check=True)
    assert text == whole.stdout
