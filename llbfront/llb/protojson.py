"""JSON of definitions and ops: the form in which BuildKit's `frontend.convertllb` answers, and back.

    {"def": {digest: op}, "metadata": {digest: metadata}, "source": {"locations": …, "infos": …}}

Ops and source are protobuf's JSON (lowerCamelCase, 64-bit numbers as texts), metadata is Go's.

Source: frontend/subrequests/convertllb/convertllb.go of BuildKit; protobuf's JSON mapping.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any, TypeVar

from llbfront.errors import GraphError, InvalidJson
from llbfront.foreign_json import parse_json
from llbfront.llb.loading import decode, parse_op
from llbfront.oci import digest as digests
from llbfront.oci.gojson import Ordered
from llbfront.pb import ops as pb
from llbfront.pb.packing import message

if TYPE_CHECKING:
    from llbfront.llb.definition import Definition
    from llbfront.llb.op import OpMeta
    from llbfront.pb import Field, Message

    MessageT = TypeVar("MessageT", bound=Message)

_DEF = 1  # where the ops of a definition are
_PLAIN = frozenset(("string", "bool", "int32", "uint32"))
_WIDE = frozenset(("int64", "uint64"))


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


def message_json(value: Message) -> Ordered:
    """Return any message as JSON values."""
    return Ordered({field.json_name: _field_json(field, item) for field, item in value.ListFields()})


def _field_json(field: Field, value: Any) -> Any:
    if not field.is_repeated:
        return _value_json(field, value)
    if field.is_map:
        of_value = field.message.fields_["value"]
        return {key: _field_json(of_value, value[key]) for key in sorted(value)}
    return list(value) if field.kind in _PLAIN else [_value_json(field, item) for item in value]


def _value_json(field: Field, value: Any) -> Any:
    if field.kind in _PLAIN:
        return value
    if field.is_message:
        return message_json(value)
    if field.kind == "bytes":
        return binascii.b2a_base64(value, newline=False).decode()
    if field.is_enum:
        return next((name for name, number in field.enum.items() if number == value), value)
    return str(value) if field.kind in _WIDE else value


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
        value = parse_json(data)
        ops = {digest: pack_op(fields) for digest, fields in value["def"].items()}
        metadata = {digest: _message(pb.OpMetadata, meta) for digest, meta in value.get("metadata", {}).items()}
        source = _message(pb.Source, value.get("source") or {})
        rest = pb.Definition(metadata=metadata, Source=source).SerializeToString()
    except InvalidJson as error:
        raise GraphError(f"not the JSON of a definition: {error.message}") from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise GraphError(f"not the JSON of a definition: {type(error).__name__} {error}") from None
    for digest, op in ops.items():
        if digests.of(op) != digest:
            raise GraphError(f"the op {digest} has another digest, {digests.of(op)}")
    return decode(b"".join([message(_DEF, op) for op in _inputs_first(ops)]) + rest)


def pack_op(value: Any) -> bytes:
    """Pack an op as Go does: the member of the oneof last."""
    op = _message(pb.Op, value)
    fields = {field.name: item for field, item in op.ListFields()}
    last = {name: fields.pop(name) for name in [op.WhichOneof("op")] if name is not None}
    return pb.Op(**fields).SerializeToString() + pb.Op(**last).SerializeToString()


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


def _message(kind: type[MessageT], value: dict[str, Any]) -> MessageT:
    """Make a message of JSON values; the names of its fields may be those of the schema too."""
    known = {name: field for field in kind.fields_.values() for name in (field.name, field.json_name)}
    return kind(**{known[name].name: _of_json(known[name], item) for name, item in value.items()})


def _of_json(field: Field, value: Any) -> Any:
    if field.is_map:
        of_value = field.message.fields_["value"]
        return {key: _scalar(of_value, item) for key, item in value.items()}
    return [_scalar(field, item) for item in value] if field.is_repeated else _scalar(field, value)


def _scalar(field: Field, value: Any) -> Any:
    if field.is_message:
        return _message(field.message, value)
    if field.kind == "bytes":
        return binascii.a2b_base64(value, strict_mode=True)
    if field.is_enum and isinstance(value, str):
        return field.enum[value]
    return int(value) if field.kind in _WIDE else value
