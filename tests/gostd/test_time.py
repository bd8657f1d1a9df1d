"""Durations and times as Go parses and prints them."""

import pytest

from llbfront.gostd.time import (
    BAD_ZONE,
    OUT_OF_RANGE,
    format_duration,
    format_rfc3339,
    normalize_rfc3339,
    parse_duration,
    parse_rfc3339,
)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("0", 0),
        ("1ns", 1),
        ("1.5us", 1500),
        ("1µs", 1000),
        ("-1m", -60_000_000_000),
        ("+1h2m3s4ms", 3_723_004_000_000),
        (".5s", 500_000_000),
        ("1.s", 1_000_000_000),
        ("0.0009999999999999999s", 1_000_000),
        ("0.0009999999999999990s", 999_999),
        (f"0.{'0' * 400}1s", 0),
        (f"1.{'9' * 400}h", 7_200_000_000_000),
        ("2562047h47m16.854775807s", (1 << 63) - 1),
    ],
)
def test_parse_duration(text: str, duration: int) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        (".s", 'time: invalid duration ".s"'),
        ("é\\", r'time: invalid duration "\xc3\xa9\\"'),
        ("1", 'time: missing unit in duration "1"'),
        ("1s2", 'time: missing unit in duration "1s2"'),
        ("1 s", 'time: unknown unit " s" in duration "1 s"'),
        ("99999999999999999999x", 'time: invalid duration "99999999999999999999x"'),
        ("2562048h", 'time: invalid duration "2562048h"'),
    ],
)
def test_bad_durations(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="time") as caught:
        parse_duration(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("ns", "expected"),
    [(0, "0s"), (1, "1ns"), (1_500, "1.5µs"), (2_000_000, "2ms"), (1_500_000_000, "1.5s"), (60_000_000_000, "1m0s"),
     (3_661_500_000_000, "1h1m1.5s"), (-1_000_000_000, "-1s")],
)  # fmt: skip
def test_format_duration(ns: int, expected: str) -> None:
    assert format_duration(ns) == expected


TIMES = [
    (0, "1970-01-01T00:00:00Z"),
    (1_000_000_001, "1970-01-01T00:00:01.000000001Z"),
    (-1, "1969-12-31T23:59:59.999999999Z"),
    (1_767_225_600_120_000_000, "2026-01-01T00:00:00.12Z"),
]


@pytest.mark.parametrize(("time_ns", "text"), TIMES)
def test_timestamps_have_as_many_decimals_as_needed(time_ns: int, text: str) -> None:
    assert format_rfc3339(time_ns) == text
    assert parse_rfc3339(text) == time_ns


def test_timestamps_of_other_zones_are_the_same_moment() -> None:
    moment = parse_rfc3339("2026-01-01T12:00:00.5Z")
    assert parse_rfc3339("2026-01-01T14:30:00.500000000+02:30") == moment
    assert parse_rfc3339("2026-01-01T05:00:00.5-07:00") == moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01T00:00:00.1200Z", "2026-01-01T00:00:00.12Z"),
        ("2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00.5Z"),
        ("2026-01-01T1:00:00Z", "2026-01-01T01:00:00Z"),
        ("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00-02:30", "2026-01-01T00:00:00-02:30"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("2026-01-01T00:00:00+24:00", BAD_ZONE),
        ("2026-01-01T00:00:00-24:00", BAD_ZONE),
        ("2023-02-29T00:00:00Z", None),
        ("2026-01-01T24:00:00Z", None),
        ("2026-01-01T00:60:00Z", None),
        ("2026-01-01T00:00:60Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-01-01T00:00:00", None),
        ("2026-01-01", None),
        ("today", None),
        ("", None),
    ],
)
def test_normalize_rfc3339(text: str, expected: str | None) -> None:
    assert normalize_rfc3339(text) == expected
    assert (parse_rfc3339(text) is None) is (expected is None)


@pytest.mark.parametrize("time_ns", [-62_167_219_200 * 10**9 - 1, 253_402_300_800 * 10**9])
def test_years_of_five_digits_have_no_text(time_ns: int) -> None:
    assert format_rfc3339(time_ns) == OUT_OF_RANGE
