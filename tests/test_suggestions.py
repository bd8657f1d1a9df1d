"""Names that are near a mistyped one: what counts as near, and which of several is suggested."""

from __future__ import annotations

import pytest

from llbfront.suggestions import guess, near_name, nearest, suggestion

KNOWN = ("RUN", "COPY", "Version", "version_2")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("RNU", "RUN"),
        ("run", "RUN"),
        ("VERSION", "Version"),
        ("Versoin", "Version"),
        ("version_3", "version_2"),
        ("CPOY", "COPY"),
        ("XY", None),  # three edits
        ("XUX", None),  # two edits, but most of the word is wrong
        ("OCYP", None),  # the same letters, but three edits
        ("", None),
    ],
)
def test_the_name_that_was_probably_meant(word: str, near: str | None) -> None:
    assert near_name(word, KNOWN) == near


def test_the_fewest_edits_win_and_the_first_of_equals() -> None:
    assert near_name("abcdef", ("abcdxy", "abcdex", "abcdez")) == "abcdex"


@pytest.mark.parametrize(
    ("word", "match_case", "hint"),
    [
        ("RNU", False, "did you mean RUN?"),
        ("run", False, None),  # known but for letter case
        ("run", True, None),  # three edits
        ("RUn", True, "did you mean RUN?"),
        ("RUN", True, None),
        ("COPIED", False, None),
        ("copx", False, "did you mean COPY?"),
        ("copx", True, None),
    ],
)
def test_suggestions_with_and_without_letter_case(word: str, match_case: bool, hint: str | None) -> None:
    assert suggestion(word, KNOWN, match_case=match_case) == hint


def test_a_guess_says_maybe() -> None:
    assert guess("RNU", KNOWN) == "maybe you mean RUN?"
    assert guess("RUN", KNOWN) is None


def test_the_nearest_counts_letter_case() -> None:
    assert nearest("RUn", KNOWN) == "RUN"
    assert nearest("RUN", KNOWN) is None
    assert nearest("copx", KNOWN) is None
