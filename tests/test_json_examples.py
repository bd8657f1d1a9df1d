"""The JSON of commands has a schema in docs/schemas and an example in the pages, and both describe all that the commands print."""

from __future__ import annotations

import copy
import json
import os
import pathlib
import re
import subprocess
from typing import Any

import jsonschema
import pytest

from llbfront.cli import lock
from llbfront.cli.main import main
from llbfront.client.sources.source_pins import Pin
from llbfront.inspection import record_codec
from tests.client.layers.test_analysis import docker_tar, oci_tar
from tests.inspection import records
from tests.support.json_forms import SCHEMAS, problems

ROOT = pathlib.Path(__file__).parents[1]
PAGES = ("docs/inspection.md", "docs/layers.md")
DIGEST = f"sha256:{'0' * 64}"
EXAMPLES = {
    (example := json.loads(text.replace("sha256:…", DIGEST)))["schema"]: example
    for page in PAGES
    for text in re.findall(r"^```json\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
}
COMMANDS = {
    "llbfront.graph/1": (["graph", "."], 0),
    "llbfront.diff/1": (["diff", "HEAD"], 4),
    "llbfront.inputs/1": (["inputs", "."], 0),
    "llbfront.stages/1": (["stages", "."], 0),
    "llbfront.ignored/1": (["ignored", "a.log"], 0),
    "llbfront.affected/1": (["affected", "--git", "HEAD", "."], 0),
    "llbfront.why/1": (["why", "--build", "after.build", "--against", "before.build"], 0),
    "llbfront.builds/1": (["why", "--list"], 0),
    "llbfront.trace/1": (["trace", "--build", "after.build"], 0),
    "llbfront.lock/1": (["lock", "."], 0),
    "llbfront.layers/1": (["layers", "docker.tar"], 0),
    "llbfront.layers-comparison/1": (["layers", "docker.tar", "oci.tar"], 0),
}
WITH_RUNS = {"run", "critical_path"}  # graph --run prints these
DOCKERFILE = """\
FROM alpine AS build
ENV MODE=fast
COPY go.mod .env ./
RUN --mount=type=cache,target=/c make
FROM build AS test
RUN x
FROM scratch
COPY --from=build /x /
"""


@pytest.fixture
def project(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A repository with a change that is not committed, two recorded builds, two images, and an engine that knows what alpine is."""
    for name, text in {
        "Dockerfile": DOCKERFILE,
        "go.mod": "module x\n",
        ".env": "A=b\n",
        "a.log": "",
        ".dockerignore": "*.log\n*.build\n*.tar\nlayout\nstate\n",
    }.items():
        (tmp_path / name).write_text(text)
    for words in (("init", "-q"), ("add", "-A", "-f"), ("commit", "-q", "-m", "one")):
        command = ["git", "-c", "user.name=n", "-c", "user.email=n@example.test", *words]
        subprocess.run(command, cwd=tmp_path, check=True)
    (tmp_path / "docker-bake.hcl").write_text('target "default" {}\n')
    (tmp_path / "before.build").write_bytes(record(tmp_path))
    (tmp_path / "go.mod").write_text("module y\n")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace("fast", "small"))
    (tmp_path / "after.build").write_bytes(record(tmp_path))
    kept = tmp_path / f"state/llbfront/builds/{0:020}-key-ref.build"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(record(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    docker_tar(tmp_path / "docker.tar")
    oci_tar(tmp_path / "oci.tar")
    pins = (Pin("image", "docker-image://docker.io/library/alpine:latest", DIGEST, ("Dockerfile:1",)),)
    monkeypatch.setattr(lock, "_find_pins", lambda _: pins)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def record(root: pathlib.Path) -> bytes:
    """Return the record of a build in which a cache was written and a result exported."""
    members = records.members(root)
    members["caches"] = [["registry", "max"]]
    members["runs"].append([DIGEST, "ran", 1, 2, 1, 0, "exporting to image"])
    return record_codec.pack(members)


def printed(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the document that a command prints."""
    assert main([arguments[0], "--json", *arguments[1:]]) == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def missing(example: Any, document: Any, place: str = "") -> list[str]:
    """Return the members of an example that a document does not have, or has with values of another kind."""
    if isinstance(example, dict) and isinstance(document, dict):
        absent = [f"{place}.{key}" for key in example.keys() - document.keys() - WITH_RUNS]
        return absent + [
            text for key in example.keys() & document.keys() for text in missing(example[key], document[key], f"{place}.{key}")
        ]
    if isinstance(example, list) and isinstance(document, list):
        return [
            text
            for item in example
            for text in min((missing(item, other, f"{place}[]") for other in document), key=len, default=[f"{place} is empty"])
        ]
    is_same = example is None or document is None or type(example) is type(document)
    return [] if is_same else [f"{place} is {document!r}"]


@pytest.mark.parametrize("form", COMMANDS)
@pytest.mark.usefixtures("project")
def test_a_command_prints_what_the_example_and_the_schema_describe(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    document = printed(*COMMANDS[form], capsys)
    assert document["schema"] == form
    assert missing(EXAMPLES[form], document) == []
    assert problems(document) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["graph", "--all", "--target", "test", "."],
        ["inputs", "--target", "build", "."],
        ["stages", "--target", "build", "."],
        ["ignored", ".env", "layout"],
        ["affected", "--files", "/dev/null", "."],
        ["affected", "--files", ".dockerignore", "--bake", "docker-bake.hcl"],
        ["affected", "--git", "HEAD", "--bake", "docker-bake.hcl"],
        ["why", "--build", "after.build", "--against", "after.build"],
        ["diff", ".", "."],
    ],
)
@pytest.mark.usefixtures("project")
def test_other_answers_have_the_schema(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert problems(printed(arguments, 0, capsys)) == []


@pytest.mark.parametrize("form", EXAMPLES)
def test_an_example_has_the_schema(form: str) -> None:
    assert problems(EXAMPLES[form]) == []


@pytest.fixture
def page_project(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project of docs/inspection.md."""
    page = (ROOT / "docs/inspection.md").read_text()
    files = dict(re.findall(r'^```\w+ title="(Dockerfile|\.dockerignore)"\n(.*?)^```', page, re.MULTILINE | re.DOTALL))
    assert files.keys() == {"Dockerfile", ".dockerignore"}
    for text, name in re.findall(r"^\$ printf '(.*)' > (\S+)$", page, re.MULTILINE):
        files[name] = text.replace(r"\n", "\n")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "build.log").touch()
    (tmp_path / "changed.txt").write_text("main.go\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [["inputs", "."], ["stages", "--target", "final", "."], ["ignored", "build.log"], ["affected", "--files", "changed.txt", "."]],
    ids=lambda arguments: arguments[0],
)
@pytest.mark.usefixtures("page_project")
def test_an_example_has_the_values_of_the_project_of_its_page(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    example = copy.deepcopy(EXAMPLES[f"llbfront.{arguments[0]}/1"])
    if arguments[0] == "inputs":
        example["contexts"]["context"]["root"] = os.getcwd()
        example["leaks"] = []  # the page says that the project has no such file
    assert printed(arguments, 0, capsys) == example


def test_every_form_has_a_schema_an_example_and_a_command() -> None:
    assert SCHEMAS.keys() == {form.replace("/", "-") for form in EXAMPLES} == {form.replace("/", "-") for form in COMMANDS}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_names_its_form(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["properties"]["schema"]["const"].replace("/", "-") == name
    assert any(f"schemas/{name}.json" in (ROOT / page).read_text() for page in PAGES)


def test_a_wrong_example_is_noticed() -> None:
    assert missing({"a": [{"b": 1}]}, {"a": [{"c": 1}]}) == [".a[].b"]
    assert missing({"a": "x"}, {"a": 1}) == [".a is 1"]
    assert missing({"a": [1]}, {"a": []}) == [".a is empty"]


def test_a_member_without_description_is_noticed() -> None:
    document = {"schema": "llbfront.stages/1", "stages": [], "extra": 1}
    assert problems(document) == ["$: Additional properties are not allowed ('extra' was unexpected)"]
