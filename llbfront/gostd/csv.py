"""Split a line of comma-separated fields.

Source: github.com/tonistiigi/go-csvvalue, which follows package encoding/csv of Go.
"""

from __future__ import annotations

import re
from functools import cache

from llbfront.errors import InvalidValue


@cache
def _quoted() -> re.Pattern[str]:
    return re.compile(r'"((?:[^"]|"")*+)')


def split_fields(text: str) -> tuple[str, ...]:
    """Split a line at its commas. A field in double quotes may contain commas, and `""` is a quote in it.

    Raises:
        InvalidValue: The line is empty or a quote is misplaced; the message does not show the line.
    """
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
