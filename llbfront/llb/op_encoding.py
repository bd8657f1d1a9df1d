"""Encode protobuf messages of ops to the bytes that Go's encoder writes, from which their digests are computed.

`marshal` encodes ops of a State without protobuf; here are ops that come from JSON or from a definition that was decoded.

Source: the Marshal methods of BuildKit's client/llb; google.golang.org/protobuf/proto for the order of fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor

from llbfront.llb.protowire import message
from llbfront.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from google.protobuf.message import Message


def encode_op(op: pb.Op) -> bytes:
    """Encode an op. The message is changed.

    Parity: Go writes the member of the oneof after all other fields, although its field numbers are lower than that of the platform.
    """
    last = pb.Op()
    if member := op.WhichOneof("op"):
        getattr(last, member).CopyFrom(getattr(op, member))
        op.ClearField(member)
    return _encode(op) + _encode(last)


def map_value(field: FieldDescriptor) -> FieldDescriptor | None:
    """Return the field of the values if `field` is a map, else None."""
    entry = field.message_type
    return entry.fields_by_name["value"] if entry is not None and entry.GetOptions().map_entry else None


def _encode(value: Message) -> bytes:
    return b"".join([part for field, item in value.ListFields() for part in _encode_field(value, field, item)])


def _encode_field(value: Message, field: Any, item: Any) -> Iterator[bytes]:
    if map_value(field):
        # Parity: maps are sorted by the bytes of their keys; protobuf sorts a key after longer keys that begin with it.
        for key in sorted(item, key=str.encode):
            yield type(value)(**{field.name: {key: item[key]}}).SerializeToString()
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        yield from (message(field.number, _encode(each)) for each in (item if field.is_repeated else (item,)))
    else:
        yield type(value)(**{field.name: item}).SerializeToString()
