"""Comparing two filters over many cases: batches in, a tally of features, differences and shrunk examples out."""

from __future__ import annotations

import collections
import itertools
from typing import TYPE_CHECKING

import attrs

from tests.differential import filters
from tests.differential.compare import Difference, differences
from tests.differential.shrink import shrink

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.differential.filters import Answer, Case, Command

BATCH = 4000
AGAIN = 100
PANIC = "panic: "


@attrs.frozen
class Failure:
    """A case that differs, as it was found."""

    case: Case
    differences: list[Difference]

    @property
    def kinds(self) -> str:
        return "+".join(dict.fromkeys(difference.kind for difference in self.differences))


@attrs.define
class Tally:
    """What was seen. `unstable` cases are those the reference itself answers now so, now otherwise; `panics` those it dies of."""

    cases: int = 0
    accepted: int = 0
    features: collections.Counter[str] = attrs.field(factory=collections.Counter)
    failures: list[Failure] = attrs.field(factory=list)
    unstable: list[str] = attrs.field(factory=list)
    panics: list[str] = attrs.field(factory=list)

    def by_kind(self) -> collections.Counter[str]:
        return collections.Counter(failure.kinds for failure in self.failures)


@attrs.frozen
class Judges:
    """The two filters that are compared."""

    ours: Command
    theirs: Command

    def compare(self, cases: Sequence[Case]) -> list[tuple[Answer, Answer, list[Difference]]]:
        ours, theirs = filters.ask(cases, self.ours, self.theirs)
        return [(left, right, differences(left, right)) for left, right in zip(ours, theirs, strict=True)]

    def agree_sometimes(self, case: Case, ours: Answer) -> bool:
        """Whether the reference, asked again and again, gives the answer of ours once: then it disagrees with itself."""
        [answers] = filters.ask([case] * AGAIN, self.theirs)
        return any(not differences(ours, answer) for answer in answers)

    def failing_like(self, failure: Failure) -> object:
        """A judge for the shrinker: still a difference of the same kinds."""

        def fails(cases: Sequence[Case]) -> list[bool]:
            return [self.is_alike(failure, theirs, differences) for _, theirs, differences in self.compare(cases)]

        return fails

    @staticmethod
    def is_alike(failure: Failure, theirs: Answer, differences: list[Difference]) -> bool:
        if (theirs.get("error") or "").startswith(PANIC):
            return False
        first = failure.differences[0]
        return any(item.kind == first.kind and bool(item.theirs) == bool(first.theirs) for item in differences)

    def shrunk(self, failure: Failure) -> tuple[Case, list[Difference], Answer, Answer]:
        """The failure made small, with both answers and their definitions."""
        case = {**shrink(failure.case, self.failing_like(failure)), "def": True}  # type: ignore[arg-type]
        [(ours, theirs, differences)] = self.compare([case])
        return case, differences, ours, theirs


def run(judges: Judges, cases: Iterable[tuple[Case, Iterable[str]]]) -> Tally:
    """Compare all cases, batch by batch; features count where the reference accepts."""
    tally = Tally()
    source = iter(cases)
    while batch := list(itertools.islice(source, BATCH)):
        for (case, features), (ours, theirs, case_differences) in zip(
            batch, judges.compare([case for case, _ in batch]), strict=True
        ):
            count(tally, case, features, theirs)
            if not case_differences:
                continue
            if (theirs.get("error") or "").startswith(PANIC):
                tally.panics.append(case["id"])
            elif judges.agree_sometimes(case, ours):
                tally.unstable.append(case["id"])
            else:
                tally.failures.append(Failure(case, case_differences))
    return tally


def count(tally: Tally, case: Case, features: Iterable[str], theirs: Answer) -> None:
    tally.cases += 1
    if theirs.get("error"):
        return
    tally.accepted += 1
    tally.features.update(features)
    tally.features.update({f"R {item['rule']}" for item in theirs["warnings"]})
