import pytest

from llbfront.progress.cell_width import fit, width
from llbfront.progress.events import VertexStatus
from llbfront.progress.sizes import format_amount, format_bytes, format_rate


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0B"),
        (999, "999B"),
        (1000, "1.00kB"),
        (1234, "1.23kB"),
        (12_580_000, "12.58MB"),
        (5 * 10**9, "5.00GB"),
        (10**21, "1000.00EB"),
    ],
)
def test_bytes_are_decimal(count: int, text: str) -> None:
    assert format_bytes(count) == text


def test_amounts_say_what_is_known() -> None:
    assert format_amount(VertexStatus("s", "v")) == ""
    assert format_amount(VertexStatus("s", "v", current=5)) == "5B"
    assert format_amount(VertexStatus("s", "v", total=2000)) == "0B / 2.00kB"


def test_rates_are_of_tasks_that_are_open_for_a_second() -> None:
    def rate(end_s: float, completed_ns: int | None = None) -> str:
        return format_rate(VertexStatus("s", "v", "", 3000, 9000, int(end_s * 1e9), 0, completed_ns))

    assert (rate(0.9), rate(2), rate(2, 2)) == ("", "1.50kB/s", "")


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("abc", 3),
        ("größer", 6),
        ("…", 1),
        ("世界", 4),
        ("🚀", 2),
        ("e\u0301", 1),
        ("a\u200db", 2),
        ("\uff46", 2),
        ("\U0001f469\u200d\U0001f469\u200d\U0001f467", 6),
        ("\u2764\ufe0f", 2),
        ("\U0001f44d\U0001f3fd", 4),
        ("\u1112\u1161\u11ab", 2),
    ],
)
def test_width_counts_cells(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(
    ("text", "cells", "cut"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("世界中", 5, "世界…"),
        ("世界中", 4, "世…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("e\u0301x", 2, "e\u0301x"),
        ("größer", 4, "grö…"),
        ("ab\U0001f44d\U0001f3fdcd", 4, "ab…"),
        ("ab\U0001f44d\U0001f3fdcd", 7, "ab\U0001f44d\U0001f3fd…"),
        ("世", 1, "…"),
        ("世界", 0, ""),
    ],
)
def test_what_does_not_fit_is_cut_with_an_ellipsis(text: str, cells: int, cut: str) -> None:
    assert fit(text, cells) == cut
    assert width(cut) <= cells
