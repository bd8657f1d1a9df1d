"""Attributes and elements of values: `value.name` and `value[key]`.

Source: ops.go of hashicorp/hcl.
"""

from __future__ import annotations

from llbfront.hcl.conversion import ConversionError, convert
from llbfront.hcl.ranges import Range, hcl_error
from llbfront.hcl.types import NUMBER, STRING
from llbfront.hcl.values import UNKNOWN, Value, quote
from llbfront.suggestions import suggestion

_NO_ELEMENT = "Invalid index: The given key does not identify an element in this collection value"


def attribute(value: Value, name: str, source_range: Range) -> Value:
    """Return an attribute of an object, or the element of a map with that key. Raises: HclError."""
    if value is UNKNOWN:
        return UNKNOWN
    if value.is_null:
        raise hcl_error(
            "Attempt to get attribute from null value: This value is null, so it does not have any attributes.", source_range
        )
    if not value.type.is_mapping:
        raise hcl_error("Unsupported attribute: This value does not have any attributes.", source_range)
    if name in value.data:
        element = value.data[name]
        assert isinstance(element, Value)
        return element
    hint = suggestion(name, value.data, match_case=True)
    if value.type.kind == "map":
        raise hcl_error(
            f"Missing map element: This map does not have an element with the key {quote(name)}.", source_range, hint=hint
        )
    raise hcl_error(f"Unsupported attribute: This object does not have an attribute named {quote(name)}.", source_range, hint=hint)


def index(value: Value, key: Value, source_range: Range) -> Value:
    """Return an element of a list or tuple by number, of a map or object by name. Raises: HclError."""
    if UNKNOWN in (value, key):
        return UNKNOWN
    if value.is_null:
        raise hcl_error("Attempt to index null value: This value is null, so it does not have any indices.", source_range)
    if key.is_null:
        raise hcl_error("Invalid index: Can't use a null value as an indexing key.", source_range)
    if value.type.kind == "set":
        raise hcl_error(
            "Invalid index: Elements of a set are identified only by their value and don't have an index.", source_range
        )
    if not (value.type.is_sequence or value.type.is_mapping):
        raise hcl_error("Invalid index: This value does not have any indices.", source_range)
    try:
        converted = convert(key, STRING if value.type.is_mapping else NUMBER)
    except ConversionError as error:
        raise hcl_error(f"{_NO_ELEMENT}: {error}.", source_range) from None
    element = value.data.get(converted.data) if value.type.is_mapping else _element(value, converted, source_range)
    if element is None:
        raise hcl_error(f"{_NO_ELEMENT}.", source_range)
    assert isinstance(element, Value)
    return element


def _element(value: Value, key: Value, source_range: Range) -> Value:
    elements = value.elements
    if not key.data.is_integer:
        raise hcl_error(f"{_NO_ELEMENT}: indexing a sequence requires a whole number.", source_range)
    position = int(key.data)
    if position < 0:
        raise hcl_error(f"{_NO_ELEMENT}: a negative number is not a valid index for a sequence.", source_range)
    if position >= len(elements):
        reason = (
            "the given index is greater than or equal to the length of the collection"
            if elements
            else "the collection has no elements"
        )
        raise hcl_error(f"{_NO_ELEMENT}: {reason}.", source_range)
    return elements[position]
