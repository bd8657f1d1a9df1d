"""JSON of definitions and ops: the form in which BuildKit's `frontend.convertllb` answers, and back.

    {"def": {digest: op}, "metadata": {digest: metadata}, "source": {"locations": …, "infos": …}}

Ops and source are protobuf's JSON (lowerCamelCase, 64-bit numbers as texts), metadata is Go's.

Source: frontend/subrequests/convertllb/convertllb.go of BuildKit; protobuf's JSON mapping.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any

from llbfront.llb.loading import parse_op
from llbfront.oci.gojson import Ordered
from llbfront.pb import ops as pb

if TYPE_CHECKING:
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


def message_json(message: Any) -> Ordered:
    """Return any protobuf message as JSON values."""
    fields = sorted(message.ListFields(), key=lambda item: int(item[0].index))
    return Ordered({field.json_name: _field_json(field, value) for field, value in fields})


def _field_json(field: Any, value: Any) -> Any:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
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
