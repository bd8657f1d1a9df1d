"""Conversion between types of HCL values, and the type that several values have in common.

Source: cty/convert of zclconf/go-cty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from llbfront.hcl.numbers import parse_number
from llbfront.hcl.types import BOOL, DYNAMIC, NUMBER, STRING, Type, list_of, map_of, object_of, set_of, tuple_of
from llbfront.hcl.values import (
    UNKNOWN,
    Value,
    boolean,
    list_value,
    map_value,
    null,
    object_value,
    quote,
    set_value,
    string,
    tuple_value,
)

_BOOLS = {"true": True, "1": True, "false": False, "0": False}
# The order in which types are tried as the common one, general ones first; other kinds have 1.
_RANKS = {"string": 0, "list": 0, "map": 0, "set": 1, "tuple": 2, "object": 2, "dynamic": 9}


class ConversionError(Exception):
    """A value that cannot be converted. `str` says what is required."""


def is_convertible(source: Type, target: Type, *, unsafe: bool = True) -> bool:
    """Return whether values of a type can be converted to another; with `unsafe` also if that depends on the value."""
    if source == target or target.is_any:
        return True
    if source.is_any:
        return unsafe
    if source.is_primitive and target.is_primitive:
        return target == STRING or (unsafe and source == STRING)
    test = _TESTS.get((source.kind, target.kind))
    return test is not None and test(source, target, unsafe)


def _elements_convertible(types: Iterable[Type], target: Type, unsafe: bool) -> bool:
    types = list(types)
    if target.is_any:
        return not types or unify(types, unsafe=unsafe) is not None
    return all(is_convertible(type_, target, unsafe=unsafe) for type_ in types)


def _objects_convertible(source: Type, target: Type, unsafe: bool) -> bool:
    types = source.attributes
    return all(
        is_convertible(types[name], type_, unsafe=unsafe) if name in types else name in target.optional
        for name, type_ in target.attributes.items()
    )


def _tuples_convertible(source: Type, target: Type, unsafe: bool) -> bool:
    return len(source.elements) == len(target.elements) and all(
        is_convertible(source_element, other, unsafe=unsafe)
        for source_element, other in zip(source.elements, target.elements, strict=True)
    )


def _collections_convertible(source: Type, target: Type, unsafe: bool) -> bool:
    return (unsafe or (source.kind, target.kind) != ("list", "set")) and is_convertible(
        source.element, target.element, unsafe=unsafe
    )


def _map_to_object(source: Type, target: Type, unsafe: bool) -> bool:
    return unsafe and all(is_convertible(source.element, type_, unsafe=unsafe) for type_ in target.attributes.values())


_TESTS: dict[tuple[str, str], Callable[[Type, Type, bool], bool]] = {
    ("object", "object"): _objects_convertible,
    ("tuple", "tuple"): _tuples_convertible,
    ("list", "list"): _collections_convertible,
    ("set", "list"): _collections_convertible,
    ("list", "set"): _collections_convertible,
    ("set", "set"): _collections_convertible,
    ("map", "map"): _collections_convertible,
    ("tuple", "list"): lambda source, target, unsafe: _elements_convertible(source.elements, target.element, unsafe),
    ("tuple", "set"): lambda source, target, unsafe: _elements_convertible(source.elements, target.element, unsafe),
    ("object", "map"): lambda source, target, unsafe: _elements_convertible(source.attributes.values(), target.element, unsafe),
    ("map", "object"): _map_to_object,
}


def convert(value: Value, target: Type) -> Value:
    """Convert a value. Raises: ConversionError with what is required."""
    if value is UNKNOWN or value.type == target.without_optional:
        return value
    if not is_convertible(value.type, target):
        raise ConversionError(mismatch(value.type, target))
    if target.is_any:
        return value
    if value.is_null:
        return null(_filled(value.type, target.without_optional))
    if target.is_primitive:
        return _convert_primitive(value, target)
    if target.kind == "tuple":
        return tuple_value(_convert_each(value.elements, target.elements))
    if target.kind == "object":
        return _to_object(value, target)
    return _to_collection(value, target)


def _filled(source: Type, target: Type) -> Type:
    """Return the target type with `any` replaced by the type of the source, where it is known."""
    if target.is_any:
        return source
    if target.is_collection and source.is_collection:
        return Type(target.kind, _filled(source.element, target.element))
    return target


def _convert_each(values: Iterable[Value], types: Iterable[Type]) -> list[Value]:
    return [convert(value, type_) for value, type_ in zip(values, types, strict=True)]


def _convert_primitive(value: Value, target: Type) -> Value:
    if target == STRING:
        return string(("true" if value.data else "false") if value.type == BOOL else str(value.data))
    if target == NUMBER:
        parsed = parse_number(value.data)
        if parsed is None:
            raise ConversionError("a number is required")
        return Value(NUMBER, parsed)
    if value.data not in _BOOLS:
        lower = value.data.lower()
        hint = f'; to convert from string, use lowercase "{lower}"' if lower in {"true", "false"} else ""
        raise ConversionError(f"a bool is required{hint}")
    return boolean(_BOOLS[value.data])


def _to_object(value: Value, target: Type) -> Value:
    converted = {}
    for name, type_ in target.attributes.items():
        if name in value.data:
            converted[name] = convert(value.data[name], type_)
        elif name in target.optional:
            converted[name] = null(type_.without_optional)
        else:
            raise ConversionError(f"map has no element for required attribute {quote(name)}")
    return object_value(converted)


def _to_collection(value: Value, target: Type) -> Value:
    element = target.element
    if element.is_any and value.elements:
        element = unify([part.type for part in value.elements]) or DYNAMIC
    if target.kind == "map":
        return map_value({name: convert(part, element) for name, part in value.data.items()}, element)
    parts = [convert(part, element) for part in value.elements]
    return list_value(parts, element) if target.kind == "list" else set_value(parts, element)


def unify(types: Sequence[Type], *, unsafe: bool = True) -> Type | None:
    """Return the most general type that all types convert to, None if there is none."""
    if not types:
        return None
    kinds = {type_.kind for type_ in types}
    if len(set(types)) == 1:
        return types[0]
    special = _UNIFIERS.get(frozenset(kinds))
    if special is not None and (unified := special(types, unsafe)) is not None:
        return unified
    if special is not None and len(kinds) == 1:
        return None
    if kinds == {"object", "tuple"}:
        return None
    preferred = sorted(types, key=lambda type_: _RANKS.get(type_.kind, 1))
    fits = (target for target in preferred if all(is_convertible(type_, target, unsafe=unsafe) for type_ in types))
    return next(fits, None)


def _unify_collections(make: Callable[[Type], Type]) -> Callable[[Sequence[Type], bool], Type | None]:
    def unified(types: Sequence[Type], unsafe: bool) -> Type | None:
        element = unify([type_.element for type_ in types], unsafe=unsafe)
        return None if element is None else make(element)

    return unified


def _unify_objects(types: Sequence[Type], unsafe: bool) -> Type | None:
    names = {tuple(type_.attributes) for type_ in types}
    if len(names) > 1:
        return _unify_objects_to_map(types, unsafe)
    unified = {}
    for name in names.pop():
        attribute = unify([type_.attributes[name] for type_ in types], unsafe=unsafe)
        if attribute is None:
            return None
        unified[name] = attribute
    return object_of(unified)


def _unify_objects_to_map(types: Sequence[Type], unsafe: bool) -> Type | None:
    element = unify([part for type_ in types for part in type_.attributes.values()], unsafe=unsafe)
    return None if element is None else map_of(element)


def _unify_tuples(types: Sequence[Type], unsafe: bool) -> Type | None:
    if len({len(type_.elements) for type_ in types}) > 1:
        return _unify_tuples_to_list(types, unsafe)
    unified = [unify(column, unsafe=unsafe) for column in zip(*(type_.elements for type_ in types), strict=True)]
    return None if None in unified else tuple_of(type_ for type_ in unified if type_ is not None)


def _unify_tuples_to_list(types: Sequence[Type], unsafe: bool) -> Type | None:
    element = unify([part for type_ in types for part in type_.elements], unsafe=unsafe)
    return None if element is None else list_of(element)


def _unify_mixed(
    kind: str, collect: Callable[[Sequence[Type], bool], Type | None]
) -> Callable[[Sequence[Type], bool], Type | None]:
    """Unify collections with tuples or objects: these become collections first."""

    def unified(types: Sequence[Type], unsafe: bool) -> Type | None:
        collected = collect([type_ for type_ in types if type_.kind == kind], unsafe)
        if collected is None:
            return None
        return unify([collected if type_.kind == kind else type_ for type_ in types], unsafe=unsafe)

    return unified


def _dynamic(_types: Sequence[Type], _unsafe: bool) -> Type:
    return DYNAMIC


_UNIFIERS: dict[frozenset[str], Callable[[Sequence[Type], bool], Type | None]] = {
    frozenset({"map"}): _unify_collections(map_of),
    frozenset({"list"}): _unify_collections(list_of),
    frozenset({"set"}): _unify_collections(set_of),
    frozenset({"object"}): _unify_objects,
    frozenset({"tuple"}): _unify_tuples,
    frozenset({"list", "tuple"}): _unify_mixed("tuple", _unify_tuples_to_list),
    frozenset({"map", "object"}): _unify_mixed("object", _unify_objects_to_map),
    **{frozenset({kind, "dynamic"}): _dynamic for kind in ("map", "list", "set", "object", "tuple")},
}


def mismatch(source: Type, target: Type) -> str:
    """Return why a type cannot be converted to another, in the words of HCL."""
    if source.kind == "object" and target.kind == "object":
        return _object_mismatch(source, target)
    if (
        target.is_collection
        and target.element.is_any
        and source.kind in {"tuple", "object"}
        and source.is_mapping == target.is_mapping
    ):
        return f"all {target.kind} elements must have the same type"
    if source.kind == "tuple" and target.kind in {"list", "set"}:
        return _element_mismatch(((f"element {index}", type_) for index, type_ in enumerate(source.elements)), target)
    if source.kind == "object" and target.kind == "map":
        return _element_mismatch(((f"element {quote(name)}", type_) for name, type_ in source.attributes.items()), target)
    is_mixed = source.kind in {"tuple", "object"} and target.is_collection
    if is_mixed or str(source) == str(target) or source.is_collection or target.kind in {"object", "tuple"}:
        return f"{target.constraint_name} required"
    return f"{target} required, but have {source}"


def _element_mismatch(parts: Iterable[tuple[str, Type]], target: Type) -> str:
    for name, type_ in parts:
        if not is_convertible(type_, target.element):
            return f"{name}: {mismatch(type_, target.element)}"
    return f"{target.constraint_name} required"


def _object_mismatch(source: Type, target: Type) -> str:
    types = source.attributes
    missing = [quote(name) for name in target.attributes if name not in types and name not in target.optional]
    if missing:
        return f"attribute{'s' if len(missing) > 1 else ''} {', '.join(missing)} {'are' if len(missing) > 1 else 'is'} required"
    for name, type_ in target.attributes.items():
        if name in types and not is_convertible(types[name], type_):
            return f"attribute {quote(name)}: {mismatch(types[name], type_)}"
    return "incorrect object attributes"
