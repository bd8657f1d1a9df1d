"""Match paths against ignore files and include lists, and find directories that cannot contain a match.

The grammar is that of shell patterns (`globs`) plus `**` for any number of directories; a line with `!` in front includes again what
earlier lines matched. A path matches when one of its parents does. The last line that decides wins.

Source: github.com/moby/patternmatcher, filter.go of fsutil.
"""

from __future__ import annotations

import bisect
import os
import re
from collections.abc import Iterable

import attrs

from llbfront.errors import InvalidValue
from llbfront.fsutil.errors import LongLine, MalformedPattern
from llbfront.gostd import filepath
from llbfront.gostd.path import clean
from llbfront.gostd.regexp import syntax
from llbfront.gostd.regexp.automaton import Automaton, State
from llbfront.gostd.regexp.syntax import ANY, REPLACEMENT, Item, directories
from llbfront.gostd.strings import WHITESPACE

_LINE_BYTES = 64 * 1024
_WILD = frozenset("*[]?^\\")
# Parity: BuildKit tries to escape `{`, `|` and `}` too, but its table is too small for them, so they keep their meaning.
_SPECIAL = frozenset(".+()$")
_NO_TEXT = re.compile("[\ud800-\udfff]")
_ANYTHING = Item(ANY, repeats=True, optional=True)


def read_ignore(data: bytes) -> tuple[tuple[int, str], ...]:
    """Return the patterns of an ignore file with the numbers of their lines, cleaned, in order, `!` kept in front.

    Raises: LongLine for a line of 64 KiB or more.
    """
    patterns = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if len(line) >= _LINE_BYTES:
            raise LongLine(number, _LINE_BYTES)
        pattern = line.removesuffix(b"\r").decode("utf-8", "surrogateescape")
        if pattern.startswith("#"):
            continue
        pattern = pattern.strip(WHITESPACE)
        if pattern:
            patterns.append((number, _normalized(pattern)))
    return tuple(patterns)


def _normalized(pattern: str) -> str:
    taken_back = pattern.startswith("!")
    body = pattern[1:].strip(WHITESPACE) if taken_back else pattern
    if body:
        body = clean(body)
        if len(body) > 1:
            body = body.removeprefix("/")
    return "!" + body if taken_back else body


@attrs.frozen
class Pattern:
    """One pattern: its cleaned text without the `!`, and whether it is an exception, which takes back what others matched."""

    text: str
    is_exception: bool

    @property
    def stem(self) -> str:
        """The text before a wildcard at its end."""
        return self.text.removesuffix("/**").removesuffix("/*")


@attrs.define
class Parent:
    """Match results for a directory, which the entries of the directory inherit.

    prefix: what the paths of the entries begin with.
    matched: whether the directory matches.
    numbers: the patterns that matched the directory or a directory above it.
    state: the state of the automaton after the prefix.
    above: of a directory that was not matched itself, the patterns that match it or a directory above it; each entry is matched with them.
    """

    prefix: str
    matched: bool
    numbers: tuple[int, ...]
    state: State
    above: tuple[int, ...] = ()


class Matcher:
    """A list of patterns, ready to match in linear time.

    Raises: InvalidValue for a lone `!` and for malformed patterns, some only when they are first tried, as in BuildKit.

    >>> Matcher(["*.log", "!keep.log"]).matches("a/keep.log"), Matcher(["**/*.log"]).matches("a/b.log")
    (False, True)
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(_pattern(text, number) for number, raw in enumerate(patterns) if (text := raw.strip(WHITESPACE)))
        self.has_exceptions = any(pattern.is_exception for pattern in self.patterns)
        self._malformed: dict[int, InvalidValue] = {}
        self._texts: dict[str, tuple[int, ...]] = {}
        programs: dict[int, list[list[Item]]] = {}
        for number, pattern in enumerate(self.patterns):
            try:
                alternatives = _alternatives(pattern.text)
            except InvalidValue as error:
                self._malformed[number] = MalformedPattern(pattern.text, error.message, number=number, hint=_hint(pattern.text))
                continue
            if alternatives is None:
                self._texts[pattern.text] = (*self._texts.get(pattern.text, ()), number)
            else:
                programs[number] = alternatives
        self._automaton = Automaton(programs)
        self._lengths = frozenset(map(len, self._texts))
        self._included = _Stems(pattern.stem for pattern in self.patterns if not pattern.is_exception)
        self._taken_back = _Stems(pattern.stem for pattern in self.patterns if pattern.is_exception)
        self.root = Parent("", False, (), self._automaton.start)

    def matches(self, path: str) -> bool:
        """Return whether `path` or a directory above it matches."""
        numbers = {*self._automaton.start.after(path).matched, *self._texts.get(path, ())}
        parent = _parent(path)
        if parent is not None:
            state = self._automaton.start
            for position, letter in enumerate(parent + "/"):
                if letter == "/":
                    numbers.update(state.matched)
                    if position in self._lengths:
                        numbers.update(self._texts.get(parent[:position], ()))
                state = state[letter]
        return self._decide(numbers, frozenset())[0]

    def match(self, name: str, parent: Parent) -> tuple[bool, tuple[int, ...], State]:
        """Match an entry of a directory; return the answer, the patterns that count for it, and the state after its path."""
        state = parent.state.after(name)
        numbers = state.matched
        if self._texts:
            numbers += self._texts.get(parent.prefix + name, ())
        if parent.above:
            numbers += parent.above
        if not numbers and not self._malformed:
            return parent.matched, parent.numbers, state
        return *self._decide(numbers, frozenset(parent.numbers)), state

    def unmatched(self, path: str) -> Parent:
        """Return what the entries of a directory inherit if the directory itself was not matched."""
        parent, above = self.root, tuple[int, ...]()
        for name in path.split("/"):
            state = parent.state.after(name)
            above += state.matched + self._texts.get(parent.prefix + name, ())
            parent = Parent(f"{parent.prefix}{name}/", matched=False, numbers=(), state=state["/"], above=above)
        return parent

    def _decide(self, numbers: Iterable[int], inherited: frozenset[int]) -> tuple[bool, tuple[int, ...]]:
        """Return whether a path matches, where the last matching pattern wins, and the patterns that were tried and matched."""
        matched = False
        tried = []
        for number in sorted({*numbers, *inherited, *self._malformed}):
            is_exception = self.patterns[number].is_exception
            if number not in inherited:
                if is_exception != matched:
                    continue
                if number in self._malformed:
                    raise self._malformed[number]
            tried.append(number)
            matched = not is_exception
        return matched, tuple(tried)

    def may_concern(self, path: str) -> bool:
        """Return whether a path, a directory above it, or something below it may match."""
        parent = self.root
        for name in path.split("/"):
            matched, numbers, state = self.match(name, parent)
            parent = Parent(f"{parent.prefix}{name}/", matched, numbers, state["/"])
            if matched:
                return True
        return self.may_change_below(parent)

    def may_match_below(self, directory: str) -> bool:
        """Return whether a path below `directory`, which does not match itself, may match. Parity: decided by the text where that is possible."""
        return self._included.may_begin(directory)

    def may_be_included_again_below(self, directory: str) -> bool:
        """Return whether an exception may reach below `directory`, which matches. Parity: decided by the text where that is possible."""
        return self._taken_back.may_begin(directory)

    def may_change_below(self, parent: Parent) -> bool:
        """Return whether a path below a directory may get another answer than the directory got, exactly."""
        last = max(parent.numbers, default=-1)
        numbers = [*self._automaton.alive(parent.state)]
        numbers += [number for text, group in self._texts.items() if text.startswith(parent.prefix) for number in group]
        return any(number > last and self.patterns[number].is_exception == parent.matched for number in numbers)


class _Stems:
    """The strings of patterns, to find out which directories they may reach into.

    Only names without wildcards can be compared by their text; one with a wildcard may begin anywhere.
    """

    def __init__(self, stems: Iterable[str]) -> None:
        self._stems = sorted(stem + "/" for stem in stems)
        self._is_wild = not all(map(_WILD.isdisjoint, self._stems))

    def may_begin(self, directory: str) -> bool:
        below = directory + "/"
        place = bisect.bisect_left(self._stems, below)
        return self._is_wild or (place < len(self._stems) and self._stems[place].startswith(below))


def _parent(path: str) -> str | None:
    """Return the directory of a path: the root is above `/a`, and nothing is above `a`."""
    above, slash, _ = path.rpartition("/")
    parent = clean(above or slash)
    return None if parent == "." else parent


def _hint(text: str) -> str:
    """Return what is probably wrong with a pattern that filepath.Match accepts."""
    is_windows_path = re.search(r"\\[A-Za-z0-9]", text) is not None
    return f"the pattern is {text}" + ("; names of a path are separated by /" if is_windows_path else "")


def _pattern(text: str, number: int) -> Pattern:
    text = clean(text)
    is_exception = text.startswith("!")
    if is_exception:
        text = text[1:]
        if not text:
            hint = "a pattern must follow the ! in the ignore file"
            raise MalformedPattern("!", 'illegal exclusion pattern: "!"', number=number, hint=hint)
    try:
        filepath.match(text, ".")
    except InvalidValue as error:
        raise MalformedPattern(text, error.message, number=number) from None
    return Pattern(text, is_exception)


def _alternatives(text: str) -> list[list[Item]] | None:
    """Return a pattern as items of an automaton, None for one that is compared as text.

    Parity: three plain shapes are compared as text, with what that means for odd patterns: `**x` is any path that ends in x.
    Raises: InvalidValue for a malformed pattern.
    """
    expression, shape = _go_expression(text)
    if shape == "exact":
        return None
    if shape == "prefix":
        return [[*map(Item, text[:-2]), _ANYTHING]]
    if shape == "suffix":
        tail = os.fsdecode(os.fsencode(text)[2:])
        if tail.startswith("/"):
            return [[*directories(ANY), *map(Item, tail[1:])]]
        return [[_ANYTHING, *map(Item, tail)]]
    return syntax.parse(f"^{expression}$")


def _go_expression(text: str) -> tuple[str, str]:
    """Return the regular expression that BuildKit makes of a pattern, without its anchors, and the kind of match."""
    out: list[str] = []
    shape = "exact"
    start = i = int(text.startswith("\ufeff"))  # Parity: BuildKit's scanner drops a byte order mark
    text = _NO_TEXT.sub(REPLACEMENT, text)
    while i < len(text):
        first = i
        letter = text[i]
        i += 1
        if letter == "*" and text.startswith("*", i):
            i += 1
            i += text.startswith("/", i)
            if i < len(text):
                out.append("(.*/)?")
                shape = "expression"
            elif shape == "exact":
                shape = "prefix"
            else:
                out.append(".*")
                shape = "expression"
            if first == start:
                shape = "suffix"
        elif letter in "*?":
            out.append("[^/]*" if letter == "*" else "[^/]")
            shape = "expression"
        elif letter in _SPECIAL:
            out.append("\\" + letter)
        elif letter == "\\":
            out.append(text[i - 1 : i + 1])
            if i < len(text):
                shape = "expression"
            i += 1
        else:
            out.append(letter)
            if letter in "[]":
                shape = "expression"
    return "".join(out), shape
