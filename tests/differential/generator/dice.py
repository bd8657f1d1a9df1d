"""Choosing at random, with a record of what was chosen.

Tables hold the choices as data: a weight, the feature of the specification that a choice shows, and the choice: a text, or a
function of the draft that gives one. Whatever is chosen marks its feature on the draft; `FEATURES` knows every feature that any
table or odds can mark, so that one that never happens is seen to be missing.
"""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
FEATURES: dict[str, None] = {}


class Table:
    """Weighted choices: rows of (weight, feature or "", text or function)."""

    def __init__(self, *rows: tuple[float, str, Any]) -> None:
        self.cumulated = list(itertools.accumulate(weight for weight, _, _ in rows))
        self.rows = rows
        FEATURES.update((feature, None) for _, feature, _ in rows if feature)


class Odds:
    """A probability that something of a feature happens."""

    def __init__(self, probability: float, feature: str = "") -> None:
        self.probability = probability
        self.feature = feature
        if feature:
            FEATURES[feature] = None


class Dice:
    """A seeded source of choices; `features` are those that were marked."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.features: set[str] = set()

    def mark(self, feature: str) -> None:
        if feature not in FEATURES:
            raise KeyError(feature)
        self.features.add(feature)

    def choose(self, table: Table) -> Any:
        rows = table.rows
        at = self.random.random() * table.cumulated[-1]
        for index, limit in enumerate(table.cumulated):
            if at < limit:
                _, feature, value = rows[index]
                break
        if feature:
            self.features.add(feature)
        return value(self) if callable(value) else value

    def maybe(self, odds: Odds) -> bool:
        if self.random.random() >= odds.probability:
            return False
        if odds.feature:
            self.features.add(odds.feature)
        return True

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, values: Sequence[T]) -> T:
        return values[int(self.random.random() * len(values))]

    def some(self, low: int, high: int, make: Callable[[], str]) -> list[str]:
        return [make() for _ in range(self.random.randint(low, high))]

    def sample(self, values: Sequence[str], count: int) -> list[str]:
        return self.random.sample(values, min(count, len(values)))


def declare(*features: str) -> None:
    """Name features that are marked by hand."""
    FEATURES.update((feature, None) for feature in features)
