r"""Shell patterns of one path: a pattern and a name → match, no match, or a malformed pattern.

    *       any run of characters other than /
    ?       one character other than /
    [a-z]   one of a class; [^a-z] one not of it
    \c      the character c

Source: path/filepath/match.go of Go.
"""

from __future__ import annotations

from collections.abc import Callable

from llbfront.errors import InvalidValue

BAD_PATTERN = "syntax error in pattern"


def match(pattern: str, name: str) -> bool:
    """Say whether all of `name` matches `pattern`.

    Raises: InvalidValue for a malformed pattern, but only if the malformed part was reached.
    """
    while pattern:
        star, piece, pattern = _cut(pattern)
        if star and not piece:
            return "/" not in name
        tests = _tests(piece)
        last = not pattern
        limit = _star_limit(name) if star else 0
        for start in range(limit + 1):
            if _fits(tests, name, start) and (not last or start + len(tests) == len(name)):
                name = name[start + len(tests) :]
                break
        else:
            return False
    return not name


def has_wildcard(name: str) -> bool:
    """Say whether a path has an unescaped `*`, `?` or `[`."""
    escaped = False
    for letter in name:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter in "*?[":
            return True
    return False


def _cut(pattern: str) -> tuple[bool, str, str]:
    """Split off the stars in front, then what follows up to the next star outside a class."""
    body = pattern.lstrip("*")
    star = len(body) < len(pattern)
    in_class = False
    i = 0
    while i < len(body):
        letter = body[i]
        if letter == "\\":
            i += 1
        elif letter == "[":
            in_class = True
        elif letter == "]":
            in_class = False
        elif letter == "*" and not in_class:
            return star, body[:i], body[i:]
        i += 1
    return star, body, ""


def _star_limit(name: str) -> int:
    slash = name.find("/")
    return len(name) if slash < 0 else slash


def _fits(tests: list[Callable[[str], bool]], name: str, start: int) -> bool:
    return start + len(tests) <= len(name) and all(test(name[start + i]) for i, test in enumerate(tests))


def _tests(piece: str) -> list[Callable[[str], bool]]:
    """Turn a piece without stars into one test per character of the name."""
    tests: list[Callable[[str], bool]] = []
    i = 0
    while i < len(piece):
        letter = piece[i]
        i += 1
        if letter == "?":
            tests.append("/".__ne__)
        elif letter == "[":
            test, i = _class(piece, i)
            tests.append(test)
        else:
            if letter == "\\":
                if i == len(piece):
                    raise InvalidValue(BAD_PATTERN)
                letter = piece[i]
                i += 1
            tests.append(letter.__eq__)
    return tests


def _class(piece: str, i: int) -> tuple[Callable[[str], bool], int]:
    negated = piece.startswith("^", i)
    i += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and piece.startswith("]", i)):
        low, i = _class_letter(piece, i)
        high = low
        if piece[i] == "-":
            high, i = _class_letter(piece, i + 1)
        ranges.append((low, high))
    return lambda letter: any(low <= letter <= high for low, high in ranges) != negated, i + 1


def _class_letter(piece: str, i: int) -> tuple[str, int]:
    """Return a letter of a class and where the next begins; a class cannot end the piece here."""
    if piece.startswith("\\", i):
        i += 1
    elif piece.startswith(("-", "]"), i):
        raise InvalidValue(BAD_PATTERN)
    if i + 1 >= len(piece):
        raise InvalidValue(BAD_PATTERN)
    return piece[i], i + 1
