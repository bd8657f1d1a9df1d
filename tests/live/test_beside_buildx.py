"""The same builds with `docker buildx build` and `llbfront build` on one engine: what they leave behind is the same.

Part of `make older`, which builds docker buildx.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

import llbfront
from tests.live import reference_frontend
from tests.live.beside_buildx import combinations, empty_values, from_names, outcome
from tests.live.beside_buildx.row import ROOT, Bench, Row
from tests.live.beside_buildx.rows import ROWS
from tests.live.conformance import servers
from tests.live.conftest import missing
from tests.support import bases, peers
from tests.support.bases import docker as dockers

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from llbfront.engine import config
    from tests.live.conftest import Engine

pytestmark = pytest.mark.older
BUILDER = "beside"


@pytest.fixture(scope="module")
def bench(engine: Engine, registry: bases.Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Set up both commands, the servers and the scanner."""
    home = tmp_path_factory.mktemp("home")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "DOCKER_CONFIG": str(home),
        "DOCKER_HOST": f"unix://{home}/none.sock",
        "PYTHONPATH": str(ROOT),
    }
    buildx = peers.buildx()
    create = [buildx, "create", "--name", BUILDER, "--driver", "remote", "--use", engine.address]
    subprocess.run(create, env=environ, check=True, capture_output=True)
    scanner = f"{registry.address}/tools/scanner"
    with llbfront.connect(engine.address) as connection:
        connection.build(file=servers.SCANNER, tags=scanner, push=True)
        frontend = reference_frontend.image(connection, registry.address)
        busybox = digest(connection)
    try:
        with servers.serve(tmp_path_factory.mktemp("servers")) as places:
            found = {"<registry>": registry.address, "<scanner>": scanner, "<frontend>": frontend, "<digest>": busybox}
            yield Bench(engine, registry, {**places, **found}, buildx, environ)
    except bases.Missing as error:
        missing(error)


def digest(connection: llbfront.Engine) -> str:
    """Return the digest of the busybox that the engine finds."""
    result = connection.build(file=b"FROM busybox\nRUN true\n")
    return next(found[0] for step in result.timings if (found := re.search("sha256:[0-9a-f]{64}", step.name)))


@pytest.mark.parametrize("row", [*ROWS, *from_names.ROWS, *combinations.ROWS, *empty_values.ROWS], ids=lambda row: row.name)
def test_both_commands_leave_the_same(bench: Bench, tmp_path: pathlib.Path, row: Row) -> None:
    theirs = bench.run(row, tmp_path / "row", "buildx")
    ours = bench.run(row, tmp_path / "row", "llbfront")
    said = {"buildx": theirs.pop("said"), "llbfront": ours.pop("said")}
    assert theirs["fails"] == row.fails, said["buildx"]
    differences = [line for line in outcome.differences(theirs, ours) if not line.startswith(tuple(row.decided))]
    assert differences == [], said
    if row.line:
        assert re.search(rf"\bDockerfile:{row.line}\b", said["llbfront"]), said


@pytest.fixture(scope="module")
def docker(base_images: tuple[config.Registry, ...]) -> Iterator[dockers.Docker]:
    """Run a docker engine that images are loaded into."""
    try:
        with dockers.run([mirror for each in base_images for mirror in each.mirrors]) as running:
            yield running
    except bases.Missing as error:
        missing(error)


@pytest.mark.parametrize("flags", ["--load -t app:1 -t other:2", "-o type=docker -t app:1"])
def test_both_commands_load_the_same_image(bench: Bench, docker: dockers.Docker, tmp_path: pathlib.Path, flags: str) -> None:
    images = []
    for program in ("buildx", "llbfront"):
        left = bench.run(
            Row("load", f"{flags} --iidfile iid", environ={"DOCKER_HOST": docker.host, "BUILDX_BUILDER": BUILDER}),
            tmp_path / "row",
            program,
        )
        assert not left["fails"], left["said"]
        image = docker.ask("/images/app:1/json")
        described = {key: image[key] for key in ("Id", "RepoTags", "Config", "RootFS", "Architecture")}
        images.append((described, left["files"]["iid"]))
        docker.ask(f"/images/{image['Id']}?force=true", method="DELETE")
    assert images[1] == images[0]
