"""Go's rules, where Python's own differ."""

import pytest

from llbfront.dockerfile.golang import lower, parse_duration, parse_int32, parse_uint32, upper
from llbfront.errors import quote


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('a"b\\', r'"a\"b\\"'),
        ("\a\n\x00\x7f", r'"\a\n\x00\x7f"'),
        ("é\u00a0\u200b\U000e0001", r'"é\u00a0\u200b\U000e0001"'),
        ("\udcff", r'"\xff"'),
    ],
)
def test_quote(text: str, quoted: str) -> None:
    assert quote(text) == quoted


def test_letter_case_goes_letter_by_letter() -> None:
    assert (lower("İÉ"), upper("ßéᾀ")) == ("ié", "ßÉᾈ")


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
def test_durations(text: str, duration: int) -> None:
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


def test_numbers() -> None:
    assert [parse_uint32(text, 8) for text in ("755", "0", "8", "+7", "1_0", "", "37777777777", "40000000000")] == [
        *(0o755, 0, None, None, None, None, 0xFFFFFFFF, None),
    ]
    assert [parse_int32(text) for text in ("7", "-7", "+7", "007")] == [7, -7, 7, 7]
    with pytest.raises(ValueError, match="value out of range"):
        parse_int32("2147483648")
    with pytest.raises(ValueError, match="value out of range"):
        parse_int32("4294967296x")
    with pytest.raises(ValueError, match="invalid syntax"):
        parse_int32("4294967295x")
