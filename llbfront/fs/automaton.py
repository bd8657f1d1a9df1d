"""Many patterns at once: parts of patterns in, which pattern matches a path out, in time that no pattern can stretch.

The places in all patterns are the bits of one number, which a letter of the path shifts. Python's own expressions try one way after
another, of which `**/a/**/a/**/a` has more than anybody can wait for.

Source: Navarro and Raffinot, Flexible Pattern Matching in Strings, for automata of bits; regexp of Go is as sure of its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

STAR, LINE, ALL, LINE_DIRECTORIES, DIRECTORIES = "[^/]*", ".*", "(?s:.*)", "(.*/)?", "(?s:(.*/)?)"
"""Parts that stand for any number of letters, as expressions of Go."""
NAME = "[^/]"
"""One letter that is no slash."""


class Automaton:
    """Patterns, ready to run over paths. A part is a letter, one of the expressions above, or an expression for one letter."""

    def __init__(self, patterns: Sequence[Sequence[str | re.Pattern[str]]]) -> None:
        places: dict[str | re.Pattern[str], list[int]] = {}
        starts: list[int] = []
        self._numbers: dict[int, int] = {}
        start = 0
        for number, parts in enumerate(patterns):
            starts.append(start)
            for at, part in enumerate(parts, start):
                places.setdefault(part, []).append(at)
            self._numbers[start + len(parts)] = number
            start += len(parts) + 1
        self._size = start
        self._bits_of = {part: self._bits(found) for part, found in places.items()}
        self._star, self._line, self._all, in_line, self._everywhere = (
            self._bits_of.pop(kind, 0) for kind in (STAR, LINE, ALL, LINE_DIRECTORIES, DIRECTORIES)
        )
        self._directories = in_line | self._everywhere
        self._optional = self._star | self._line | self._all | self._directories
        self._finals = self._bits(self._numbers)
        self._start = self._closed(self._bits(starts))
        self._taking: dict[str, int] = {}

    def _bits(self, places: Iterable[int]) -> int:
        data = bytearray(self._size // 8 + 1)
        for place in places:
            data[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(data, "little")

    def _closed(self, states: int) -> int:
        """Add what lies behind parts that may stand for nothing: a carry runs over each row of them."""
        row = self._optional
        return states | (((states & row) + row) ^ row)

    def _takes(self, letter: str) -> int:
        """The places where a pattern wants this letter."""
        found = self._taking.get(letter)
        if found is None:
            found = self._bits_of.get(letter, 0)
            if letter != "/":
                found |= self._bits_of.get(NAME, 0)
            for part, bits in self._bits_of.items():
                if not isinstance(part, str) and part.match(letter):
                    found |= bits
            self._taking[letter] = found
        return found

    def first(self, path: str, *, prefixes: bool = False) -> int | None:
        """Return the number of the first pattern that matches the path, or with `prefixes` what stands before one of its slashes."""
        states, hits = self._start, 0
        inside = states & self._directories  # in a directory that `(.*/)?` is about to leave out
        for letter in path:
            taken = states & self._takes(letter)
            if letter == "/":
                if prefixes:
                    hits |= states & self._finals
                states = (taken | inside) << 1 | states & (self._line | self._all)
            else:
                is_end = letter == "\n"
                states = taken << 1 | states & (self._star | self._all | (0 if is_end else self._line))
                inside &= self._everywhere if is_end else inside
            if not states and not inside:
                break
            states = self._closed(states)
            inside |= states & self._directories
        else:
            hits |= 0 if prefixes else states & self._finals
        return self._numbers[(hits & -hits).bit_length() - 1] if hits else None
