"""Messages of invalid Dockerfiles, options and contexts: the lines and text of the table tests/data/error_messages.txt, one line each.

`tests.differential.test_error_messages` compares the same cases with BuildKit's own frontend.
"""

from __future__ import annotations

import pytest

from tests.support import error_table


@pytest.mark.parametrize("case", [pytest.param(case, id=case.title) for case in error_table.cases()])
def test_each_error_has_the_expected_message(case: error_table.ErrorCase) -> None:
    assert error_table.answer(case.case) == case.expected


def test_every_message_is_one_printable_line() -> None:
    cases = error_table.cases()
    assert cases
    assert [case.title for case in cases if not case.expected.isprintable()] == []


def test_titles_are_unique() -> None:
    titles = [case.title for case in error_table.cases()]
    assert len(set(titles)) == len(titles)
