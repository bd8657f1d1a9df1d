"""The same builds with `docker buildx build` and `llbfront build` on one engine: what they leave behind is the same.

Part of `make older`, which builds docker buildx.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

import llbfront
from tests.live.beside_buildx import outcome
from tests.live.beside_buildx.row import ROOT, Bench, Row
from tests.live.beside_buildx.rows import ROWS
from tests.live.conformance import servers
from tests.live.conftest import missing
from tests.support import bases, peers

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

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
    try:
        with servers.serve(tmp_path_factory.mktemp("servers")) as places:
            yield Bench(engine, registry, {**places, "<registry>": registry.address, "<scanner>": scanner}, buildx, environ)
    except bases.Missing as error:
        missing(error)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_both_commands_leave_the_same(bench: Bench, tmp_path: pathlib.Path, row: Row) -> None:
    theirs = bench.run(row, tmp_path / "row", "buildx")
    ours = bench.run(row, tmp_path / "row", "llbfront")
    said = {"buildx": theirs.pop("said"), "llbfront": ours.pop("said")}
    assert theirs["fails"] == row.fails, said["buildx"]
    assert outcome.differences(theirs, ours) == [], said
