"""Split the text after an instruction's name into words: at blanks, outside quotes, or as name=value pairs.

The words keep their quotes, and nothing in them is expanded.

Source: frontend/dockerfile/parser/line_parsers.go of BuildKit.
"""

from __future__ import annotations

import re
from functools import cache

from llbfront.errors import DockerfileSyntaxError
from llbfront.gostd.strconv import quote
from llbfront.gostd.strings import WHITESPACE, to_valid_utf8


@cache
def _gap() -> re.Pattern[str]:
    return re.compile(r"[\t\v\f\r ]+")


def split_first(text: str) -> list[str]:
    """Split text at its first blanks into one or two parts."""
    return _gap().split(text, 1)


def split_blanks(text: str) -> tuple[str, ...]:
    """Split text at all blanks; quotes have no meaning. Empty text has no words."""
    return tuple(_gap().split(text)) if text else ()


@cache
def _quoted_word(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return re.compile(
        rf"""(?:[^{WHITESPACE}'"{mark}]|{mark}.|'[^']*+'?|"(?:[^"{mark}]|{mark}.)*+"?)++""",
        re.DOTALL,
    )


def split_quoted(text: str, escape: str) -> tuple[str, ...]:
    """Split text at blanks that are neither quoted nor escaped. An escape character at the very end is dropped."""
    return tuple(_quoted_word(escape).findall(to_valid_utf8(text)))


def split_key_values(text: str, instruction: str, escape: str) -> list[tuple[str, str, str]]:
    """Split `name=value ...`, or the legacy `name value`, into tuples of name, value and separator: `=`, or "" in the legacy form."""
    words = split_quoted(text, escape)
    if not words:
        return []
    if "=" not in words[0]:
        parts = split_first(text)
        if len(parts) < 2:
            raise DockerfileSyntaxError(f"{instruction} must have two arguments", hint=f"write {instruction} {parts[0]}=value")
        return [(parts[0], parts[1], "")]
    pairs = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise DockerfileSyntaxError(
                f"Syntax error - can't find = in {quote(word)}. Must be of the form: name=value",
                hint="quote values with spaces, write no spaces around =, and end a line in \\ only if the instruction continues",
            )
        pairs.append((name, value, equals))
    return pairs
