"""Encode protobuf fields by hand: numbers, strings and messages by the rules of proto3.

Marshalling runs in every build and must not load protobuf, whose import takes longer than a whole conversion.

Source: the protobuf encoding document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

_SMALL = tuple(bytes((number,)) for number in range(128))


def varint(number: int) -> bytes:
    """Pack an integer; a negative one takes ten bytes."""
    if 0 <= number < 128:
        return _SMALL[number]
    if number < 0:
        number += 1 << 64
    packed = bytearray()
    while number > 127:
        packed.append(number & 127 | 128)
        number >>= 7
    packed.append(number)
    return bytes(packed)


_INTEGER_KEYS = tuple(varint(field << 3) for field in range(32))
_LENGTH_KEYS = tuple(varint(field << 3 | 2) for field in range(32))


def integer(field: int, number: int) -> bytes:
    """Pack an integer, a bool or an enum value; nothing for 0."""
    return _INTEGER_KEYS[field] + varint(number) if number else b""


def message(field: int, packed: bytes) -> bytes:
    """Pack a message that is set, be it empty; also an element of a list of messages or bytes."""
    return _LENGTH_KEYS[field] + varint(len(packed)) + packed


def message_of(field: int, parts: Sequence[bytes]) -> list[bytes]:
    """Pack a message that is in parts, so that large ones among them are shared and not copied."""
    return [_LENGTH_KEYS[field] + varint(sum(map(len, parts))), *parts]


def data(field: int, value: bytes) -> bytes:
    """Pack bytes; nothing for empty ones."""
    return message(field, value) if value else b""


def text(field: int, value: str) -> bytes:
    """Pack a string; nothing for an empty one."""
    if not value:
        return b""
    packed = value.encode()
    return _LENGTH_KEYS[field] + varint(len(packed)) + packed


def texts(field: int, values: Iterable[str]) -> bytes:
    """Pack a list of strings; empty ones count."""
    return b"".join([message(field, value.encode()) for value in values])


def integers(field: int, numbers: Iterable[int]) -> bytes:
    """Pack a list of integers; nothing for an empty list."""
    return data(field, b"".join([varint(number) for number in numbers]))


def text_map(field: int, values: Mapping[str, str]) -> bytes:
    """Pack a map of strings, sorted by key; key and value are written even when empty."""
    return b"".join(
        [message(field, message(1, key.encode()) + message(2, value.encode())) for key, value in sorted(values.items())]
    )
