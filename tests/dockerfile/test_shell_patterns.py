"""Patterns agree with backtracking, which is slow but plain."""

import re

from hypothesis import given
from hypothesis import strategies as st

from llbfront.dockerfile import shell_patterns

PATTERNS = st.text("ab?*\n", max_size=6)
VALUES = st.text("ab\n", max_size=12)


def backtracking(pattern: str, *, longest: bool) -> re.Pattern[str]:
    star = ".*" if longest else ".*?"
    return re.compile("".join({"*": star, "?": "."}.get(letter) or re.escape(letter) for letter in pattern))


@given(PATTERNS, VALUES, st.booleans())
def test_prefix(pattern: str, value: str, longest: bool) -> None:
    match = backtracking(pattern, longest=longest).match(value)
    assert shell_patterns.cut_prefix(pattern, value, longest=longest) == (value[match.end() :] if match else value)


@given(PATTERNS, VALUES)
def test_first(pattern: str, value: str) -> None:
    match = backtracking(pattern, longest=True).search(value)
    assert shell_patterns.find(pattern, value) == (match.span() if match else None)


@given(PATTERNS, VALUES, st.booleans())
def test_suffix_mirrors_prefix(pattern: str, value: str, longest: bool) -> None:
    cut = shell_patterns.cut_suffix(pattern, value, longest=longest)
    assert cut == shell_patterns.cut_prefix(pattern[::-1], value[::-1], longest=longest)[::-1]


@given(st.text("ab", min_size=1, max_size=2), VALUES, st.text("xy", max_size=2))
def test_plain_patterns_replace_like_text(pattern: str, value: str, replacement: str) -> None:
    assert shell_patterns.replace_all(pattern, value, replacement, limit=1 << 20) == value.replace(pattern, replacement)
