"""JSON arrays of instructions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.dockerfile.jsonform import parse_array
from llbfront.errors import DockerfileSyntaxError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(TEXT), st.booleans())
def test_arrays_of_strings(words: list[str], ascii_only: bool) -> None:
    assert parse_array(json.dumps(words, ensure_ascii=ascii_only)) == tuple(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (' [ "a" , "b" ] ', ("a", "b")),
        ("[]", ()),
        (r'["\"\\\/\b\f\n\r\té"]', ('"\\/\b\f\n\r\té',)),
        (r'["\ud83d\ude00\ud800\ud800a"]', ("\U0001f600\ufffd\ufffda",)),
        ('["\udcff"]', ("\ufffd",)),
    ],
)
def test_strings(text: str, words: tuple[str, ...]) -> None:
    assert parse_array(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        '{"a": 1}',
        "[",
        "['a']",
        '["a"',
        '["a",]',
        '["a"] x',
        '["\n"]',
        '["\\x"]',
        '["\\u"]',
        '["\\u12"]',
        "[NaN]",
        "[1e999]",
        "[01]",
        "[" * 10_001 + "]" * 10_001,
    ],
)
def test_json_that_is_not_an_array(text: str) -> None:
    assert parse_array(text) is None


@pytest.mark.parametrize("text", ["[1]", "[null]", '["a", true]', "[[]]", '[{"a": [-0.5e+3, "b"]}]', "[" * 10_000 + "]" * 10_000])
def test_arrays_of_other_things(text: str) -> None:
    with pytest.raises(DockerfileSyntaxError, match="arrays must be comprised of strings only"):
        parse_array(text)
