"""The JSON examples of docs/inspection.md have the members, with values of the same kinds, that the commands print."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
from typing import Any

import pytest

from llbfront.cli.main import main

ROOT = pathlib.Path(__file__).parents[1]
EXAMPLES = {
    json.loads(text)["schema"]: json.loads(text)
    for text in re.findall(r"^```json\n(.*?)^```", (ROOT / "docs/inspection.md").read_text(), re.MULTILINE | re.DOTALL)
}
COMMANDS = {
    "llbfront.graph/1": (["graph", "."], 0),
    "llbfront.diff/1": (["diff", "HEAD"], 4),
    "llbfront.inputs/1": (["inputs", "."], 0),
    "llbfront.stages/1": (["stages", "."], 0),
    "llbfront.ignored/1": (["ignored", "a.log"], 0),
    "llbfront.affected/1": (["affected", "--git", "HEAD", "."], 0),
}
WITH_RUNS = {"run", "critical_path"}  # graph --run prints these
DOCKERFILE = "FROM alpine AS build\nENV MODE=fast\nCOPY go.mod .env ./\nRUN make\nFROM build AS test\nRUN x\nFROM scratch\nCOPY --from=build /x /\n"


@pytest.fixture
def project(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A repository with a change that is not committed."""
    for name, text in {
        "Dockerfile": DOCKERFILE,
        "go.mod": "module x\n",
        ".env": "A=b\n",
        "a.log": "",
        ".dockerignore": "*.log\n",
    }.items():
        (tmp_path / name).write_text(text)
    for words in (("init", "-q"), ("add", "-A", "-f"), ("commit", "-q", "-m", "one")):
        command = ["git", "-c", "user.name=n", "-c", "user.email=n@example.test", *words]
        subprocess.run(command, cwd=tmp_path, check=True)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace("fast", "small"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def missing(example: Any, printed: Any, place: str = "") -> list[str]:
    """The members of an example that a document does not have, or has with values of another kind."""
    if isinstance(example, dict) and isinstance(printed, dict):
        absent = [f"{place}.{key}" for key in example.keys() - printed.keys() - WITH_RUNS]
        return absent + [
            text for key in example.keys() & printed.keys() for text in missing(example[key], printed[key], f"{place}.{key}")
        ]
    if isinstance(example, list) and isinstance(printed, list):
        return [
            text for item in example for text in min((missing(item, other, f"{place}[]") for other in printed), key=len, default=[])
        ]
    is_same = example is None or printed is None or type(example) is type(printed)
    return [] if is_same else [f"{place} is {printed!r}"]


@pytest.mark.parametrize("schema", COMMANDS)
@pytest.mark.usefixtures("project")
def test_an_example_has_the_members_that_the_command_prints(schema: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, code = COMMANDS[schema]
    assert main([arguments[0], "--json", *arguments[1:]]) == code
    printed = json.loads(capsys.readouterr().out)
    assert printed["schema"] == schema
    assert missing(EXAMPLES[schema], printed) == []


def test_every_form_has_an_example() -> None:
    assert EXAMPLES.keys() >= {*COMMANDS, "llbfront.lock/1", "llbfront.why/1"}


def test_a_wrong_example_is_noticed() -> None:
    assert missing({"a": [{"b": 1}]}, {"a": [{"c": 1}]}) == [".a[].b"]
    assert missing({"a": "x"}, {"a": 1}) == [".a is 1"]
