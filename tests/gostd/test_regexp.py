"""The regular expressions that ignore patterns become, matched in linear time: an expression, a text, and whether it is found in the text."""

from __future__ import annotations

import pytest

from llbfront.errors import InvalidValue
from llbfront.gostd.regexp.automaton import Automaton
from llbfront.gostd.regexp.syntax import parse


def matches(expression: str, text: str) -> bool:
    return 0 in Automaton({0: parse(expression)}).start.after(text).matched


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("a|b", "a", True),
        ("a|b", "b", True),
        ("[ab]c", "bc", True),
        ("[ab]c", "cc", False),
        ("[^ab]", "c", True),
        ("[^ab]", "a", False),
        ("[[:digit:]x]", "7", True),
        ("[[:digit:]x]", "x", True),
        ("[[:digit:]x]", ":", False),
        ("[[:^digit:]]", "7", False),
        (r"\d", "7", True),
        (r"\D", "7", False),
        (r"\p{Lu}", "A", True),
        (r"\p{Lu}", "a", False),
        (r"\P{Lu}", "a", True),
        (r"\p{^Lu}", "a", True),
        (r"\pL", "a", True),
        (".", "a", True),
        (".", "\n", False),
        (r"a\b.b", "a-b", True),
        (r"a\b.b", "acb", False),
        (r"a\B.b", "acb", True),
        (r"a\B.b", "a-b", False),
        ("a{2}", "aa", True),
        ("a{2}", "a", False),
        ("a{2,}", "aaaa", True),
        ("^a{1,2}$", "aaa", False),
        ("a*b", "aab", True),
        ("a+", "", False),
    ],
)
def test_matching(expression: str, text: str, expected: bool) -> None:
    assert matches(expression, text) is expected


@pytest.mark.parametrize("expression", [r"\p{Nope}", r"\p", r"\p{Lu", "[[:nope:]]", "[a"])
def test_malformed_expressions_are_refused(expression: str) -> None:
    with pytest.raises(InvalidValue):
        parse(expression)


def test_states_that_were_forgotten_are_computed_again() -> None:
    automaton = Automaton({0: parse("[ab]*" + "a" + "." * 12)})
    automaton._most_states = 2
    for text in ("a" * 13, "ba" + "b" * 12, "b" * 13):
        assert (0 in automaton.start.after(text).matched) is (text[-13] == "a")
