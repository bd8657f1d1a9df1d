"""Variables in the order in which image configs and history lines list them: that of their first assignment.

A stage continues with a copy of the variables of its base. Copies share the blocks in which they agree.

Source: dispatchEnv, dispatchArg, addEnv and withShell in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    Block = dict[str | tuple[str, int], str | None]

_BLOCK = 128


class Assignments:
    """Names with values; a name keeps its first place. Blocks of them are never changed, so that copies can share them."""

    __slots__ = ("blocks",)

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def copy(self) -> Self:
        """Return a copy that continues from here."""
        copied = type(self)()
        copied.blocks = list(self.blocks)
        return copied

    def __contains__(self, name: str) -> bool:
        return self._place(name) is not None

    def _place(self, name: str) -> int | None:
        return next((place for place, block in enumerate(self.blocks) if name in block), None)

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    def among(self, names: Mapping[str, str]) -> set[str]:
        """Return the names that have a value here."""
        return set().union(*[names.keys() & block.keys() for block in self.blocks])

    def set(self, name: str, value: str) -> int:
        """Assign a value, and return the block that changed."""
        place = self._place(name)
        if place is None:
            if not self.blocks or len(self.blocks[-1]) == _BLOCK:
                self.blocks.append({})
            place = len(self.blocks) - 1
        self.blocks[place] = {**self.blocks[place], name: value}
        return place


class HistoryArguments(Assignments):
    """The arguments in force as history shows them."""

    __slots__ = ("texts_by_block",)

    def __init__(self) -> None:
        super().__init__()
        self.texts_by_block: dict[int, str] = {}

    def copy(self) -> Self:
        copied = super().copy()
        copied.texts_by_block = dict(self.texts_by_block)
        return copied

    def set(self, name: str, value: str) -> int:
        place = super().set(name, value)
        self.texts_by_block.pop(place, None)
        return place

    def texts(self) -> tuple[str, ...]:
        """Return `|2 A=1 B=2 ` in parts, nothing without arguments."""
        if not self.blocks:
            return ()
        for place, block in enumerate(self.blocks):
            if place not in self.texts_by_block:
                self.texts_by_block[place] = "".join([f"{name}={value} " for name, value in block.items()])
        return (f"|{len(self)} ", *[self.texts_by_block[place] for place in range(len(self.blocks))])


class ImageEnv(Assignments):
    """The variables of an image config. If a name occurs twice, assignments change its first entry. An entry may have no `=`."""

    __slots__ = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> ImageEnv:
        """Read the entries of a config."""
        block: Block = {}
        for number, entry in enumerate(entries):
            name, equals, value = entry.partition("=")
            block[(name, number) if name in block else name] = value if equals else None
        env, items = cls(), list(block.items())
        env.blocks = [dict(items[at : at + _BLOCK]) for at in range(0, len(items), _BLOCK)]
        return env

    def entries(self) -> tuple[str, ...]:
        """Write the entries of a config."""
        named = ((name if isinstance(name, str) else name[0], value) for block in self.blocks for name, value in block.items())
        return tuple([name if value is None else f"{name}={value}" for name, value in named])

    def as_dict(self) -> dict[str, str]:
        """Return the variables after assigning all entries in order. Of several entries with one name, the last one counts."""
        values: dict[str, str] = {}
        for block in self.blocks:
            for name, value in block.items():
                plain = name if isinstance(name, str) else name[0]
                values.pop(plain, None)
                values[plain] = value or ""
        return values

    def is_suffix_of(self, values: Mapping[str, str]) -> bool:
        """Return whether these variables are the last entries of `values`."""
        names = [name for block in self.blocks for name in block]
        texts = [value or "" for block in self.blocks for value in block.values()]
        return not names or (list(values)[-len(names) :] == names and list(values.values())[-len(names) :] == texts)
