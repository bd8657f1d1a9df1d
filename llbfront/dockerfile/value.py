"""Equality, hash and text of frozen values, written once: generating them for every class would double the time of import.

Enters: an attrs class with `eq=False, repr=False`. Leaves: the methods that attrs would have given it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import attrs


class Value:
    """Base of a frozen value whose fields say what it is."""

    __slots__ = ()
    __attrs_attrs__: ClassVar[tuple[attrs.Attribute[object], ...]]

    def __eq__(self, other: object) -> bool:
        if self.__class__ is not other.__class__:
            return NotImplemented
        return all(getattr(self, field.name) == getattr(other, field.name) for field in self.__attrs_attrs__ if field.eq)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, field.name) for field in self.__attrs_attrs__ if field.eq))

    def __repr__(self) -> str:
        shown = (f"{field.name}={getattr(self, field.name)!r}" for field in self.__attrs_attrs__ if field.repr)
        return f"{type(self).__name__}({', '.join(shown)})"
