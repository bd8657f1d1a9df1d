"""Short reprs, so that values of any size fit on one line of an interactive shell.

An attrs class gets one by deriving from `ShortRepr` and `@attrs.frozen(repr=False)`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

TEXT_LIMIT = 80
VALUE_LIMIT = 100
ITEM_LIMIT = 3
_BRACKETS = {tuple: ("(", ")"), list: ("[", "]")}


def short_repr(value: object) -> str:
    """Return the repr of a value, with long strings and lists cut."""
    if isinstance(value, (str, bytes)):
        return repr(value) if len(value) <= TEXT_LIMIT else f"{value[: TEXT_LIMIT // 2]!r}… ({len(value)})"
    if isinstance(value, Mapping):
        return f"{{{_joined((f'{short_repr(key)}: {short_repr(item)}' for key, item in value.items()), len(value))}}}"
    if isinstance(value, (tuple, list, set, frozenset)):
        opening, closing = _BRACKETS.get(type(value), ("{", "}"))
        comma = "," if type(value) is tuple and len(value) == 1 else ""
        return f"{opening}{_joined(map(short_repr, value), len(value))}{comma}{closing}"
    text = repr(value)
    return text if len(text) <= VALUE_LIMIT else f"{text[:VALUE_LIMIT]}…"


def _joined(items: Iterable[str], count: int) -> str:
    shown = list(itertools.islice(items, ITEM_LIMIT))
    return ", ".join(shown + ([f"… {count - ITEM_LIMIT} more"] if count > ITEM_LIMIT else []))


class ShortRepr:
    """Base of attrs classes whose repr shows the fields with long values cut."""

    __slots__ = ()
    __attrs_attrs__: ClassVar[tuple[Any, ...]]  # attrs.Attribute, which `typing.get_type_hints` could not find here

    def __repr__(self) -> str:
        fields = ", ".join(
            f"{field.name}={_shown(field, getattr(self, field.name))}" for field in self.__attrs_attrs__ if field.repr
        )
        return f"{type(self).__qualname__.rpartition('>.')[2]}({fields})"


def _shown(field: Any, value: object) -> str:
    return str(field.repr(value)) if callable(field.repr) else short_repr(value)
