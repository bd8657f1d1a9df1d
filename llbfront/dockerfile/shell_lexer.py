"""Expand a word with an explicit stack, since `${a:-${b:-...}}` may be nested deeper than Python calls.

A frame is a part of the word that ends at its own mark. All frames write to one list; a `${...}` replaces what its operand wrote there.

Source: frontend/dockerfile/shell/lex.go of BuildKit (shellWord).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

import attrs

from llbfront.dockerfile.substitution import (
    MAX_CHARACTERS,
    MAX_STEPS,
    PATTERN_STEPS,
    PATTERNS,
    Frame,
    substitute,
    too_long,
    too_slow,
    unsupported,
)
from llbfront.errors import ExpansionError
from llbfront.gostd.strconv import quote
from llbfront.gostd.strings import WHITESPACE, to_valid_utf8


@attrs.frozen
class Mode:
    """Options of expansion: keep quotes, escape characters, or `$x` of unset names, or give quotes no meaning."""

    raw_quotes: bool = False
    raw_escapes: bool = False
    skip_unset: bool = False
    skip_quotes: bool = False


@cache
def _plain(stops: str) -> re.Pattern[str]:
    return re.compile(f"[^{re.escape(stops)}]+")


@cache
def blank() -> re.Pattern[str]:
    """Blanks that end a word."""
    return re.compile(f"[{WHITESPACE}]+")


@cache
def _heredoc_sign() -> re.Pattern[str]:
    return re.compile(r"<(?:<[\t\r ]*)?")


class Words:
    """The words of an expansion. Empty words are dropped, even in quotes."""

    __slots__ = ("_pending", "_words")

    def __init__(self) -> None:
        self._words: list[str] = []
        self._pending: list[str] = []

    def add(self, text: str) -> None:
        """Append text whose blanks end words."""
        first, *others = blank().split(text)
        self._pending.append(first)
        for other in others:
            self._end()
            self._pending.append(other)

    def add_raw(self, text: str) -> None:
        """Append text whose blanks belong to the word."""
        self._pending.append(text)

    def forget(self) -> None:
        # Parity: BuildKit uses one buffer for the words of all depths, so the operand of a ${...} wipes the word around it
        self._pending.clear()

    def _end(self) -> None:
        word = "".join(self._pending)
        self._pending.clear()
        if word:
            self._words.append(word)

    def all(self) -> tuple[str, ...]:
        self._end()
        return tuple(self._words)


class Expander:
    """One expansion. `matched` and `unmatched` are the names looked up so far."""

    def __init__(self, word: str, env: Mapping[str, str], escape: str, mode: Mode, words: Words | None) -> None:
        self.word = word
        self.text = to_valid_utf8(word).removeprefix("\ufeff")
        self.position = 0
        self.env = env
        self.escape = escape
        self.mode = mode
        self.words = words
        self.matched: set[str] = set()
        self.unmatched: set[str] = set()
        self.length = 0  # characters of all values so far
        self.steps = 0  # of the search for patterns so far, at most
        self.out: list[str] = []
        self.quotes = "" if mode.skip_quotes else "'\""
        heredoc = "" if words is None else "<"
        outermost = Frame("", 0, _plain(f"${escape}{self.quotes}{heredoc}"), keeps_escapes=mode.raw_escapes)
        self.frames = [outermost]

    def run(self) -> str:
        try:
            while self.frames:
                self._step(self.frames[-1])
        except ExpansionError as error:
            message = f"failed to process {quote(self.word)}: {self._reason(error)}"
            raise ExpansionError(message, unmatched=self.unmatched, hint=error.hint) from None
        return "".join(self.out)

    def _reason(self, error: ExpansionError) -> str:
        """At the end of the text the outermost open `${...}` decides what is missing."""
        if self.position >= len(self.text):
            for frame in self.frames:
                if frame.sign:
                    return "syntax error: missing '/' in ${}" if frame.stop == "/" else "syntax error: missing '}'"
        return error.message

    # -- one step: a run of plain characters, then whatever sign ends it

    def _step(self, frame: Frame) -> None:
        plain = frame.plain.match(self.text, self.position)
        if plain:
            self._write(plain[0])
            self.position = plain.end()
        if self.position == len(self.text):
            self._end_of_text(frame)
            return
        letter = self.text[self.position]
        if letter == frame.stop:
            self._close(frame)
        elif letter == "$":
            self._dollar()
        elif letter == self.escape:
            self._escaped(frame)
        elif letter == "'":
            self._single_quote(frame)
        elif letter == '"':
            self._open_double_quote(frame)
        else:
            self._heredoc()

    def _write(self, text: str) -> None:
        """Write characters whose blanks end words."""
        self.out.append(text)
        if self.words is not None and len(self.frames) == 1:
            self.words.add(text)

    def _write_raw(self, text: str) -> None:
        self.out.append(text)
        if self.words is not None and len(self.frames) == 1:
            self.words.add_raw(text)

    def _end_of_text(self, frame: Frame) -> None:
        if not frame.stop:
            self.frames.pop()
            return
        mark = "double-quote" if frame.stop == '"' else frame.stop
        raise ExpansionError(f"unexpected end of statement while looking for matching {mark}")

    def _heredoc(self) -> None:
        match = _heredoc_sign().match(self.text, self.position)
        assert match is not None
        self.position = match.end()
        self._write_raw(match[0])

    # -- escapes and quotes

    def _escaped(self, frame: Frame) -> None:
        if frame.stop == '"':
            self._escaped_in_quotes(frame)
            return
        if frame.keeps_escapes:
            self._write_raw(self.escape)
        if following := self.text[self.position + 1 : self.position + 2]:
            self._write_raw(following)
        self.position += 1 + len(following)

    def _escaped_in_quotes(self, frame: Frame) -> None:
        following = self.text[self.position + 1 : self.position + 2]
        self.position += 1
        if following in {'"', "$", self.escape}:
            self.out.append(self.escape + following if frame.keeps_escapes else following)
            self.position += 1
        elif following:
            doubles = frame.keeps_escapes and (not self.mode.raw_quotes or frame.doubles_escapes)
            self.out.append(self.escape * 2 if doubles else self.escape)

    def _single_quote(self, frame: Frame) -> None:
        end = self.text.find("'", self.position + 1)
        if end < 0:
            self.position = len(self.text)
            raise ExpansionError("unexpected end of statement while looking for matching single-quote")
        inner = self.text[self.position + 1 : end]
        if frame.doubles_escapes:
            inner = inner.replace(self.escape, self.escape * 2)
        self.position = end + 1
        self._write_raw(f"'{inner}'" if self.mode.raw_quotes else inner)

    def _open_double_quote(self, around: Frame) -> None:
        frame = Frame(
            '"',
            len(self.out),
            _plain(f'$"{self.escape}'),
            keeps_escapes=around.keeps_escapes,
            doubles_escapes=around.doubles_escapes,
        )
        self.position += 1
        self.frames.append(frame)
        if self.mode.raw_quotes:
            self.out.append('"')

    # -- variables

    def _look_up(self, name: str) -> str | None:
        value = self.env.get(name)
        if value is None:
            self.unmatched.add(name)
            return None
        self.matched.add(name)
        self.length += len(value)
        if self.length > MAX_CHARACTERS:
            raise too_long()
        return value

    def _name(self) -> str:
        """Read a name: digits, one special sign, or letters, digits and underscores. It may be empty."""
        start, text = self.position, self.text
        first = text[start : start + 1]
        if first and first in "@*#?-$!":
            self.position += 1
            return first
        accepts: Callable[[str], bool] = str.isdecimal if first.isdecimal() else _is_name_letter
        end = start
        while end < len(text) and accepts(text[end]):
            end += 1
        self.position = end
        return text[start:end]

    def _dollar(self) -> None:
        self.position += 1
        if self.text[self.position : self.position + 1] == "{":
            self.position += 1
            self._brace()
            return
        name = self._name()
        if not name:
            self._write("$")
            return
        value = self._look_up(name)
        self._write((f"${name}" if self.mode.skip_unset else "") if value is None else value)

    def _brace(self) -> None:
        first = self.text[self.position : self.position + 1]
        if not first:
            raise ExpansionError("syntax error: missing '}'")
        if first in "{}:":
            raise ExpansionError("syntax error: bad substitution", hint="write a name after ${")
        name = self._name()
        sign = self._next()
        if sign == "}":
            value = self._look_up(name)
            self._write((f"${{{name}}}" if self.mode.skip_unset else "") if value is None else value)
            return
        if sign == ":":
            sign += self._next()
        if sign in {":#", ":%"} or sign[0] not in ":+-?#%/":
            raise unsupported(sign)
        self._open_operand(name, sign)

    def _next(self) -> str:
        letter = self.text[self.position : self.position + 1]
        self.position += 1 if letter else 0
        return letter or "\ufffd"

    def _open_operand(self, name: str, sign: str) -> None:
        is_pattern = sign in {"#", "%", "/"}
        if sign == "/" and self.text.startswith("/", self.position):
            sign = "//"
            self.position += 1
        stop = "/" if sign in {"/", "//"} else "}"
        frame = Frame(
            stop,
            len(self.out),
            _plain(f"${stop}{self.escape}{self.quotes}"),
            keeps_escapes=is_pattern,
            doubles_escapes=is_pattern,
        )
        frame.name, frame.sign = name, sign
        self.frames.append(frame)
        self.out.append("")  # the place of what comes before the operand, should the result keep the operand
        if self.words is not None:
            self.words.forget()

    def _close(self, frame: Frame) -> None:
        self.position += 1
        if frame.stop == "/":
            self._begin_replacement(frame)
            return
        self.frames.pop()
        if frame.sign:
            self._substitute(frame)
        elif self.mode.raw_quotes:
            self.out.append('"')
        if self.words is not None and len(self.frames) == 1:
            text = "".join(self.out[frame.start :])
            (self.words.add if frame.sign else self.words.add_raw)(text)

    def _begin_replacement(self, frame: Frame) -> None:
        """Go on from the pattern of `${name/pattern/replacement}` to the replacement, keeping what the pattern wrote."""
        if frame.name in self.env or not self.mode.skip_unset:
            frame.pattern = "".join(self.out[frame.start :])
            self.out[frame.start + 1 :] = []
        else:
            self.out.append("/")
        frame.stop = "}"
        frame.plain = _plain(f"$}}{self.escape}{self.quotes}")
        frame.doubles_escapes = False

    def _substitute(self, frame: Frame) -> None:
        """Replace the operand of a `${...}` by its result."""
        value = self._look_up(frame.name)
        if value is None and self.mode.skip_unset:
            self.out[frame.start] = f"${{{frame.name}{'/' if frame.sign == '//' else frame.sign}"
            self.out.append("}")
            return
        if value is not None and frame.sign in PATTERNS:
            self._count_steps(frame, value)
        substitute(self.out, frame, value)

    def _count_steps(self, frame: Frame, value: str) -> None:
        pattern = "".join(self.out[frame.start :]) if frame.pattern is None else frame.pattern
        self.steps += len(pattern) * PATTERN_STEPS + len(value) * (1 + pattern.count("?"))
        if self.steps > MAX_STEPS:
            raise too_slow()


def _is_name_letter(letter: str) -> bool:
    return letter.isalpha() or letter.isdecimal() or letter == "_"
