"""Header fields: which ones a request, a response and a trailer may and must have.

Source: RFC 9113, sections 8.2 and 8.3.
"""

from __future__ import annotations

import enum
import re

Field = tuple[str, str]
"""A header field: its name and value, in latin-1."""


class HeaderKind(enum.Enum):
    """The kind of a header block."""

    REQUEST = enum.auto()
    RESPONSE = enum.auto()
    TRAILER = enum.auto()


# The pseudo-header fields that may be there (8.3), and those that must be.
_ALLOWED = {
    HeaderKind.REQUEST: frozenset({":method", ":scheme", ":path", ":authority"}),
    HeaderKind.RESPONSE: frozenset({":status"}),
    HeaderKind.TRAILER: frozenset[str](),
}
_REQUIRED = {**_ALLOWED, HeaderKind.REQUEST: frozenset({":method", ":scheme", ":path"})}
_CONNECTION_FIELDS = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}
_FORBIDDEN_CHARACTERS = "\0\r\n"
_NAME = r"[\x21-\x39\x3b-\x40\x5b-\x7e]+"  # visible, no upper case, and no colon (8.2.1)


def is_informational(fields: list[Field]) -> bool:
    """Return whether a response has a status of 1xx, so that the final response follows (8.1)."""
    return any(name == ":status" and value.startswith("1") for name, value in fields)


def find_error(fields: list[Field], kind: HeaderKind) -> str | None:
    """Return why a header block is malformed, None if it is not."""
    seen: set[str] = set()
    allowed = _ALLOWED[kind]
    is_regular = False
    for name, value in fields:
        if name.startswith(":"):
            if error := _pseudo_header_error(name, seen, allowed, is_late=is_regular):
                return error
            seen.add(name)
        else:
            is_regular = True
            if error := _find_field_error(name, value):
                return error
    missing = _REQUIRED[kind] - seen
    return f"no header {min(missing)}" if missing else None


def _pseudo_header_error(name: str, seen: set[str], allowed: frozenset[str], *, is_late: bool) -> str | None:
    if name not in allowed:
        return f"unknown header {name}"
    if name in seen:
        return f"repeated header {name}"
    return f"header {name} after regular fields" if is_late else None


def _find_field_error(name: str, value: str) -> str | None:
    if not re.fullmatch(_NAME, name):
        return f"invalid header name {name!r}"
    if name in _CONNECTION_FIELDS or (name == "te" and value != "trailers"):
        return f"forbidden header {name}"
    if not value.isprintable() and any(character in value for character in _FORBIDDEN_CHARACTERS):
        return f"header {name} contains a control character"
    return None
