"""Parse and print durations and times.

Source: package time of Go.
"""

from __future__ import annotations

import re
import time
from functools import cache

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
_MAX_DIGITS = 20
_YEAR_0, _YEAR_10000 = -62_167_219_200, 253_402_300_800
_RFC3339 = (
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)T(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<decimals>\d+))?"
    r"(?:Z|(?P<sign>[+-])(?P<zone_hour>\d\d):(?P<zone_minute>\d\d))"
)

SECOND_NS = 1_000_000_000
OUT_OF_RANGE = "year outside of range [0,9999]"
BAD_ZONE = "timezone hour outside of range [0,23]"
"""The error of encoding/json for a time that it cannot encode."""


@cache
def _duration_part() -> re.Pattern[str]:
    return re.compile(r"([0-9]*)(\.?)([0-9]*)([^0-9.]*)")


def parse_duration(text: str) -> int:
    """Parse a duration such as `1m30s` to nanoseconds.

    Raises:
        ValueError: With the error text of time.ParseDuration.
    """
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
        number = int(significant) if len(significant) < _MAX_DIGITS else _INT64 + 1
        if number > _INT64 or not (whole or fraction):
            raise ValueError(invalid)
        if not unit:
            raise ValueError(f"time: missing unit in duration {_quoted_bytes(text)}")
        if unit not in _UNITS_NS:
            raise ValueError(f"time: unknown unit {_quoted_bytes(unit)} in duration {_quoted_bytes(text)}")
        total += number * _UNITS_NS[unit] + _fraction_ns(fraction, _UNITS_NS[unit])
        if total > _INT64:
            raise ValueError(invalid)
        position = match.end()
    if text[0] == "-":
        return -total
    if total == _INT64:
        raise ValueError(invalid)
    return total


def _fraction_ns(fraction: str, unit_ns: int) -> int:
    """Multiply in floating point, with as many digits as 64 bits hold, as Go does."""
    part, scale = 0, 1.0
    for digit in fraction:
        longer = part * 10 + int(digit)
        if longer > _INT64:
            break
        part, scale = longer, scale * 10
    return int(part * (unit_ns / scale))


def _quoted_bytes(text: str) -> str:
    """Quote text for an error as package time does, which escapes each byte that is not ASCII."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').encode(errors="surrogateescape")
    return '"' + "".join([chr(byte) if 0x20 <= byte < 0x80 else f"\\x{byte:02x}" for byte in escaped]) + '"'


def format_duration(ns: int) -> str:
    """Print nanoseconds as time.Duration.String does: `1h0m5s`, `1.5ms`, `0s`."""
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


def _decimal(value: int, unit: int) -> str:
    whole, part = divmod(value, unit)
    if not part:
        return str(whole)
    digits = str(part).zfill(len(str(unit)) - 1).rstrip("0")
    return f"{whole}.{digits}"


def format_rfc3339(time_ns: int) -> str:
    """Print nanoseconds since 1970 in UTC with as many decimals as needed; `OUT_OF_RANGE` for a year that has more than four digits."""
    seconds, rest_ns = divmod(time_ns, SECOND_NS)
    if not _YEAR_0 <= seconds < _YEAR_10000:
        return OUT_OF_RANGE
    year, month, day, hour, minute, second = time.gmtime(seconds)[:6]
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{_decimals(f'{rest_ns:09}')}Z"


def parse_rfc3339(text: str) -> int | None:
    """Parse a time to nanoseconds since 1970; return None if the text is not one."""
    parsed = _parse(text)
    if parsed is None:
        return None
    match, hour, minute, second, offset_min = parsed
    days = _days_since_1970(*(int(match[group]) for group in ("year", "month", "day")))
    seconds = ((days * 24 + hour) * 60 + minute - offset_min) * 60 + second
    return seconds * SECOND_NS + int((match["decimals"] or "")[:9].ljust(9, "0"))


def normalize_rfc3339(text: str) -> str | None:
    """Parse a time and print it again in its zone; return None if the text is not a time.

    Decimals lose their trailing zeros and a zero offset becomes Z. The result is `BAD_ZONE` for a zone that Go can parse but not print.
    """
    parsed = _parse(text)
    if parsed is None:
        return None
    match, hour, minute, second, offset_min = parsed
    if abs(offset_min) >= 24 * 60:
        return BAD_ZONE
    zone = f"{match['sign']}{abs(offset_min) // 60:02}:{abs(offset_min) % 60:02}" if offset_min else "Z"
    date = f"{match['year']}-{match['month']}-{match['day']}"
    return f"{date}T{hour:02}:{minute:02}:{second:02}{_decimals((match['decimals'] or '')[:9])}{zone}"


def _parse(text: str) -> tuple[re.Match[str], int, int, int, int] | None:
    """Return the match, hour, minute, second and the zone's offset in minutes. Parity: Go accepts an hour of one digit."""
    match = re.fullmatch(_RFC3339, text, re.ASCII)
    if match is None:
        return None
    month, day, hour, minute, second = (int(match[name]) for name in ("month", "day", "hour", "minute", "second"))
    zone_hour, zone_minute = int(match["zone_hour"] or 0), int(match["zone_minute"] or 0)
    if not (1 <= month <= 12 and 1 <= day <= _days_in_month(int(match["year"]), month)):
        return None
    if hour > 23 or minute > 59 or second > 59 or zone_hour > 24 or zone_minute > 60:
        return None
    offset_min = zone_hour * 60 + zone_minute
    return match, hour, minute, second, -offset_min if match["sign"] == "-" else offset_min


def _days_in_month(year: int, month: int) -> int:
    is_leap_year = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (31, 29 if is_leap_year else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _days_since_1970(year: int, month: int, day: int) -> int:
    """Count days with years that begin in March, so that a leap day is the last day of its year."""
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    return year * 365 + year // 4 - year // 100 + year // 400 + (month * 153 + 2) // 5 + day - 719469


def _decimals(digits: str) -> str:
    digits = digits.rstrip("0")
    return f".{digits}" if digits else ""
