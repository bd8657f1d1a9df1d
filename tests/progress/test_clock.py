import pytest

from llbfront.progress.clock import clock_skew_ns, covered_ns, format_seconds, format_timestamp, merge, parse_timestamp

TIMES = [
    (0, "1970-01-01T00:00:00Z"),
    (1_000_000_001, "1970-01-01T00:00:01.000000001Z"),
    (1_767_225_600_120_000_000, "2026-01-01T00:00:00.12Z"),
]


@pytest.mark.parametrize(("time_ns", "text"), TIMES)
def test_timestamps_have_as_many_decimals_as_needed(time_ns: int, text: str) -> None:
    assert format_timestamp(time_ns) == text
    assert parse_timestamp(text) == time_ns


def test_timestamps_of_other_zones_are_the_same_moment() -> None:
    moment = parse_timestamp("2026-01-01T12:00:00.5Z")
    assert parse_timestamp("2026-01-01T14:30:00.500000000+02:30") == moment
    assert parse_timestamp("2026-01-01T05:00:00.5-07:00") == moment


@pytest.mark.parametrize("text", ["", "today", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00"])
def test_what_is_no_timestamp_is_none(text: str) -> None:
    assert parse_timestamp(text) is None
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
    [(0, "0.0s"), (0.06, "0.0s"), (9.99, "9.9s"), (59.9, "59.9s"), (60, "1m00s"), (3599, "59m59s"), (7384, "2h03m"), (-4, "0.0s")],
)
def test_durations_stay_short(seconds: float, text: str) -> None:
    assert format_seconds(int(seconds * 1e9)) == text
