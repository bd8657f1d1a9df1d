"""Merge intervals of time, measure clock skew and print durations.

Source: control/control.go (header `buildkit-current-timestamp`) and progressui/display.go (intervals) of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable

from llbfront.gostd.time import SECOND_NS, parse_rfc3339

# A span of time, open while its end is None.
Interval = tuple[int, int | None]
"""The start and the end of a step in nanoseconds; the end is None while it runs."""


def clock_skew_ns(header: str, received_ns: int) -> int | None:
    """Return how far our clock is ahead of the engine's, from the header that opens the status stream."""
    sent_ns = parse_rfc3339(header)
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
