"""Types of HCL values, and the names that messages give them.

Source: cty/type.go of zclconf/go-cty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs


@attrs.frozen
class Type:
    """A type. `element` is that of the elements of a collection; `attributes` are those of an object, sorted; `elements` those of a tuple."""

    kind: str
    element: Type | None = None
    attributes: tuple[tuple[str, Type], ...] = ()
    elements: tuple[Type, ...] = ()
    optional: frozenset[str] = frozenset()

    @property
    def is_primitive(self) -> bool:
        return self.kind in {"string", "number", "bool"}

    @property
    def is_collection(self) -> bool:
        return self.kind in {"list", "set", "map"}

    @property
    def is_sequence(self) -> bool:
        """Whether values are ordered elements: a list, a set or a tuple."""
        return self.kind in {"list", "set", "tuple"}

    @property
    def is_mapping(self) -> bool:
        return self.kind in {"map", "object"}

    @property
    def of(self) -> Type:
        """The type of the elements of a collection."""
        assert self.element is not None
        return self.element

    @property
    def attribute_types(self) -> dict[str, Type]:
        return dict(self.attributes)

    @property
    def without_optional(self) -> Type:
        """The type with all attributes required, inside it, too."""
        return attrs.evolve(
            self,
            element=self.element and self.element.without_optional,
            attributes=tuple((name, type_.without_optional) for name, type_ in self.attributes),
            elements=tuple(type_.without_optional for type_ in self.elements),
            optional=frozenset(),
        )

    def __str__(self) -> str:
        """The name in messages about values: `list of string`."""
        return f"{self.kind} of {self.of}" if self.is_collection else self.kind

    @property
    def constraint_name(self) -> str:
        """The name in messages about what is required: `list of any single type`."""
        if self.is_collection:
            return f"{self.kind} of {'any single type' if self.of is DYNAMIC else self.of.constraint_name}"
        return "any type" if self is DYNAMIC else self.kind


STRING = Type("string")
NUMBER = Type("number")
BOOL = Type("bool")
DYNAMIC = Type("dynamic")
PRIMITIVES = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}


def list_of(element: Type) -> Type:
    return Type("list", element)


def set_of(element: Type) -> Type:
    return Type("set", element)


def map_of(element: Type) -> Type:
    return Type("map", element)


def object_of(attributes: Mapping[str, Type], optional: Iterable[str] = ()) -> Type:
    return Type("object", attributes=tuple(sorted(attributes.items(), key=lambda item: item[0])), optional=frozenset(optional))


def tuple_of(elements: Iterable[Type]) -> Type:
    return Type("tuple", elements=tuple(elements))
