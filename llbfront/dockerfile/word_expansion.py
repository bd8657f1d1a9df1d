"""Expand variables in words: `$name`, `${name...}`, quotes and escapes, and split the result into words.

Source: frontend/dockerfile/shell/lex.go of BuildKit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from llbfront.dockerfile.shell_lexer import Expander, Mode, Words, blank

__all__ = ["HEREDOC_BODY", "NAMES", "VALUES", "Expanded", "Mode", "expand", "expand_words"]

VALUES = Mode()
"""Values of instructions."""
HEREDOC_BODY = Mode(skip_quotes=True)
"""Bodies of unquoted heredocs; their escape character is always a backslash."""
NAMES = Mode(raw_quotes=True, raw_escapes=True, skip_unset=True)
"""Names of vertices and the search for heredocs: what is not known stays as it was written."""

_CHANGED = "[\ufeff\udc80-\udcff]"


@attrs.frozen
class Expanded:
    """An expanded word, the names that had a value and the names that had none. `characters` is the length of all values that were
    read, `steps` the number of steps that patterns took.
    """

    text: str
    matched: frozenset[str] = frozenset()
    unmatched: frozenset[str] = frozenset()
    characters: int = attrs.field(default=0, eq=False, repr=False)
    steps: int = attrs.field(default=0, eq=False, repr=False)

    @property
    def cost(self) -> int:
        """How many characters were looked at or written, whichever is more."""
        return max(len(self.text), self.characters)


def expand(word: str, env: Mapping[str, str], *, escape: str = "\\", mode: Mode = VALUES) -> Expanded:
    """Expand a word; blanks in it and in values stay. Raises: ExpansionError."""
    if _is_plain(word, escape):
        return Expanded(word)
    machine = Expander(word, env, escape, mode, None)
    text = machine.run()
    return Expanded(text, frozenset(machine.matched), frozenset(machine.unmatched), machine.length, machine.steps)


def expand_words(word: str, env: Mapping[str, str], *, escape: str = "\\", mode: Mode = VALUES) -> tuple[str, ...]:
    """Expand a word and split the result at blanks that are neither quoted nor escaped. Raises: ExpansionError."""
    if "<" not in word and _is_plain(word, escape):
        return tuple(filter(None, blank().split(word)))
    words = Words()
    Expander(word, env, escape, mode, words).run()
    return words.all()


def _is_plain(word: str, escape: str) -> bool:
    """Return whether a word can be returned as it is: it has no quotes, escapes or variables, and is valid UTF-8."""
    if "$" in word or "'" in word or '"' in word or escape in word:
        return False
    return word.isascii() or not re.search(_CHANGED, word)
