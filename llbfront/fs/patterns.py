"""Ignore files and include lists: lines of patterns → which paths match, and which directories can hold no match.

The grammar is that of shell patterns (`globs`) plus `**` for any number of directories; a line with `!` in front takes back what
earlier lines matched. A path matches when one of its parents does. The last line that decides wins.

Source: github.com/moby/patternmatcher, filter.go of fsutil.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import attrs

from llbfront.errors import InvalidValue
from llbfront.fs import globs

if TYPE_CHECKING:
    from llbfront.fs.automaton import Automaton

_BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_LINE_BYTES = 64 * 1024
_WILD = frozenset("*[]?^\\")
# Parity: the reference means to escape `{`, `|` and `}` too, but its table has no room for them, so they keep their meaning.
_SPECIAL = frozenset(".+()$")
_ODD = frozenset("[]{}|^\\")
_LETTERS = r"\^?[A-Za-z0-9_.-]+"
_MANY, _WILD_MANY, _LONG = 100, 3, 400  # of patterns, wildcards in one, letters of a path: beyond it expressions may take forever


def clean(path: str) -> str:
    """Return the shortest path that means the same by its text alone; an empty path becomes `.`.

    >>> clean("//a/./b/../c/")
    '/a/c'
    """
    rooted = path.startswith("/")
    names: list[str] = []
    for name in path.split("/"):
        if name == ".." and names and names[-1] != "..":
            names.pop()
        elif name == ".." and rooted:
            continue
        elif name not in {"", "."}:
            names.append(name)
    return ("/" if rooted else "") + "/".join(names) or "."


def read_ignore(data: bytes) -> tuple[str, ...]:
    """Return the patterns of an ignore file, cleaned, in order, `!` kept in front.

    Raises: InvalidValue for a line of 64 KiB or more.
    """
    patterns = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n")):
        if len(line) >= _LINE_BYTES:
            raise InvalidValue(f"line {number + 1} of the ignore file is longer than {_LINE_BYTES} bytes")
        pattern = line.removesuffix(b"\r").decode("utf-8", "surrogateescape")
        if pattern.startswith("#"):
            continue
        pattern = pattern.strip(_BLANKS)
        if pattern:
            patterns.append(_normalized(pattern))
    return tuple(patterns)


def _normalized(pattern: str) -> str:
    taken_back = pattern.startswith("!")
    body = pattern[1:].strip(_BLANKS) if taken_back else pattern
    if body:
        body = clean(body)
        if len(body) > 1:
            body = body.removeprefix("/")
    return "!" + body if taken_back else body


@attrs.frozen
class Pattern:
    """One pattern: its cleaned text, whether it takes back (`!`), and the text it begins with before any wildcard at its end."""

    text: str
    is_exception: bool

    @functools.cached_property
    def stem(self) -> str:
        return self.text.removesuffix("/**").removesuffix("/*")


class Matcher:
    """A list of patterns, ready to match.

    Raises: InvalidValue for a lone `!` and for malformed patterns, some only when they are first tried, as in the reference.

    >>> Matcher(["*.log", "!keep.log"]).matches("a/keep.log"), Matcher(["**/*.log"]).matches("a/b.log")
    (False, True)
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(_pattern(text) for raw in patterns if (text := raw.strip(_BLANKS)))
        self.has_exceptions = any(pattern.is_exception for pattern in self.patterns)
        self._tests: list[Callable[[str], object] | None] = [None] * len(self.patterns)
        self._any: Callable[[str], object] | None = None

    def matches(self, path: str) -> bool:
        """Say whether `path` matches, asking for its parents too."""
        if not self.has_exceptions and (self._is_heavy or len(path) > _LONG):
            return self._run(path)
        return self.match(path, None)[0]

    @functools.cached_property
    def _is_heavy(self) -> bool:
        return len(self.patterns) > _MANY or any(pattern.text.count("*") > _WILD_MANY for pattern in self.patterns)

    @functools.cached_property
    def _automaton(self) -> tuple[Automaton, tuple[int, ...]]:
        """All patterns as one automaton, and the numbers of those that it leaves to expressions, malformed ones among them."""
        from llbfront.fs.automaton import Automaton

        every: list[list[str | re.Pattern[str]] | None] = []
        for pattern in self.patterns:
            try:
                every.append(_parts(pattern.text))
            except InvalidValue:
                every.append(None)
        others = tuple(number for number, parts in enumerate(every) if parts is None)
        nothing: list[str | re.Pattern[str]] = [re.compile(r"(?!)")]
        return Automaton([nothing if parts is None else parts for parts in every]), others

    def _run(self, path: str) -> bool:
        """Say whether a path or a parent of it matches a pattern, none of which takes back."""
        made, others = self._automaton
        parent = _parent(path)
        found = [
            hit
            for hit in (made.first(path), None if parent is None else made.first(parent + "/", prefixes=True))
            if hit is not None
        ]
        first = min(found, default=len(self.patterns))
        for number in others:
            if number > first:
                break
            if self._test(number)(path) is not None or self._hits_parent(number, path):
                return True
        return bool(found)

    def match(self, path: str, above: int | None) -> tuple[bool, int]:
        """Say whether `path` matches, given the second value of the answer for its parent directory (None: not known).

        The second value has one bit per pattern and is the `above` of the entries below.
        """
        if self._any is None:
            self._any = _any_of([p.text for p in self.patterns if not p.is_exception])
        if not above and (above is not None or "/" not in path) and self._any(path) is None:
            return False, 0
        matched, bits = False, 0
        for i, pattern in enumerate(self.patterns):
            hit = bool(above) and bool(above >> i & 1)  # type: ignore[operator]  # mypy does not follow the bool
            if not hit:
                if pattern.is_exception != matched:
                    continue
                hit = self._test(i)(path) is not None or (above is None and self._hits_parent(i, path))
            if hit:
                bits |= 1 << i
                matched = not pattern.is_exception
        return matched, bits

    def may_match_below(self, directory: str) -> bool:
        """Say whether a path below `directory`, which does not match itself, may match."""
        return _may_begin(directory, [p for p in self.patterns if not p.is_exception])

    def may_be_taken_back_below(self, directory: str) -> bool:
        """Say whether an exception may reach below `directory`, which matches."""
        return _may_begin(directory, [p for p in self.patterns if p.is_exception])

    def _test(self, i: int) -> Callable[[str], object]:
        test = self._tests[i]
        if test is None:
            text = self.patterns[i].text
            try:
                test = self._tests[i] = _compiled(_expression(text))
            except InvalidValue as error:
                raise InvalidValue(error.message, hint=f"the pattern is {text}") from None
        return test

    def _hits_parent(self, i: int, path: str) -> bool:
        test = self._test(i)
        parent = _parent(path)
        names = [] if parent is None else parent.split("/")
        return any(test("/".join(names[: n + 1])) is not None for n in range(len(names)))


def _parent(path: str) -> str | None:
    """Return the directory of a path: the root is above `/a`, and nothing is above `a`."""
    above, slash, _ = path.rpartition("/")
    parent = clean(above or slash)
    return None if parent == "." else parent


def _pattern(text: str) -> Pattern:
    text = clean(text)
    is_exception = text.startswith("!")
    if is_exception:
        text = text[1:]
        if not text:
            raise InvalidValue('illegal exclusion pattern: "!"', hint="a pattern must follow the ! in the ignore file")
    try:
        globs.match(text, ".")
    except InvalidValue as error:
        raise InvalidValue(error.message, hint=f"the pattern is {text}") from None
    return Pattern(text, is_exception)


def _may_begin(directory: str, patterns: list[Pattern]) -> bool:
    """Only names without wildcards can be compared by their text; one with a wildcard may begin anywhere."""
    below = directory + "/"
    return not all(_WILD.isdisjoint(p.stem) for p in patterns) or any((p.stem + "/").startswith(below) for p in patterns)


def _any_of(texts: list[str]) -> Callable[[str], object]:
    """Return a test that fails only for paths that match none of the patterns."""
    try:
        return _compiled("|".join(f"(?:{_expression(text)})" for text in texts) or r"(?!)")
    except InvalidValue:  # the path that comes to the malformed one is told
        return lambda _path: True


def _compiled(expression: str) -> Callable[[str], object]:
    try:
        return re.compile(expression).search
    except (re.error, OverflowError):
        raise InvalidValue(globs.BAD_PATTERN) from None


def _expression(text: str) -> str:
    """Return the expression to search a path for.

    Parity: three plain shapes are compared as text, with what that means for odd patterns: `**x` is any path that ends in x.
    """
    parts, shape = _go_expression(text)
    if shape == "exact":
        return rf"\A{re.escape(text)}\Z"
    if shape == "prefix":
        return r"\A" + re.escape(text[:-2])
    if shape == "suffix":
        tail = text[2:]
        start = r"(?:\A|/)" if tail.startswith("/") else ""
        return rf"{start}{re.escape(tail.removeprefix('/') if start else tail)}\Z"
    return _translated(parts)


def _translated(parts: Iterable[str]) -> str:
    from llbfront.fs.regexps import translate

    return translate(f"^{''.join(parts)}$")


def _go_expression(text: str) -> tuple[list[str], str]:
    """Return the parts of the regular expression that the reference makes of a pattern, and the shape that it sees."""
    out: list[str] = []
    shape = "exact"
    i = first = int(text.startswith("\ufeff"))  # Parity: the reference's scanner drops a byte order mark
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
            if first == 0:
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
    return out, shape


def _parts(text: str) -> list[str | re.Pattern[str]] | None:
    """Return a pattern as parts of an automaton, None for one that needs more than an automaton can.

    Raises: InvalidValue for a malformed pattern.
    """
    from llbfront.fs import automaton

    parts, shape = _go_expression(text)
    if shape == "exact":
        return list(text)
    if shape == "prefix":
        return [*text[:-2], automaton.ALL]
    if shape == "suffix":
        return [automaton.DIRECTORIES, *text[3:]] if text.startswith("**/") else [automaton.ALL, *text[2:]]
    if not _ODD.isdisjoint(parts):
        _compiled(_translated(parts))  # for its error
    found: list[str | re.Pattern[str]] = []
    i = 0
    while i < len(parts):
        part = parts[i]
        i += 1
        if part == "[":
            end = next((at for at in range(i + 1, len(parts)) if parts[at] == "]"), 0)
            letters = "".join(parts[i:end])
            if not re.fullmatch(_LETTERS, letters):
                return None
            found.append(re.compile(f"[{letters}]"))
            i = end + 1
        elif len(part) == 2 and part[0] == "\\":
            if part[1].isalnum() or not part[1].isascii():
                return None
            found.append(part[1])
        elif part in {"^", "|", "{", "}", "\\"}:
            return None
        else:
            found.append(part)
    return found
