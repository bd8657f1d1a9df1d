"""Records of the targets of a bake: `why` and `trace` answer for each, and say how to choose one."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront import bake
from llbfront.client.records.recorded_builds import RecordedBuilds
from tests.live import baking

if TYPE_CHECKING:
    from tests.live.conftest import Engine

DOCKERFILE = """\
FROM busybox AS shared
ARG SALT
RUN echo shared $SALT
COPY common /common
FROM shared AS one
COPY one /one
RUN echo one
FROM shared AS two
COPY two /two
"""
DEFINITION = """\
variable "SALT" {}
group "default" { targets = ["one", "two"] }
target "one" {
  target = "one"
  args = { SALT = SALT }
}
target "two" {
  target = "two"
  args = { SALT = SALT }
}
"""


@pytest.fixture
def directory(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    for name in ("common", "one", "two"):
        (tmp_path / name).write_text(f"{name} of {tmp_path}")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "docker-bake.hcl").write_text(DEFINITION)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("SALT", tmp_path.name)
    monkeypatch.delenv("LLBFRONT_RECORD", raising=False)
    return tmp_path


def ask(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "llbfront", *words], capture_output=True, text=True, check=False, timeout=100)


def bake_all(engine: Engine, directory: pathlib.Path, *flags: str) -> None:
    done = baking.runner(engine, directory, timeout_s=200)(*flags)
    assert done.returncode == 0, done.stderr


def causes(target: str) -> dict[str, Any]:
    """Return the causes of the steps of a target that ran, by instruction."""
    done = ask("why", "--json", "--build", f"target:{target}")
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)["steps"]
    return {step["instruction"]: step["cause"] for step in steps if step["state"] == "ran"}


def test_why_names_the_cause_for_each_target(engine: Engine, directory: pathlib.Path) -> None:
    bake_all(engine, directory)
    assert {cause["kind"] for name in ("one", "two") for cause in causes(name).values()} == {"first-build"}

    (directory / "one").write_text(f"changed in {directory}")
    bake_all(engine, directory)
    ran = causes("one")
    assert [(cause["kind"], cause.get("path")) for cause in ran.values()] == [("file-content", "one"), ("earlier-step", None)]
    assert causes("two") == {}

    (directory / "common").write_text(f"changed in {directory}")
    bake_all(engine, directory)
    for name in ("one", "two"):  # one of them runs the shared step, the other gets its result from the cache
        first, *others = causes(name).values()
        assert (first["kind"], first["path"]) == ("file-content", "common")
        assert {cause["kind"] for cause in others} <= {"earlier-step"}


def test_targets_that_share_a_context_have_their_own_ignore_files(engine: Engine, directory: pathlib.Path) -> None:
    text = "FROM busybox\nCOPY . /all\n"
    for name, rules in (("one", "two\n*.dockerignore\nstate\n"), ("two", "one\n*.dockerignore\nstate\n")):
        (directory / f"{name}.Dockerfile").write_text(f"{text}RUN echo {name}\n")
        (directory / f"{name}.Dockerfile.dockerignore").write_text(rules)
    (directory / "docker-bake.hcl").write_text(
        'group "default" { targets = ["one", "two"] }\n'
        'target "one" { dockerfile = "one.Dockerfile" }\ntarget "two" { dockerfile = "two.Dockerfile" }\n'
    )
    bake_all(engine, directory)
    for name, other in (("one", "two"), ("two", "one")):
        (step,) = RecordedBuilds().find(f"target:{name}").inputs.steps
        assert {name, "common"} < {file.path for file in step.files}
        assert other not in {file.path for file in step.files}
    (directory / "one").write_text("changed")
    (directory / "two").write_text("changed")
    bake_all(engine, directory)
    for name in ("one", "two"):
        first, *_ = causes(name).values()
        assert (first["kind"], first["path"], first.get("also")) == ("file-content", name, None)


def test_without_a_target_why_and_trace_say_how_to_choose(engine: Engine, directory: pathlib.Path) -> None:
    bake_all(engine, directory)
    for words in (("why",), ("trace",), ("why", ".")):
        done = ask(*words)
        assert done.returncode == 2
        assert "a bake of 2 targets" in done.stderr
        assert "--build target:one; --build target:two" in done.stderr
    shown = ask("why", "--build", "target:two")
    assert shown.stdout.startswith(f"Build of the target two of {directory} ")
    drawn = ask("graph", "--build", "target:one", "--format", "tree")
    assert "COPY one /one" in drawn.stdout, drawn.stderr
    missing = ask("why", "--build", "target:three")
    assert "no build of the target three is recorded" in missing.stderr


def test_a_bake_of_one_target_is_the_latest_build(engine: Engine, directory: pathlib.Path) -> None:
    bake_all(engine, directory, "two")
    shown = ask("why")
    assert shown.returncode == 0, shown.stderr
    assert "COPY two /two" in shown.stdout


def test_a_record_has_the_steps_and_files_of_its_target(engine: Engine, directory: pathlib.Path) -> None:
    bake_all(engine, directory)
    for name, other in (("one", "two"), ("two", "one")):
        build = RecordedBuilds().find(f"target:{name}")
        assert (build.bake_target, build.bake_targets, build.target) == (name, ("one", "two"), name)
        assert {node.digest for node in build.graph.nodes if node.run} >= {
            node.digest for node in build.graph.nodes if node.kind == "file"
        }
        assert not [run.name for run in build.runs if f"COPY {other}" in run.name]
        assert {file.path for step in build.inputs.steps for file in step.files} == {"common", name}


@pytest.mark.parametrize(("flags", "variables"), [(("--no-record",), {}), ((), {"LLBFRONT_RECORD": "0"})])
def test_a_bake_without_records(
    engine: Engine, directory: pathlib.Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...], variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    bake_all(engine, directory, *flags)
    assert not os.path.exists(directory / "state/llbfront/builds")


@pytest.mark.parametrize("record", [False, True])
def test_the_library_records_a_bake_when_asked(engine: Engine, directory: pathlib.Path, record: bool) -> None:
    with llbfront.connect(engine.address) as connection:
        bake.plan(variables={"SALT": directory.name}).build(connection, record=record)
    recorded = [build.bake_target for build in RecordedBuilds().all()]
    assert sorted(recorded) == (["one", "two"] if record else [])


def test_a_target_that_failed_is_recorded(engine: Engine, directory: pathlib.Path) -> None:
    (directory / "Dockerfile").write_text(DOCKERFILE.replace("RUN echo one", "RUN false"))
    done = baking.runner(engine, directory, timeout_s=200)("--jobs", "defer-error")
    assert done.returncode != 0
    failed = {build.bake_target: build.has_failed for build in RecordedBuilds().all()}
    assert failed == {"one": True, "two": False}
