"""Comma separated values: how a line falls into fields."""

import pytest

from llbfront.errors import InvalidValue
from llbfront.gostd.csv import split_fields


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a", ("a",)),
        ("a,b", ("a", "b")),
        ("a,", ("a", "")),
        ('"a,b",c', ("a,b", "c")),
        ('"a""b"', ('a"b',)),
        ("a\r\n", ("a",)),
        (",", ("", "")),
    ],
)
def test_fields_are_split(text: str, fields: tuple[str, ...]) -> None:
    assert split_fields(text) == fields


@pytest.mark.parametrize("text", ["", 'a"b', '"a', '"a"b', "\n"])
def test_wrong_quotes_are_an_error(text: str) -> None:
    with pytest.raises(InvalidValue):
        split_fields(text)
