"""Turn the attributes of target and group blocks into fields, and targets back into values that expressions can name.

Source: bake/hclparser/gohcl/decode.go and util/buildflags/*_cty.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llbfront.bake.target import BY_NAME, FIELDS, FLAG, LIMITS, MAPPING, TEXT, TEXTS, Field, Group, Target
from llbfront.bake.target_attributes import INTEGER_RESOURCES, RESOURCES, Cache, Secret, Ssh
from llbfront.errors import BakeError
from llbfront.hcl.conversion import ConversionError, convert, mismatch
from llbfront.hcl.numbers import integer
from llbfront.hcl.ranges import hcl_error
from llbfront.hcl.scope import Scope
from llbfront.hcl.structure import Attribute, Block
from llbfront.hcl.types import BOOL, NUMBER, STRING, Type, list_of, map_of, object_of
from llbfront.hcl.values import Value, boolean, list_value, map_value, null, number, object_value, string

SECRET = object_of(dict.fromkeys(("id", "src", "env"), STRING), ("id", "src", "env"))
SSH = object_of({"id": STRING, "paths": list_of(STRING)}, ("id", "paths"))
LIMITS_TYPE = object_of({name: NUMBER if name in INTEGER_RESOURCES else STRING for name in RESOURCES}, RESOURCES)
_TYPES = {TEXT: STRING, FLAG: BOOL, TEXTS: list_of(STRING), MAPPING: map_of(STRING), LIMITS: LIMITS_TYPE}
_ENTRY_TYPES: dict[type[Any], Type] = {Secret: SECRET, Ssh: SSH}


def decode_target(target: Target, attributes: Iterable[Attribute], scope: Scope) -> None:
    """Evaluate attributes of a block into fields of a target. Raises: HclError."""
    for attribute in attributes:
        field = BY_NAME[attribute.name]
        value = attribute.expression.evaluate(scope)
        try:
            setattr(target, field.attribute, _decoded(field, value))
        except (ConversionError, BakeError) as error:
            detail = error.message if isinstance(error, BakeError) else str(error)
            raise hcl_error(f"Unsuitable value type: Unsuitable value: {detail}", attribute.expression.source_range) from None


def decode_group(block: Block, name: str, scope: Scope) -> Group:
    """Evaluate a group block. Raises: HclError."""
    targets = block.body.attributes.get("targets")
    if targets is None:
        raise hcl_error(
            'Missing required argument: The argument "targets" is required, but no definition was found.', block.source_range
        )
    group = Group(name, [])
    for attribute in (targets, block.body.attributes.get("description")):
        if attribute is None:
            continue
        kind = TEXTS if attribute.name == "targets" else TEXT
        try:
            setattr(
                group, attribute.name, _decoded(Field(attribute.name, attribute.name, kind), attribute.expression.evaluate(scope))
            )
        except ConversionError as error:
            raise hcl_error(f"Unsuitable value type: Unsuitable value: {error}", attribute.expression.source_range) from None
    group.targets = group.targets or []
    return group


def group_value(block: Block, scope: Scope) -> Value:
    """Return the value that expressions see of a group: `group.all.targets`."""
    group = decode_group(block, block.labels[0], scope)
    targets = list_value([string(name) for name in group.targets], STRING)
    return object_value({"name": string(group.name), "description": string(group.description or ""), "targets": targets})


def _decoded(field: Field, value: Value) -> Any:
    if isinstance(field.kind, type):
        return _entries(field.kind, value)
    converted = convert(value, _TYPES[field.kind])
    if converted.is_null:
        if field.name == "description":
            raise ConversionError("null value is not allowed")
        return None
    if field.kind == LIMITS:
        return _limits(converted)
    if field.kind == TEXTS:
        return [_required(element) for element in converted.elements]
    if field.kind == MAPPING:
        return {name: element.data if field.allows_null else _required(element) for name, element in converted.data.items()}
    return converted.data


def _required(value: Value) -> str:
    if value.is_null:
        raise ConversionError("must not be null")
    assert isinstance(value.data, str)
    return value.data


def _limits(value: Value) -> dict[str, str | int]:
    limits: dict[str, str | int] = {}
    for name, limit in value.data.items():
        if limit.is_null:
            continue
        if limit.type == NUMBER and not limit.data.is_integer:
            raise ConversionError("value must be a whole number")
        limits[name] = int(limit.data) if limit.type == NUMBER else limit.data
    return limits


def _entries(kind: type[Any], value: Value) -> list[Any]:
    if value.is_null:
        raise ConversionError("null value is not allowed")
    if value.type.kind not in {"tuple", "list"}:
        raise ConversionError(mismatch(value.type, list_of(_ENTRY_TYPES.get(kind, map_of(STRING)))))
    return [entry for element in value.elements for entry in _entry(kind, element)]


def _entry(kind: type[Any], value: Value) -> list[Any]:
    if value.type == STRING and not value.is_null:
        return list(kind.from_text(value.data)) if value.data else []
    converted = convert(value, _ENTRY_TYPES.get(kind, map_of(STRING)))
    if converted.is_null:
        raise ConversionError("must not be null")
    texts = {
        name: [part.data for part in element.elements] if element.type.is_sequence and not element.is_null else element.data
        for name, element in converted.data.items()
    }
    return [kind.from_mapping(texts)]


def target_value(target: Target) -> Value:
    """Return the value that expressions see of a target: `target.app.tags`."""
    fields = {"name": string(target.name)}
    for field in FIELDS:
        fields[field.name] = _field_value(field, getattr(target, field.attribute))
    fields["description"] = string(target.description or "")
    return object_value(fields)


def _field_value(field: Field, value: Any) -> Value:
    if isinstance(field.kind, type):
        element = _ENTRY_TYPES.get(field.kind, map_of(STRING))
        return list_value([_entry_value(entry) for entry in value or []], element)
    type_ = _TYPES[field.kind]
    if value is None:
        return null(type_.without_optional)
    if field.kind == TEXTS:
        return list_value([string(text) for text in value], STRING)
    if field.kind == MAPPING:
        return map_value({name: null(STRING) if text is None else string(text) for name, text in value.items()}, STRING)
    if field.kind == LIMITS:
        return object_value({name: _limit_value(name, value.get(name)) for name in RESOURCES})
    return boolean(value) if field.kind == FLAG else string(value)


def _limit_value(name: str, value: str | int | None) -> Value:
    if value is None:
        return null(NUMBER if name in INTEGER_RESOURCES else STRING)
    return number(integer(value)) if isinstance(value, int) else string(value)


def _entry_value(entry: Any) -> Value:
    if isinstance(entry, Secret):
        return object_value({"id": string(entry.id), "src": string(entry.src), "env": string(entry.env)})
    if isinstance(entry, Ssh):
        return object_value({"id": string(entry.id), "paths": list_value([string(path) for path in entry.paths], STRING)})
    texts = dict(entry.to_json())
    if not isinstance(entry, Cache) and "attrs" in texts:
        texts.pop("attrs")
    return map_value({name: string("true" if text is True else str(text)) for name, text in texts.items()}, STRING)
