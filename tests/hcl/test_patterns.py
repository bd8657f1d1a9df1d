"""Regular expressions of bake files, with google-re2 and with Python's `re`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from llbfront.errors import HclError
from llbfront.hcl.stdlib import patterns
from tests.hcl import evaluated


@pytest.fixture(params=["re2", "re"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Which library reads patterns."""
    if request.param == "re":
        monkeypatch.setitem(sys.modules, "re2", None)
    patterns._re2.cache_clear()
    yield request.param
    patterns._re2.cache_clear()


# What docker buildx gives for the same expressions.
BOTH = {
    'regex("a+?", "aaa")': '"a"',
    'regex("(a|ab)(c|bcd)(d*)", "abcd")': '["a","bcd",""]',
    'regex("(?P<x>a)(?P<y>b)?", "ac")': '{"x":"a","y":null}',
    'regex("(?i)AB", "xab")': '"ab"',
    'regex("(?m)^b", "a\\nb")': '"b"',
    'regex("[[:alpha:]]+", "1ab")': '"ab"',
    'regex("\\\\w+", "é_a")': '"_a"',
    'regex("(?<x>a)", "a")': '{"x":"a"}',
    'regexall("x*", "axb")': '["","x",""]',
    'regexall("(a)(n)?", "banana")': '[["a","n"],["a","n"],["a",null]]',
    'regexall("a", "日本a")': '["a"]',
    'regex_replace("banana", "a(n)?", "<$1>")': '"b\\u003cn\\u003e\\u003cn\\u003e\\u003c\\u003e"',
    'regex_replace("banana", "(?P<x>an)", "[$${x}]")': '"b[an][an]a"',
    'regex_replace("aaa", "a*?", "x")': '"xaxaxax"',
    'regex_replace("日本", "", ".")': '".日.本."',
    'regex_replace("a.b", "\\\\.", "$$")': '"a$b"',
}


@pytest.mark.parametrize("text", BOTH)
def test_values(library: str, text: str) -> None:
    assert library
    assert evaluated(text) == BOTH[text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('regex("\\\\pL+", "1éa")', '"éa"'),
        ('regex("\\\\Qa.b\\\\E", "xa.b")', '"a.b"'),
        ('regex("a(?i)b", "aB")', '"aB"'),
        ('regex("(?U)a+", "aaa")', '"a"'),
        ('regex("\\\\x{263a}", "☺")', '"☺"'),
        ('can(regex("a$", "a\\n"))', "false"),
    ],
)
def test_what_only_re2_reads(text: str, expected: str) -> None:
    pytest.importorskip("re2")
    assert evaluated(text) == expected


@pytest.mark.parametrize("pattern", ["(", "[a", "(?=a)", "(a)\\\\1", "a**", "a++", "a\\\\Z", "\\\\C"])
def test_patterns_that_go_refuses(library: str, pattern: str) -> None:
    assert library
    with pytest.raises(HclError, match=r"x\.hcl:1: .*error parsing pattern"):
        evaluated(f'regex("{pattern}", "a")')


def test_time_is_linear() -> None:
    pytest.importorskip("re2")
    assert evaluated(f'can(regex("^(a+)+$", "{"a" * 5000}b"))') == "false"
