"""Header fields: which ones a request, a response and a trailer may and must have.

Source: RFC 9113, sections 8.2 and 8.3.
"""

from __future__ import annotations

import enum

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
            if is_regular or name in seen or name not in allowed:
                return f"misplaced header {name}"
            seen.add(name)
        else:
            is_regular = True
            if error := _find_field_error(name, value):
                return error
    missing = _REQUIRED[kind] - seen
    return f"no header {min(missing)}" if missing else None


def _find_field_error(name: str, value: str) -> str | None:
    if not name or name != name.lower() or name in _CONNECTION_FIELDS or (name == "te" and value != "trailers"):
        return f"forbidden header {name}"
    if not value.isprintable() and any(character in value for character in _FORBIDDEN_CHARACTERS):
        return f"header {name} contains a control character"
    return None
