"""The settings that two peers exchange: their encoding and the values that are valid.

Source: RFC 9113, section 6.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from llbfront.http2 import frames
from llbfront.http2.errors import Http2Error

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = range(1, 7)

_ENTRY_BYTES = 6


# The name of a setting, its smallest and largest valid value, and the error code for others. Other settings may have any value.
_VALID = {
    ENABLE_PUSH: ("ENABLE_PUSH", 0, 1, frames.PROTOCOL_ERROR),
    INITIAL_WINDOW_SIZE: ("INITIAL_WINDOW_SIZE", 0, frames.MAX_WINDOW_BYTES, frames.FLOW_CONTROL_ERROR),
    MAX_FRAME_SIZE: ("MAX_FRAME_SIZE", frames.DEFAULT_FRAME_BYTES, frames.MAX_FRAME_BYTES, frames.PROTOCOL_ERROR),
}


def encode(entries: Iterable[tuple[int, int]]) -> bytes:
    """Encode (identifier, value) pairs as the payload of a SETTINGS frame."""
    return b"".join((identifier << 32 | value).to_bytes(_ENTRY_BYTES, "big") for identifier, value in entries)


def decode(payload: memoryview) -> Iterator[tuple[int, int]]:
    """Yield the (identifier, value) pairs of a SETTINGS frame, unknown identifiers too. Raises: Http2Error for invalid values."""
    if len(payload) % _ENTRY_BYTES:
        raise Http2Error(frames.FRAME_SIZE_ERROR, f"SETTINGS of {len(payload)} bytes")
    for start in range(0, len(payload), _ENTRY_BYTES):
        entry = int.from_bytes(payload[start : start + _ENTRY_BYTES], "big")
        identifier, value = entry >> 32, entry & 0xFFFFFFFF
        _check(identifier, value)
        yield identifier, value


def _check(identifier: int, value: int) -> None:
    if identifier in _VALID:
        name, minimum, maximum, error_code = _VALID[identifier]
        if not minimum <= value <= maximum:
            raise Http2Error(error_code, f"{name} {value}")
