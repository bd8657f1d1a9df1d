"""Types of HCL values: their names in messages, and values of types that were derived from others."""

from __future__ import annotations

import copy
import pickle

import pytest

from llbfront.hcl.conversion import ConversionError, convert, is_convertible
from llbfront.hcl.types import BOOL, DYNAMIC, NUMBER, STRING, Type, list_of, map_of, object_of, set_of, tuple_of
from llbfront.hcl.values import Value, boolean, list_value, null, number, object_value, string, tuple_value

OPTIONAL = object_of({"name": STRING, "tags": list_of(DYNAMIC)}, optional=["tags"])
NAMES = [
    (DYNAMIC, "any type"),
    (STRING, "string"),
    (list_of(DYNAMIC), "list of any single type"),
    (set_of(DYNAMIC), "set of any single type"),
    (map_of(DYNAMIC), "map of any single type"),
    (list_of(STRING), "list of string"),
    (map_of(list_of(DYNAMIC)), "map of list of any single type"),
    (OPTIONAL, "object"),
    (tuple_of([DYNAMIC]), "tuple"),
]


@pytest.mark.parametrize(("type_", "name"), NAMES, ids=[name for _, name in NAMES])
def test_the_name_of_a_type_is_that_of_its_copies(type_: Type, name: str) -> None:
    copies = (type_, type_.without_optional, copy.deepcopy(type_), pickle.loads(pickle.dumps(type_)))
    assert [each.constraint_name for each in copies] == [name] * len(copies)
    assert [each.is_any for each in copies] == [type_ == DYNAMIC] * len(copies)


def test_parts_of_types_have_their_names() -> None:
    assert OPTIONAL.without_optional.attributes == {"name": STRING, "tags": list_of(DYNAMIC)}
    assert OPTIONAL.without_optional.attributes["tags"].constraint_name == "list of any single type"
    assert OPTIONAL.without_optional.optional == frozenset()
    assert list_of(NUMBER).element == NUMBER


CONVERSIONS: list[tuple[Value, Type, Value]] = [
    (null(list_of(STRING)), list_of(DYNAMIC), null(list_of(STRING))),
    (null(map_of(NUMBER)), map_of(DYNAMIC), null(map_of(NUMBER))),
    (null(DYNAMIC), list_of(DYNAMIC), null(list_of(DYNAMIC))),
    (null(set_of(list_of(BOOL))), set_of(list_of(DYNAMIC)), null(set_of(list_of(BOOL)))),
    (tuple_value([string("a")]), list_of(DYNAMIC), list_value([string("a")], STRING)),
    (boolean(True), STRING, string("true")),
    (string("1"), NUMBER, number(1)),
    (
        object_value({"name": string("a")}),
        OPTIONAL,
        object_value({"name": string("a"), "tags": null(list_of(DYNAMIC))}),
    ),
]


@pytest.mark.parametrize("derive", [lambda type_: type_, copy.deepcopy], ids=["type", "copy"])
@pytest.mark.parametrize(("value", "target", "expected"), CONVERSIONS, ids=range(len(CONVERSIONS)))
def test_values_convert_to_a_type_and_to_a_copy_of_it(value: Value, target: Type, expected: Value, derive: type) -> None:
    converted = convert(value, derive(target))
    assert (converted, converted.type) == (expected, expected.type)


@pytest.mark.parametrize("target", [STRING, copy.deepcopy(STRING)])
def test_a_converted_value_converts_again(target: Type) -> None:
    filled = convert(null(NUMBER), target)
    assert is_convertible(filled.type, NUMBER)
    assert convert(filled, NUMBER) == null(NUMBER)


def test_what_is_required_is_named_for_copies() -> None:
    with pytest.raises(ConversionError, match="^map of any single type required$"):
        convert(tuple_value([string("a")]), map_of(DYNAMIC).without_optional)
