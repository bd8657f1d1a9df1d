"""Header fields of gRPC's requests, responses and trailers: which of them HTTP/2 allows.

Source: RFC 9113, sections 8.2 and 8.3.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbfront.transport.hpack import Field


def is_informational(fields: list[Field]) -> bool:
    return any(name == ":status" and value.startswith("1") for name, value in fields)


_REQUEST_FIELDS = {":method", ":scheme", ":path", ":authority"}
_FORBIDDEN = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}


def malformed(fields: list[Field], *, request: bool, trailer: bool) -> str | None:
    """Say what makes a message malformed (RFC 9113, 8.2 and 8.3), None if nothing."""
    allowed = set() if trailer else _REQUEST_FIELDS if request else {":status"}
    needed = allowed - {":authority"}
    seen: set[str] = set()
    regular = False
    for name, value in fields:
        if name.startswith(":"):
            if regular or name in seen or name not in allowed:
                return f"misplaced header {name}"
            seen.add(name)
            continue
        regular = True
        if not name or name != name.lower() or name in _FORBIDDEN or (name == "te" and value != "trailers"):
            return f"forbidden header {name}"
        if not value.isprintable() and any(character in value for character in "\0\r\n"):
            return f"header {name} holds a control character"
    return f"no header {min(needed - seen)}" if needed - seen else None
