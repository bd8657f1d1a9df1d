r"""Match a path against one shell pattern.

    *       any run of characters other than /
    ?       one character other than /
    [a-z]   one of a class; [^a-z] one not of it
    \c      the character c

Source: path/filepath/match.go of Go.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import attrs

from llbfront.errors import InvalidValue

BAD_PATTERN = "syntax error in pattern"
_NO_RUNE = 0xFFFD
_SLASH = ord("/")


@attrs.frozen
class _Class:
    """The characters between brackets, as ranges of code points. `?` is what is not in a class of only the slash."""

    ranges: tuple[tuple[int, int], ...]
    negated: bool

    def has(self, code: int) -> bool:
        return any(low <= code <= high for low, high in self.ranges) != self.negated


_ANY = _Class(((_SLASH, _SLASH),), negated=True)


def match(pattern: str, name: str) -> bool:
    """Return whether all of `name` matches `pattern`.

    Raises: InvalidValue for a malformed pattern, but only if the malformed part was reached.
    Parity: a star takes bytes, not characters, so the rest of the pattern may begin to match inside a character.
    """
    rest, text = os.fsencode(pattern), os.fsencode(name)
    start = 0
    while rest:
        star, piece, rest = _cut(rest)
        if star and not piece:
            return b"/" not in text[start:]
        tests = _tests(piece)
        last = _star_limit(text, start) if star else start
        for place in range(start, last + 1):
            end = _end(tests, text, place)
            if end is not None and (rest or end == len(text)):
                start = end
                break
        else:
            return False
    return start == len(text)


def has_wildcards(name: str) -> bool:
    """Return whether a path has an unescaped `*`, `?` or `[`."""
    escaped = False
    for letter in name:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter in "*?[":
            return True
    return False


def _cut(pattern: bytes) -> tuple[bool, bytes, bytes]:
    """Split off the stars in front, then what follows up to the next star outside a class."""
    body = pattern.lstrip(b"*")
    star = len(body) < len(pattern)
    in_class = False
    i = 0
    while i < len(body):
        letter = body[i : i + 1]
        if letter == b"\\":
            i += 1
        elif letter == b"[":
            in_class = True
        elif letter == b"]":
            in_class = False
        elif letter == b"*" and not in_class:
            return star, body[:i], body[i:]
        i += 1
    return star, body, b""


def _star_limit(text: bytes, start: int) -> int:
    slash = text.find(b"/", start)
    return len(text) if slash < 0 else slash


def _end(tests: Sequence[int | _Class], text: bytes, place: int) -> int | None:
    """Return where a match that begins at `place` ends, None if there is none."""
    for test in tests:
        if place == len(text):
            return None
        if isinstance(test, int):
            if text[place] != test:
                return None
            place += 1
        else:
            code, place = _rune(text, place)
            if not test.has(code):
                return None
    return place


def _rune(text: bytes, place: int) -> tuple[int, int]:
    """Decode one character; return it and where the next begins. A byte that begins none is read as U+FFFD."""
    if text[place] < 0x80:
        return text[place], place + 1
    for width in (2, 3, 4):
        try:
            return ord(text[place : place + width].decode()), place + width
        except (UnicodeDecodeError, TypeError):
            continue
    return _NO_RUNE, place + 1


def _tests(piece: bytes) -> list[int | _Class]:
    """Turn a piece without stars into one test for each byte or character of the name."""
    tests: list[int | _Class] = []
    i = 0
    while i < len(piece):
        letter = piece[i : i + 1]
        i += 1
        if letter == b"?":
            tests.append(_ANY)
        elif letter == b"[":
            test, i = _class(piece, i)
            tests.append(test)
        else:
            if letter == b"\\":
                i += 1
                if i > len(piece):
                    raise InvalidValue(BAD_PATTERN)
            tests.append(piece[i - 1])
    return tests


def _class(piece: bytes, i: int) -> tuple[_Class, int]:
    """Read a class after its bracket; return it and the end position."""
    negated = piece.startswith(b"^", i)
    i += negated
    ranges: list[tuple[int, int]] = []
    while not (ranges and piece.startswith(b"]", i)):
        low, i = _class_letter(piece, i)
        high = low
        if piece.startswith(b"-", i):
            high, i = _class_letter(piece, i + 1)
        ranges.append((low, high))
    return _Class(tuple(ranges), negated), i + 1


def _class_letter(piece: bytes, i: int) -> tuple[int, int]:
    """Return a letter of a class and where the next begins; a class cannot end the piece here."""
    if piece.startswith((b"-", b"]"), i) or i >= len(piece):
        raise InvalidValue(BAD_PATTERN)
    i += piece.startswith(b"\\", i)
    if i >= len(piece):
        raise InvalidValue(BAD_PATTERN)
    code, end = _rune(piece, i)
    if (code == _NO_RUNE and end == i + 1) or end >= len(piece):
        raise InvalidValue(BAD_PATTERN)
    return code, end
