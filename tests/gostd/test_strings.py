"""Letter case and invalid bytes, where Go's rules differ from Python's."""

import pytest

from llbfront.gostd.strings import WHITESPACE, to_lower, to_upper, to_valid_utf8


def test_letter_case_goes_letter_by_letter() -> None:
    assert (to_lower("İÉ"), to_upper("ßéᾀ")) == ("ié", "ßÉᾈ")


def test_each_invalid_byte_is_replaced() -> None:
    assert to_valid_utf8("a\udcff\udc80\u00e9") == "a\ufffd\ufffd\u00e9"


@pytest.mark.parametrize(
    ("letter", "expected"), [(" ", True), ("\x85", True), ("\u3000", True), ("\x1c", False), ("\u200b", False)]
)
def test_whitespace(letter: str, expected: bool) -> None:
    assert (letter in WHITESPACE) is expected
