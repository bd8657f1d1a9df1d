"""What attrs would make anew for each class whenever the program starts, made once: texts, comparison and hashes of values.

Enters: any attrs value. Leaves: its `repr` without fields that hold their default, and equality by fields. A class that takes these
(`@attrs.frozen(eq=False, repr=False)`) costs half as much to import.

Source: none.
"""

from __future__ import annotations

import attrs


class Shown:
    """Show the fields that differ from their defaults, but for those that are not to be shown; compare by identity."""

    __slots__ = ()

    def __repr__(self) -> str:
        fields = [field for field in attrs.fields(type(self)) if field.repr]  # type: ignore[arg-type]  # subclasses are attrs classes
        shown = [f"{field.name}={value!r}" for field in fields if (value := getattr(self, field.name)) != field.default]
        return f"{type(self).__name__}({', '.join(shown)})"


class Value(Shown):
    """Compare by type and fields."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(self) is type(other) and _key(self) == _key(other)

    def __hash__(self) -> int:
        return hash(_key(self))


def _key(value: Value) -> tuple[object, ...]:
    return tuple([getattr(value, field.name) for field in attrs.fields(type(value)) if field.eq])  # type: ignore[arg-type]
