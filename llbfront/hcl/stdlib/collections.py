"""Functions on lists, tuples, maps and objects.

Source: cty/function/stdlib/collection.go and sequence.go of zclconf/go-cty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from llbfront.hcl.conversion import ConversionError, convert, unify
from llbfront.hcl.functions import Function, FunctionError, function, nullable
from llbfront.hcl.numbers import compute
from llbfront.hcl.operators import equals
from llbfront.hcl.stdlib.arguments import sequence, whole
from llbfront.hcl.types import DYNAMIC, NUMBER, STRING, Type, list_of
from llbfront.hcl.values import (
    Value,
    boolean,
    list_value,
    map_value,
    number,
    object_value,
    string,
    tuple_value,
)


def _like(values: Iterable[Value], model: Type) -> Value:
    """Return a tuple of values, or a list if the model is a list or a set."""
    return tuple_value(values) if model.kind == "tuple" else list_value(values, model.element)


@function(DYNAMIC)
def length(collection: Value) -> Value:
    if not (collection.type.is_sequence or collection.type.kind == "map"):
        raise FunctionError("collection must be a list, a map or a tuple")
    return number(len(collection.data))


@function(DYNAMIC, DYNAMIC)
def has_index(collection: Value, key: Value) -> Value:
    if collection.type.kind not in {"tuple", "list", "map"}:
        raise FunctionError("collection must be a list, a map or a tuple")
    if collection.type.kind == "map":
        return boolean(key.type == STRING and key.data in collection.data)
    return boolean(key.type == NUMBER and key.data.is_integer and 0 <= int(key.data) < len(collection.data))


@function(DYNAMIC, DYNAMIC)
def index(collection: Value, key: Value) -> Value:
    if collection.type.kind not in {"tuple", "list", "map"}:
        raise FunctionError("collection must be a list, a map or a tuple")
    if has_index(collection, key).data is False:
        raise FunctionError("invalid index")
    if collection.type.kind == "map":
        element = collection.data[key.data]
        assert isinstance(element, Value)
        return element
    return collection.elements[int(key.data)]


@function(DYNAMIC, DYNAMIC)
def index_of(list: Value, value: Value) -> Value:  # noqa: A002  the name that messages give it
    if list.type.kind not in {"list", "tuple"}:
        raise FunctionError("argument must be a list or tuple")
    if not list.elements:
        raise FunctionError("cannot search an empty list")
    for position, element in enumerate(list.elements):
        if equals(element, value):
            return number(position)
    raise FunctionError("item not found")


@function(DYNAMIC, DYNAMIC)
def contains(list: Value, value: Value) -> Value:  # noqa: A002
    elements = sequence(list, 0, "argument must be list, tuple, or set")
    return boolean(any(equals(value, element) for element in elements))


@function(DYNAMIC, NUMBER)
def element(list: Value, index: Value) -> Value:  # noqa: A002
    if list.type.kind not in {"list", "tuple"}:
        raise FunctionError(f"cannot read elements from {list.type}")
    position = whole(index, 1)
    if not list.elements:
        raise FunctionError("cannot use element function with an empty list")
    return list.elements[position % len(list.elements)]


@function(variadic=nullable())
def coalesce(*vals: Value) -> Value:
    type_ = unify([value.type for value in vals])
    if type_ is None:
        raise FunctionError("all arguments must have the same type" if vals else "at least one argument is required")
    for value in vals:
        if not value.is_null:
            try:
                return convert(value, type_)
            except ConversionError as error:
                raise FunctionError(str(error)) from None
    raise FunctionError("no non-null arguments")


@function(variadic=nullable())
def coalesce_list(*vals: Value) -> Value:
    if not vals:
        raise FunctionError("at least one argument is required")
    for value in vals:
        if value.type.kind not in {"list", "tuple"}:
            raise FunctionError("coalescelist arguments must be lists or tuples")
    for value in vals:
        if not value.is_null and value.elements:
            return value
    raise FunctionError("no non-null arguments")


@function(list_of(STRING))
def compact(list: Value) -> Value:  # noqa: A002
    return list_value([element for element in list.elements if not element.is_null and element.data], STRING)


@function(variadic=DYNAMIC)
def concat(*seqs: Value) -> Value:
    if not seqs:
        raise FunctionError("at least one argument is required")
    for position, value in enumerate(seqs):
        if value.type.kind not in {"list", "tuple"}:
            raise FunctionError(f"all arguments must be lists or tuples; got {value.type}", position)
    elements = [element for value in seqs for element in value.elements]
    type_ = unify([value.type for value in seqs]) if all(value.type.kind == "list" for value in seqs) else None
    if type_ is None:
        return tuple_value(elements)
    return list_value([convert(element, type_.element) for element in elements], type_.element)


@function(list_of(DYNAMIC))
def distinct(list: Value) -> Value:  # noqa: A002
    unique: dict[Value, None] = dict.fromkeys(list.elements)
    return list_value(unique, list.type.element)


def _flattened(value: Value) -> Iterator[Value]:
    for part in value.elements:
        if part.type.is_sequence and not part.is_null:
            yield from _flattened(part)
        else:
            yield part


@function(DYNAMIC)
def flatten(list: Value) -> Value:  # noqa: A002
    sequence(list, 0, "can only flatten lists, sets and tuples")
    return tuple_value(_flattened(list))


@function(DYNAMIC)
def keys(inputMap: Value) -> Value:  # noqa: N803
    if not inputMap.type.is_mapping:
        raise FunctionError("must have map or object type", 0)
    names = [string(name) for name in inputMap.data]
    return tuple_value(names) if inputMap.type.kind == "object" else list_value(names, STRING)


@function(DYNAMIC)
def values(mapping: Value) -> Value:
    if not mapping.type.is_mapping:
        raise FunctionError("values() requires a map as the first argument")
    return tuple_value(mapping.elements) if mapping.type.kind == "object" else list_value(mapping.elements, mapping.type.element)


@function(DYNAMIC, STRING, DYNAMIC)
def lookup(inputMap: Value, key: Value, default: Value) -> Value:  # noqa: N803
    if not inputMap.type.is_mapping:
        raise FunctionError("lookup() requires a map as the first argument", 0)
    if inputMap.type.kind == "map":
        try:
            default = convert(default, inputMap.type.element)
        except ConversionError:
            raise FunctionError("the default value must have the same type as the map elements", 2) from None
    result = inputMap.data.get(key.data, default)
    assert isinstance(result, Value)
    return result


@function(variadic=nullable())
def merge(*maps: Value) -> Value:
    merged: dict[str, Value] = {}
    for value in maps:
        if not value.type.is_mapping:
            raise FunctionError(f'arguments must be maps or objects, got "{value.type}"')
        merged.update(value.data or {})
    types = {value.type for value in maps}
    if len(types) == 1 and next(iter(types)).kind == "map":
        return map_value(merged, next(iter(types)).element)
    return object_value(merged)


@function(DYNAMIC)
def reverse_list(list: Value) -> Value:  # noqa: A002
    elements = sequence(list, 0, f"can only reverse list or tuple values, not {list.type}")
    return _like(elements[::-1], list.type)


@function(DYNAMIC, NUMBER, NUMBER)
def slice_(list: Value, start_index: Value, end_index: Value) -> Value:  # noqa: A002
    if list.type.kind not in {"list", "tuple"}:
        raise FunctionError("must be a list or tuple value", 0)
    start, end = whole(start_index, 1), whole(end_index, 2)
    if start < 0:
        raise FunctionError("start index must not be less than zero", 1)
    if start > len(list.elements):
        raise FunctionError("start index must not be greater than the length of the list", 1)
    if end > len(list.elements):
        raise FunctionError("end index must not be greater than the length of the list", 2)
    if start > end:
        raise FunctionError("start index must not be greater than end index", 1)
    return _like(list.elements[start:end], list.type)


@function(list_of(DYNAMIC), NUMBER)
def chunk_list(list: Value, size: Value) -> Value:  # noqa: A002
    count = whole(size, 1)
    if count < 0:
        raise FunctionError("the size argument must be positive")
    if count == 0 and list.elements:
        return list_value([list])
    chunks = [list.elements[start : start + count] for start in range(0, len(list.elements), count or 1)]
    return list_value([list_value(chunk, list.type.element) for chunk in chunks], list.type)


@function(variadic=NUMBER)
def range_(*params: Value) -> Value:
    if not 1 <= len(params) <= 3:
        raise FunctionError("must have one, two, or three arguments")
    numbers = [value.data.value for value in params]
    start, end = (Fraction(0), numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step = numbers[2] if len(numbers) == 3 else (-1 if end < start else 1)
    if not step:
        raise FunctionError("step must not be zero", 2)
    if (end - start) * step < 0:
        raise FunctionError("end must be on the side of start that step goes to", 1)

    results: list[Value] = []
    while (end - start) * step > 0:
        if len(results) >= 1024:
            raise FunctionError(
                "more than 1024 values were generated; decrease the difference between start and end or use a larger step"
            )
        results.append(number(compute(start, *(value.data for value in params))))
        start += step
    return list_value(results, NUMBER)


@function(list_of(STRING), DYNAMIC)
def zipmap(keys: Value, values: Value) -> Value:
    if values.type.kind not in {"list", "tuple"}:
        raise FunctionError("values argument must be a list or tuple value")
    if len(keys.elements) != len(values.elements):
        raise FunctionError(f"number of keys ({len(keys.elements)}) does not match number of values ({len(values.elements)})")
    if any(key.is_null for key in keys.elements):
        raise FunctionError("keys list has null value")
    pairs = {key.data: value for key, value in zip(keys.elements, values.elements, strict=True)}
    return object_value(pairs) if values.type.kind == "tuple" else map_value(pairs, values.type.element)


FUNCTIONS: dict[str, Function] = {
    "length": length, "hasindex": has_index, "index": index, "indexof": index_of, "contains": contains, "element": element,
    "coalesce": coalesce, "coalescelist": coalesce_list, "compact": compact, "concat": concat, "distinct": distinct,
    "flatten": flatten, "keys": keys, "values": values, "lookup": lookup, "merge": merge, "reverselist": reverse_list,
    "slice": slice_, "chunklist": chunk_list, "range": range_, "zipmap": zipmap,
}  # fmt: skip
