"""One line of comma separated values, in which a field in quotes may hold commas.

Enters: a text. Leaves: its fields.

Source: github.com/tonistiigi/go-csvvalue.
"""

from __future__ import annotations

import re

from llbfront.errors import OptionError

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_BARE = re.compile(r'([^",]*)')


def split_fields(text: str) -> tuple[str, ...]:
    """Split a line at its commas. Raises OptionError for an empty line or a misplaced quote."""
    text = text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
    if not text:
        raise OptionError("EOF")
    found, at, end = [], 0, -1
    while end < len(text):
        match = (_QUOTED if text[at : at + 1] == '"' else _BARE).match(text, at)
        if match is None or (match.end() < len(text) and text[match.end()] != ","):
            raise OptionError(f'parse error on line 1, column {at + 1}: bare or extraneous " in field')
        found.append(match[1].replace('""', '"') if match[0].startswith('"') else match[1])
        end = match.end()
        at = end + 1
    return tuple(found)
