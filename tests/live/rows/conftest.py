"""What the rows are built with: the doors, and outcomes that are made side by side before they are asked for."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

import pytest

import llbfront
from tests.live.rows import web
from tests.live.rows.doors import Door, enter
from tests.live.test_image import image  # noqa: F401  (a fixture)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from examples.bases import Registry
    from tests.live.conftest import Engine
    from tests.live.rows.outcome import Outcome
    from tests.live.rows.row import Row

SIDE_BY_SIDE = 4


@pytest.fixture(scope="session")
def outcomes(
    engine: Engine,
    registry: Registry,
    image: str,  # noqa: F811
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mapping[str, Future[dict[str, Outcome]]]]:
    """Begin to build every row that is asked for in this session; the value says what came of each, by its name."""
    tests = [item for item in request.session.items if isinstance(item, pytest.Function) and "outcomes" in item.fixturenames]
    rows = [cast("Row", test.callspec.params["case"]) for test in tests]
    doors = (Door("image", "gateway.v0", {"source": image}), Door("engine", "dockerfile.v0"), Door("here", None))
    own = threading.local()
    clients = []

    def connect() -> None:
        own.client = llbfront.connect(engine.address)  # a connection belongs to its thread
        clients.append(own.client)

    def build(row: Row) -> dict[str, Outcome]:
        folder = tmp_path_factory.mktemp("row", numbered=True)
        return enter(own.client.channel, row, folder, doors, names)

    with web.serve(tmp_path_factory.mktemp("web")) as served, ThreadPoolExecutor(SIDE_BY_SIDE, initializer=connect) as pool:
        names = {"<registry>": registry.address, **served.names}
        futures = {row.name: pool.submit(build, row) for row in rows}
        yield futures
        for future in futures.values():
            future.cancel()
    for client in clients:
        client.close()
