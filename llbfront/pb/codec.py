"""Messages in protobuf's encoding: bytes → values of fields → bytes, by tables that are made of a class when it is first read or written.

Source: the protobuf encoding document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from llbfront.errors import ProtocolError
from llbfront.pb.packing import integer, integers, message, varint

if TYPE_CHECKING:
    from llbfront.pb import Field, Message

    Values = dict[str, Any]
    Convert = Callable[[Any], Any]  # bytes, or a number of 64 bits without a sign → a value
    Keep = Callable[[Values, str, Convert, Any], None]  # puts a value to those that there are already
    Slot = tuple[str, Convert, Keep | None]  # what to do with a field; without Keep a value takes the place of the last
    Write = Callable[[Any], bytes]  # a value → its field

TIME = "google_protobuf_timestamp.Timestamp"
_NS = 1_000_000_000
_FIXED_BYTES = {1: 8, 5: 4}  # by encoding; no field of ours has these


def read(kind: type[Message], data: bytes) -> Any:
    """Read a message. Raises: ProtocolError; IndexError where it ends early, UnicodeDecodeError."""
    made = kind.__new__(kind)
    values = made.__dict__
    slots = kind.slots_ or make_slots(kind)
    at, end = 0, len(data)
    while at < end:
        tag = data[at]
        if tag < 128:
            at += 1
        else:
            tag, at = _number(data, at)
        slot = slots.get(tag)
        if slot is None:
            at = _skip(data, tag, at)
            continue
        value: Any = data[at]
        if value < 128:
            at += 1
        else:
            value, at = _number(data, at)
        if tag & 2:
            start = at
            at += value
            value = data[start:at]
        name, convert, keep = slot
        if keep is None:
            values[name] = convert(value)
        else:
            keep(values, name, convert, value)
    if at > end:
        raise IndexError("it ends early")
    return made


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number; return it and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        octet = data[at]
        at += 1
        value |= (octet & 127) << shift
        if octet < 128:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise ProtocolError("a number has more than ten bytes")


def _skip(data: bytes, tag: int, at: int) -> int:
    """Return where a field ends that is not ours. Raises: ProtocolError if it is none."""
    encoding = tag & 7
    if not 8 <= tag < 1 << 32 or encoding not in {0, 1, 2, 5}:
        raise ProtocolError(f"a message holds something that is no field (tag {tag})")
    if encoding in _FIXED_BYTES:
        return at + _FIXED_BYTES[encoding]
    value, at = _number(data, at)
    return at + value if encoding == 2 else at


# Slots: what to do with each field, by its tag.


def make_slots(kind: type[Message]) -> Mapping[int, Slot]:
    """Make the slots of a class. A tag is `number << 3 | encoding`, 0 for numbers and 2 for bytes."""
    kind.slots_ = slots = {}
    for field in kind.fields_.values():
        keep: Keep | None = None
        if field.is_repeated:
            keep = _pair if field.is_map else _append
        elif field.is_message or field.kind == TIME:
            keep = partial(_merge, _to_bytes(field))
        if field.oneof:
            keep = partial(
                _alone, [one.name for one in kind.fields_.values() if one.oneof == field.oneof and one is not field], keep
            )
        if is_number(field):
            convert = _OF_NUMBER.get(field.kind, _int32)
            slots[field.number << 3] = field.name, convert, keep
            if field.is_repeated:
                slots[field.number << 3 | 2] = field.name, convert, _extend
        else:
            slots[field.number << 3 | 2] = field.name, _OF_BYTES.get(field.kind) or partial(_first, slots, field), keep
    return slots


def _first(slots: dict[int, Slot], field: Field, raw: bytes) -> Any:
    """Read the first message of a field, whose class is not made before there is one."""
    tag = field.number << 3 | 2
    name, _, keep = slots[tag]
    convert = partial(read, field.message)
    slots[tag] = name, convert, keep
    return convert(raw)


def _append(values: Values, name: str, convert: Convert, raw: Any) -> None:
    if name in values:
        values[name].append(convert(raw))
    else:
        values[name] = [convert(raw)]


def _extend(values: Values, name: str, convert: Convert, raw: bytes) -> None:
    """Keep numbers that came packed into one field."""
    numbers, at = values.setdefault(name, []), 0
    while at < len(raw):
        number, at = _number(raw, at)
        numbers.append(convert(number))


def _pair(values: Values, name: str, convert: Convert, raw: bytes) -> None:
    pair = convert(raw)
    values.setdefault(name, {})[pair.key] = pair.value


def _merge(to_bytes: Callable[[Any], bytes], values: Values, name: str, convert: Convert, raw: bytes) -> None:
    """Keep a message; what comes in pieces is read as one."""
    values[name] = convert(to_bytes(values[name]) + raw if name in values else raw)


def _alone(others: Sequence[str], keep: Keep | None, values: Values, name: str, convert: Convert, raw: Any) -> None:
    """Keep one member of a oneof and drop the others."""
    for other in others:
        values.pop(other, None)
    if keep is None:
        values[name] = convert(raw)
    else:
        keep(values, name, convert, raw)


def _int64(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def _int32(number: int) -> int:
    number &= 0xFFFFFFFF
    return number - (1 << 32) if number >> 31 else number


def _uint32(number: int) -> int:
    return number & 0xFFFFFFFF


# The times of these decades take 11 or 12 bytes: 08, five of seconds, 10, four or five of nanoseconds. By length: where to look for
# what makes them so, and what is there.
_USUAL_TIMES = {
    11: (0x80808080_FF_8080808080_FF, 0x00808080_10_0080808080_08),
    12: (0x8080808080_FF_8080808080_FF, 0x0080808080_10_0080808080_08),
}


def _time(raw: bytes) -> int:
    """Read a time; a usual one at once, for two of them are in each of the thousands of messages that a large build sends."""
    mask, bits = _USUAL_TIMES.get(len(raw), (0, 1))
    number = int.from_bytes(raw, "little")
    if number & mask == bits:
        return _joined(number >> 8) * _NS + _joined(number >> 56)
    from llbfront.pb.google_protobuf_timestamp import Timestamp

    made = read(Timestamp, raw)
    seconds: int = made.seconds
    return seconds * _NS + int(made.nanos)


def _joined(number: int) -> int:
    """Join the seven bits of each of five bytes."""
    return number & 0x7F | number >> 1 & 0x3F80 | number >> 2 & 0x1FC000 | number >> 3 & 0xFE00000 | number >> 4 & 0x7F0000000


def _time_bytes(ns: int) -> bytes:
    seconds, nanos = divmod(ns, _NS)
    return integer(1, seconds) + integer(2, nanos)


# By kind. Enums are numbers too.
_OF_NUMBER: Mapping[str, Convert] = {"bool": bool, "int64": _int64, "int32": _int32, "uint64": int, "uint32": _uint32}
_OF_BYTES: Mapping[str, Convert] = {"string": bytes.decode, "bytes": bytes, TIME: _time}
_TO_BYTES: Mapping[str, Callable[[Any], bytes]] = {"string": str.encode, "bytes": bytes, TIME: _time_bytes}


def is_number(field: Field) -> bool:
    return field.is_enum or field.kind in _OF_NUMBER


# Writing.


def make_writes(kind: type[Message]) -> Sequence[tuple[str, Write]]:
    """Make what writes the fields of a class, in the order of their numbers."""
    fields = sorted(kind.fields_.values(), key=lambda field: field.number)
    kind.writes_ = writes = [(field.name, _write(field)) for field in fields]
    return writes


def _write(field: Field) -> Write:
    number = field.number
    if field.is_map:
        key, value = (_always(part) for part in field.message.fields_.values())
        return lambda given: b"".join([message(number, key(name) + value(given[name])) for name in sorted(given)])
    if field.is_repeated and is_number(field):
        return lambda given: integers(number, given)
    always = _always(field)
    if field.is_repeated:
        return lambda given: b"".join(map(always, given))
    if field.oneof or field.is_message or field.kind == TIME:
        return always
    return lambda given: always(given) if given else b""


def _always(field: Field) -> Write:
    """What writes one value, be it zero."""
    number = field.number
    if is_number(field):
        tag = varint(number << 3)
        return lambda given: tag + varint(given)
    to_bytes = _to_bytes(field)
    return lambda given: message(number, to_bytes(given))


def _to_bytes(field: Field) -> Callable[[Any], bytes]:
    return _TO_BYTES.get(field.kind) or (lambda given: given.SerializeToString())
