"""One `repr` for the values of this room, so that attrs need not make one for each class whenever the program starts.

Enters: any attrs value. Leaves: its text, without fields that hold their default.

Source: none.
"""

from __future__ import annotations

import attrs


class Shown:
    """Show the fields that differ from their defaults."""

    __slots__ = ()

    def __repr__(self) -> str:
        fields = attrs.fields(type(self))  # type: ignore[arg-type]  # subclasses are attrs classes
        shown = [f"{field.name}={value!r}" for field in fields if (value := getattr(self, field.name)) != field.default]
        return f"{type(self).__name__}({', '.join(shown)})"
