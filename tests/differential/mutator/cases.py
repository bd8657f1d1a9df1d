"""Cases out of real files: a text with some changes, in a world that is made up around it; some texts are dense in signs instead.

`make(pool, seed, number)` gives the case and the names of what was done to it; the same arguments always give the same case.
This is a second way to generate, which shares no table with `generator`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.mutator import dense, world
from tests.differential.mutator.dice import Dice
from tests.differential.mutator.lines import LINES
from tests.differential.mutator.words import WORDS

if TYPE_CHECKING:
    from tests.differential.filters import Case
    from tests.differential.mutator.pool import Pool

CHANGES = {**LINES, **WORDS}
DENSE = 0.3
TIMES = (0, 1, 1, 1, 1, 2, 2, 3, 4, 6)


def make(pool: Pool, seed: int, number: int) -> tuple[Case, list[str]]:
    """The case of that number of that seed over that pool, and the changes in it."""
    dice = Dice(f"{seed}:{number}")
    is_dense = dice.maybe(DENSE)
    text = dense.text(dice) if is_dense else dice.pick(pool.texts)
    for _ in range(0 if is_dense else dice.pick(TIMES)):
        text = dice.member(CHANGES)(dice, text, pool)
    opts = world.options(dice, text)
    ignored = {"context": dense.word(dice, dense.IGNORED)} if is_dense and dice.maybe(0.1) else {}
    case: Case = {
        "id": f"m{seed}:{number}",
        "dockerfile": text,
        "opts": opts,
        "images": world.images(dice, text, opts.get("requestid", "")),
        "caps": world.caps(dice),
        "dockerignore": {**world.ignore(dice), **ignored},
    }
    if dice.maybe(0.1):
        case["def"] = True
    return case, [*dice.done, *(key.partition(":")[0] for key in opts)]
