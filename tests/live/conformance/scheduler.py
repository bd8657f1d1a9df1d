"""Build rows in parallel, beginning before a test asks for the outcome."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import llbfront
from tests.live.conformance import web
from tests.live.conformance.frontends import Frontend, build_with_each

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pytest

    from tests.live.conformance.outcome import Outcome
    from tests.live.conformance.row import Row
    from tests.support.bases import Registry

    Outcomes = Mapping[str, Future[dict[str, Outcome]]]

SIDE_BY_SIDE = 4


@contextlib.contextmanager
def built(
    rows: Sequence[Row],
    frontends: tuple[Frontend, ...],
    names: Mapping[str, str],
    *,
    address: str,
    registry: Registry,
    folders: pytest.TempPathFactory,
) -> Iterator[Outcomes]:
    """Begin to build `rows`; what has not begun at the end of the block is left. names: what rows fill in beside <registry> and files."""
    own = threading.local()
    clients = []

    def connect() -> None:
        own.client = llbfront.connect(address)  # a connection belongs to its thread
        clients.append(own.client)

    def build(row: Row) -> dict[str, Outcome]:
        return build_with_each(own.client.channel, row, folders.mktemp("row", numbered=True), frontends, filled)

    with web.serve(folders.mktemp("web")) as served, ThreadPoolExecutor(SIDE_BY_SIDE, initializer=connect) as pool:
        filled = {"<registry>": registry.address, **served.names, **names}
        futures = {row.name: pool.submit(build, row) for row in rows}
        yield futures
        for future in futures.values():
            future.cancel()
    for client in clients:
        client.close()
