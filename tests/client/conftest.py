"""The fake engine, for tests of what a client does when things end early."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import fake_engine

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator


@pytest.fixture
def fake(tmp_path: pathlib.Path) -> Iterator[fake_engine.FakeEngine]:
    with fake_engine.serve(tmp_path) as engine:
        yield engine
