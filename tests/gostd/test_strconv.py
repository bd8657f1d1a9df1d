"""Quoting and numbers, where Go's rules differ from Python's."""

import pytest

from llbfront.gostd.strconv import parse_bool, parse_float, parse_int, parse_int32, parse_uint, parse_uint32, quote


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('a"b\\', r'"a\"b\\"'),
        ("\a\n\x00\x7f", r'"\a\n\x00\x7f"'),
        ("é\u00a0\u200b\U000e0001", r'"é\u00a0\u200b\U000e0001"'),
        ("\x80", r'"\u0080"'),
        ("\udcff", r'"\xff"'),
    ],
)
def test_quote(text: str, quoted: str) -> None:
    assert quote(text) == quoted


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", True),
        ("t", True),
        ("True", True),
        ("TRUE", True),
        ("0", False),
        ("F", False),
        ("false", False),
        ("tRUE", None),
        ("yes", None),
        ("", None),
    ],
)
def test_parse_bool(text: str, expected: bool | None) -> None:
    assert parse_bool(text) is expected


@pytest.mark.parametrize(
    ("text", "signed", "unsigned"),
    [
        ("0", 0, 0),
        ("-1", -1, None),
        ("+1", 1, None),
        ("0" * 100 + "7", 7, 7),
        ("1_000", None, None),
        (" 1", None, None),
        ("\u0661", None, None),
        ("", None, None),
        ("-", None, None),
        ("9223372036854775807", (1 << 63) - 1, (1 << 63) - 1),
        ("9223372036854775808", None, 1 << 63),
        ("-9223372036854775808", -(1 << 63), None),
        ("18446744073709551616", None, None),
        ("9" * 10_000, None, None),
    ],
)
def test_64_bit_integers(text: str, signed: int | None, unsigned: int | None) -> None:
    assert (parse_int(text), parse_uint(text)) == (signed, unsigned)


@pytest.mark.parametrize(
    ("text", "expected"), [("1.5", 1.5), ("1_0", 10.0), ("0x1p4", 16.0), ("-.5", -0.5), ("1e999", None), ("0x1p9999", None)]
)
def test_parse_float(text: str, expected: float | None) -> None:
    assert parse_float(text) == expected
