"""Format sizes and transfer rates, such as `12.58MB / 50.00MB`, in powers of 1000.

Source: the format that progressui of BuildKit prints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.gostd.time import SECOND_NS

if TYPE_CHECKING:
    from llbfront.progress.events import VertexStatus

UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
RATE_AFTER_NS = SECOND_NS


def format_bytes(count: int) -> str:
    """Print a size with two decimals, or whole bytes below 1000."""
    size, unit = float(count), 0
    while abs(size) >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.2f}{UNITS[unit]}" if unit else f"{count}B"


def format_amount(status: VertexStatus) -> str:
    """Print how much of a task is done, empty when it counts nothing."""
    if status.total:
        return f"{format_bytes(status.current)} / {format_bytes(status.total)}"
    return format_bytes(status.current) if status.current else ""


def format_rate(status: VertexStatus) -> str:
    """Print how fast an open task goes on average, empty in its first second and when it counts nothing."""
    if status.completed_ns is not None or status.started_ns is None or not status.current:
        return ""
    spent_ns = status.timestamp_ns - status.started_ns
    return f"{format_bytes(status.current * SECOND_NS // spent_ns)}/s" if spent_ns >= RATE_AFTER_NS else ""
