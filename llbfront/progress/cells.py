"""How many cells of a terminal a text fills, and cutting it to fit.

Enters: printable text. Leaves: its width, or as much of it as fits. East Asian characters and emoji fill two cells, combining marks
and joiners none.

Source: Unicode Standard Annex 11.
"""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"


def width(text: str) -> int:
    """Return the cells that a text fills."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def fit(text: str, cells: int) -> str:
    """Return the text, or its beginning and an ellipsis when it is wider than `cells`."""
    if len(text) <= cells and text.isascii():
        return text
    room, end = cells, 0
    for index, character in enumerate(text, 1):
        room -= _cells(character)
        if room < 0:
            return text[:end] + ELLIPSIS if cells > 0 else ""
        if room > 0:
            end = index
    return text


def _cells(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
