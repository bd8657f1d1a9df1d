"""What we say about wrong Dockerfiles, options and contexts: lines and words of the table tests/data/wrong.txt, one line each.

`tests.differential.test_wrong` compares the same cases with BuildKit's own frontend.
"""

from __future__ import annotations

import pytest

from tests import wrong


@pytest.mark.parametrize("case", [pytest.param(case, id=case.title) for case in wrong.cases()])
def test_table(case: wrong.Wrong) -> None:
    assert wrong.answer(case.case) == case.expected


def test_every_message_is_one_line_of_letters_that_can_be_printed() -> None:
    cases = wrong.cases()
    assert cases
    assert [case.title for case in cases if not case.expected.isprintable()] == []


def test_titles_are_names() -> None:
    titles = [case.title for case in wrong.cases()]
    assert len(set(titles)) == len(titles)
