"""Bad local input is reported with its own line before an engine is searched."""

from __future__ import annotations

import pathlib
import sys
from typing import TYPE_CHECKING

import pytest

from llbfront.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

BUILD = {
    "none": (2, "cannot read the build context none: no such directory"),
    "file": (2, "cannot read the build context file: it is a file, not a directory"),
    "-f none .": (2, "cannot read the Dockerfile none: no such file"),
    "empty": (2, "cannot read the Dockerfile empty/Dockerfile: no such file"),
    "--platform foo .": (2, "unknown operating system or architecture"),
    "--platform linux/amd64,none/none/none/none .": (2, "none/none/none/none"),
    "--build-context a=none .": (2, "cannot read the build context a from none: no such directory"),
    "--build-context a=oci-layout://empty .": (2, "cannot read the OCI layout"),
    "--source-policy-file none .": (2, "cannot read the source policy none: no such file"),
    "--source-policy-file file .": (2, "cannot read the source policy file"),
    "--secret id=a,src=none .": (2, "cannot read the secret a from none: no such file"),
    "--secret id=a,env=NOT_SET .": (2, "the variable NOT_SET is not set"),
    "--ssh a=none .": (2, "none"),
    "-o type=tar,dest=none/a.tar .": (1, "cannot write none/a.tar: there is no directory"),
    "-o file .": (1, "cannot export to file: it is a file, not a directory"),
    "-o file/a .": (1, "cannot export to file/a: not a directory"),
    "--cache-to type=local,dest=file/a .": (1, "not a directory"),
    "--cache-to type=local,dest=file .": (1, "cannot export to"),
    "--cache-from type=local,src=file .": (2, "is not a directory"),
    "--attest type=sbom -o type=docker,dest=a.tar .": (2, "a docker archive cannot hold attestations"),
    "--iidfile none/id -t a .": (1, "cannot write none/id: there is no directory"),
    "--progress tty .": (2, "progress mode tty needs a terminal"),
    "--frontend none.py .": (2, "cannot read the frontend none.py"),
    "--addr nonsense none": (3, "no engine at nonsense: not an address of an engine"),
}
QUESTIONS = {
    "none": (2, "cannot read none: no such file or directory"),
    "-f none .": (2, "cannot read the Dockerfile none: no such file"),
    "--platform foo .": (2, "unknown operating system or architecture"),
    "--build-context a=none .": (2, "cannot read the build context a from none: no such directory"),
    "--images none .": (2, "cannot read the image configs none: no such file"),
    "--images file .": (2, "file"),
    "--write-images none/x .": (1, "cannot write none/x: there is no directory"),
    "--build-arg =a .": (2, "invalid build argument '=a': it has no name"),
}
COMMANDS = ("llb", "graph", "check", "outline", "targets", "stages", "inputs", "affected --files list")


@pytest.fixture
def run(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[int, str]]:
    """Run a command line in a directory with a Dockerfile, with no engine to be reached."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "file").write_text("nonsense\n")
    (tmp_path / "list").write_text("Dockerfile\n")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUILDKIT_HOST", f"unix://{tmp_path}/nowhere.sock")
    monkeypatch.setattr(sys, "stdin", None)

    def run(line: str) -> tuple[int, str]:
        code = main(line.split())
        return code, capsys.readouterr().err

    return run


@pytest.mark.parametrize("line", BUILD)
def test_builds(run: Callable[[str], tuple[int, str]], line: str) -> None:
    code, message = BUILD[line]
    actual, error = run(f"build {line}")
    assert (actual, message in error.splitlines()[0]) == (code, True), error


@pytest.mark.parametrize("line", QUESTIONS)
@pytest.mark.parametrize("command", COMMANDS)
def test_offline_commands_that_ask_an_engine_for_images(run: Callable[[str], tuple[int, str]], command: str, line: str) -> None:
    code, message = QUESTIONS[line]
    actual, error = run(f"{command} --images engine {line}")
    assert (actual, message in error.splitlines()[0]) == (code, True), error


@pytest.mark.parametrize("line", ["build .", "build -o new .", "outline --images engine .", "build --platform linux/arm64 ."])
def test_good_input_needs_an_engine(run: Callable[[str], tuple[int, str]], line: str, tmp_path: pathlib.Path) -> None:
    code, error = run(line)
    assert code == 3
    assert error.startswith(f"llbfront: no engine at unix://{tmp_path}/nowhere.sock")


@pytest.mark.parametrize(("name", "value"), [("BUILDX_METADATA_WARNINGS", "nonsense"), ("DOCKER_DEFAULT_PLATFORM", "foo"), ("BUILDX_GIT_LABELS", "nonsense"),
                                             ("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", "none"), ("BUILDKIT_PROGRESS", "nonsense")])  # fmt: skip
def test_an_invalid_variable_is_refused_with_its_value(
    run: Callable[[str], tuple[int, str]], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    code, error = run("build --metadata-file m .")
    assert code == 2
    assert value in error.splitlines()[0]
