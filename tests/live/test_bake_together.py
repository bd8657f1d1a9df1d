"""What targets that are built together share, and what a failure of one stops."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront import bake
from llbfront.errors import ExecFailed, TargetsFailed
from tests.live import baking

if TYPE_CHECKING:
    from llbfront.progress.events import StatusEvent
    from tests.live.baking import Run
    from tests.live.conftest import Engine

SHARED = """\
FROM busybox AS shared
ARG SALT
COPY files /files
RUN echo told once $SALT
FROM shared AS one
RUN echo one
FROM shared AS two
RUN echo two
FROM shared AS three
RUN echo three
"""
DEFINITION = """\
variable "SALT" {}
group "default" { targets = ["stage"] }
target "stage" {
  name = stage
  matrix = { stage = ["one", "two", "three"] }
  target = stage
  args = { SALT = SALT }
}
"""
FAILING = """\
target "good" {
  dockerfile-inline = "FROM busybox AS b\\nRUN echo $SALT good > /x\\nFROM scratch\\nCOPY --from=b /x /"
  output = ["out/good"]
}
target "bad" {
  dockerfile-inline = "FROM busybox\\nRUN sleep 1; exit 3"
  output = ["out/bad"]
}
target "above" {
  contexts = { base = "target:bad" }
  dockerfile-inline = "FROM base\\nRUN true"
}
"""


@pytest.fixture
def directory(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "Dockerfile").write_text(SHARED)
    (tmp_path / "docker-bake.hcl").write_text(DEFINITION)
    (tmp_path / "files").mkdir()
    for number in range(50):
        (tmp_path / f"files/{number}").write_text(str(number))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(engine: Engine, directory: pathlib.Path) -> Run:
    return baking.runner(engine, directory, timeout_s=200)


def test_a_context_is_sent_once_and_steps_are_shown_once(engine: Engine, directory: pathlib.Path) -> None:
    events: list[StatusEvent] = []
    with llbfront.connect(engine.address) as connection:
        bake.plan(variables={"SALT": directory.name}).build(connection, on_event=events.append)
    transfers = {vertex.digest for event in events for vertex in event.vertexes if "load build context" in vertex.name}
    assert len(transfers) == 1
    logs = [log.data for event in events for log in event.logs]
    assert [data for data in logs if b"told once" in data] == [f"told once {directory.name}\n".encode()]
    started = [vertex.name for event in events for vertex in event.vertexes if vertex.completed_ns and "RUN echo" in vertex.name]
    assert len(started) == len(set(started)) == 4


def test_jobs_limit_the_targets_that_run(run: Run) -> None:
    finished = run("--jobs", "1", "--var", "SALT=jobs")
    assert finished.returncode == 0, finished.stderr
    assert "RUN echo three" in finished.stderr


def test_the_others_end_when_a_target_fails(run: Run, directory: pathlib.Path, engine: Engine) -> None:
    (directory / "docker-bake.hcl").write_text(FAILING)
    finished = run("--jobs", "defer-error", "--metadata-file", "facts.json", "good", "above")
    assert finished.returncode == 1
    assert "llbfront: 2 of 3 targets failed: above, bad" in finished.stderr
    assert "llbfront: target bad: " in finished.stderr
    assert (directory / "out/good/x").exists()
    assert "good" in (directory / "facts.json").read_text()
    with llbfront.connect(engine.address) as connection, pytest.raises(TargetsFailed) as failed:
        bake.plan(["good", "bad"]).build(connection, jobs="defer-error")
    assert set(failed.value.results) == {"good"}
    assert isinstance(failed.value.failures["bad"], ExecFailed)


def test_nothing_is_exported_before_all_targets_have_succeeded(run: Run, directory: pathlib.Path) -> None:
    (directory / "docker-bake.hcl").write_text(FAILING)
    finished = run("--jobs", "defer-output", "good", "bad")
    assert finished.returncode == 1
    assert "(in target bad)" in finished.stderr
    assert not (directory / "out/good").exists()
    assert run("--jobs", "defer-output", "good").returncode == 0
    assert (directory / "out/good/x").exists()


def test_a_limit_that_could_not_end_is_refused(run: Run, directory: pathlib.Path) -> None:
    (directory / "docker-bake.hcl").write_text(FAILING)
    assert "a limit of jobs is not possible for targets that are contexts of others" in run("--jobs", "1", "above").stderr
    assert "defer-output needs as many jobs as targets" in run("--jobs", "defer-output,parallel=1", "good", "bad").stderr


def test_local_input_is_checked_before_an_engine_is_searched(directory: pathlib.Path) -> None:
    (directory / "Dockerfile").unlink()
    command = [sys.executable, "-m", "llbfront", "bake", "--addr", "unix:///nowhere/at/all.sock", "one"]
    finished = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=60)
    assert finished.returncode == 2
    assert "cannot read the Dockerfile ./Dockerfile: no such file" in finished.stderr.replace(str(directory), ".")
    assert "in target one" in finished.stderr


def test_each_result_has_the_steps_of_its_own_request(engine: Engine, directory: pathlib.Path) -> None:
    with llbfront.connect(engine.address) as connection:
        results = bake.plan(variables={"SALT": f"{directory.name}-own"}).build(connection)
    for name, result in results.items():
        ran = {step.name.partition("] ")[2] for step in result.timings if step.name.startswith(("[shared", f"[{name}"))}
        assert {"FROM docker.io/library/busybox", "COPY files /files", f"RUN echo {name}"} <= {
            text.partition(":")[0] for text in ran
        }
        assert not [step.name for step in result.timings for other in results if other != name and f"RUN echo {other}" in step.name]
        assert {stage.stage for stage in result.stages} == {"shared", name}


def test_warnings_belong_to_the_request_that_they_are_about(engine: Engine) -> None:
    requests = {
        "clean": llbfront.BuildRequest(file=b"FROM busybox\nRUN true\n"),
        "found": llbfront.BuildRequest(file=b"FROM busybox as base\nRUN true\n"),
    }
    with llbfront.connect(engine.address) as connection:
        results = connection.build_together(requests)
    assert [[warning.short.partition(":")[0] for warning in results[name].warnings] for name in requests] == [[], ["FromAsCasing"]]
