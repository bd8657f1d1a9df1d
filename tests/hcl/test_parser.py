"""Expressions of HCL, evaluated without a bake file."""

from __future__ import annotations

import pytest

from llbfront.errors import HclError
from tests.hcl import evaluated


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("- -1", "1"),
        ("!!true", "true"),
        ('"hello ${name}"', '"hello world"'),
        ('"a ${~ name ~} b"', '"aworldb"'),
        ('"%{ if name == "world" }yes%{ else }no%{ endif }"', '"yes"'),
        ('[for x in ["a", "b"] : upper(x)]', '["A","B"]'),
        ("{for k, v in {a = 1} : v => k}", '{"1":"a"}'),
        ("[{n = 1}, {n = 2}][*].n", "[1,2]"),
        ("true ? 1 : null", "1"),
        ("<<-E\n    a\n      b\n    E\n", '"a\\n  b\\n"'),
        ("false && undefined", "false"),
        ('1 == "1"', "false"),
        ("max([1, 3]...)", "3"),
    ],
)
def test_values(text: str, expected: str) -> None:
    assert evaluated(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 +", "Missing expression"),
        ("[1 2]", "Missing item separator"),
        ("{a 1}", "Missing key/value separator"),
        ("nobody", 'There is no variable named "nobody"'),
        ('indent(1000000000, "a\\nb")', "spaces must not be more than"),
        ("'x'", "This character is not used within the language"),
        ("(" * 300, "nested 60 levels deep"),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(HclError, match=message) as refused:
        evaluated(text)
    assert str(refused.value).startswith("x.hcl:1: ")
