"""A definition has a limit of work, so that a short one cannot multiply values without end."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbfront import bake
from llbfront.errors import LlbfrontError
from tests.hcl import evaluated

LEVELS = 30
MULTIPLIED = {
    "lists": ('["x"]', "concat({0}, {0})"),
    "tuples in tuples": ('["x"]', "[{0}, {0}]"),
    "objects in objects": ("{{ a = 1 }}", "{{ a = {0}, b = {0} }}"),
    "texts": ('"x"', '"${{{0}}}${{{0}}}"'),
    "flattened loops": ('["x"]', "flatten([for e in [1, 2]: {0}])"),
    "joined texts": ('"xx"', 'join({0}, [{0}, {0}, "a"])'),
    "splats": ('["x"]', "[{0}[*], {0}[*]]"),
}
LONG = '"' + "a" * 10_000 + '"'
LARGE_RESULTS = {
    "replace": f'replace({LONG}, "a", {LONG})',
    "regex_replace": f'regex_replace({LONG}, "a", {LONG})',
    "join": f'join({LONG}, split("", {LONG}))',
    "indent": f'indent(10000, replace({LONG}, "a", "\\n"))',
    "setproduct": "setproduct(range(300), range(300), range(300))",
}


@pytest.mark.parametrize("kind", MULTIPLIED)
def test_variables_that_multiply_are_an_error_with_a_line(kind: str, tmp_path: Path) -> None:
    first, step = MULTIPLIED[kind]
    values = [first.format(), *(step.format(f"a{level}") for level in range(LEVELS))]
    lines = [f'variable "a{level}" {{ default = {value} }}' for level, value in enumerate(values)]
    file = tmp_path / "docker-bake.hcl"
    file.write_text("\n".join([*lines, f'target "t" {{ args = {{ x = jsonencode(a{LEVELS}) }} }}']))
    with pytest.raises(LlbfrontError, match=r"docker-bake\.hcl:[12]\d: Too much to evaluate: "):
        bake.plan("t", files=file, environ={})


@pytest.mark.parametrize("name", LARGE_RESULTS)
def test_a_function_refuses_a_huge_result_before_it_is_made(name: str) -> None:
    with pytest.raises(LlbfrontError, match=rf'Call to function "{name}" failed: the result would have a size of \d+'):
        evaluated(LARGE_RESULTS[name])


def test_loops_and_functions_have_a_limit_together() -> None:
    with pytest.raises(LlbfrontError, match="Too much to evaluate"):
        evaluated("length([for a in range(1000): [for b in range(1000): [for c in range(1000): c]]])")


def test_a_large_definition_is_within_the_limit() -> None:
    assert evaluated("length([for a in range(300): [for b in range(300): a]])") == "300"
