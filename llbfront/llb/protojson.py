"""JSON of definitions and ops: the form in which BuildKit's `frontend.convertllb` answers, and back.

    {"def": {digest: op}, "metadata": {digest: metadata}, "source": {"locations": …, "infos": …}}

Ops and source are protobuf's JSON (lowerCamelCase, 64-bit numbers as texts), metadata is Go's.

Source: frontend/subrequests/convertllb/convertllb.go of BuildKit; protobuf's JSON mapping.
"""

from __future__ import annotations

import binascii
import json
from typing import TYPE_CHECKING, Any

from llbfront.errors import GraphError
from llbfront.llb.loading import decode, parse_op
from llbfront.llb.packing import integer, message, text, text_map
from llbfront.oci import digest as digests
from llbfront.oci.gojson import Ordered
from llbfront.pb import is_map
from llbfront.pb import ops as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from llbfront.llb.definition import Definition
    from llbfront.llb.meta import OpMeta

_WIDE = frozenset((3, 4, 6, 16, 18))  # field types whose numbers have 64 bits
_BYTES, _MESSAGE, _ENUM = 12, 11, 14


def op_json(data: bytes) -> Ordered:
    """Return an op as JSON values, members in the order of the schema.

    Raises: GraphError.
    """
    return message_json(parse_op(data))


def definition_json(definition: Definition) -> Ordered:
    """Return a definition as JSON values, ops in its order.

    Raises: GraphError.
    """
    source = pb.Definition.FromString(definition.encode()).Source
    return Ordered(
        {
            "def": {digest: op_json(data) for digest, data in zip(definition.digests, definition.ops, strict=True)},
            "metadata": {digest: meta_json(meta) for digest, meta in definition.metadata.items()},
            "source": message_json(source),
        }
    )


def message_json(value: Any) -> Ordered:
    """Return any protobuf message as JSON values."""
    fields = sorted(value.ListFields(), key=lambda item: int(item[0].index))
    return Ordered({field.json_name: _field_json(field, item) for field, item in fields})


def _field_json(field: Any, value: Any) -> Any:
    if is_map(field):
        of_value = field.message_type.fields_by_name["value"]
        return {key: _value_json(of_value, value[key]) for key in sorted(value)}
    if field.is_repeated:
        return [_value_json(field, item) for item in value]
    return _value_json(field, value)


def _value_json(field: Any, value: Any) -> Any:
    if field.type == _MESSAGE:
        return message_json(value)
    if field.type == _BYTES:
        return binascii.b2a_base64(value, newline=False).decode()
    if field.type == _ENUM:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    return str(value) if field.type in _WIDE else value


def meta_json(meta: OpMeta) -> Ordered:
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
    return Ordered({name: value for name, value in members.items() if value is not None})


def _filled(members: dict[str, Any]) -> Ordered:
    return Ordered({name: value for name, value in members.items() if value})


def parse_definition(data: str | bytes) -> Definition:
    """Read a definition from its JSON. Ops come in the order of their inputs, since JSON objects have none.

    Raises: GraphError, also when an op has another digest than it says.
    """
    try:
        value = json.loads(data)
        ops = {digest: _packed_op(fields) for digest, fields in value["def"].items()}
        found = pb.Definition()
        for digest, meta in value.get("metadata", {}).items():
            _fill(found.metadata[digest], meta)
        _fill(found.Source, value.get("source") or {})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise GraphError(f"not the JSON of a definition: {type(error).__name__} {error}") from None
    for digest, op in ops.items():
        if digests.of(op) != digest:
            raise GraphError(f"the op {digest} has another digest, {digests.of(op)}")
    getattr(found, "def").extend(_inputs_first(ops))
    return decode(found.SerializeToString())


def _packed_op(value: Any) -> bytes:
    """Pack an op as Go does: the member of the oneof last, maps sorted by their keys.

    Parity: protobuf's C runtime sorts a key behind those that it is a prefix of, so maps are packed here.
    """
    op = pb.Op()
    _fill(op, value)
    last = b""
    if member := op.WhichOneof("op"):
        fields = getattr(op, member)
        packed = _PACKED.get(member, _pack_without_maps)(fields)
        last = message(op.DESCRIPTOR.fields_by_name[member].number, packed)
        op.ClearField(member)
    return op.SerializeToString(deterministic=True) + last


def _pack_without_maps(fields: Any) -> bytes:
    packed: bytes = fields.SerializeToString(deterministic=True)
    return packed


def _pack_source(fields: pb.SourceOp) -> bytes:
    return text(1, fields.identifier) + text_map(2, dict(fields.attrs))


def _pack_build(fields: pb.BuildOp) -> bytes:
    inputs = sorted(fields.inputs.items())
    packed = [message(2, message(1, key.encode()) + message(2, integer(1, source.input))) for key, source in inputs]
    nested = message(3, _pack_without_maps(getattr(fields, "def"))) if fields.HasField("def") else b""
    return integer(1, fields.builder) + b"".join(packed) + nested + text_map(4, dict(fields.attrs))


_PACKED: dict[str, Callable[[Any], bytes]] = {"source": _pack_source, "build": _pack_build}


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


def _fill(target: Any, value: dict[str, Any]) -> None:
    """Set the fields of a message from JSON values; their names may be those of the schema too."""
    known = {name: field for field in target.DESCRIPTOR.fields for name in (field.name, field.json_name)}
    for name, item in value.items():
        field = known[name]
        inner = getattr(target, field.name)
        if is_map(field):
            _fill_map(inner, field.message_type.fields_by_name["value"], item)
        elif field.is_repeated and field.type == _MESSAGE:
            for part in item:
                _fill(inner.add(), part)
        elif field.is_repeated:
            inner.extend([_scalar(field, part) for part in item])
        elif field.type == _MESSAGE:
            inner.SetInParent()
            _fill(inner, item)
        else:
            setattr(target, field.name, _scalar(field, item))


def _fill_map(target: Any, field: Any, value: dict[str, Any]) -> None:
    for key, item in value.items():
        if field.type == _MESSAGE:
            _fill(target[key], item)
        else:
            target[key] = _scalar(field, item)


def _scalar(field: Any, value: Any) -> Any:
    if field.type == _BYTES:
        return binascii.a2b_base64(value, strict_mode=True)
    if field.type == _ENUM and isinstance(value, str):
        return field.enum_type.values_by_name[value].number
    return int(value) if field.type in _WIDE else value
