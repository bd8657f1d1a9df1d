"""Our error messages and BuildKit's, for every case of tests/data/error_messages.txt: the same lines, text and suggestion.

Our messages are BuildKit's with an addition: what to do, or the name of the file or stage.
"""

from __future__ import annotations

import pytest

from tests.differential import filters, wording
from tests.support import error_table

pytestmark = pytest.mark.slow

AGAIN = 200

# Errors that the reference gives no place, and that name a line here: the engine is told none of them either.
PLACED_HERE = ("ignore file", "image to mount that is not there")


@pytest.fixture(scope="module")
def answers() -> list[tuple[error_table.ErrorCase, filters.Answer]]:
    cases = error_table.cases()
    assert cases
    [theirs] = filters.ask([case.case for case in cases], filters.oracle())
    return list(zip(cases, theirs, strict=True))


def test_buildkit_refuses_all_cases(answers: list[tuple[error_table.ErrorCase, filters.Answer]]) -> None:
    assert [case.title for case, theirs in answers if theirs["error"] is None] == []


def test_lines(answers: list[tuple[error_table.ErrorCase, filters.Answer]]) -> None:
    """A circle of stages has a place for each instruction, of which we make one."""
    for case, theirs in answers:
        places = theirs.get("error_lines") or [[]]
        every = sorted({line for place in places for line in place}) if "circular" in theirs["error"] else places[0]
        if every or not case.title.startswith(PLACED_HERE):
            assert case.expected.split(" ")[0] == error_table.lines(every), case.title


def test_suggestions(answers: list[tuple[error_table.ErrorCase, filters.Answer]]) -> None:
    """Of several words that are equally near the reference takes now this, now that; ours must be one of them."""
    for case, theirs in answers:
        suggested = wording.HINT.search(theirs["error"])
        ours = wording.HINT.search(case.expected)
        if suggested is None or (ours and ours[1] == suggested[1]):
            continue
        [others] = filters.ask([case.case] * AGAIN, filters.oracle())
        assert ours, case.title
        assert ours[1] in {match[1] for other in others if (match := wording.HINT.search(other["error"]))}, case.title


def test_words(answers: list[tuple[error_table.ErrorCase, filters.Answer]]) -> None:
    for case, theirs in answers:
        assert wording.says(case.expected, theirs["error"]), f"{case.title}: {theirs['error']}"
