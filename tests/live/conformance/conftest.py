"""What the rows are built with: the frontends, and outcomes that are made side by side before they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

import llbfront
from tests.live.conformance import scheduler, servers
from tests.live.conformance.frontends import Frontend
from tests.live.conftest import missing
from tests.live.test_image import image  # noqa: F401  (a fixture)
from tests.support.bases import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.live.conformance.row import Row
    from tests.live.conftest import Engine
    from tests.support.bases import Registry


def selected_rows(request: pytest.FixtureRequest, param: object = None) -> list[Row]:
    """The rows of the tests of a module that want a fixture, with `param` where it has several."""
    fixture = request.fixturename or ""
    items = [item for item in request.session.items if isinstance(item, pytest.Function) and item.module is request.module]
    tests = [item for item in items if fixture in item.fixturenames]
    return [cast("Row", test.callspec.params["case"]) for test in tests if test.callspec.params.get(fixture) == param]


@pytest.fixture(scope="session")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Run the servers of remote contexts; the value is how rows name what is of them."""
    try:
        with servers.serve(tmp_path_factory.mktemp("served")) as names:
            yield names
    except Missing as error:
        missing(error)


@pytest.fixture(scope="module")
def outcomes(
    engine: Engine,
    registry: Registry,
    image: str,  # noqa: F811
    remote: Mapping[str, str],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[scheduler.Outcomes]:
    """Build the rows that a module asks for; the value says what came of each, by its name.

    Nothing is left to build once the module is done: other tests look at steps, and an engine names those that builds share only once.
    """
    frontends = (Frontend("image", "gateway.v0", {"source": image}), Frontend("engine", "dockerfile.v0"), Frontend("here", None))
    rows = selected_rows(request)
    with llbfront.connect(engine.address) as client:
        names = {"<frontend>": image, **servers.scanner(client, registry.address), **remote}
    with scheduler.built(rows, frontends, names, address=engine.address, registry=registry, folders=tmp_path_factory) as built:
        yield built
