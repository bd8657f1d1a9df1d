"""Values of variables from the environment and the command line.

Source: bake/hclparser/hclparser.go of docker/buildx.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from llbfront.bake.target_attributes import split
from llbfront.errors import BakeError, InvalidValue
from llbfront.gostd.csv import split_fields
from llbfront.gostd.strconv import FLOAT, parse_bool, parse_float, quote
from llbfront.hcl.conversion import ConversionError, convert
from llbfront.hcl.numbers import from_float
from llbfront.hcl.types import BOOL, STRING, Type
from llbfront.hcl.values import Value, boolean, list_value, map_value, number, parse_json, set_value, string, tuple_value


def value_from_text(name: str, text: str, type_: Type | None, default: Value, *, is_json: bool, has_default: bool) -> Value:
    """Parse a value from the environment or command line by the type of the variable or of its default. Raises: BakeError."""
    if type_ is not None and is_json:
        return _from_json(name, text, type_)
    if type_ is not None and type_.kind in _COLLECTIONS:
        return _COLLECTIONS[type_.kind](name, text, type_)
    if type_ is not None and type_.is_primitive:
        return _primitive(name, text, type_)
    if type_ is not None:
        raise BakeError(f"unsupported type {type_} for variable {name}", hint=f"give it as JSON in {name}_JSON")
    if not has_default or default.type.kind == "dynamic":
        return string(text)
    if default.type.is_primitive:
        return _primitive(name, text, default.type)
    raise BakeError(f"unsupported type {default.type} for variable {name}", hint=f"give variable {name} a type")


def _from_json(name: str, text: str, type_: Type) -> Value:
    if type_.is_any:
        raise BakeError(f"failed to convert variable {name} from JSON: its type is any", hint="give it a type")
    try:
        return convert(parse_json(text), type_)
    except (ValueError, ConversionError, RecursionError) as error:
        raise BakeError(f"failed to convert variable {name} from JSON: {error}") from None


def _primitive(name: str, text: str, type_: Type) -> Value:
    if type_ == STRING:
        return string(text)
    if type_ == BOOL:
        flag = parse_bool(text)
        if flag is None:
            raise BakeError(f"failed to parse {name} as bool: invalid value {quote(text)}", hint="use true or false")
        return boolean(flag)
    parsed = parse_float(text) if re.fullmatch(FLOAT, text) else None
    if parsed is None or not math.isfinite(parsed):
        raise BakeError(f"failed to parse {name} as {type_}: invalid value {quote(text)}")
    return number(from_float(parsed))


def _elements(name: str, text: str, type_: Type) -> list[Value]:
    if not type_.element.is_primitive:
        raise BakeError(f"unsupported type {type_} for CSV specification", hint=f"give it as JSON in {name}_JSON")
    return [_primitive(name, part, type_.element) for part in split(text)]


def _tuple(name: str, text: str, type_: Type) -> Value:
    parts = split(text)
    if len(parts) != len(type_.elements):
        raise BakeError(f"tuple expects {len(type_.elements)} elements but only {len(parts)} provided")
    return tuple_value(_primitive(name, part, element) for part, element in zip(parts, type_.elements, strict=True))


def _map(name: str, text: str, type_: Type) -> Value:
    if not type_.element.is_primitive:
        raise BakeError(f"unsupported type {type_} for CSV specification", hint=f"give it as JSON in {name}_JSON")
    values = {}
    for part in split(text):
        try:
            pair = split_fields(part.replace(":", ",")) if "," not in part else ()
        except InvalidValue as error:
            raise BakeError(f"failed to parse {part} as k/v for variable {name}: {error.message}") from None
        if len(pair) != 2:
            raise BakeError(f"expected one k/v pair but got {len(pair)} pieces from {part}", hint="NAME=key:value,key:value")
        values[pair[0]] = _primitive(name, pair[1], type_.element)
    return map_value(values, type_.element)


_COLLECTIONS: dict[str, Callable[[str, str, Type], Value]] = {
    "list": lambda name, text, type_: list_value(_elements(name, text, type_), type_.element),
    "set": lambda name, text, type_: set_value(_elements(name, text, type_), type_.element),
    "tuple": _tuple,
    "map": _map,
}
