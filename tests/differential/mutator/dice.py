"""A seeded source of choices for mutations."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")


class Dice:
    """Choices that the seed decides; `done` names the mutations that were made."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self.done: list[str] = []

    def maybe(self, probability: float) -> bool:
        return self._random.random() < probability

    def number(self, below: int) -> int:
        return int(self._random.random() * below)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.number(len(choices))]

    def few(self, choices: Sequence[T], most: int) -> list[T]:
        return [self.pick(choices) for _ in range(self.number(most + 1))]

    def member(self, table: Mapping[str, T]) -> T:
        """A value of the table, whose name is noted."""
        name = self.pick(tuple(table))
        self.done.append(name)
        return table[name]


Change = "Callable[[Dice, str], str]"
