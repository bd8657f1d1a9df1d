r"""Parse regular expressions in Go's syntax into items for an automaton.

An ignore pattern becomes a regular expression. Character classes and escapes in it follow the rules of Go: `[[:digit:]]` is a named
class, `\d` a digit, `a{2}` two characters, `|` an alternative.

Source: regexp/syntax of Go.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

import attrs

from llbfront.errors import InvalidValue
from llbfront.gostd.filepath import BAD_PATTERN

BEGIN, END, WORD_BOUNDARY, NO_WORD_BOUNDARY = "begin", "end", "word boundary", "no word boundary"
REPLACEMENT = "\ufffd"
"""Go reads each byte that is not UTF-8 as this character."""

_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_PERL = {"d": "0-9", "s": r"\t\n\f\r ", "w": "0-9A-Za-z_"}
_ASSERTIONS = {"A": BEGIN, "z": END, "b": WORD_BOUNDARY, "B": NO_WORD_BOUNDARY}
_NAMED = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_CATEGORIES = "Any|C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?"
_GROUP = "(.*/)?"
_MAX_REPEAT = 1000
_MAX_ITEMS = 1_000_000
_REPEAT = r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}"
_HEX = r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})"
_OCTAL = r"[1-7][0-7]{1,2}|0[0-7]{0,2}"
_CATEGORY = r"(?s)([pP])(?:\{(\^?)([^}]*)\}|(.))"


@attrs.frozen
class Class:
    """A set of characters: ranges of Python's `re`, Unicode categories, and parts that are negated sets."""

    ranges: str = ""
    categories: tuple[str, ...] = ()
    parts: tuple[Class, ...] = ()
    negated: bool = False

    def __contains__(self, character: str) -> bool:
        return self.negated != (
            (bool(self.ranges) and re.match(f"[{self.ranges}]", character) is not None)
            or unicodedata.category(character).startswith(self.categories)
            or any(character in part for part in self.parts)
        )


ANY = Class(negated=True)
NOT_NEWLINE = Class(r"\n", negated=True)
NOT_SLASH = Class("/", negated=True)


@attrs.frozen
class Item:
    """One position of an automaton.

    characters: the characters that it takes: one character, a class, or nothing.
    repeats: it may take any number of them, also none.
    optional: it may be skipped.
    assertion: it takes nothing and may be skipped only where this holds.
    directories: it takes characters up to a slash, any number of times; the item before it, which is optional, may skip it.
    """

    characters: str | Class = ""
    repeats: bool = False
    optional: bool = False
    assertion: str = ""
    directories: bool = False


def directories(characters: Class) -> tuple[Item, Item]:
    """Return the items for any number of directories, including none: the expression `(.*/)?`."""
    return Item(optional=True), Item(characters, repeats=True, optional=True, directories=True)


def parse(expression: str) -> list[list[Item]]:
    r"""Return the alternatives of an expression, each of which must match a whole path.

    Groups are not supported except `(.*/)?`, since a pattern cannot bring about others.

    Raises: InvalidValue for a malformed expression.
    Parity: `\p{..}` takes the short names of categories, but no scripts and aliases, and `\Q\E` cannot hide a repetition from another.
    """
    return _Parser(expression).parse()


class _Parser:
    def __init__(self, expression: str) -> None:
        self.text = expression
        self.at = 0
        self.alternatives: list[list[Item]] = []
        self.atoms: list[tuple[Item, ...]] = []
        self.can_repeat = False
        self.size = 0

    def parse(self) -> list[list[Item]]:
        while self.at < len(self.text):
            self._token()
        self._end_alternative()
        return self.alternatives

    def _match(self, pattern: str) -> re.Match[str] | None:
        return re.compile(pattern).match(self.text, self.at)

    def _token(self) -> None:
        character = self.text[self.at]
        if self.text.startswith(_GROUP, self.at):
            self.at += len(_GROUP)
            self._add(*directories(NOT_NEWLINE))
            self.can_repeat = False
        elif character == "*":
            self.at += 1
            self._repeat(0, None)
        elif character == "{" and (repeat := self._match(_REPEAT)):
            self.at = repeat.end()
            self._repeat(*_bounds(repeat))
        elif character == "\\":
            self.at += 1
            self._escape()
        else:
            self.at += 1
            self._plain(character)

    def _plain(self, character: str) -> None:
        if character == "|":
            self._end_alternative()
        elif character == "[":
            self._add(Item(self._class()))
        elif character == ".":
            self._add(Item(NOT_NEWLINE))
        elif character in "^$":
            self._add(Item(assertion=BEGIN if character == "^" else END))
        else:
            self._add(_literal(character))

    def _add(self, *items: Item) -> None:
        self.size += len(items)
        self.atoms.append(items)
        self.can_repeat = True

    def _end_alternative(self) -> None:
        """End an alternative. Where it may begin or end anywhere in a path, it takes what is before or after it, too."""
        items = [item for atom in self.atoms for item in atom]
        anything = Item(ANY, repeats=True, optional=True)
        head = 1 if items and items[0] == Item(assertion=BEGIN) else 0
        tail = 1 if items[head:] and items[-1] == Item(assertion=END) else 0
        middle = items[head : len(items) - tail]
        self.alternatives.append([*([] if head else [anything]), *middle, *([] if tail else [anything])])
        self.atoms = []
        self.can_repeat = False

    def _repeat(self, least: int, most: int | None) -> None:
        """Repeat the last atom. Only atoms of one item can be repeated."""
        if not self.can_repeat or not self.atoms:
            raise InvalidValue(BAD_PATTERN)
        (item,) = self.atoms.pop()
        self.can_repeat = False
        self.atoms.append(tuple(_repeated(item, least, most)))
        self.size += len(self.atoms[-1])
        if self.size > _MAX_ITEMS:
            raise InvalidValue(BAD_PATTERN)

    def _escape(self) -> None:
        character = self.text[self.at : self.at + 1]
        if character in _ASSERTIONS:
            self.at += 1
            self._add(Item(assertion=_ASSERTIONS[character]))
        elif character == "Q":
            literal, end, _ = self.text[self.at + 1 :].partition(r"\E")
            self.at += 1 + len(literal) + len(end)
            for quoted in literal:
                self._add(_literal(quoted))
            self.can_repeat = bool(literal)
        elif (named := self._named_set()) is not None:
            self._add(Item(named))
        else:
            self._add(_literal(self._character()))

    def _named_set(self) -> Class | None:
        r"""Read what follows the backslash of `\d`, `\p{Lu}` and the like, None if it is none of these."""
        character = self.text[self.at : self.at + 1]
        if character and character.lower() in _PERL:
            self.at += 1
            return Class(_PERL[character.lower()], negated=character.isupper())
        if character not in {"p", "P"}:
            return None
        match = self._match(_CATEGORY)
        name = (match[3] or match[4]) if match else None
        if match is None or name is None or not re.fullmatch(_CATEGORIES, name):
            raise InvalidValue(BAD_PATTERN)
        self.at = match.end()
        negated = (match[1] == "P") != bool(match[2])
        return Class(negated=not negated) if name == "Any" else Class(categories=(name,), negated=negated)

    def _character(self) -> str:
        """Read what follows the backslash of one escaped character."""
        character = self.text[self.at : self.at + 1]
        if match := self._match(_OCTAL) or self._match(_HEX):
            self.at = match.end()
            code = int(match[1] or match[2], 16) if character == "x" else int(match[0], 8)
            if code > 0x10FFFF:
                raise InvalidValue(BAD_PATTERN)
            return chr(code)
        self.at += 1
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character.isascii() and character and not character.isalnum():
            return character
        raise InvalidValue(BAD_PATTERN)

    def _class(self) -> Class:
        """Read a class after its bracket."""
        negated = self.text.startswith("^", self.at)
        self.at += negated
        parts: list[Class] = []
        while not (parts and self.text.startswith("]", self.at)):
            parts.append(self._class_part())
        self.at += 1
        plain = "".join(part.ranges for part in parts if not part.negated)
        categories = tuple(name for part in parts if not part.negated for name in part.categories)
        return Class(plain, categories, tuple(part for part in parts if part.negated), negated=negated)

    def _class_part(self) -> Class:
        if self.text.startswith("[:", self.at) and (end := self.text.find(":]", self.at + 2)) >= 0:
            name = self.text[self.at + 2 : end]
            if name.removeprefix("^") not in _NAMED:
                raise InvalidValue(BAD_PATTERN)
            self.at = end + 2
            return Class(_NAMED[name.removeprefix("^")], negated=name.startswith("^"))
        if self.text.startswith("\\", self.at):
            self.at += 1
            if (named := self._named_set()) is not None:
                return named
            self.at -= 1
        low = high = self._class_letter()
        if self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2] not in {"", "]"}:
            self.at += 1
            high = self._class_letter()
        if high < low:
            raise InvalidValue(BAD_PATTERN)
        return Class(f"{re.escape(low)}-{re.escape(high)}")

    def _class_letter(self) -> str:
        if self.at >= len(self.text):
            raise InvalidValue(BAD_PATTERN)
        character = self.text[self.at]
        self.at += 1
        return self._character() if character == "\\" else character


@functools.cache
def _literal(character: str) -> Item:
    return Item(Class(character) if character == REPLACEMENT else character)


def _bounds(repeat: re.Match[str]) -> tuple[int, int | None]:
    """Return how often an item may be repeated. Raises: InvalidValue."""
    numbers = [repeat[1], repeat[3] or ""]
    if any(len(number) > len(str(_MAX_REPEAT)) for number in numbers):
        raise InvalidValue(BAD_PATTERN)
    least = int(numbers[0])
    most = int(numbers[1]) if numbers[1] else None if repeat[2] else least
    if max(least, most or 0) > _MAX_REPEAT or (most is not None and least > most):
        raise InvalidValue(BAD_PATTERN)
    return least, most


def _repeated(item: Item, least: int, most: int | None) -> Iterator[Item]:
    if item.assertion:  # holds once or any number of times
        if least:
            yield item
        return
    yield from (item for _ in range(least))
    if most is None:
        yield attrs.evolve(item, repeats=True, optional=True)
    else:
        yield from (attrs.evolve(item, optional=True) for _ in range(most - least))
