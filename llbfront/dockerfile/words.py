"""How the text after an instruction's name falls into words: by blanks, by quotes, as name=value pairs, as a JSON array.

Enters: the arguments of one statement. Leaves: words, quotes still in them, nothing expanded.

Source: frontend/dockerfile/parser/line_parsers.go of BuildKit.
"""

from __future__ import annotations

import re
from functools import cache

from llbfront.dockerfile.golang import BLANKS, valid
from llbfront.errors import DockerfileSyntaxError, quote


@cache
def _gap() -> re.Pattern[str]:
    return re.compile(r"[\t\v\f\r ]+")


def split_first(text: str) -> list[str]:
    """Split text at its first blanks into one or two parts."""
    return _gap().split(text, 1)


def split_blanks(text: str) -> tuple[str, ...]:
    """Split text at all blanks; quotes have no meaning. No text gives no words."""
    return tuple(_gap().split(text)) if text else ()


@cache
def _quoted_word(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return re.compile(
        rf"""(?:[^{BLANKS}'"{mark}]|{mark}.|'[^']*+'?|"(?:[^"{mark}]|{mark}.)*+"?)++""",
        re.DOTALL,
    )


def split_quoted(text: str, escape: str) -> tuple[str, ...]:
    """Split text at blanks that are neither quoted nor escaped. An escape character at the very end is dropped."""
    return tuple(_quoted_word(escape).findall(valid(text)))


def split_pairs(text: str, instruction: str, escape: str) -> tuple[str, ...]:
    """Split `name=value ...`, or the legacy `name value`, into name, value and `=` (legacy: nothing) for each pair."""
    words = split_quoted(text, escape)
    if not words:
        return ()
    if "=" not in words[0]:
        parts = split_first(text)
        if len(parts) < 2:
            raise DockerfileSyntaxError(f"{instruction} must have two arguments", hint=f"write {instruction} {parts[0]}=value")
        return (*parts, "")
    found: list[str] = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise DockerfileSyntaxError(
                f"Syntax error - can't find = in {quote(word)}. Must be of the form: name=value",
                hint="quote values that have blanks, set no blanks around =, and end no line in \\ but those that go on",
            )
        found += (name, value, equals)
    return tuple(found)
