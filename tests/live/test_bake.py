"""Targets of a plan are built at the same time on one connection, and share what they have in common."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront import aio, bake
from llbfront.errors import ExecFailed
from tests.live import baking

if TYPE_CHECKING:
    from llbfront.progress.events import StatusEvent
    from tests.live.baking import Run
    from tests.live.conftest import Engine

DOCKERFILE = """\
FROM busybox AS shared
ARG SALT
RUN echo $SALT; sleep 0.3; date +%N > /once
FROM shared AS one
RUN cp /once /one
FROM shared AS two
RUN cp /once /two
FROM scratch AS one-files
COPY --from=one /one /value
FROM scratch AS two-files
COPY --from=two /two /value
"""
DEFINITION = """\
variable "SALT" {}
group "default" { targets = ["one", "two"] }
target "_common" { args = { SALT = SALT } }
target "one" {
  inherits = ["_common"]
  target = "one-files"
  output = ["out/one"]
}
target "two" {
  inherits = ["_common"]
  target = "two-files"
  output = ["out/two"]
}
"""


@pytest.fixture
def directory(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "docker-bake.hcl").write_text(DEFINITION)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(engine: Engine, directory: pathlib.Path) -> Run:
    return baking.runner(engine, directory, timeout_s=100)


def test_shared_stages_run_once(run: Run, directory: pathlib.Path) -> None:
    finished = run("--var", f"SALT={directory.name}-once")
    assert finished.returncode == 0, finished.stderr
    assert (directory / "out/one/value").read_text() == (directory / "out/two/value").read_text()
    assert len(set(re.findall(r"\[(?:one|two) shared 2/2\] RUN echo", finished.stderr))) == 1  # of the target whose stream is first
    assert "[two two 1/1] RUN cp /once /two" in finished.stderr


def test_the_library_builds_a_changed_plan(engine: Engine, directory: pathlib.Path) -> None:
    plan = bake.plan("one", variables={"SALT": directory.name})
    plan.targets["one"].outputs = [bake.Output("local", "elsewhere")]
    events: list[StatusEvent] = []
    with llbfront.connect(engine.address) as connection:
        results = plan.build(connection, on_event=events.append)
    assert set(results) == {"one"}
    assert (directory / "elsewhere/value").exists()
    assert events


def test_asyncio_builds_a_plan(engine: Engine, directory: pathlib.Path) -> None:
    import asyncio

    async def main() -> list[str]:
        async with aio.connect(engine.address) as connection:
            return list(await connection.build_together(bake.plan(variables={"SALT": "async"}).requests()))

    assert asyncio.run(main()) == ["one", "two"]
    assert (directory / "out/two/value").exists()


def test_a_target_is_the_context_of_another(run: Run, directory: pathlib.Path) -> None:
    (directory / "base").mkdir()
    (directory / "base/file").write_text("from the base context")
    (directory / "docker-bake.hcl").write_text("""\
target "default" {
  contexts = { base = "target:base" }
  dockerfile-inline = "FROM base AS b\\nRUN cat /file > /copy && echo $FROM_BASE >> /copy\\nFROM scratch\\nCOPY --from=b /copy /"
  output = ["out"]
}
target "base" {
  context = "base"
  dockerfile-inline = "FROM busybox\\nCOPY file /\\nENV FROM_BASE=environment"
}
""")
    finished = run()
    assert finished.returncode == 0, finished.stderr
    assert (directory / "out/copy").read_text() == "from the base contextenvironment\n"


def test_a_failure_names_its_target_and_ends_the_others(run: Run, directory: pathlib.Path, engine: Engine) -> None:
    (directory / "docker-bake.hcl").write_text("""\
group "default" { targets = ["slow", "bad"] }
target "slow" { dockerfile-inline = "FROM busybox\\nRUN sleep 60" }
target "bad" { dockerfile-inline = "FROM busybox\\nRUN exit 3" }
""")
    finished = run()
    assert finished.returncode == 1
    assert "(in target bad)" in finished.stderr
    with llbfront.connect(engine.address) as connection, pytest.raises(ExecFailed) as failed:
        bake.plan().build(connection)
    assert failed.value.exit_code == 3


def test_metadata_has_a_member_for_each_target(run: Run, directory: pathlib.Path) -> None:
    finished = run("--set", "*.output=type=image,name=x", "--metadata-file", "facts.json", "--var", "SALT=m")
    assert finished.returncode == 0, finished.stderr
    facts = json.loads((directory / "facts.json").read_text())
    for target in ("one", "two"):
        assert facts[target]["containerimage.digest"].startswith("sha256:")
        assert facts[target]["image.name"] == "x"


def test_entitlements_must_be_allowed(run: Run) -> None:
    finished = run("--set", "one.network=host", "one")
    assert finished.returncode == 2
    assert "allow it with --allow network.host" in finished.stderr


def test_checks_are_run_for_each_target(run: Run, directory: pathlib.Path) -> None:
    (directory / "Dockerfile").write_text("from busybox\nRUN true\n")
    (directory / "docker-bake.hcl").write_text('target "default" {}\n')
    finished = run("--check")
    assert finished.returncode == 4, finished.stderr
    assert finished.stdout.startswith("default\n")


@pytest.mark.timeout(600)
def test_the_pipeline_of_the_example_builds_its_stages(
    engine: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pathlib.Path(__file__).parents[2] / "examples/golang")
    command = [sys.executable, "-m", "llbfront", "bake", "--addr", engine.address, "--progress", "plain", "-f", "codefresh.yml"]
    outputs = [f"--set={name}.output=type=oci,dest={tmp_path}/{name}.tar" for name in ("image", "checked")]
    finished = subprocess.run(
        [*command, "--var", "CF_SHORT_REVISION=abc1234", "--var", "CF_BRANCH=main", *outputs],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    assert "not run: integration: steps of type freestyle are not run" in finished.stderr
    assert (tmp_path / "image.tar").stat().st_size > 0
    assert (tmp_path / "checked.tar").stat().st_size > 0
