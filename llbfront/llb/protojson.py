"""JSON of definitions and ops: the form in which BuildKit's `frontend.convertllb` answers, and back.

    {"def": {digest: op}, "metadata": {digest: metadata}, "source": {"locations": …, "infos": …}}

Ops and source are protobuf's JSON (lowerCamelCase, 64-bit numbers as strings), metadata is Go's.

Source: frontend/subrequests/convertllb/convertllb.go of BuildKit; protobuf's JSON mapping.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import ParseDict, ParseError

from llbfront.errors import GraphError, InvalidJson
from llbfront.foreign_json import parse_object
from llbfront.gostd.json import OrderedObject
from llbfront.llb.loading import decode, parse_op
from llbfront.llb.op_encoding import encode_op, map_value
from llbfront.llb.protowire import message
from llbfront.oci import digest as digests
from llbfront.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from llbfront.foreign_json import JsonObject
    from llbfront.llb.definition import Definition
    from llbfront.llb.op import OpMeta

_DEF = 1  # where the ops of a definition are
_WIDE = frozenset((FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT64))  # strings in JSON


def op_json(data: bytes) -> OrderedObject:
    """Return an op as JSON values, members in the order of the schema.

    Raises: GraphError.
    """
    return message_json(parse_op(data))


def definition_json(definition: Definition) -> OrderedObject:
    """Return a definition as JSON values, ops in its order.

    Raises: GraphError.
    """
    source = definition.to_message().Source
    return OrderedObject(
        {
            "def": {digest: op_json(data) for digest, data in zip(definition.digests, definition.ops, strict=True)},
            "metadata": {digest: meta_json(meta) for digest, meta in definition.metadata.items()},
            "source": message_json(source),
        }
    )


def message_json(value: Message) -> OrderedObject:
    """Return any message as JSON values."""
    return OrderedObject({field.json_name: _field_json(field, item) for field, item in set_fields(value)})


def set_fields(value: Message) -> list[tuple[FieldDescriptor, Any]]:
    """Return the fields that are set and not zero, in the order of the schema."""
    present = {field.name: item for field, item in value.ListFields()}
    fields: Iterable[Any] = value.DESCRIPTOR.fields
    return [(field, present[field.name]) for field in fields if field.name in present]


def _field_json(field: FieldDescriptor, value: Any) -> Any:
    if of_value := map_value(field):
        return {key: _value_json(of_value, value[key]) for key in sorted(value)}
    return [_value_json(field, item) for item in value] if field.is_repeated else _value_json(field, value)


def _value_json(field: FieldDescriptor, value: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return message_json(value)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return binascii.b2a_base64(value, newline=False).decode()
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return value if known is None else known.name
    return str(value) if field.type in _WIDE else value


def meta_json(meta: OpMeta) -> OrderedObject:
    """Return the metadata of an op as JSON values; empty members are left out."""
    group, limits = meta.progress_group, meta.linux_resources
    description = meta.description if meta.name is None else {**meta.description, "llb.customname": meta.name}
    members = {
        "ignore_cache": meta.ignore_cache or None,
        "description": dict(sorted(description.items())) or None,
        "export_cache": None if meta.export_cache is None else _filled({"Value": meta.export_cache}),
        "caps": dict.fromkeys(sorted(meta.caps), True) or None,
        "progress_group": None if group is None else _filled({"id": group.id, "name": group.name, "weak": group.weak}),
        "linux_resources": None
        if limits is None
        else _filled(
            {
                "memory": limits.memory_bytes,
                "memorySwap": limits.memory_swap_bytes,
                "cpuShares": limits.cpu_shares,
                "cpuPeriod": limits.cpu_period,
                "cpuQuota": limits.cpu_quota,
                "cpusetCpus": limits.cpuset_cpus,
                "cpusetMems": limits.cpuset_mems,
            }
        ),
    }
    return OrderedObject({name: value for name, value in members.items() if value is not None})


def _filled(members: dict[str, Any]) -> OrderedObject:
    return OrderedObject({name: value for name, value in members.items() if value})


def parse_definition(data: str | bytes) -> Definition:
    """Read a definition from its JSON. Ops come in the order of their inputs, since JSON objects have none.

    Raises: GraphError, also when an op has another digest than it says.
    """
    try:
        value = parse_object(data)
        ops = {digest: _packed_op(fields) for digest, fields in _ops_of(value).items()}
        metadata = {digest: ParseDict(meta, pb.OpMetadata()) for digest, meta in value.object("metadata").members.items()}
        source = ParseDict(value.object("source").members, pb.Source())
        rest = pb.Definition(metadata=metadata, Source=source).SerializeToString(deterministic=True)
    except InvalidJson as error:
        raise GraphError(f"not the JSON of a definition: {error.message}") from None
    except ParseError as error:
        raise GraphError(f"not the JSON of a definition: {error}") from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):  # protobuf raises them for values of other types
        raise GraphError("not the JSON of a definition: a member has the wrong type") from None
    for digest, op in ops.items():
        if digests.of(op) != digest:
            raise GraphError(f"the op {digest} has another digest, {digests.of(op)}")
    return decode(b"".join([message(_DEF, op) for op in _inputs_first(ops)]) + rest)


def _ops_of(document: JsonObject) -> dict[str, Any]:
    """Return the ops by digest. Raises: GraphError, InvalidJson."""
    schema = document.get("schema")
    if isinstance(schema, str) and document.get("def") is None:
        raise GraphError(f"JSON of the form {schema} has no ops to read", hint="llbfront llb -o FILE.json writes a graph")
    if document.get("def") is None:
        raise GraphError("not the JSON of a definition: it has no member def")
    return document.object("def").members


def _packed_op(value: Any) -> bytes:
    return encode_op(ParseDict(value, pb.Op()))


def _inputs_first(ops: dict[str, bytes]) -> list[bytes]:
    parsed = {digest: parse_op(data) for digest, data in ops.items()}
    ends = [digest for digest, op in parsed.items() if op.WhichOneof("op") is None]
    if len(ends) > 1 or (ops and not ends):
        raise GraphError(f"the definition names {len(ends)} results")
    ordered: dict[str, bytes] = {}
    pending = list(ends)
    while pending:
        digest = pending[-1]
        if digest not in parsed:
            raise GraphError(f"the definition has no op {digest}")
        waiting = [source.digest for source in parsed[digest].inputs if source.digest not in ordered]
        if waiting and digest not in ordered:
            pending.extend(reversed(waiting))
            continue
        ordered[pending.pop()] = ops[digest]
    return list(ordered.values())
