"""Variable expansion: a table of words, then what the table cannot say."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.dockerfile.word_expansion import HEREDOC_BODY, NAMES, Expanded, Mode, expand, expand_words
from llbfront.errors import ExpansionError
from tests.dockerfile.reading import expansions


@pytest.mark.parametrize(
    ("env", "mode", "word", "expected"), [pytest.param(*row, id=f"{row[1]} {row[2]}".strip()) for row in expansions()]
)
def test_table(env: dict[str, str], mode: str, word: str, expected: str) -> None:
    names = [name for name in mode.split() if "=" not in name]
    escape = "`" if "escape=`" in mode else "\\"
    try:
        text = expand(word, env, escape=escape, mode=Mode(**dict.fromkeys(names, True))).text
    except ExpansionError as error:
        text = f"error: {error.message}"
    assert text == expected


def test_matched_and_unmatched_names() -> None:
    env = {"a": "1", "empty": ""}
    assert expand("$a ${empty:-$u} ${v+$a}", env) == Expanded("1  ", frozenset({"a", "empty"}), frozenset({"u", "v"}))


def test_names_in_operands_that_are_not_used_count_too() -> None:
    assert expand("${a:-$b}", {"a": "1"}).unmatched == {"b"}


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("a  b\tc", ("a", "b", "c")),
        ("$list", ("80", "443")),
        ('"$list"', ("80  443",)),
        ("'a b'c d", ("a bc", "d")),
        ("a\\ b c", ("a b", "c")),
        ("''", ()),
        ("$u", ()),
        ("x$list", ("x80", "443")),
        ("<< EOF a", ("<< EOF", "a")),
        ("a < b", ("a", "<", "b")),
        ("8${u:-0}", ("0",)),  # the operand of ${...} wipes the word around it, as in BuildKit
        ("a 8${u:-0 1}2 b", ("a", "0", "12", "b")),
    ],
)
def test_words(word: str, words: tuple[str, ...]) -> None:
    assert expand_words(word, {"list": "80  443"}) == words


def test_heredoc_bodies_keep_quotes() -> None:
    assert expand("say 'it' \"$a\" \\$a\n", {"a": "x"}, mode=HEREDOC_BODY).text == "say 'it' \"x\" $a\n"


def test_invalid_utf8_becomes_replacement_characters() -> None:
    assert expand("a\udcff'b'", {}).text == "a\ufffdb"
    assert expand("${v#a}", {"v": "a\udcff"}).text == "\udcff"


def test_letters_and_digits_of_all_scripts_make_names() -> None:
    assert expand("$größe½", {"größe": "1"}).text == "1½"


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("${u:-x" * 50_000 + "}" * 50_000, Mode()),
        ("${u:-x" * 50_000 + "}" * 50_000, NAMES),
        ('"${u:-' * 50_000 + '}"' * 50_000, Mode()),
        ("${a/x/" * 50_000 + "}" * 50_000, Mode()),
        ("${u/x/" * 50_000 + "}" * 50_000, NAMES),
        ("${a#" * 50_000 + "}" * 50_000, Mode()),
        ("${long#" + "*a" * 2_000 + "b}", Mode()),
        ("${long//a*b/c}", Mode()),
    ],
    ids=["default", "kept default", "quoted", "replacement", "kept replacement", "prefix", "stars", "all"],
)
def test_hostile_words_take_linear_time_and_no_recursion(word: str, mode: Mode) -> None:
    began = time.process_time()
    expand(word, {"a": "a", "long": "a" * 100_000}, mode=mode)
    assert time.process_time() - began < 5


def test_an_open_end_deep_inside_is_one_error() -> None:
    with pytest.raises(ExpansionError, match=r"syntax error: missing '}'$"):
        expand("${a:-" * 20_000, {})


@given(st.text(st.characters(exclude_characters="$'\"\\\ufeff", exclude_categories=["Cs"])))
def test_words_without_signs_stay(word: str) -> None:
    assert expand(word, {"a": "b"}) == Expanded(word)


@given(st.text("ab $'\"\\{}:-#%/*", max_size=20))
def test_any_word_expands_or_is_an_error(word: str) -> None:
    with contextlib.suppress(ExpansionError):
        expand(word, {"a": "b"})
    with contextlib.suppress(ExpansionError):
        expand_words(word, {"a": "b"}, mode=NAMES)


@given(st.text("ab c\t", max_size=20))
def test_words_are_those_of_split(text: str) -> None:
    assert expand_words(text, {}) == tuple(text.split())
