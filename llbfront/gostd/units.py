"""Parse amounts of memory.

Source: docker/go-units, which reads numbers by strconv.ParseFloat.
"""

from __future__ import annotations

import math
import re
from functools import cache

from llbfront.gostd.strconv import FLOAT, parse_float

_INT64 = 1 << 63


@cache
def _size() -> re.Pattern[str]:
    """Return a pattern for a number and a unit. An infinite number counts as one only before a blank."""
    return re.compile(rf"(?:({FLOAT}) ?|(\+?inf(?:inity)?|nan) )(|b|([kmgtp])(?:i?b)?)", re.IGNORECASE | re.ASCII)


def ram_in_bytes(text: str) -> int | None:
    """Parse a size such as `64m`, `1.5GiB` or `1024` in powers of 1024; return None for anything else.

    Parity: a size of more than 63 bits becomes the smallest 64-bit integer, as Go's conversion on amd64 gives.
    """
    match = _size().fullmatch(text)
    number = parse_float(match[1]) if match and match[1] else math.inf if match else None
    if match is None or number is None or number < 0:
        return None
    size = number * 1024.0 ** " kmgtp".index((match[4] or " ").lower())
    return int(size) if size < _INT64 else -_INT64
