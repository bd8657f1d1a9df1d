"""Rules of Go's standard library that Dockerfiles, histories and configs can show: blanks, letter case, numbers, durations, texts.

Enters: text, decoded with `surrogateescape`, or values. Leaves: what Go's functions of the same purpose read of it or print for them.

Source: unicode, strings, strconv, time, fmt and encoding/json of Go; BuildKit uses them without saying so in its own documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache

from llbfront.errors import quote

BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What unicode.IsSpace holds for a blank; Python's own set has U+001C to U+001F too."""

BYTE_BLANKS = "\t\n\v\f\r \x85\xa0"
"""The blanks among single bytes, read as Latin-1."""

_REPLACED = dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd")
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}
_UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,
    "\u03bcs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_INT64 = 1 << 63
_MOST_DIGITS = 20
_JSON_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_JSON_SPECIAL = "[<>&\u2028\u2029\ud800-\udfff]"


def valid(text: str) -> str:
    """Replace each byte that is no UTF-8 by U+FFFD, as reading text rune by rune does."""
    return text if text.isascii() else text.translate(_REPLACED)


def lower(text: str) -> str:
    """Lower-case letter by letter, without the rules for whole words that Python has."""
    return text.lower() if text.isascii() else "".join(letter.lower()[0] for letter in valid(text))


def upper(text: str) -> str:
    """Upper-case letter by letter, leaving a letter that would become two."""
    if text.isascii():
        return text.upper()
    return "".join(map(_large, valid(text)))


def _large(letter: str) -> str:
    """The one letter that stands for a small one: some that become two words long have a form for titles, which is it."""
    return next((large for large in (letter.upper(), letter.title()) if len(large) == 1), letter)


def parse_bool(text: str) -> bool | None:
    """Read a boolean word of strconv.ParseBool; None for any other word."""
    return _BOOLEANS.get(text)


def parse_uint32(text: str, radix: int) -> int | None:
    """Read digits of a number below 2**32; None for anything else, signs and underscores included."""
    if not text or text.strip("01234567" if radix == 8 else "0123456789"):
        return None
    significant = text.lstrip("0")
    if len(significant) > 11:
        return None
    number = int(significant or "0", radix)
    return number if number < 1 << 32 else None


def parse_integer(text: str, bits: int) -> int | None:
    """Read a decimal number with a sign or without, of so many bits; None for anything else. Python itself reads no long ones."""
    digits = text[1:] if text[:1] in {"+", "-"} else text
    significant = digits.lstrip("0") or "0"
    if not digits.isascii() or not digits.isdigit() or len(significant) > _MOST_DIGITS:
        return None
    number = -int(significant) if text[0] == "-" else int(significant)
    return number if -(1 << bits - 1) <= number < 1 << bits - 1 else None


def parse_int32(text: str) -> int:
    """Read a decimal number with 32 bits. Raises: ValueError in the words of strconv."""
    digits = text[1:] if text[:1] in {"+", "-"} else text
    significant = digits[: len(digits) - len(digits.lstrip("0123456789"))].lstrip("0")
    magnitude = int(significant or "0") if len(significant) < 11 else _INT64
    # Parity: what cannot be held in 32 bits at all is out of range, whatever follows.
    if magnitude < 1 << 32 and (not digits or digits.strip("0123456789")):
        raise ValueError(f"strconv.ParseInt: parsing {quote(text)}: invalid syntax")
    number = -magnitude if text[0] == "-" else magnitude
    if not -(1 << 31) <= number < 1 << 31:
        raise ValueError(f"strconv.ParseInt: parsing {quote(text)}: value out of range")
    return number


@cache
def _duration_part() -> re.Pattern[str]:
    return re.compile(r"([0-9]*)(\.?)([0-9]*)([^0-9.]*)")


def parse_duration(text: str) -> int:
    """Read a duration such as `1m30s` into ns. Raises: ValueError in the words of time.ParseDuration."""
    invalid = f"time: invalid duration {_quoted_bytes(text)}"
    rest = text[1:] if text[:1] in {"+", "-"} else text
    if rest == "0":
        return 0
    if not rest:
        raise ValueError(invalid)
    total = position = 0
    while position < len(rest):
        match = _duration_part().match(rest, position)
        assert match is not None
        whole, _, fraction, unit = match.groups()
        significant = whole.lstrip("0") or "0"
        number = int(significant) if len(significant) < _MOST_DIGITS else _INT64 + 1
        if number > _INT64 or not (whole or fraction):
            raise ValueError(invalid)
        if not unit:
            raise ValueError(f"time: missing unit in duration {_quoted_bytes(text)}")
        if unit not in _UNITS_NS:
            raise ValueError(f"time: unknown unit {_quoted_bytes(unit)} in duration {_quoted_bytes(text)}")
        total += number * _UNITS_NS[unit] + _fraction(fraction, _UNITS_NS[unit])
        if total > _INT64:
            raise ValueError(invalid)
        position = match.end()
    if text[0] == "-":
        return -total
    if total == _INT64:
        raise ValueError(invalid)
    return total


def _fraction(fraction: str, unit_ns: int) -> int:
    """Multiply in the way of Go, with floats and as many digits as it holds."""
    part, scale = 0, 1.0
    for digit in fraction:
        longer = part * 10 + int(digit)
        if longer > _INT64:
            break
        part, scale = longer, scale * 10
    return int(part * (unit_ns / scale))


def _quoted_bytes(text: str) -> str:
    """Quote in the way of package time, which escapes every byte of a letter that is not ASCII."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').encode(errors="surrogateescape")
    return '"' + "".join([chr(byte) if 0x20 <= byte < 0x80 else f"\\x{byte:02x}" for byte in escaped]) + '"'


def parse_int(text: str) -> int | None:
    """Read a decimal 64-bit integer with an optional sign; None when the text is none."""
    return parse_integer(text, 64)


def parse_uint(text: str) -> int | None:
    """Read a decimal unsigned 64-bit integer; None when the text is none."""
    value = parse_integer(text, 65) if text[:1] not in {"+", "-"} else None
    return value if value is not None and value < 1 << 64 else None


def quoted_list(texts: Iterable[str]) -> str:
    """`["a" "b"]`."""
    return f"[{' '.join(map(quote, texts))}]"


def plain_list(texts: Iterable[str]) -> str:
    """`[a b]`."""
    return f"[{' '.join(texts)}]"


def duration(ns: int) -> str:
    """Print nanoseconds as Go prints a duration: `1h0m5s`, `1.5ms`, `0s`."""
    sign, ns = ("-", -ns) if ns < 0 else ("", ns)
    if ns == 0:
        return "0s"
    for limit, unit in ((10**3, "ns"), (10**6, "µs"), (10**9, "ms")):
        if ns < limit:
            return sign + _decimal(ns, limit // 10**3) + unit
    seconds, rest = divmod(ns, 10**9)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = _decimal(seconds * 10**9 + rest, 10**9) + "s"
    if hours:
        return f"{sign}{hours}h{minutes}m{text}"
    return f"{sign}{minutes}m{text}" if minutes else sign + text


def _decimal(value: int, one: int) -> str:
    whole, part = divmod(value, one)
    if not part:
        return str(whole)
    digits = str(part).zfill(len(str(one)) - 1).rstrip("0")
    return f"{whole}.{digits}"


def json_text(text: str) -> str:
    """A text as a JSON string in the escaping of Go."""
    encoded = json.dumps(text, ensure_ascii=False)
    return re.sub(_JSON_SPECIAL, _json_escape, encoded)


def _json_escape(match: re.Match[str]) -> str:
    return _JSON_ESCAPES.get(match[0], "\\ufffd")


def json_list(texts: Iterable[str]) -> str:
    """A list of texts as JSON, compact."""
    return f"[{','.join(map(json_text, texts))}]"
