"""Join the frames of a header block and decode it.

Source: RFC 9113, sections 4.3, 6.2 and 6.10.
"""

from __future__ import annotations

from llbfront.http2 import frames
from llbfront.http2.errors import Http2Error
from llbfront.http2.headers import Field
from llbfront.http2.hpack import Decoder

HeaderBlock = tuple[int, list[Field], bool]
"""The stream, the fields, and whether the stream ends with them."""


class HeaderBlocks:
    """The header blocks of one direction.

    Every block is decoded, also on closed streams, because the decoder has a state (4.3).
    """

    def __init__(self, *, table_bytes: int, limit_bytes: int) -> None:
        self.is_open = False  # HEADERS has come and END_HEADERS has not
        self._stream_id = 0
        self._ended = False
        self._data = bytearray()
        self._limit_bytes = limit_bytes
        self._decoder = Decoder(limit_bytes=table_bytes, fields_limit_bytes=limit_bytes)

    def check(self, kind: int, stream_id: int) -> None:
        """Raise Http2Error for a frame that interrupts a header block."""
        if self.is_open and (kind != frames.CONTINUATION or stream_id != self._stream_id):
            raise Http2Error(frames.PROTOCOL_ERROR, "a header block was interrupted")

    def begin(self, flags: int, stream_id: int, fragment: memoryview) -> HeaderBlock | None:
        """Add the content of a HEADERS frame. Return the block if it is complete. Raises: Http2Error."""
        ended = bool(flags & frames.END_STREAM)
        if flags & frames.END_HEADERS:
            return stream_id, self._decoder.decode(bytes(fragment)), ended
        self.is_open, self._stream_id, self._ended, self._data = True, stream_id, ended, bytearray(fragment)
        return None

    def resume(self, flags: int, fragment: memoryview) -> HeaderBlock | None:
        """Add the content of a CONTINUATION frame. Return the block if it is complete. Raises: Http2Error."""
        if not self.is_open:
            raise Http2Error(frames.PROTOCOL_ERROR, "CONTINUATION without HEADERS")
        self._data += fragment
        if len(self._data) > self._limit_bytes:
            raise Http2Error(frames.ENHANCE_YOUR_CALM, "header block too large")
        if not flags & frames.END_HEADERS:
            return None
        self.is_open = False
        return self._stream_id, self._decoder.decode(bytes(self._data)), self._ended

    def forbid_table(self) -> None:
        """Allow the peer no dynamic table any more, as it has acknowledged."""
        self._decoder.limit_bytes = 0
