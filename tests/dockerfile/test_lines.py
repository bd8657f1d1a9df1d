"""Finding the frontend that a file of any format asks for."""

import pytest

from llbfront.dockerfile.lines import SyntaxDirective, detect_syntax, find_directive
from llbfront.source import LineRange


@pytest.mark.parametrize(
    ("text", "ref", "cmdline", "line"),
    [
        ("# syntax=docker/dockerfile:1\nFROM a", "docker/dockerfile:1", "docker/dockerfile:1", 1),
        ("#syntax = a  b c \r\n", "a", "a  b c", 1),
        ("# escape=`\n# Syntax=a\n", "a", "a", 2),
        ("\ufeff# syntax=a\n", "a", "a", 1),
        ("#!/usr/bin/env x\n# syntax=a\n", "a", "a", 2),
        ("// syntax=a\n", "a", "a", 1),
        ("#!x\n//check=b\n//syntax=a b\n", "a", "a b", 3),
        ('{"syntax": "a b", "x": [1, {}]}', "a b", "a b", 0),
        ('#!x\n\n {"x": {"syntax": "no"}, "syntax": "\\u0061"}', "a", "a", 1),
    ],
)
def test_a_syntax_directive_is_found(text: str, ref: str, cmdline: str, line: int) -> None:
    assert detect_syntax(text.encode()) == SyntaxDirective(ref, cmdline, LineRange(line, line))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FROM a\n# syntax=a\n",
        "\n# syntax=a\n",
        " # syntax=a\n",
        "# comment\n# syntax=a\n",
        "# escape=`\n# escape=`\n# syntax=a\n",
        "# syntax=\n",
        '{"syntax": 1}',
        '{"x": {"syntax": "a"}}',
        '{"syntax": "a"',
        '{"syntax": "a"} x',
        '["syntax", "a"]',
        "#" + "x" * 70_000 + "\n# syntax=a\n",
    ],
)
def test_a_text_without_a_syntax_directive_has_none(text: str) -> None:
    assert detect_syntax(text.encode()) is None


def test_the_value_of_a_directive_ends_at_a_space() -> None:
    directive = find_directive("check", b"# syntax=a\n# check=skip=all;error=true x\nFROM a\n")
    assert directive is not None
    assert (directive.value, directive.line) == ("skip=all;error=true", 2)
    assert find_directive("check", b"// check=a\n") is None
