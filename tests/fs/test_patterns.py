"""Ignore files: which lines are patterns, and what they match."""

import pytest

from llbfront.errors import InvalidValue
from llbfront.fs import globs
from llbfront.fs.patterns import Matcher, clean, read_ignore

MATCHES = [
    # patterns, path, matches
    ("*.log", "a.log", True),
    ("*.log", "dir/a.log", False),
    ("**/*.log", "a.log", True),
    ("**/*.log", "x/y/a.log", True),
    ("docs", "docs/a/b", True),
    ("docs", "docsx", False),
    ("docs/**", "docs", False),
    ("docs/**", "docs/a", True),
    ("**", "anything/at/all", True),
    ("a/**/z", "a/z", True),
    ("a/**/z", "a/b/c/z", True),
    ("a?c", "abc", True),
    ("a?c", "a/c", False),
    ("[a-c]x", "bx", True),
    ("[^a-c]x", "bx", False),
    ("a.c", "abc", False),
    ("(a)+.$", "(a)+.$", True),
    ("(a)+.$*", "(a)+.$x", True),
    ("a|b?", "ab", True),
    ("a|b?", "b", False),
    ("x{2}?", "xxy", True),
    ("x{,2}?", "x{,2}y", True),
    (r"\*", "*", True),
    (r"\*", "x", False),
    ("**foo", "barfoo", True),
    ("foo**", "foobar/x", True),
    ("* !b", "b", False),
    ("* !b", "a", True),
    ("a !a/b", "a/b/c", False),
    ("a !a/b a/b/c", "a/b/c", True),
    ("* !*/keep", "x/keep", False),
    ("/a", "a", False),
    ("a/../b", "b", True),
    ("[[:digit:]]x", "5x", True),
    ("[[:digit:]]x", "ax", False),
    (r"v\d", "v5", True),
    ("ä*", "äöü", True),
    ("\ufeff?", "a", True),
    ("\ufeffa", "a", False),
]


@pytest.mark.parametrize(("patterns", "path", "expected"), MATCHES)
def test_matches(patterns: str, path: str, expected: bool) -> None:
    assert Matcher(patterns.split()).matches(path) is expected


@pytest.mark.parametrize(("patterns", "path", "expected"), MATCHES)
def test_results_of_the_parent_give_the_same_answer(patterns: str, path: str, expected: bool) -> None:
    matcher = Matcher(patterns.split())
    names = path.split("/")
    above, matched = 0, False
    for i in range(len(names)):
        matched, above = matcher.match("/".join(names[: i + 1]), above)
    assert matched is expected


@pytest.mark.parametrize("pattern", ["!", "! ", "!/", "[", "[a", "a[", "[]a]", "[-x]", "\\", "a\\", "[a-"])
def test_malformed_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidValue):
        Matcher([pattern]).matches("a")


def test_pruning_knows_where_an_exception_may_reach() -> None:
    matcher = Matcher(["vendor", "!vendor/keep/file"])
    assert matcher.may_be_taken_back_below("vendor")
    assert matcher.may_be_taken_back_below("vendor/keep")
    assert not matcher.may_be_taken_back_below("vendor/other")
    assert Matcher(["vendor", "!**/file"]).may_be_taken_back_below("vendor/other")
    assert not Matcher(["vendor"]).may_be_taken_back_below("vendor")
    assert Matcher(["a/b/*"]).may_match_below("a")
    assert not Matcher(["a/b/*"]).may_match_below("c")


def test_an_ignore_file_is_read_line_by_line() -> None:
    data = b"\xef\xbb\xbf# comment\n\n  /a//b/../c/  \r\n#x\n # not a comment\n! /keep\n!\n/\n./x"
    assert read_ignore(data) == ("a/c", "# not a comment", "!keep", "!", "/", "x")


def test_a_line_of_64_kib_is_refused() -> None:
    assert len(read_ignore(b"a" * 65535 + b"\nb")) == 2
    with pytest.raises(InvalidValue, match="line 2"):
        read_ignore(b"b\n" + b"a" * 65536)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("", "."), (".", "."), ("/", "/"), ("//", "/"), ("a//b/", "a/b"), ("../a/..", ".."), ("/../a", "/a"), ("a/../..", "..")],
)
def test_clean(path: str, expected: str) -> None:
    assert clean(path) == expected


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "abc", True),
        ("*", "a/b", False),
        ("a*", "a", True),
        ("a*c*e", "abcde", True),
        ("a*c", "abcd", False),
        ("*x", "xxy", False),
        ("*/b", "a/b", True),
        ("[*]", "*", True),
        ("[a-]", "a", None),
        ("a[", "a", None),
        ("a[", "ab", None),
        ("b*[", "a", False),
        ("[\\]]", "]", True),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_globs(pattern: str, name: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(InvalidValue):
            globs.match(pattern, name)
    else:
        assert globs.match(pattern, name) is expected
