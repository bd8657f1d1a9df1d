"""Read the time of a commit, in the committer's zone, from a git object.

Source: util/gitutil/gitobject of BuildKit.
"""

from __future__ import annotations

import re

from llbfront.dockerfile2llb.epoch import Epoch
from llbfront.errors import InvalidValue
from llbfront.gostd.strconv import parse_int
from llbfront.gostd.time import BAD_ZONE, format_rfc3339

_COMMIT = ("tree", "author", "committer")
_TAG = ("object", "type", "tag", "tagger")
_ZONE = r"[+-].{4}"


def committed(commit: bytes) -> Epoch | None:
    """Read the committer's time, None if it has none. Raises: InvalidValue if the object is not a commit."""
    headers = _headers(commit)
    kind, needed = ("tag", _TAG) if commit.startswith(b"object ") else ("commit", _COMMIT)
    for name in needed:
        if name not in headers:
            raise InvalidValue(f"invalid {kind} object: missing {name} header")
    if kind == "tag":
        raise InvalidValue("not a commit object")
    front, end, rest = headers["committer"].rpartition(">")
    words = rest.split()
    seconds = parse_int(words[0]) if "<" in front and end and len(words) > 1 else None
    if seconds is None or not re.fullmatch(_ZONE, words[1]):
        return None
    return _in_zone(seconds, words[1])


def _headers(commit: bytes) -> dict[str, str]:
    """Return the first value of each header. Lines that begin with a blank continue a header, such as a signature."""
    headers: dict[str, str] = {}
    for line in commit.partition(b"\n\n")[0].decode(errors="replace").split("\n"):
        name, blank, value = line.partition(" ")
        if blank and name:
            headers.setdefault(name, value)
    return headers


def _in_zone(seconds: int, zone: str) -> Epoch:
    """Format a time in its time zone. Parity: a zone that is not a number counts as 0."""
    minutes = (parse_int(zone[1:3]) or 0) * 60 + (parse_int(zone[3:]) or 0)
    offset = -minutes if zone[0] == "-" else minutes
    if not offset:
        return Epoch.at(seconds)
    if abs(offset) >= 24 * 60:
        return Epoch(seconds * 10**9, BAD_ZONE)
    shifted = format_rfc3339((seconds + offset * 60) * 10**9).removesuffix("Z")
    hours, rest = divmod(abs(offset), 60)
    return Epoch(seconds * 10**9, f"{shifted}{'-' if offset < 0 else '+'}{hours:02}:{rest:02}")
