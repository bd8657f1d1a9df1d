"""Frames: their types, flags, error codes and encoding, and where each type may appear.

Types, flags and codes are plain numbers: creating enums would take longer than loading this module, and every build loads it.

Source: RFC 9113, sections 3.4, 4.1, 6 and 7.
"""

from __future__ import annotations

from llbfront.http2.errors import Http2Error

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER_BYTES = 9
DEFAULT_WINDOW_BYTES, MAX_WINDOW_BYTES = 65_535, (1 << 31) - 1
DEFAULT_FRAME_BYTES, MAX_FRAME_BYTES = 16_384, (1 << 24) - 1
STREAM_ID_MASK = (1 << 31) - 1  # the highest bit is reserved

# Section 6: types.
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)

# Section 6: flags.
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8
HAS_PRIORITY = 0x20

# Section 7: error codes.
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR = range(7)
REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY, HTTP_1_1_REQUIRED = range(7, 14)


# Section 6: where each type may appear; WINDOW_UPDATE may be on both. PUSH_PROMISE is refused by the receiver.
_ON_STREAM = frozenset({DATA, HEADERS, PRIORITY, RST_STREAM, CONTINUATION})
_ON_CONNECTION = frozenset({SETTINGS, PING, GOAWAY})
_SIZE_BYTES = {PRIORITY: 5, RST_STREAM: 4, PING: 8, WINDOW_UPDATE: 4}
_NAMES = {
    DATA: "DATA",
    HEADERS: "HEADERS",
    PRIORITY: "PRIORITY",
    RST_STREAM: "RST_STREAM",
    SETTINGS: "SETTINGS",
    PING: "PING",
    GOAWAY: "GOAWAY",
    WINDOW_UPDATE: "WINDOW_UPDATE",
    CONTINUATION: "CONTINUATION",
}


def check_frame(kind: int, stream_id: int, size_bytes: int) -> None:
    """Raise Http2Error if a frame of a known type is on the wrong kind of stream or has a wrong size."""
    if kind in (_ON_CONNECTION if stream_id else _ON_STREAM):
        raise Http2Error(PROTOCOL_ERROR, f"{_NAMES[kind]} on stream {stream_id}")
    if _SIZE_BYTES.get(kind, size_bytes) != size_bytes:
        raise Http2Error(FRAME_SIZE_ERROR, f"{_NAMES[kind]} of {size_bytes} bytes")


def encode_header(size_bytes: int, kind: int, flags: int, stream_id: int) -> bytes:
    """Encode the header of a frame whose payload has `size_bytes`."""
    return (size_bytes << 48 | kind << 40 | flags << 32 | stream_id).to_bytes(HEADER_BYTES, "big")


def encode_frame(kind: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    """Encode a whole frame."""
    return encode_header(len(payload), kind, flags, stream_id) + payload


def encode_uint32(number: int) -> bytes:
    """Encode a number of 32 bits: an error code, a stream, an increment of a window."""
    return number.to_bytes(4, "big")


def without_padding(payload: memoryview) -> memoryview:
    """Return the content of a frame with the flag PADDED (6.1). Raises: Http2Error."""
    if not payload or payload[0] >= len(payload):
        raise Http2Error(PROTOCOL_ERROR, "more padding than payload")
    return payload[1 : len(payload) - payload[0]]


def without_priority(payload: memoryview, stream_id: int) -> memoryview:
    """Return the header block of a HEADERS frame with the flag PRIORITY (6.2). Raises: Http2Error."""
    if len(payload) < 5:
        raise Http2Error(FRAME_SIZE_ERROR, "HEADERS too short for its priority")
    check_priority(payload, stream_id)
    return payload[5:]


def check_priority(payload: memoryview, stream_id: int) -> None:
    """Raise Http2Error if a stream depends on itself (5.3.1 of RFC 7540). Priorities are ignored otherwise."""
    if int.from_bytes(payload[:4], "big") & STREAM_ID_MASK == stream_id:
        raise Http2Error(PROTOCOL_ERROR, "a stream depends on itself")
