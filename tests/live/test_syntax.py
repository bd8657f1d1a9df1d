"""Dockerfiles that name a frontend which cannot be pulled: the error says what helps, and that works."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.live.test_command import complaint

if TYPE_CHECKING:
    from tests.live.conftest import Engine

UNREACHABLE = "127.0.0.1:1/frontend:1"
DIRECTIVE = f"# syntax={UNREACHABLE}\n"
TEXT = "FROM scratch\nCOPY Dockerfile /\n"


def build(engine: Engine, place: pathlib.Path, text: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    (place / "Dockerfile").write_text(text)
    command = [sys.executable, "-m", "llbfront", "build", "--addr", engine.address, "--progress", "none", *words, "-o", "out", "."]
    return subprocess.run(
        command, cwd=place, env={**os.environ, **variables}, capture_output=True, text=True, check=False, timeout=100
    )


@pytest.mark.parametrize(
    ("text", "words", "variables"),
    [
        (DIRECTIVE + TEXT, [], {}),
        (TEXT, ["--syntax", UNREACHABLE], {}),
        (TEXT, ["--build-arg", f"BUILDKIT_SYNTAX={UNREACHABLE}"], {}),
        (TEXT, ["--build-arg", "BUILDKIT_SYNTAX"], {"BUILDKIT_SYNTAX": UNREACHABLE}),
    ],
)
def test_the_error_hints_at_the_switch(
    engine: Engine, tmp_path: pathlib.Path, text: str, words: list[str], variables: dict[str, str]
) -> None:
    done = build(engine, tmp_path, text, *words, **variables)
    assert done.returncode == 1
    line = complaint(done)
    assert UNREACHABLE in line and "--syntax builtin builds with the frontend of llbfront instead" in line


@pytest.mark.parametrize(
    "words",
    [
        ["--syntax", "builtin"],
        ["--syntax="],
        ["--build-arg", "BUILDKIT_SYNTAX="],
        ["--build-arg", "BUILDKIT_SYNTAX=dockerfile.v0"],
        ["--build-arg", "BUILDKIT_SYNTAX"],
    ],
)
def test_the_switch_builds(engine: Engine, tmp_path: pathlib.Path, words: list[str]) -> None:
    done = build(engine, tmp_path, DIRECTIVE + TEXT, *words, BUILDKIT_SYNTAX="")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/Dockerfile").read_text() == DIRECTIVE + TEXT
