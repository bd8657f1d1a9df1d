"""Protobuf messages as Go's encoding/json writes them: the names of the fields, no empty members, times as seconds and nanos.

Source: json tags of api/services/control/control.pb.go of BuildKit.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor

from llbfront.errors import InvalidJson

if TYPE_CHECKING:
    from google.protobuf.message import Message


def to_json(message: Message) -> dict[str, Any]:
    """Return a message as values for `json.dumps`."""
    return {field.name: _value(field, value) for field, value in message.ListFields()}


def _value(field: Any, value: Any) -> Any:
    if _is_map(field):
        inner = field.message_type.fields_by_name["value"]
        return {str(key): _single(inner, value[key]) for key in sorted(value)}
    return [_single(field, item) for item in value] if _is_list(field) else _single(field, value)


def _single(field: Any, value: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return to_json(value)
    return base64.b64encode(value).decode() if field.type == FieldDescriptor.TYPE_BYTES else value


def from_json(message: Message, value: Any) -> None:
    """Fill a message from such values; unknown members are ignored. Raises: InvalidJson."""
    if not isinstance(value, dict):
        raise InvalidJson(f"{message.DESCRIPTOR.name} should be an object")
    for name, member in value.items():
        field = message.DESCRIPTOR.fields_by_name.get(name)
        if field is not None and member is not None:
            try:
                _fill(message, field, member)
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                raise InvalidJson(f"{message.DESCRIPTOR.name}.{name} is invalid: {error}") from None


def _fill(message: Message, field: Any, value: Any) -> None:
    place = getattr(message, field.name)
    if _is_map(field):
        _fill_map(place, field.message_type, value)
    elif _is_list(field) and field.type == FieldDescriptor.TYPE_MESSAGE:
        for item in value:
            from_json(place.add(), item)
    elif _is_list(field):
        place.extend(_plain(field, item) for item in value)
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        place.SetInParent()
        from_json(place, value)
    else:
        setattr(message, field.name, _plain(field, value))


def _fill_map(place: Any, entry: Any, value: dict[str, Any]) -> None:
    keys, values = entry.fields_by_name["key"], entry.fields_by_name["value"]
    for name, item in value.items():
        key = name if keys.type == FieldDescriptor.TYPE_STRING else int(name)
        if values.type == FieldDescriptor.TYPE_MESSAGE:
            from_json(place[key], item)
        else:
            place[key] = _plain(values, item)


def _plain(field: Any, value: Any) -> Any:
    return base64.b64decode(value, validate=True) if field.type == FieldDescriptor.TYPE_BYTES else value


def _is_map(field: Any) -> bool:
    return field.type == FieldDescriptor.TYPE_MESSAGE and bool(field.message_type.GetOptions().map_entry)


def _is_list(field: Any) -> bool:
    return bool(field.is_repeated)
