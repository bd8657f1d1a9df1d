"""Decode strings in the Huffman code of HPACK.

Source: RFC 7541, section 5.2 and appendix B.
"""

from __future__ import annotations

import functools

from llbfront.http2.errors import Http2Error
from llbfront.http2.frames import COMPRESSION_ERROR

# The length of each symbol's code in bits, EOS last. The code is canonical, so the lengths define it.
_CODE_LENGTHS = bytes.fromhex(
    "0d171c1c1c1c1c1c1c181e1c1c1e1c1c1c1c1c1c1c1c1e1c1c1c1c1c1c1c1c1c060a0a0c0d06080b0a0a080b080606060505050606060606060607080f060c0a"
    "0d06070707070707070707070707070707070707070707070807080d130d0e060f05060506050606060507070606060506070605050607070707070f0b0e0d1c"
    "141614141616161716171717171718171818161718171717171516171617171816151416161717151716161815161717151516151716171714161616171616171a"
    "1a1413161716191a1a1a1b1b1a181913151a1b1b1a1b1815151a1a1c1b1b1b14181415161515171616191918181a171a1b1a1a1b1b1b1b1b1c1b1b1b1b1b1a1e"
)
_EOS = 256
_MAX_CODE_BITS = 30
_WINDOW_MASK = (1 << _MAX_CODE_BITS) - 1
_CACHED_BYTES = 64


_Group = tuple[int, int, int, int]
"""Codes of one length: limit, length, first code, position of the first symbol."""


@functools.cache
def _code() -> tuple[list[int], list[_Group]]:
    """Return the symbols in the order of their codes, and a group for each length of code, shortest first.

    Codes have zeros appended up to the longest length. Then the codes of a group are smaller than its limit, and the codes
    of all groups before it are smaller than its first code.
    """
    symbols = sorted(range(len(_CODE_LENGTHS)), key=_CODE_LENGTHS.__getitem__)
    groups: list[_Group] = []
    code = symbol = 0
    for length in sorted(set(_CODE_LENGTHS)):
        count = _CODE_LENGTHS.count(length)
        limit = code + (count << (_MAX_CODE_BITS - length))
        groups.append((limit, length, code, symbol))
        code, symbol = limit, symbol + count
    return symbols, groups


@functools.cache
def _short_codes() -> list[tuple[int, int]]:
    """Return the symbol and the length of the code that each octet begins with; a length of 0 stands for a code of more than 8 bits."""
    codes = (_find(octet << _MAX_CODE_BITS - 8) for octet in range(256))
    return [(symbol, length) if length <= 8 else (0, 0) for symbol, length in codes]


def _find(window: int) -> tuple[int, int]:
    """Return the symbol and the length of the code that `window`, of the longest length, begins with."""
    symbols, groups = _code()
    _, length, first_code, position = next(group for group in groups if window < group[0])
    return symbols[position + (window - first_code >> _MAX_CODE_BITS - length)], length


def decode(data: bytes) -> bytes:
    """Decode `data`. Raises: Http2Error."""
    octets = bytearray()
    value, bits = _decode_beginning(data, octets)
    value = value << _MAX_CODE_BITS | _WINDOW_MASK  # padding is ones
    while bits > 0:
        symbol, length = _find(value >> bits & _WINDOW_MASK)
        if length > bits:
            break
        _refuse_eos(symbol)
        octets.append(symbol)
        bits -= length
    padding = (1 << bits) - 1
    if bits > 7 or value >> _MAX_CODE_BITS & padding != padding:
        raise Http2Error(COMPRESSION_ERROR, "bad padding of a Huffman string")
    return bytes(octets)


def _decode_beginning(data: bytes, octets: bytearray) -> tuple[int, int]:
    """Decode all but the end, where a code may be incomplete. Returns the bits that are left, and their number."""
    short_codes, append = _short_codes(), octets.append
    value = bits = 0
    for octet in data:
        value = (value & (1 << bits) - 1) << 8 | octet
        bits += 8
        while bits >= 8:
            symbol, length = short_codes[value >> bits - 8 & 0xFF]
            if not length:
                if bits < _MAX_CODE_BITS:
                    break
                symbol, length = _find(value >> bits - _MAX_CODE_BITS & _WINDOW_MASK)
                _refuse_eos(symbol)
            append(symbol)
            bits -= length
    return value, bits


def _refuse_eos(symbol: int) -> None:
    if symbol == _EOS:
        raise Http2Error(COMPRESSION_ERROR, "EOS inside a Huffman string")


def decode_text(data: bytes) -> str:
    """Decode `data` to a string in latin-1. Short strings are cached, because most of them come with every call."""
    return _decode_cached(data) if len(data) <= _CACHED_BYTES else decode(data).decode("latin-1")


@functools.lru_cache(maxsize=512)
def _decode_cached(data: bytes) -> str:
    return decode(data).decode("latin-1")
