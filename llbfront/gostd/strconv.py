"""Parse and print numbers, booleans and quoted strings.

Source: package strconv of Go.
"""

from __future__ import annotations

import math

_ESCAPES = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v", "\\": r"\\", '"': r"\""}
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}
_INT64 = 1 << 63
_DIGITS, _HEX_DIGITS = "[0-9](?:[0-9]|_[0-9])*+", "[0-9a-f](?:[0-9a-f]|_[0-9a-f])*+"
_DECIMAL = rf"(?:{_DIGITS}\.?+(?:{_DIGITS})?|\.{_DIGITS})(?:e[+-]?{_DIGITS})?"
_HEXADECIMAL = rf"0x(?:_?{_HEX_DIGITS}\.?+(?:{_HEX_DIGITS})?|\.{_HEX_DIGITS})p[+-]?{_DIGITS}"
FLOAT = rf"[+-]?(?:{_HEXADECIMAL}|{_DECIMAL})"
"""A pattern for the finite numbers that strconv.ParseFloat takes, in any letter case. For the possessive groups see `dockerfile.jsonform`."""
_MAX_DIGITS = 20


def quote(text: str) -> str:
    """Quote text as a Go string literal, as strconv.Quote and `%q` do."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_ESCAPES.get(letter) or _quote_letter(letter) for letter in text) + '"'


def _quote_letter(letter: str) -> str:
    if letter.isprintable():
        return letter
    code = ord(letter)
    if code < 0x80:
        return f"\\x{code:02x}"
    if 0xDC80 <= code < 0xDD00:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def parse_bool(text: str) -> bool | None:
    """Parse a boolean word such as `true`, `T` or `0`; return None for any other word."""
    return _BOOLEANS.get(text)


def parse_uint32(text: str, base: int) -> int | None:
    """Parse the digits of a 32-bit number, without a sign; return None for anything else."""
    if not text or text.strip("01234567" if base == 8 else "0123456789"):
        return None
    significant = text.lstrip("0")
    if len(significant) > 11:
        return None
    number = int(significant or "0", base)
    return number if number < 1 << 32 else None


def parse_int(text: str, bits: int = 64) -> int | None:
    """Parse a decimal number with an optional sign; return None if the text is not a number of that many bits.

    Unlike `int`, this takes any number of leading zeros and refuses blanks and underscores.
    """
    digits = text[1:] if text[:1] in {"+", "-"} else text
    significant = digits.lstrip("0") or "0"
    if not digits.isascii() or not digits.isdigit() or len(significant) > _MAX_DIGITS:
        return None
    number = -int(significant) if text[0] == "-" else int(significant)
    return number if -(1 << bits - 1) <= number < 1 << bits - 1 else None


def parse_int32(text: str) -> int:
    """Parse a decimal number of 32 bits.

    Raises:
        ValueError: With the error text of strconv.ParseInt.
    """
    digits = text[1:] if text[:1] in {"+", "-"} else text
    significant = digits[: len(digits) - len(digits.lstrip("0123456789"))].lstrip("0")
    magnitude = int(significant or "0") if len(significant) < 11 else _INT64
    # Parity: a magnitude of more than 32 bits is out of range even if no digit follows it.
    if magnitude < 1 << 32 and (not digits or digits.strip("0123456789")):
        raise ValueError(f"strconv.ParseInt: parsing {quote(text)}: invalid syntax")
    number = -magnitude if text[0] == "-" else magnitude
    if not -(1 << 31) <= number < 1 << 31:
        raise ValueError(f"strconv.ParseInt: parsing {quote(text)}: value out of range")
    return number


def parse_uint(text: str) -> int | None:
    """Parse a decimal number of 64 bits without a sign; return None for anything else."""
    value = parse_int(text, 65) if text[:1] not in {"+", "-"} else None
    return value if value is not None and value < 1 << 64 else None


def parse_float(text: str) -> float | None:
    """Parse a number that `FLOAT` matches; return None for one that is too large for a float."""
    text = text.replace("_", "")
    try:
        number = float.fromhex(text) if "x" in text.lower() else float(text)
    except OverflowError:
        return None
    return None if math.isinf(number) else number
