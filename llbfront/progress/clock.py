"""Times as the wire and as people write them, and spans of time that overlap.

Enters: nanoseconds and RFC 3339 texts. Leaves: the other one, durations for people, merged intervals, the difference of two clocks.
No datetime: it knows no nanoseconds and costs an import.

Source: control/control.go (header `buildkit-current-timestamp`) and progressui/display.go (intervals) of BuildKit.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

SECOND_NS = 1_000_000_000

# A span of time, open while its end is None.
Interval = tuple[int, int | None]

_RFC3339 = r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-]\d\d):(\d\d))"


def format_timestamp(time_ns: int) -> str:
    """Write a time as Go does: RFC 3339 in UTC, as many decimals as there are."""
    seconds, fraction = divmod(time_ns, SECOND_NS)
    decimals = f".{fraction:09}".rstrip("0") if fraction else ""
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}{decimals}Z"


def parse_timestamp(text: str) -> int | None:
    """Read an RFC 3339 time to nanoseconds; None when it is none."""
    match = re.fullmatch(_RFC3339, text, re.ASCII)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second <= 60):
        return None
    decimals, zone_hours, zone_minutes = match.groups()[6:]
    seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    if zone_hours:
        ahead = int(zone_hours) * 60 + int(f"{zone_hours[0]}{zone_minutes}")
        seconds -= ahead * 60
    return seconds * SECOND_NS + int((decimals or "").ljust(9, "0"))


def _days(year: int, month: int, day: int) -> int:
    """Count the days from 1970 to a date, years taken to begin in March so that a leap day comes last."""
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    return year * 365 + year // 4 - year // 100 + year // 400 + (month * 153 + 2) // 5 + day - 719469


def clock_skew_ns(header: str, received_ns: int) -> int | None:
    """Return how far our clock is ahead of the engine's, from the header that opens the status stream."""
    sent_ns = parse_timestamp(header)
    return None if sent_ns is None else received_ns - sent_ns


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Join intervals that touch or overlap. Sorted by start; an open one swallows all that start after it."""
    merged: list[Interval] = []
    for start, stop in sorted(intervals, key=lambda interval: interval[0]):
        if merged and (merged[-1][1] is None or start <= merged[-1][1]):
            before, end = merged[-1]
            merged[-1] = (before, None if end is None or stop is None else max(end, stop))
        else:
            merged.append((start, stop))
    return tuple(merged)


def covered_ns(intervals: Iterable[Interval], now_ns: int) -> int:
    """Add up merged intervals, an open one up to `now_ns`."""
    return sum(max(0, (now_ns if stop is None else stop) - start) for start, stop in intervals)


def format_seconds(duration_ns: int) -> str:
    """Print a duration for a narrow column: `0.0s`, `59.9s`, `1m05s`, `2h03m`."""
    tenths = max(0, duration_ns) // (SECOND_NS // 10)
    if tenths < 600:
        return f"{tenths // 10}.{tenths % 10}s"
    minutes, seconds = divmod(tenths // 10, 60)
    return f"{minutes}m{seconds:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"
