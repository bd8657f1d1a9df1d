"""What a live test may ask for: a private engine, registries, base images under their usual names. All are real, none a stand-in.

    def test_it(engine): engine.address                 a buildkitd started for this session, its state gone afterwards
    def test_it(engine, registry): registry.address     an empty registry on loopback, plain HTTP, that the engine may push to
    def test_it(engine, locked_registry): ...           the same, which wants bases.USER and bases.PASSWORD
    def test_it(engine, token_registry): ...            the same, which wants tokens; its `tokens` tells who asked for which scope

On CI whatever is missing is a failure, elsewhere a skip that says what to install.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import tempfile
from typing import TYPE_CHECKING, NoReturn

import attrs
import pytest

import llbfront
from llbfront.engine import config, daemon, directories, install
from llbfront.errors import EngineError
from tests.support import bases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = pathlib.Path(__file__).parent


@attrs.frozen
class Engine:
    """The private engine of the session."""

    address: str
    places: directories.Directories
    programs: install.Programs

    def buildctl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run BuildKit's own client on this engine; for comparison, and for what llbfront does not do."""
        command = [self.programs.buildctl, "--addr", self.address, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            pytest.fail(f"{' '.join(command)}: {done.stderr[-2000:]}")
        return done


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark everything in this directory as live."""
    for item in items:
        if item.path.parent == HERE or HERE in item.path.parents:
            item.add_marker(pytest.mark.live)


def missing(reason: object) -> NoReturn:
    """End the test because something is not here: a failure on CI, a skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(f"live tests are required on CI: {reason}")
    pytest.skip(str(reason))


@pytest.fixture(scope="session")
def base_images() -> Iterator[tuple[config.Registry, ...]]:
    """Serve docker.io/library/{alpine,busybox,debian,golang}; the value is how an engine must be configured for it."""
    try:
        with bases.serve() as registries:
            yield registries
    except bases.Missing as error:
        missing(error)


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bases.Registry]:
    """Run an empty registry for this session."""
    yield from _registry(tmp_path_factory.mktemp("registry"), bases.Access.OPEN)


@pytest.fixture(scope="session")
def locked_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bases.Registry]:
    """Run an empty registry for this session that asks for bases.USER and bases.PASSWORD."""
    yield from _registry(tmp_path_factory.mktemp("locked-registry"), bases.Access.PASSWORD)


@pytest.fixture(scope="session")
def token_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bases.Registry]:
    """Run an empty registry like Docker Hub: tokens for everything, anybody may pull, bases.USER may push."""
    yield from _registry(tmp_path_factory.mktemp("token-registry"), bases.Access.TOKEN)


def _registry(storage: pathlib.Path, access: bases.Access) -> Iterator[bases.Registry]:
    try:
        with bases.run(storage, access=access) as running:
            yield running
    except bases.Missing as error:
        missing(error)


@pytest.fixture(scope="session")
def engine(
    base_images: tuple[config.Registry, ...],
    registry: bases.Registry,
    locked_registry: bases.Registry,
    token_registry: bases.Registry,
) -> Iterator[Engine]:
    """Start a private engine with its own state, that nothing is collected from while tests count on its cache."""
    loopback = tuple(config.Registry(server.address, is_http=True) for server in (registry, locked_registry, token_registry))
    with tempfile.TemporaryDirectory(prefix="llbfront-") as directory:
        here = directories.apart(directory)
        settings = config.Settings(
            registries=base_images + loopback, has_gc=False, entitlements=("network.host", "security.insecure")
        )
        try:
            running = daemon.start(here, settings)
        except EngineError as error:
            missing(error)
        programs = install.installed(here)
        assert programs is not None
        assert running.pid is not None
        with bases.leash(running.pid):
            yield Engine(running.address, here, programs)
        daemon.remove(here)


@pytest.fixture(scope="module")
def recording_client(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[llbfront.Engine]:
    """Connect to the engine, with a place of its own for records of builds."""
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path_factory.mktemp("state")), "LLBFRONT_RECORD": "1"}
    with llbfront.connect(engine.address, environ=environ) as connected:
        yield connected
