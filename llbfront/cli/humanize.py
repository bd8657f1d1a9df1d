"""Sizes, times and durations as people read them.

Source: docker/go-units, which docker and buildx print with.
"""

from __future__ import annotations

import time

from llbfront.progress.sizes import format_bytes

_SECOND_NS = 1_000_000_000
# Used below this many seconds, seconds in one, name.
_UNITS = (
    (60, 1, "second"),
    (60 * 60, 60, "minute"),
    (48 * 3600, 3600, "hour"),
    (14 * 86400, 86400, "day"),
    (60 * 86400, 7 * 86400, "week"),
    (730 * 86400, 30 * 86400, "month"),
)
_YEAR = (365 * 86400, "year")


def count(number: int, noun: str) -> str:
    """Return a number with a noun, such as `1 layer` or `2 layers`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def size(size_bytes: int) -> str:
    """Return a size, such as `12.58MB`, in powers of 1000."""
    return format_bytes(size_bytes)


def ago(time_ns: int | None, now_ns: int) -> str:
    """Return how long ago a time was, such as `3 hours ago`; an empty string for None."""
    if time_ns is None:
        return ""
    seconds = max(now_ns - time_ns, 0) // _SECOND_NS
    length, name = next(((length, name) for limit, length, name in _UNITS if seconds < limit), _YEAR)
    return f"{count(seconds // length, name)} ago"


def clock(time_ns: int) -> str:
    """Return a time in the time zone of this machine, such as `2026-01-31 12:00:00`; one out of range as `@` and its seconds."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_ns // _SECOND_NS))
    except (OverflowError, OSError, ValueError):
        return f"@{time_ns // _SECOND_NS}"


def duration(length_ns: int) -> str:
    """Return a duration, such as `0.4s`, `12.3s`, `5m 07s` or `2h 05m`."""
    seconds = round(length_ns / _SECOND_NS, 1)
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours}h {minutes_left:02}m" if hours else f"{minutes}m {rest:02}s"
