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


@pytest.mark.parametrize(
    ("text", "column"),
    [('"a"b', 3), ('x,"a"b', 5), ('"a', 2), ('"a""b', 5), ('"""a', 4), ('k,"a""bc', 7), ('é,"a"b', 6), ('a"b', 2)],
)
def test_an_error_names_the_column_in_bytes(text: str, column: int) -> None:
    with pytest.raises(InvalidValue, match=f"^parse error on line 1, column {column}: "):
        split_fields(text)
