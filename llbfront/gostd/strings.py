"""White space, letter case and invalid bytes of text.

Source: packages strings, unicode and unicode/utf8 of Go.
"""

from __future__ import annotations

WHITESPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""The characters for which unicode.IsSpace is true. Python's own set also has U+001C to U+001F."""

BYTE_WHITESPACE = "\t\n\v\f\r \x85\xa0"
"""The white space among single bytes, read as Latin-1."""

_REPLACED = dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd")


def to_valid_utf8(text: str) -> str:
    """Replace each byte that is not UTF-8 by U+FFFD, as a `range` loop over a Go string does."""
    return text if text.isascii() else text.translate(_REPLACED)


def to_lower(text: str) -> str:
    """Map each letter to lower case on its own, without Python's rules for whole words."""
    return text.lower() if text.isascii() else "".join(letter.lower()[0] for letter in to_valid_utf8(text))


def to_upper(text: str) -> str:
    """Map each letter to upper case on its own; a letter whose upper case has two characters stays."""
    if text.isascii():
        return text.upper()
    return "".join(map(_upper_letter, to_valid_utf8(text)))


def _upper_letter(letter: str) -> str:
    """Return the upper case of one character. Some characters have a single-letter form only in title case."""
    return next((upper for upper in (letter.upper(), letter.title()) if len(upper) == 1), letter)


def to_title(text: str) -> str:
    """Map the first letter of each word to title case, like `strings.Title`. An apostrophe ends a word."""
    letters = to_valid_utf8(text)
    return "".join(
        _title_letter(letter) if _is_separator(previous) else letter
        for previous, letter in zip(f" {letters}", letters, strict=False)
    )


def _title_letter(letter: str) -> str:
    title = letter.title()
    return title if len(title) == 1 else letter


def _is_separator(letter: str) -> bool:
    if letter.isalpha() or letter.isdecimal() or letter == "_":
        return False
    return letter.isascii() or letter in WHITESPACE
