"""Tables are aligned as text/tabwriter of Go aligns them."""

import pytest

from llbfront.gostd.tabwriter import format_table


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([("NAME", "VALUE"), ("a", "1"), ("longer", "")], "NAME    VALUE\na       1\nlonger  \n"),
        ([("é", "ü", "x"), ("ab", "c", "y")], "é   ü  x\nab  c  y\n"),
        # a tab in a cell makes a column more, which only the lines next to each other share that have it
        ([("A", "B"), ("a\tbc", "d"), ("a", "e")], "A  B\na  bc  d\na  e\n"),
        ([("A", "B"), ("a", "b\vcc"), ("a", "bbb\tc")], "A  B\na  b    cc\na  bbb  c\n"),
        # a form feed ends the line and all columns
        ([("long name", "x"), ("a", "1\f2"), ("b", "3")], "long name  x\na          1\n2\nb  3\n"),
        ([("one\ntwo", "x")], "one\ntwo  x\n"),
    ],
)
def test_columns(rows: list[tuple[str, ...]], text: str) -> None:
    assert format_table(rows, gap=2) == text
