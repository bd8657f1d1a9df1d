"""Platforms that are probably misspelt: a warning with the near one, and the answer of the command as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbfront.cli.main import main
from llbfront.oci.platform import near_platform

ROWS = {
    "linux/armm64": "linux/arm64",
    "linux/amd65": "linux/amd64",
    "linux/adm64": "linux/amd64",
    "lunix/amd64": "linux/amd64",
    "linxu/arm46": "linux/arm64",
    "windos/amd64": "windows/amd64",
    "linux/amr/v7": "linux/arm/v7",
    "amd64/linux": "linux/amd64",
    "linux/amd64": None,
    "linux/x86_64": None,
    "linux/arm/v7": None,
    "linux/arm64/v8": None,
    "linux/loong64": None,
    "foo/bar": None,
    "linux": None,
}


@pytest.mark.parametrize("text", ROWS)
def test_the_near_platform(text: str) -> None:
    assert near_platform(text) == ROWS[text]


COMMANDS = ("check", "inputs", "llb", "outline", "stages", "targets", "graph -o -", "diff . .")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_warns_once_and_answers(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    assert main([*command.split(), "--platform", "linux/armm64"]) == 0
    misspelt = capsys.readouterr()
    assert misspelt.err == "llbfront: warning: linux/armm64 is not a known platform (did you mean linux/arm64?)\n"
    assert main([*command.split(), "--platform", "linux/arm64"]) == 0
    right = capsys.readouterr()
    assert right.err == ""
    assert "warning" not in misspelt.out.replace(right.out, "")


@pytest.mark.parametrize("arguments", [["build", "."], ["bake", "--set", "*.platform=linux/armm64"]])
def test_a_build_warns_before_it_begins(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUILDKIT_HOST", f"unix://{tmp_path}/none")
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "docker-bake.hcl").write_text('target "default" {}\n')
    platform = ["--platform", "linux/armm64,linux/amd64"] if arguments[0] == "build" else []
    assert main([*arguments, *platform]) == 3
    assert capsys.readouterr().err.startswith(
        "llbfront: warning: linux/armm64 is not a known platform (did you mean linux/arm64?)\n"
    )
