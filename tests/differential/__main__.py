"""`python -m tests.differential`: compare our frontend with BuildKit's, on generated cases, on a folder of Dockerfiles or on mutations of it.

Prints every shown failure shrunk and explained, then a summary; exit code 1 where anything differs,
or where the reference accepted no case, since then no graph was compared.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.differential import corpus, filters, run
from tests.differential.explain import explain
from tests.differential.generator.cases import FEATURES, make
from tests.differential.generator.rules import RULES
from tests.differential.mutator import cases as mutations
from tests.differential.mutator import pool

if TYPE_CHECKING:
    from collections.abc import Iterable


def main() -> int:
    options = parser().parse_args()
    started = time.monotonic()
    theirs = filters.oracle()
    judges = run.Judges(theirs if options.self else filters.subject(), theirs)
    numbers = range(options.first, options.first + options.cases)
    if options.mutate:
        files = pool.read(corpus.files(options.mutate))
        tally = run.run(judges, (mutations.make(files, options.seed, number) for number in numbers))
    elif options.corpus:
        tally = run.run(judges, ((case, ()) for case in corpus.cases(options.corpus)))
    else:
        tally = run.run(judges, (make(options.seed, number) for number in numbers))
    for failure in chosen(tally.failures, options.show):
        print("\n".join(explain(*judges.shrunk(failure))), end="\n\n")
    if options.ids:
        print("\n".join(f"{failure.kinds}\t{failure.case['id']}" for failure in tally.failures))
    if options.features:
        features(tally, () if options.mutate else (*FEATURES, *RULES))
    summary(tally, time.monotonic() - started)
    return 1 if tally.failures or not tally.accepted else 0


def parser() -> argparse.ArgumentParser:
    argument_parser = argparse.ArgumentParser(
        prog="python -m tests.differential", description="Compare our Dockerfile frontend with BuildKit's."
    )
    argument_parser.add_argument("--cases", type=int, default=20000, help="how many generated cases (default 20000)")
    argument_parser.add_argument("--seed", type=int, default=1, help="their seed (default 1)")
    argument_parser.add_argument("--first", type=int, default=0, help="number of the first case of the seed")
    argument_parser.add_argument("--corpus", type=Path, help="a folder of Dockerfiles instead of generated cases")
    argument_parser.add_argument(
        "--mutate", type=Path, help="a folder of Dockerfiles whose texts are mutated and spliced into the cases"
    )
    argument_parser.add_argument(
        "--show", type=int, default=5, help="how many failures of each kind to shrink and explain (default 5)"
    )
    argument_parser.add_argument("--ids", action="store_true", help="list the failing cases")
    argument_parser.add_argument("--features", action="store_true", help="print how often every feature was seen in accepted cases")
    argument_parser.add_argument("--self", action="store_true", help="compare the reference with itself: is it stable?")
    return argument_parser


def chosen(failures: list[run.Failure], each: int) -> list[run.Failure]:
    """The first failures of each kind."""
    seen: collections.Counter[str] = collections.Counter()
    kept = []
    for failure in failures:
        seen[failure.kinds] += 1
        if seen[failure.kinds] <= each:
            kept.append(failure)
    return kept


def features(tally: run.Tally, known: Iterable[str]) -> None:
    for feature in sorted({*known, *tally.features}):
        print(f"{tally.features[feature]:8} {feature}")


def summary(tally: run.Tally, seconds: float) -> None:
    print(f"{tally.cases} cases in {seconds:.1f} s, {tally.accepted} accepted by the reference, {len(tally.failures)} differ")
    for kinds, times in tally.by_kind().most_common():
        print(f"{times:8} {kinds}")
    if tally.unstable:
        print(f"{len(tally.unstable):8} not counted: the reference disagrees with itself ({', '.join(tally.unstable[:12])})")
    if tally.panics:
        print(f"{len(tally.panics):8} not counted: the reference panics ({', '.join(tally.panics[:5])})")


if __name__ == "__main__":
    sys.exit(main())
