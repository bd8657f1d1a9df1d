"""Our frontend against BuildKit's on a fixed selection of generated cases: everything equal, error for error.

`make differential` runs any number of others, and folders of real files.
"""

from __future__ import annotations

import pytest

from tests.differential import filters, run
from tests.differential.explain import explain
from tests.differential.generator.cases import make

pytestmark = pytest.mark.slow

SEED = 20261123
CASES = 1600
SHOWN = 3


@pytest.mark.timeout(300)
def test_generated_cases_are_converted_as_the_reference_converts_them() -> None:
    judges = run.Judges(filters.subject(), filters.oracle())
    tally = run.run(judges, (make(SEED, number) for number in range(CASES)))
    shown = ["\n".join(explain(*judges.shrunk(failure))) for failure in tally.failures[:SHOWN]]
    assert not shown, "\n\n".join(shown)
    assert tally.cases == CASES
    assert tally.accepted > CASES * 0.6
    assert len(tally.unstable) < CASES * 0.02
