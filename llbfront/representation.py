"""Short reprs: values of any size are shown on one line of a shell.

A class whose repr shows its fields this way has the base `ShortRepr` and is declared with `@attrs.frozen(repr=False)`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

TEXT_LIMIT = 80
VALUE_LIMIT = 100
ITEM_LIMIT = 3
_BRACKETS = {tuple: ("(", ")"), list: ("[", "]")}


def short(value: object) -> str:
    """Return the repr of a value, long texts and lists cut."""
    if isinstance(value, (str, bytes)):
        return repr(value) if len(value) <= TEXT_LIMIT else f"{value[: TEXT_LIMIT // 2]!r}… ({len(value)})"
    if isinstance(value, Mapping):
        return f"{{{_joined((f'{short(key)}: {short(item)}' for key, item in value.items()), len(value))}}}"
    if isinstance(value, (tuple, list, set, frozenset)):
        opening, closing = _BRACKETS.get(type(value), ("{", "}"))
        comma = "," if type(value) is tuple and len(value) == 1 else ""
        return f"{opening}{_joined(map(short, value), len(value))}{comma}{closing}"
    text = repr(value)
    return text if len(text) <= VALUE_LIMIT else f"{text[:VALUE_LIMIT]}…"


def _joined(items: Iterable[str], count: int) -> str:
    shown = list(itertools.islice(items, ITEM_LIMIT))
    return ", ".join(shown + ([f"… {count - ITEM_LIMIT} more"] if count > ITEM_LIMIT else []))


class ShortRepr:
    """The base of attrs classes without a generated repr: it shows the fields on one line, long values cut."""

    __slots__ = ()
    __attrs_attrs__: ClassVar[tuple[Any, ...]]  # attrs.Attribute, which `typing.get_type_hints` could not find here

    def __repr__(self) -> str:
        fields = ", ".join(
            f"{field.name}={_shown(field, getattr(self, field.name))}" for field in self.__attrs_attrs__ if field.repr
        )
        return f"{type(self).__qualname__.rpartition('>.')[2]}({fields})"


def _shown(field: Any, value: object) -> str:
    return str(field.repr(value)) if callable(field.repr) else short(value)
