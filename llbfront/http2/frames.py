"""The vocabulary of HTTP/2: frame types, flags, error codes, settings, and the header fields that it allows.

Source: RFC 9113, sections 6 to 8.
"""

from __future__ import annotations

Field = tuple[str, str]

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER_BYTES, SETTING_BYTES = 9, 6
DEFAULT_WINDOW = 65_535
MAX_WINDOW = (1 << 31) - 1
DEFAULT_FRAME = 16_384
MAX_FRAME = (1 << 24) - 1

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)

ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8
HAS_PRIORITY = 0x20

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR = range(7)
REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY, HTTP_1_1_REQUIRED = range(7, 14)

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = range(1, 7)


def header(length: int, kind: int, flags: int, stream_id: int) -> bytes:
    return (length << 48 | kind << 40 | flags << 32 | stream_id).to_bytes(HEADER_BYTES, "big")


def frame(kind: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    return header(len(payload), kind, flags, stream_id) + payload


def unsigned(number: int) -> bytes:
    return number.to_bytes(4, "big")


def setting(identifier: int, value: int) -> bytes:
    return (identifier << 32 | value).to_bytes(SETTING_BYTES, "big")


class Http2Error(Exception):
    """The peer broke HTTP/2 (or refuses to be calm) and the connection is lost."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


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
