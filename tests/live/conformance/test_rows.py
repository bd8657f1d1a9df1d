"""Every row of the specification that a frontend decides, built on a real engine through every frontend, and what must be seen of it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import attrs
import pytest

from tests.live.conformance import table
from tests.live.conformance.row import Fails

if TYPE_CHECKING:
    from tests.live.conformance.row import Row
    from tests.live.conformance.scheduler import Outcomes


@pytest.mark.parametrize("case", table.rows(), ids=lambda row: row.name)
def test_row(case: Row, outcomes: Outcomes) -> None:
    built = outcomes[case.name].result()
    reference = built["engine"]
    for frontend in ("image", "here"):
        assert not built[frontend].differences(reference, is_here=frontend == "here", differs_in_wording=case.differs_in_wording), (
            frontend
        )
        for expectation in case.expectations:
            if isinstance(expectation, Fails):
                expectation.check(built[frontend])
    whole = attrs.evolve(reference, log="".join(expectation.log for expectation in built.values()))
    assert "Traceback" not in whole.log
    for expectation in case.expectations:
        expectation.check(whole)


@pytest.mark.parametrize("section", table.WRITTEN)
def test_every_row_of_a_section_is_shown(section: str) -> None:
    ids = set(table.SECTIONS[section].split())
    shown = {row_id for row in table.rows() for row_id in row.ids}
    assert ids - shown - table.APART.keys() == set()
    assert ids & shown & table.APART.keys() == set()


@pytest.mark.parametrize("name", table.APART.values())
def test_separate_tests_exist(name: str) -> None:
    module, _, function = name.partition(".")
    assert callable(getattr(importlib.import_module(f"tests.live.conformance.{module}"), function))


def test_rows_name_only_existing_features() -> None:
    known = {row_id for ids in table.SECTIONS.values() for row_id in ids.split()}
    assert {row_id for row in table.rows() for row_id in row.ids} <= known
    assert table.APART.keys() <= known
    names = [row.name for row in table.rows()]
    assert len(set(names)) == len(names) > 220
