"""The ops of a Dockerfile with every kind of instruction, compared with those of BuildKit's own frontend."""

from __future__ import annotations

import json

from tests.differential.subject import answer
from tests.support.whole_dockerfile import CASE, OPS, ops_of


def test_ops_and_their_order_equal_those_of_buildkit() -> None:
    expected = json.loads(OPS.read_text())
    ops = ops_of(answer(CASE))
    assert ops == expected
    assert list(ops) == list(expected)
