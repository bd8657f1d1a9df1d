"""HPACK, the compression of header fields.

The decoder reads everything that RFC 7541 allows. The encoder writes indexes of the static table and literals without Huffman coding, so
that it needs no state. Names and values are strings in latin-1.

Source: RFC 7541.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from llbfront.http2 import huffman
from llbfront.http2.errors import Http2Error
from llbfront.http2.frames import COMPRESSION_ERROR, ENHANCE_YOUR_CALM

if TYPE_CHECKING:
    from llbfront.http2.headers import Field

_FIELD_OVERHEAD_BYTES = 32  # 4.1

# Appendix A; the first entry has index 1.
_STATIC = (
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
)

# The entries that the encoder uses.
_INDEX_OF_FIELD = {(":method", "POST"): 3, (":scheme", "http"): 6, (":scheme", "https"): 7, (":status", "200"): 8}
_INDEX_OF_NAME = {":authority": 1, ":path": 4, ":status": 8, "content-type": 31, "user-agent": 58}


class Decoder:
    """Decodes the header blocks of one direction of a connection, in order.

    Args:
        limit_bytes: the largest dynamic table that the peer may use.
        fields_limit_bytes: the largest header list that is accepted (RFC 9113, 10.5.1).
    """

    def __init__(self, *, limit_bytes: int, fields_limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._fields_limit_bytes = fields_limit_bytes
        self._table: deque[Field] = deque()
        self._table_bytes = 0
        self._size_bytes = limit_bytes

    def decode(self, block: bytes) -> list[Field]:
        """Return the fields of a whole block. Raises: Http2Error."""
        fields: list[Field] = []
        size_bytes = 0
        position = self._read_size_updates(block)
        while position < len(block):
            field, position = self._read_field(block, position)
            fields.append(field)
            size_bytes += _size_of(field)
            if size_bytes > self._fields_limit_bytes:
                raise Http2Error(ENHANCE_YOUR_CALM, "header list too large")
        return fields

    def _read_size_updates(self, block: bytes) -> int:
        """Apply the dynamic table size updates at the beginning of a block (6.3). Returns where they end."""
        position = 0
        while position < len(block) and block[position] & 0xE0 == 0x20:
            size, position = _read_integer(block, position, 5)
            if size > self.limit_bytes:
                raise Http2Error(COMPRESSION_ERROR, "dynamic table larger than allowed")
            self._size_bytes = size
            self._evict()
        return position

    def _read_field(self, block: bytes, position: int) -> tuple[Field, int]:
        first = block[position]
        if first & 0x80:  # an indexed field (6.1)
            index, position = _read_integer(block, position, 7)
            return self._field(index), position
        if first & 0xE0 == 0x20:
            raise Http2Error(COMPRESSION_ERROR, "table size update after a field")
        is_indexed = bool(first & 0x40)  # a literal (6.2)
        index, position = _read_integer(block, position, 6 if is_indexed else 4)
        if index:
            name = self._field(index)[0]
        else:
            name, position = _read_string(block, position)
        value, position = _read_string(block, position)
        if is_indexed:
            self._add((name, value))
        return (name, value), position

    def _field(self, index: int) -> Field:
        if 0 < index <= len(_STATIC):
            return _STATIC[index - 1]
        if index == 0 or index > len(_STATIC) + len(self._table):
            raise Http2Error(COMPRESSION_ERROR, f"no header field {index}")
        return self._table[index - len(_STATIC) - 1]

    def _add(self, field: Field) -> None:
        self._table.appendleft(field)
        self._table_bytes += _size_of(field)
        self._evict()

    def _evict(self) -> None:
        while self._table_bytes > self._size_bytes:
            self._table_bytes -= _size_of(self._table.pop())


def _size_of(field: Field) -> int:
    return len(field[0]) + len(field[1]) + _FIELD_OVERHEAD_BYTES


def _read_integer(block: bytes, position: int, prefix_bits: int) -> tuple[int, int]:
    """Return a number and the position after it (5.1)."""
    limit = (1 << prefix_bits) - 1
    value = block[position] & limit
    position += 1
    if value < limit:
        return value, position
    for shift in (0, 7, 14, 21):
        if position >= len(block):
            break
        octet = block[position]
        position += 1
        value += (octet & 0x7F) << shift
        if octet < 0x80:
            return value, position
    raise Http2Error(COMPRESSION_ERROR, "header block ends in a number, or the number is too large")


def _read_string(block: bytes, position: int) -> tuple[str, int]:
    """Return a string and the position after it (5.2)."""
    if position >= len(block):
        raise Http2Error(COMPRESSION_ERROR, "header block ends before a string")
    is_huffman = block[position] & 0x80
    length, position = _read_integer(block, position, 7)
    end = position + length
    if end > len(block):
        raise Http2Error(COMPRESSION_ERROR, "header block ends inside a string")
    raw = block[position:end]
    return (huffman.decode_text(raw) if is_huffman else raw.decode("latin-1")), end


def encode(fields: Iterable[Field]) -> bytes:
    """Return a header block that leaves the peer's dynamic table alone."""
    block = bytearray()
    for field in fields:
        index = _INDEX_OF_FIELD.get(field)
        if index is not None:
            block.append(0x80 | index)
            continue
        name, value = field
        index = _INDEX_OF_NAME.get(name, 0)
        _append_integer(block, index, 4)
        if not index:
            _append_string(block, name)
        _append_string(block, value)
    return bytes(block)


def _append_integer(block: bytearray, value: int, prefix_bits: int) -> None:
    limit = (1 << prefix_bits) - 1
    if value < limit:
        block.append(value)
        return
    block.append(limit)
    value -= limit
    while value >= 0x80:
        block.append(0x80 | value & 0x7F)
        value >>= 7
    block.append(value)


def _append_string(block: bytearray, text: str) -> None:
    raw = text.encode("latin-1")
    _append_integer(block, len(raw), 7)
    block += raw
