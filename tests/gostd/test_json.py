"""JSON byte for byte as Go writes it."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llbfront.gostd.json import OrderedObject, StringParts, marshal, marshal_indent, marshal_text


def test_marshal() -> None:
    value: Any = {"b": [1, None, True], "a": "<é&\u2028\x01\udcff>", "c": OrderedObject(z=1, y=-2), "d": ()}
    expected = '{"a":"\\u003cé\\u0026\\u2028\\u0001\\ufffd\\u003e","b":[1,null,true],"c":{"z":1,"y":-2},"d":[]}'
    assert marshal_text(value) == expected
    assert marshal(value) == expected.encode()


def test_parts_are_one_string() -> None:
    assert marshal([StringParts(["a", '"', "a"]), StringParts(["a"])]) == b'["a\\"a","a"]'


def test_marshal_indent_keeps_the_order_of_members() -> None:
    assert marshal_indent({"b": "<\udcff", "a": [1]}) == '{\n  "b": "\\u003c\\ufffd",\n  "a": [\n    1\n  ]\n}'


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_any_text_survives(text: str) -> None:
    assert json.loads(marshal_text(text)) == text
