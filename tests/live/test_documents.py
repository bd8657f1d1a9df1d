"""The pages that need an engine: their commands and scripts work, one after the other."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

import pytest

from tests.support import documents

if TYPE_CHECKING:
    from tests.live.conftest import Engine
    from tests.support.bases import Registry


@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", [page for page in documents.pages() if documents.needs_engine(page)])
def test_the_blocks_of_a_page_work_one_after_the_other(
    page: str, engine: Engine, registry: Registry, tmp_path: pathlib.Path
) -> None:
    documents.workspace(tmp_path)
    variables = {"BUILDKIT_HOST": engine.address}
    assert documents.run_page(page, tmp_path, variables=variables, registry=registry.address) > 0
