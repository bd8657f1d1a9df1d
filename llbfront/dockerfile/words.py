"""How the text after an instruction's name falls into words: by blanks, by quotes, as name=value pairs, by commas.

Enters: the arguments of one statement, or a value with fields. Leaves: words, quotes still in them, nothing expanded; fields.

Source: frontend/dockerfile/parser/line_parsers.go of BuildKit, github.com/tonistiigi/go-csvvalue for fields.
"""

from __future__ import annotations

import re
from functools import cache

from llbfront.errors import DockerfileSyntaxError, InvalidValue
from llbfront.gostd.strconv import quote
from llbfront.gostd.strings import WHITESPACE, to_valid_utf8


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
        rf"""(?:[^{WHITESPACE}'"{mark}]|{mark}.|'[^']*+'?|"(?:[^"{mark}]|{mark}.)*+"?)++""",
        re.DOTALL,
    )


def split_quoted(text: str, escape: str) -> tuple[str, ...]:
    """Split text at blanks that are neither quoted nor escaped. An escape character at the very end is dropped."""
    return tuple(_quoted_word(escape).findall(to_valid_utf8(text)))


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


@cache
def _quoted() -> re.Pattern[str]:
    return re.compile(r'"((?:[^"]|"")*+)')


def split_fields(text: str) -> tuple[str, ...]:
    """Split a line at its commas. Raises: InvalidValue for an empty line or a misplaced quote."""
    text = text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
    if not text:
        raise InvalidValue("EOF", hint="the value is empty")
    fields: list[str] = []
    position = 0
    while True:
        match = _quoted().match(text, position)
        if match is None:
            comma = text.find(",", position)
            end = len(text) if comma < 0 else comma
            if '"' in text[position:end]:
                raise _bad_quote(text, text.find('"', position), 'bare " in non-quoted-field')
            fields.append(text[position:end])
        else:
            fields.append(match[1].replace('""', '"'))
            end = match.end() + 1
            if end > len(text) or text[end : end + 1] not in {"", ","}:
                raise _bad_quote(text, _error_place(match), 'extraneous or missing " in quoted-field')
        if end >= len(text):
            return tuple(fields)
        position = end + 1


def _error_place(match: re.Match[str]) -> int:
    if match.end() < len(match.string):
        return match.end()
    pair = match[1].rfind('""')
    return match.start(1) + (pair + 2 if pair >= 0 else 0)


def _bad_quote(text: str, place: int, reason: str) -> InvalidValue:
    column = len(text[:place].encode("utf-8", "surrogateescape")) + 1
    return InvalidValue(f"parse error on line 1, column {column}: {reason}")
