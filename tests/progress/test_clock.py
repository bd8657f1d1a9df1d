"""Clocks and durations: skew between two clocks, joined intervals, and durations as short text. Times are in nanoseconds."""

import pytest

from llbfront.progress.clock import clock_skew_ns, covered_ns, format_seconds, merge


@pytest.mark.parametrize("text", ["", "today", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00"])
def test_a_header_that_is_not_a_time_gives_no_skew(text: str) -> None:
    assert clock_skew_ns(text, 5) is None


def test_skew_is_positive_when_our_clock_is_ahead() -> None:
    assert clock_skew_ns("1970-01-01T00:00:01Z", 3_000_000_000) == 2_000_000_000


@pytest.mark.parametrize(
    ("intervals", "merged"),
    [
        ([], ()),
        ([(5, 7), (1, 3)], ((1, 3), (5, 7))),
        ([(1, 5), (2, 3)], ((1, 5),)),
        ([(1, 3), (3, 4)], ((1, 4),)),
        ([(1, None), (9, 12)], ((1, None),)),
        ([(1, 3), (2, None), (20, 21)], ((1, None),)),
    ],
)
def test_merging_joins_what_touches(intervals: list[tuple[int, int | None]], merged: tuple[tuple[int, int | None], ...]) -> None:
    assert merge(intervals) == merged


def test_pauses_are_not_covered_and_open_ends_reach_until_now() -> None:
    assert covered_ns(((10, 20), (50, None)), 55) == 15


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0s"),
        (0.06, "0.0s"),
        (9.99, "9.9s"),
        (59.9, "59.9s"),
        (60, "1m00s"),
        (3599, "59m59s"),
        (3600, "1h00m"),
        (3661, "1h01m"),
        (7384, "2h03m"),
        (-4, "0.0s"),
    ],
)
def test_durations_stay_short(seconds: float, text: str) -> None:
    assert format_seconds(int(seconds * 1e9)) == text
