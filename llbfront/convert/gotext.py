"""Texts in the forms of Go, which the image history and several options are written in.

Enters: Python values. Leaves: what Go's fmt, strconv, time and encoding/json print for them, or read them as.

Source: fmt, strconv, strings, time, math and encoding/json of Go.
"""

from __future__ import annotations

import json
import re

from llbfront.dockerfile.golang import parse_integer
from llbfront.errors import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_JSON_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_JSON_SPECIAL = "[<>&\u2028\u2029\ud800-\udfff]"


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
            return sign + _fraction(ns, limit // 10**3) + unit
    seconds, rest = divmod(ns, 10**9)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = _fraction(seconds * 10**9 + rest, 10**9) + "s"
    if hours:
        return f"{sign}{hours}h{minutes}m{text}"
    return f"{sign}{minutes}m{text}" if minutes else sign + text


def _fraction(value: int, one: int) -> str:
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
