"""JSON of other programs: decoded as Go decodes it, odd input refused in one line."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.errors import InvalidJson, InvalidValue
from llbfront.foreign_json import MAX_DEPTH, JsonObject, as_object, parse_json, parse_object
from llbfront.oci import image

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
READERS = ("text", "flag", "integer", "object", "objects", "texts", "text_map")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b' \t\r\n[1, "x", null, true, 1.5]\n', [1, "x", None, True, 1.5]),
        (b'"\xff\xfe"', "\ufffd\ufffd"),
        (b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd"),
        (b'"\\ud800"', "\ufffd"),
        (b'"\\ud83d\\udc33 \\udc33"', "\N{SPOUTING WHALE} \ufffd"),
        (b'{"\\ud800": {"a": ["\\uDFFF"]}}', {"\ufffd": {"a": ["\ufffd"]}}),
        ('"\udcff"', "\ufffd"),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"1" * 100, int("1" * 100)),
    ],
)
def test_documents(data: bytes | str, expected: object) -> None:
    assert parse_json(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"", b" ", b"{", b"nul", b"{]", b"{} {}", b"{}x", b"\xef\xbb\xbf{}", b"NaN", b"[Infinity]", b"-", b"'a'", b'"\x00"', b"\x00",
        b"\xff\xfe{\x00}\x00", b"1" * 10_000, b"[" * 1_000_000, b'{"a":' * 100_000, b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2),
    ],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_what_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidJson) as caught:
        parse_json(data)
    assert "\n" not in str(caught.value)


def test_the_depth_that_is_accepted() -> None:
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_the_rest_may_be_ignored() -> None:
    assert parse_json(b'{"a": 1} [', ignore_rest=True) == {"a": 1}


def test_names_match_in_any_case_and_the_last_one_counts() -> None:
    document = parse_object(b'{"Token": "a", "TOKEN": "b", "other": null}')
    assert document.text("token") == "b"
    assert document.text("other") == ""
    assert document.members == {"Token": "a", "TOKEN": "b", "other": None}


@pytest.mark.parametrize(
    ("reader", "value", "message"),
    [
        ("text", 1, "a.b is not a string"),
        ("text", ["x"], "a.b is not a string"),
        ("flag", 1, "a.b is not true or false"),
        ("flag", "true", "a.b is not true or false"),
        ("integer", "1", "a.b is not a 64-bit integer"),
        ("integer", True, "a.b is not a 64-bit integer"),
        ("integer", 1.5, "a.b is not a 64-bit integer"),
        ("integer", 1 << 63, "a.b is not a 64-bit integer"),
        ("integer", 1e300, "a.b is not a 64-bit integer"),
        ("object", [], "a.b is not an object"),
        ("objects", {}, "a.b is not a list"),
        ("objects", [{}, 1], r"a.b\[1\] is not an object"),
        ("texts", "x", "a.b is not a list"),
        ("texts", ["x", None], "a.b is not a list of strings"),
        ("text_map", {"x": 1}, "a.b is not an object of strings"),
        ("text_map", [], "a.b is not an object"),
    ],
)
def test_members_of_another_type(reader: str, value: object, message: str) -> None:
    document = as_object({"a": {"b": value}}).object("a")
    with pytest.raises(InvalidJson, match=f"^{message}$"):
        getattr(document, reader)("b")


@pytest.mark.parametrize(
    ("reader", "empty"),
    [
        ("text", ""),
        ("flag", False),
        ("integer", 0),
        ("object", JsonObject({}, "w.x")),
        ("objects", ()),
        ("texts", ()),
        ("text_map", {}),
    ],
)
def test_absence_and_null_are_alike(reader: str, empty: object) -> None:
    for members in ({}, {"x": None}):
        value = getattr(JsonObject(members, "w"), reader)("x")
        assert value == empty
        assert type(value) is type(empty)


def test_values_are_not_shown() -> None:
    assert repr(JsonObject({"password": "secret"}, "config.json")) == "JsonObject(where='config.json')"


@given(VALUES)
def test_any_value_is_read_or_refused(value: Any) -> None:
    try:
        document = parse_object(json.dumps({"x": value}))
    except InvalidJson:
        return
    for reader in READERS:
        with contextlib.suppress(InvalidJson):
            getattr(document, reader)("x")
    json.dumps(document.members, ensure_ascii=False).encode()


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = parse_json(data)
    except InvalidJson:
        return
    json.dumps(value, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty"),
        (b" \r\n\t", "it is empty"),
        (b"{", "it is not JSON: it ends too early"),
        (b'{"a": ', "it is not JSON: it ends too early"),
        (b'{"a": 1,\n "b": x}', "it is not JSON: line 2, column 7 is wrong"),
        (b"\xff\xfe{}", "it is not JSON: line 1, column 1 is wrong"),
        (b"{'a': 1}", "it is not JSON: line 1, column 2 is wrong"),
        (b"[1] 2", "it is not JSON: extra data after the first value"),
        (b"[" * 100_000, "it is nested too deep"),
    ],
    ids=repr,
)
def test_a_message_says_in_plain_words_what_is_wrong(data: bytes, message: str) -> None:
    with pytest.raises(InvalidJson) as refused:
        parse_json(data)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (b"", "it is empty"),
        (b"{", "it is not JSON: it ends too early"),
        (b"{x", "it is not JSON: line 1, column 2 is wrong"),
        (b"[" * 100_000, "it is nested too deep"),
    ],
)
def test_image_configs_have_the_same_messages(config: bytes, message: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        image.read(config)
    assert str(refused.value) == message
