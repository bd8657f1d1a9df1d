"""Rows that an engine of another configuration shows: a list of frontends that may be called, and frontends that are turned off."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.engine import config, daemon, directories
from llbfront.errors import EngineError
from tests.live.conformance.frontends import Frontend, build_with_each
from tests.live.conformance.row import Fails, OnlyFiles, row
from tests.live.conftest import missing
from tests.support import bases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.conformance.row import Row

COPYING = "FROM scratch\nCOPY a.txt /\n"
REFUSED = "is not an allowed gateway source"

# Of an engine that lets only the repository of our image be a frontend.
LISTED = (
    row("G30", "a frontend that is on the list", COPYING, OnlyFiles("a.txt")),
    row("G30 G29", "a listed frontend that a directive names", f"# syntax=<frontend>\n{COPYING}", OnlyFiles("a.txt")),
    row("G30 G29 G31", "a frontend that is not on the list", f"# syntax=nobody.invalid/x:1\n{COPYING}", Fails(f"'nobody.invalid/x:1' {REFUSED}", "1")),
    row("G30 O1", "a frontend of an option that is not on the list", COPYING, Fails(f"'nobody.invalid/x' {REFUSED}"), options={"build-arg:BUILDKIT_SYNTAX": "nobody.invalid/x"}),
)  # fmt: skip


def repository(image: str) -> str:
    return image.rpartition(":")[0]


@pytest.fixture(scope="module")
def listed(base_images: tuple[config.Registry, ...], registry: bases.Registry, image: str) -> Iterator[llbfront.Engine]:
    """A client of an engine with a list of frontends."""
    extra = f'[frontend."gateway.v0"]\nallowedRepositories = ["{repository(image)}"]\n'
    registries = (*base_images, config.Registry(registry.address, is_http=True))
    with tempfile.TemporaryDirectory(prefix="llbfront-") as directory:
        here = directories.apart(directory)
        try:
            running = daemon.start(here, config.Settings(registries=registries, has_gc=False, extra=extra))
        except EngineError as error:
            missing(error)
        assert running.pid is not None
        with bases.leash(running.pid), llbfront.connect(running.address) as client:
            yield client
        daemon.remove(here)


@pytest.mark.parametrize("case", LISTED, ids=lambda case: case.name)
def test_a_list_of_frontends(case: Row, listed: llbfront.Engine, image: str, tmp_path: Path) -> None:
    frontends = (Frontend("image", "gateway.v0", {"source": image}), Frontend("engine", "dockerfile.v0"), Frontend("here", None))
    built = build_with_each(listed.channel, case, tmp_path / "app", frontends, {"<frontend>": image})
    for name, outcome in built.items():
        assert not outcome.differences(built["engine"], is_here=name == "here"), name
        for expectation in case.expectations:
            expectation.check(outcome)


def test_a_frontend_that_is_not_on_it_is_not_begun(listed: llbfront.Engine, image: str, tmp_path: Path) -> None:
    other = Frontend("other", "gateway.v0", {"source": f"{repository(image)}-other:1"})
    (outcome,) = build_with_each(listed.channel, LISTED[0], tmp_path / "app", (other,), {}).values()
    Fails(f"'{other.options['source']}' {REFUSED}").check(outcome)
