"""Header compression: HPACK blocks → header fields, and back.

What is decoded: everything that RFC 7541 allows. What is encoded: static table names and plain literals only, which needs no state.
Fields are (name, value) strings in latin-1.

Source: RFC 7541.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from llbfront.http2.frames import COMPRESSION_ERROR, ENHANCE_YOUR_CALM, Field, Http2Error

_FIELD_OVERHEAD = 32  # RFC 7541, 4.1: what a field costs beyond its octets

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

# What we send ourselves, by its place in the static table.
_INDEX_OF_FIELD = {(":method", "POST"): 3, (":scheme", "http"): 6, (":scheme", "https"): 7, (":status", "200"): 8}
_INDEX_OF_NAME = {":authority": 1, ":path": 4, ":status": 8, "content-type": 31, "user-agent": 58}

# The Huffman code is canonical, so the lengths say it all: one octet a symbol, EOS last.
_CODE_LENGTHS = bytes.fromhex(
    "0d171c1c1c1c1c1c1c181e1c1c1e1c1c1c1c1c1c1c1c1e1c1c1c1c1c1c1c1c1c060a0a0c0d06080b0a0a080b080606060505050606060606060607080f060c0a"
    "0d06070707070707070707070707070707070707070707070807080d130d0e060f05060506050606060507070606060506070605050607070707070f0b0e0d1c"
    "141614141616161716171717171718171818161718171717171516171617171816151416161717151716161815161717151516151716171714161616171616171a"
    "1a1413161716191a1a1a1b1b1a181913151a1b1b1a1b1815151a1a1c1b1b1b14181415161515171616191918181a171a1b1a1a1b1b1b1b1b1c1b1b1b1b1b1a1e"
)
_EOS = 256
_WINDOW_BITS = 30  # the longest code


class _Huffman:
    """The code as a search: of each length, shortest first, the limit below which its left-justified codes lie."""

    def __init__(self) -> None:
        self.symbols = sorted(range(len(_CODE_LENGTHS)), key=_CODE_LENGTHS.__getitem__)
        self.rows: list[tuple[int, int, int, int]] = []  # limit, length, the first code and the place of its symbol
        start = place = 0
        for length in sorted(set(_CODE_LENGTHS)):
            count = _CODE_LENGTHS.count(length)
            limit = start + (count << (_WINDOW_BITS - length))
            self.rows.append((limit, length, start, place))
            start, place = limit, place + count

    def decode(self, data: bytes) -> bytes:
        bits = len(data) * 8
        value = int.from_bytes(data, "big") << _WINDOW_BITS | (1 << _WINDOW_BITS) - 1
        mask = (1 << _WINDOW_BITS) - 1
        out = bytearray()
        while bits > 0:
            window = value >> bits & mask
            _, length, start, place = next(row for row in self.rows if window < row[0])
            symbol = self.symbols[place + (window - start >> _WINDOW_BITS - length)]
            if length > bits:
                break
            if symbol == _EOS:
                raise Http2Error(COMPRESSION_ERROR, "EOS inside a Huffman string")
            out.append(symbol)
            bits -= length
        if bits > 7 or (value >> _WINDOW_BITS & (1 << bits) - 1) != (1 << bits) - 1:
            raise Http2Error(COMPRESSION_ERROR, "bad padding of a Huffman string")
        return bytes(out)


_huffman: list[_Huffman] = []  # made when first needed
_decoded: dict[bytes, str] = {}  # strings that come with every call, as they were encoded
_DECODED_LIMIT = 512


def _text(raw: bytes, *, huffman: bool) -> str:
    if not huffman:
        return raw.decode("latin-1")
    text = _decoded.get(raw)
    if text is None:
        if not _huffman:
            _huffman.append(_Huffman())
        text = _huffman[0].decode(raw).decode("latin-1")
        if len(raw) <= 64:
            if len(_decoded) >= _DECODED_LIMIT:
                _decoded.clear()
            _decoded[raw] = text
    return text


class Decoder:
    """Decodes the header blocks of one direction of one connection, in order.

    limit_bytes: the largest dynamic table that we allow the peer; fields_limit_bytes: the largest header list (RFC 9113, 10.5.1).
    """

    def __init__(self, *, limit_bytes: int, fields_limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._fields_limit_bytes = fields_limit_bytes
        self._table: deque[Field] = deque()
        self._table_bytes = 0
        self._size_bytes = limit_bytes

    def decode(self, block: bytes) -> list[Field]:
        """Return the fields of one whole block. Raises Http2Error; the connection is then lost."""
        fields: list[Field] = []
        total_bytes = position = 0
        while position < len(block):
            octet = block[position]
            if octet & 0x80:
                index, position = _integer(block, position, 7)
                field = self._field(index)
            elif octet & 0xE0 == 0x20:
                if fields:
                    raise Http2Error(COMPRESSION_ERROR, "table size update after a field")
                size, position = _integer(block, position, 5)
                self._resize(size)
                continue
            else:
                kept = octet & 0x40
                index, position = _integer(block, position, 6 if kept else 4)
                if index:
                    name = self._field(index)[0]
                else:
                    name, position = _string(block, position)
                value, position = _string(block, position)
                field = (name, value)
                if kept:
                    self._add(field)
            fields.append(field)
            total_bytes += len(field[0]) + len(field[1]) + _FIELD_OVERHEAD
            if total_bytes > self._fields_limit_bytes:
                raise Http2Error(ENHANCE_YOUR_CALM, "header list too large")
        return fields

    def _field(self, index: int) -> Field:
        if 0 < index <= len(_STATIC):
            return _STATIC[index - 1]
        if index == 0 or index > len(_STATIC) + len(self._table):
            raise Http2Error(COMPRESSION_ERROR, f"no header field {index}")
        return self._table[index - len(_STATIC) - 1]

    def _add(self, field: Field) -> None:
        self._table.appendleft(field)
        self._table_bytes += len(field[0]) + len(field[1]) + _FIELD_OVERHEAD
        self._evict()

    def _resize(self, size_bytes: int) -> None:
        if size_bytes > self.limit_bytes:
            raise Http2Error(COMPRESSION_ERROR, "dynamic table larger than allowed")
        self._size_bytes = size_bytes
        self._evict()

    def _evict(self) -> None:
        while self._table_bytes > self._size_bytes:
            name, value = self._table.pop()
            self._table_bytes -= len(name) + len(value) + _FIELD_OVERHEAD


def _integer(block: bytes, position: int, prefix_bits: int) -> tuple[int, int]:
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


def _string(block: bytes, position: int) -> tuple[str, int]:
    if position >= len(block):
        raise Http2Error(COMPRESSION_ERROR, "header block ends before a string")
    huffman = block[position] & 0x80
    length, position = _integer(block, position, 7)
    end = position + length
    if end > len(block):
        raise Http2Error(COMPRESSION_ERROR, "header block ends inside a string")
    return _text(block[position:end], huffman=bool(huffman)), end


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
