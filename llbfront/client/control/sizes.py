"""Sizes and durations that users write.

Source: opts.MemBytes of docker/cli; package time of Go.
"""

from __future__ import annotations

from llbfront import arguments
from llbfront.errors import OptionError
from llbfront.gostd.time import parse_duration
from llbfront.gostd.units import ram_in_bytes
from llbfront.setting_names import setting


def parse_size(value: str | int, name: str) -> int:
    """Read a size: bytes, or a string such as `10GB`, whose units are powers of 1024. Raises: OptionError."""
    text = arguments.scalar(value, name) or "0"
    size = ram_in_bytes(text)
    if size is None or size < 0:
        raise OptionError(f"{setting(name)} takes a size such as 10GB, not {text!r}")
    return size


def parse_duration_text(value: str, name: str) -> int:
    """Read a duration such as `24h` in nanoseconds, an empty text as 0. Raises: OptionError."""
    return duration_ns(arguments.text(value, name) or "0", setting(name))


def duration_ns(text: str, subject: str) -> int:
    """Read a duration that is not negative; `subject` names in an error what takes it. Raises: OptionError."""
    try:
        duration = parse_duration(text)
    except ValueError:
        duration = -1
    if duration < 0:
        raise OptionError(f"{subject} takes a duration such as 24h or 90m, not {text!r}")
    return duration
