"""What `llbfront bake` says at its end."""

from __future__ import annotations

import pytest

from llbfront.cli.bake_build import kept_results


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("a", "the result of a stays"),
        ("a b", "the results of a and b stay"),
        ("a b c d e f", "the results of a, b, c, d, e and f stay"),
        ("a b c d e f g h", "the results of a, b, c, d, e and 3 more stay"),
    ],
)
def test_a_few_of_the_targets_whose_results_stay_are_named(names: str, text: str) -> None:
    assert kept_results(names.split()) == text
