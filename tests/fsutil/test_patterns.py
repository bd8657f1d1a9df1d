"""Ignore files: which lines are patterns, and what they match."""

import pytest

from llbfront.errors import InvalidValue
from llbfront.fsutil.patterns import Matcher, Parent, read_ignore
from llbfront.gostd.regexp.automaton import Automaton, State

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
    ("[[:^digit:]]x", "ax", True),
    ("[[:^digit:]]x", "5x", False),
    (r"[\d.]x", ".x", True),
    (r"v\x41?", "vAb", True),
    (r"v\x{e9}?", "véb", True),
    (r"v\101?", "vAb", True),
    (r"\pL\PL", "a5", True),
    (r"\p{Lu}\P{Lu}", "Aa", True),
    (r"\p{^Lu}\p{Any}", "Aa", False),
    (r"a\b?b", "a/b", False),
    (r"a\b?b", "a.b", True),
    (r"a\B?", "ab", True),
    (r"*\Ab", "ab", False),
    (r"a\z*", "a", True),
    (r"\Qa|b\E?", "a|bc", True),
    ("a|b|c?", "xbx", True),
    ("{0}a?", "xxab", True),
    ("x{2}?", "xy", False),
    ("[a?b]x", "[/]x", False),
    ("\udcff?", "\udcfea", True),
    ("\ufffd?", "\udcffa", True),
    ("\udcff", "\udcfe", False),
    ("[^a]b", "/b", True),
    ("**a*b", "a\nb", True),
    ("x**/y", "x\n/y", False),
]


@pytest.mark.parametrize(("patterns", "path", "expected"), MATCHES)
def test_matches(patterns: str, path: str, expected: bool) -> None:
    assert Matcher(patterns.split()).matches(path) is expected


@pytest.mark.parametrize(("patterns", "path", "expected"), MATCHES)
def test_results_of_the_parent_give_the_same_answer(patterns: str, path: str, expected: bool) -> None:
    matcher = Matcher(patterns.split())
    names = path.split("/")
    parent, matched = matcher.root, False
    for i, name in enumerate(names):
        matched, numbers, state = matcher.match(name, parent)
        parent = Parent("/".join(names[: i + 1]) + "/", matched, numbers, state["/"])
    assert matched is expected


HEAVY = [
    # pattern, path, matches
    ("*-*-*-*-*-*.map", "a-" * 2000 + "x.js", False),
    ("*-*-*-*-*-*.map", "a-" * 2000 + "x.map", True),
    ("*a" * 50, "a" * 4000 + "b", False),
    ("*a" * 50, "a" * 4000, True),
    ("?*" * 50 + "b", "a" * 4000, False),
    ("**/a/**/a/**/a/**/a/**/b", "a/" * 2000 + "c", False),
    ("**/a/**/a/**/a/**/a/**/b", "a/" * 2000 + "b", True),
    ("**/*a*/**/*a*/**/*a*/b", "aa/" * 1300 + "c", False),
    ("**a**a**a**a**a**b", "a" * 4000, False),
    ("[a-z]*[a-z]*[a-z]*[a-z]*[^a-z]", "a" * 4000, False),
    ("[[:alpha:]]*[^/]*[^/]*[^/]*[^/]*-", "a" * 4000, False),
    (r"\w*\w*\w*\w*-", "a" * 4000, False),
    ("a{0,500}a{0,500}*b", "a" * 4000, False),
    ("*|*a*a*a*a*c?", "a" * 4000, True),
    ("é*é*é*é*é*x", "é" * 2000, False),
]


@pytest.mark.parametrize(("pattern", "path", "expected"), HEAVY, ids=[pattern[:20] for pattern, _, _ in HEAVY])
def test_a_path_takes_one_step_for_each_letter(pattern: str, path: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = []
    step = Automaton.step

    def counted(automaton: Automaton, state: State, letter: str) -> State:
        steps.append(letter)
        return step(automaton, state, letter)

    monkeypatch.setattr(Automaton, "step", counted)
    matcher = Matcher([pattern])
    assert matcher.match(path, matcher.root)[0] is expected
    assert 0 < len(steps) <= len(path)
    assert matcher.matches(path) is expected
    assert len(steps) <= 2 * len(path) + 1


def test_known_states_take_no_more_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = Matcher(["*-*-*.map", "**/node_modules"])
    matcher.matches("src/a-b-c.js")
    monkeypatch.setattr(Automaton, "step", None)
    assert not matcher.matches("src/a-b-c.js")


def test_patterns_with_many_states_do_not_fill_the_memory() -> None:
    matcher = Matcher(["*a" + "?" * 16])
    automaton = matcher.root.state._automaton
    automaton._most_states = 100
    for number in range(2000):
        name = f"{number:018b}".replace("1", "a").replace("0", "b")
        assert matcher.matches(name) is (name[1] == "a")
    assert len(automaton._states) <= 100


MALFORMED = [
    "a{1001}?",
    "a{2,1}?",
    "a**{2}",
    "a{2}{3}?",
    "|{2}?",
    r"\7?",
    r"\é?",
    r"\C?",
    r"\pQ?",
    r"\x{110000}?",
    "[b-a]",
    "[[:nothing:]]x",
]
MALFORMED += ["a{" + "9" * 5000 + "}?"]


@pytest.mark.parametrize("pattern", ["!", "! ", "!/", "[", "[a", "a[", "[]a]", "[-x]", "\\", "a\\", "[a-", *MALFORMED])
def test_malformed_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidValue):
        Matcher([pattern]).matches("a")


def test_pruning_knows_where_an_exception_may_reach() -> None:
    matcher = Matcher(["vendor", "!vendor/keep/file"])
    assert matcher.may_be_included_again_below("vendor")
    assert matcher.may_be_included_again_below("vendor/keep")
    assert not matcher.may_be_included_again_below("vendor/other")
    assert Matcher(["vendor", "!**/file"]).may_be_included_again_below("vendor/other")
    assert not Matcher(["vendor"]).may_be_included_again_below("vendor")
    assert Matcher(["a/b/*"]).may_match_below("a")
    assert not Matcher(["a/b/*"]).may_match_below("c")


def test_an_ignore_file_is_read_line_by_line() -> None:
    data = b"\xef\xbb\xbf# comment\n\n  /a//b/../c/  \r\n#x\n # not a comment\n! /keep\n!\n/\n./x"
    assert read_ignore(data) == ((3, "a/c"), (5, "# not a comment"), (6, "!keep"), (7, "!"), (8, "/"), (9, "x"))


def test_a_line_of_64_kib_is_refused() -> None:
    assert len(read_ignore(b"a" * 65535 + b"\nb")) == 2
    with pytest.raises(InvalidValue, match="line 2"):
        read_ignore(b"b\n" + b"a" * 65536)
