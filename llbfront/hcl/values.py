"""Typed values of HCL.

A value is its type and its data: None for null, str, bool, Number, a tuple of values (list, set, tuple) or a dict of values by
name, sorted (map, object).

Source: cty/value.go and cty/set_internals.go of zclconf/go-cty.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from llbfront.foreign_json import valid_unicode
from llbfront.hcl.numbers import Number, integer, parse_number
from llbfront.hcl.types import BOOL, DYNAMIC, NUMBER, STRING, Type, list_of, map_of, object_of, set_of, tuple_of


@attrs.frozen(eq=False)
class Value:
    """A value. Two values are equal when their types and data are."""

    type: Type
    data: Any
    size: int = attrs.field(init=False, repr=False)
    """How much there is in the value: its elements, and one for each eight characters."""

    @size.default
    def _size(self) -> int:
        if isinstance(self.data, str):
            return 1 + len(self.data) // 8
        names = sum(len(name) // 8 for name in self.data) if isinstance(self.data, dict) else 0
        return 1 + names + sum(element.size for element in self.elements) if isinstance(self.data, dict | tuple) else 1

    @property
    def is_null(self) -> bool:
        return self.data is None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and self.type == other.type and self.data == other.data

    def __hash__(self) -> int:
        return hash(sort_key(self))

    @property
    def elements(self) -> list[Value]:
        """The elements of a collection, tuple or object, in order."""
        return list(self.data.values()) if isinstance(self.data, dict) else list(self.data)

    @property
    def items(self) -> list[tuple[Value, Value]]:
        """Keys and elements, in order: numbers for lists, names for maps, and the elements themselves for sets."""
        if isinstance(self.data, dict):
            return [(string(key), value) for key, value in self.data.items()]
        if self.type.kind == "set":
            return [(value, value) for value in self.data]
        return [(number(index), value) for index, value in enumerate(self.data)]


TRUE = Value(BOOL, True)
FALSE = Value(BOOL, False)
NULL = Value(DYNAMIC, None)
UNKNOWN = Value(DYNAMIC, ...)  # of an expression that failed, where the failure may not matter


def string(text: str) -> Value:
    return Value(STRING, unicodedata.normalize("NFC", text))


def number(value: int | Number) -> Value:
    return Value(NUMBER, integer(value) if isinstance(value, int) else value)


def boolean(value: bool) -> Value:
    return TRUE if value else FALSE


def null(type_: Type) -> Value:
    return Value(type_, None)


def tuple_value(values: Iterable[Value]) -> Value:
    data = tuple(values)
    return Value(tuple_of(value.type for value in data), data)


def list_value(values: Iterable[Value], element: Type = DYNAMIC) -> Value:
    """Return a list of values of one type; `element` is the type of an empty one."""
    data = tuple(values)
    return Value(list_of(data[0].type if data else element), data)


def set_value(values: Iterable[Value], element: Type = DYNAMIC) -> Value:
    """Return a set of values of one type; `element` is the type of an empty one."""
    data = tuple(sorted(dict.fromkeys(values), key=sort_key))
    return Value(set_of(data[0].type if data else element), data)


def map_value(values: Mapping[str, Value], element: Type = DYNAMIC) -> Value:
    """Return a map of values of one type; `element` is the type of an empty one."""
    data = _sorted(values)
    return Value(map_of(next(iter(data.values())).type if data else element), data)


def object_value(values: Mapping[str, Value]) -> Value:
    data = _sorted(values)
    return Value(object_of({name: value.type for name, value in data.items()}), data)


def _sorted(values: Mapping[str, Value]) -> dict[str, Value]:
    """Sort by the bytes of the names, as Go compares strings."""
    return {name: values[name] for name in sorted(values, key=str.encode)}


def sort_key(value: Value) -> tuple[Any, ...]:
    """Return the sort key of an element of a set."""
    if value.is_null:
        return (1,)
    if value.type.kind == "string":
        return (0, value.data.encode("utf-8", "surrogatepass"))
    if value.type.kind == "number":
        return (0, value.data.value)
    if value.type.kind == "bool":
        return (0, value.data)
    return (0, to_json(value))


def to_json(value: Value) -> str:
    """Write a value as JSON as Go does: no spaces, HTML characters escaped, keys sorted."""
    return _json(value)


def _json(value: Value) -> str:
    if value.is_null:
        return "null"
    if isinstance(value.data, bool):
        return "true" if value.data else "false"
    if isinstance(value.data, Number):
        return str(value.data)
    if isinstance(value.data, str):
        return quote(value.data)
    if isinstance(value.data, dict):
        return "{" + ",".join(f"{quote(name)}:{_json(element)}" for name, element in value.data.items()) + "}"
    return "[" + ",".join(_json(element) for element in value.data) + "]"


_HTML = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def quote(text: str) -> str:
    """Write a string as JSON as Go does."""
    return json.dumps(text, ensure_ascii=False).translate(_HTML)


def from_python(data: Any) -> Value:
    """Return the value of a document that the json module read with numbers as text (`Number` or `str` wrapped by `parse_json`)."""
    if data is None:
        return NULL
    if isinstance(data, Number):
        return Value(NUMBER, data)
    if isinstance(data, bool):
        return boolean(data)
    if isinstance(data, str):
        return string(valid_unicode(data))
    if isinstance(data, dict):
        return object_value({valid_unicode(name): from_python(element) for name, element in data.items()})
    return tuple_value(from_python(element) for element in data)


def parse_json(text: str) -> Value:
    """Read a JSON document. Raises: ValueError."""
    return from_python(json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_no_number))


def _number(text: str) -> Number:
    value = parse_number(text)
    if value is None:
        raise ValueError(f"{text} is not a number")
    return value


def _no_number(text: str) -> Number:
    raise ValueError(f"{text} is not a number")
