"""Text as people count it: a character with its accents and modifiers is one.

Source: textseg of apparentlymart/go-textseg; Unicode Standard Annex 29.
"""

from __future__ import annotations

from collections.abc import Sequence

_FIRST_COMBINING = "\u0300"


def split_graphemes(text: str) -> Sequence[str]:
    """Return the grapheme clusters of a text."""
    if "\r" not in text and max(text, default="") < _FIRST_COMBINING:
        return text
    from wcwidth import iter_graphemes  # most texts do without its tables

    return list(iter_graphemes(text))
