"""Functions on sets.

Source: cty/function/stdlib/set.go and collection.go of zclconf/go-cty.
"""

from __future__ import annotations

import itertools
import math

from llbfront.hcl.conversion import ConversionError, convert, unify
from llbfront.hcl.functions import Function, FunctionError, function
from llbfront.hcl.stdlib.arguments import require_size, sequence
from llbfront.hcl.types import DYNAMIC, Type, set_of
from llbfront.hcl.values import Value, boolean, list_value, set_value, tuple_value

SET = set_of(DYNAMIC)


def _unified(sets: tuple[Value, ...]) -> tuple[list[list[Value]], Type]:
    """Return the elements of sets, converted to the type that they have in common."""
    types = [value.type.element for value in sets if value.elements or not value.type.element.is_any]
    type_ = unify(types) if types else DYNAMIC
    if type_ is None:
        raise FunctionError("given sets must all have compatible element types")
    try:
        return [[convert(element, type_) for element in value.elements] for value in sets], type_
    except ConversionError as error:
        raise FunctionError(str(error)) from None


@function(SET, DYNAMIC)
def set_has_element(set: Value, elem: Value) -> Value:  # noqa: A002  the name that messages give it
    return boolean(elem in set.elements)


@function(SET, variadic=SET)
def set_union(first_set: Value, *other_sets: Value) -> Value:
    groups, type_ = _unified((first_set, *other_sets))
    return set_value(itertools.chain(*groups), type_)


@function(SET, variadic=SET)
def set_intersection(first_set: Value, *other_sets: Value) -> Value:
    (first, *others), type_ = _unified((first_set, *other_sets))
    return set_value(set(first).intersection(*others), type_)


@function(SET, SET)
def set_subtract(a: Value, b: Value) -> Value:
    (left, right), type_ = _unified((a, b))
    return set_value(set(left).difference(right), type_)


@function(SET, variadic=SET)
def set_symmetric_difference(first_set: Value, *other_sets: Value) -> Value:
    (result, *others), type_ = _unified((first_set, *other_sets))
    for other in others:
        result = list(set(result).symmetric_difference(other))
    return set_value(result, type_)


@function(variadic=DYNAMIC)
def set_product(*sets: Value) -> Value:
    if len(sets) < 2:
        raise FunctionError("at least two arguments are required")
    columns = []
    for position, value in enumerate(sets):
        elements = sequence(value, position, "a set or a list is required")
        type_ = unify([element.type for element in elements]) if elements else DYNAMIC
        if type_ is None:
            raise FunctionError("all elements must be of the same type", position)
        columns.append([convert(element, type_) for element in elements])
    require_size(math.prod(map(len, columns)) * len(columns))
    product = [tuple_value(row) for row in itertools.product(*columns)]
    return set_value(product) if any(value.type.kind == "set" for value in sets) else list_value(product)


FUNCTIONS: dict[str, Function] = {
    "sethaselement": set_has_element, "setunion": set_union, "setintersection": set_intersection, "setsubtract": set_subtract,
    "setsymmetricdifference": set_symmetric_difference, "setproduct": set_product,
}  # fmt: skip
