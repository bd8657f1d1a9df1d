"""Warnings of builds with more of them than an engine passes on: all are shown, by the command and in the library."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.errors import DockerfileError

if TYPE_CHECKING:
    from llbfront.progress.events import StatusEvent
    from tests.live.conftest import Engine as Running

ROOT = pathlib.Path(__file__).parents[2]
COUNTS = pytest.mark.parametrize("count", [1, 2, 100, 3_000, 10_000])


def write_dockerfile(folder: pathlib.Path, count: int, first_line: str = "") -> None:
    (folder / "Dockerfile").write_text(f"{first_line}FROM scratch\n" + "".join(f"LABEL a{i} b\n" for i in range(count)))


@COUNTS
def test_the_command_shows_all_warnings(engine: Running, tmp_path: pathlib.Path, count: int) -> None:
    write_dockerfile(tmp_path, count)
    command = [sys.executable, "-m", "llbfront", "build", "--addr", engine.address, "--progress", "plain", str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    rows = [row for row in done.stderr.splitlines() if row.startswith(" - LegacyKeyValueFormat")]
    lines = [int(row.rpartition("(line ")[2].rstrip(")")) for row in rows]
    assert sorted(lines) == list(range(2, count + 2))
    assert f" {count} warning{'s' if count > 1 else ''}:" in done.stderr
    assert done.stderr.count("   Dockerfile:") == count


@COUNTS
def test_on_event_gets_all_warnings_once(engine: Running, tmp_path: pathlib.Path, count: int) -> None:
    write_dockerfile(tmp_path, count)
    events: list[StatusEvent] = []
    with llbfront.connect(engine.address) as client:
        client.build(tmp_path, on_event=events.append)
    lines = [warning.ranges[0].start for event in events for warning in event.warnings]
    assert sorted(lines) == list(range(2, count + 2))


@pytest.mark.parametrize("count", [1, 3_000])
def test_warnings_that_are_errors_are_shown_too(engine: Running, tmp_path: pathlib.Path, count: int) -> None:
    write_dockerfile(tmp_path, count, "# check=error=true\n")
    events: list[StatusEvent] = []
    with llbfront.connect(engine.address) as client, pytest.raises(DockerfileError, match="lint violation"):
        client.build(tmp_path, on_event=events.append)
    assert len([warning for event in events for warning in event.warnings]) == count


def test_a_misspelt_build_argument_is_a_warning(engine: Running, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("ARG VERSION=1\nFROM scratch\nLABEL version=$VERSION\n")
    with llbfront.connect(engine.address) as client:
        misspelt = client.build(tmp_path, build_args={"VERSOIN": 2, "OTHER": 3}).warnings
        right = client.build(tmp_path, build_args={"VERSION": 2}).warnings
    texts = [warning.short for warning in misspelt]
    assert "No ARG takes the build argument VERSOIN (did you mean VERSION?)" in texts
    assert not [text for text in (*texts, *(warning.short for warning in right)) if "OTHER" in text or "argument VERSION" in text]


def test_an_ignore_file_in_utf_16_is_a_warning(engine: Running, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY key /\n")
    (tmp_path / "key").touch()
    (tmp_path / ".dockerignore").write_bytes("key\n".encode("utf-16"))
    with llbfront.connect(engine.address) as client:
        texts = [warning.short for warning in client.build(tmp_path).warnings]
    assert texts == [".dockerignore is text in UTF-16, not in UTF-8, so that it ignores nothing (save it in UTF-8)"]
