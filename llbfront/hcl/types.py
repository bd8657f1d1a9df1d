"""Types of HCL values, and the names that messages give them.

Source: cty/type.go of zclconf/go-cty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs


@attrs.frozen
class Type:
    """A type. Types are equal if their kinds and parts are.

    Attributes:
        kind: `string`, `number`, `bool`, `list`, `set`, `map`, `object`, `tuple`, or `dynamic` for any type.
        elements: the types of the elements of a tuple.
        optional: the names of the attributes that a value converted to an object may lack.
    """

    kind: str
    _element: Type | None = None
    _attributes: tuple[tuple[str, Type], ...] = ()
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
        """Whether it is the type of a list, a set or a tuple, whose elements have no names."""
        return self.kind in {"list", "set", "tuple"}

    @property
    def is_mapping(self) -> bool:
        return self.kind in {"map", "object"}

    @property
    def is_any(self) -> bool:
        """Whether it stands for any type."""
        return self.kind == "dynamic"

    @property
    def element(self) -> Type:
        """The type of the elements of a collection."""
        assert self._element is not None
        return self._element

    @property
    def attributes(self) -> dict[str, Type]:
        """The types of the attributes of an object by name, sorted."""
        return dict(self._attributes)

    @property
    def without_optional(self) -> Type:
        """The type with all attributes required, inside it, too."""
        if not (self._element or self._attributes or self.elements or self.optional):
            return self
        return attrs.evolve(
            self,
            element=self._element and self._element.without_optional,
            attributes=tuple((name, type_.without_optional) for name, type_ in self._attributes),
            elements=tuple(type_.without_optional for type_ in self.elements),
            optional=frozenset(),
        )

    def __str__(self) -> str:
        """Return the name in messages about values: `list of string`."""
        return f"{self.kind} of {self.element}" if self.is_collection else self.kind

    @property
    def constraint_name(self) -> str:
        """The name in messages about what is required: `list of any single type`."""
        if self.is_collection:
            return f"{self.kind} of {'any single type' if self.element.is_any else self.element.constraint_name}"
        return "any type" if self.is_any else self.kind


STRING = Type("string")
NUMBER = Type("number")
BOOL = Type("bool")
DYNAMIC = Type("dynamic")
TYPE_KEYWORDS = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}


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
