"""Build rows in parallel, a few before a test asks for their outcome."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import llbfront
from tests.live.conformance import web
from tests.live.conformance.frontends import Frontend, build_with_each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pytest

    from tests.live.conformance.outcome import Outcome
    from tests.live.conformance.row import Row
    from tests.support.bases import Registry

SIDE_BY_SIDE = 4
AHEAD = 3 * SIDE_BY_SIDE


class Outcomes:
    """Outcomes of rows by name. The first request for one begins its build and those of the rows behind it, which tests request next.

    No row waits for many others, and a worker that runs a part of the tests builds hardly more than their rows.
    """

    def __init__(self, rows: Sequence[Row], begin: Callable[[Row], Future[dict[str, Outcome]]]) -> None:
        self._rows = tuple(rows)
        self._numbers = {row.name: number for number, row in enumerate(rows)}
        self._begin = begin
        self._futures: dict[str, Future[dict[str, Outcome]]] = {}

    def __getitem__(self, name: str) -> Future[dict[str, Outcome]]:
        number = self._numbers[name]
        for row in self._rows[number : number + AHEAD]:
            if row.name not in self._futures:
                self._futures[row.name] = self._begin(row)
        return self._futures[name]

    def cancel(self) -> None:
        """Leave out the builds that have not begun."""
        for future in self._futures.values():
            future.cancel()


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
    """Build `rows` as they are requested; what has not begun at the end of the block is left. names: what rows fill in beside <registry> and files."""
    own = threading.local()
    clients = []

    def connect() -> None:
        own.client = llbfront.connect(address)  # a connection belongs to its thread
        clients.append(own.client)

    def build(row: Row) -> dict[str, Outcome]:
        return build_with_each(own.client.channel, row, folders.mktemp("row", numbered=True), frontends, filled)

    with web.serve(folders.mktemp("web")) as served, ThreadPoolExecutor(SIDE_BY_SIDE, initializer=connect) as pool:
        filled = {"<registry>": registry.address, **served.names, **names}
        outcomes = Outcomes(rows, lambda row: pool.submit(build, row))
        yield outcomes
        outcomes.cancel()
    for client in clients:
        client.close()
