"""Split received bytes into frames.

Source: RFC 9113, sections 3.4, 4.1 and 4.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from llbfront.http2 import frames
from llbfront.http2.errors import Http2Error

Frame = tuple[int, int, int, memoryview]
"""A frame: type, flags, stream and payload."""


class FrameReader:
    """Reads the frames of one direction. `preface` is what must come before the first one."""

    def __init__(self, preface: bytes) -> None:
        self._preface = preface
        self._incomplete = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that `data` completes; the payloads are views of it. Raises: Http2Error."""
        if self._preface:
            data = self._strip_preface(data)
        if self._incomplete:
            data = self._incomplete + data
        view = memoryview(data)
        position, end = 0, len(data)
        while end - position >= frames.HEADER_BYTES:
            start = position + frames.HEADER_BYTES
            header = int.from_bytes(view[position:start], "big")
            length = header >> 48
            if length > frames.DEFAULT_FRAME_BYTES:
                raise Http2Error(frames.FRAME_SIZE_ERROR, f"frame of {length} bytes")
            if end - start < length:
                break
            position = start + length
            yield header >> 40 & 0xFF, header >> 32 & 0xFF, header & frames.STREAM_ID_MASK, view[start:position]
        self._incomplete = data[position:]

    def _strip_preface(self, data: bytes) -> bytes:
        length = min(len(data), len(self._preface))
        if data[:length] != self._preface[:length]:
            raise Http2Error(frames.PROTOCOL_ERROR, "not HTTP/2")
        self._preface = self._preface[length:]
        return data[length:]
