"""Every row of the specification that a frontend decides, built on a real engine through every door, and what must be seen of it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import attrs
import pytest

from tests.live.rows import table
from tests.live.rows.seen import Fails

if TYPE_CHECKING:
    from tests.live.rows.pool import Outcomes
    from tests.live.rows.row import Row


@pytest.mark.parametrize("case", table.rows(), ids=lambda row: row.name)
def test_row(case: Row, outcomes: Outcomes) -> None:
    built = outcomes[case.name].result()
    reference = built["engine"]
    for door in ("image", "here"):
        assert not built[door].differences(reference, is_here=door == "here", has_own_words=case.has_own_words), door
        for one in case.sees:
            if isinstance(one, Fails):
                one.judge(built[door])
    whole = attrs.evolve(reference, log="".join(one.log for one in built.values()))
    assert "Traceback" not in whole.log
    for one in case.sees:
        one.judge(whole)


@pytest.mark.parametrize("section", table.WRITTEN)
def test_every_row_of_a_section_is_shown(section: str) -> None:
    ids = set(table.SECTIONS[section].split())
    shown = {one for row in table.rows() for one in row.ids}
    assert ids - shown - table.APART.keys() == set()
    assert ids & shown & table.APART.keys() == set()


@pytest.mark.parametrize("name", table.APART.values())
def test_tests_apart_are_there(name: str) -> None:
    module, _, function = name.partition(".")
    assert callable(getattr(importlib.import_module(f"tests.live.rows.{module}"), function))


def test_rows_name_only_what_there_is() -> None:
    known = {one for ids in table.SECTIONS.values() for one in ids.split()}
    assert {one for row in table.rows() for one in row.ids} <= known
    assert table.APART.keys() <= known
    names = [row.name for row in table.rows()]
    assert len(set(names)) == len(names) > 220
