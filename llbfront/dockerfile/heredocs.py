"""Find heredocs in the line of an instruction, and whether their word was quoted. The parser reads their content.

Source: frontend/dockerfile/parser/parser.go of BuildKit (heredocsFromLine, ParseHeredoc).
"""

from __future__ import annotations

import re
from functools import cache

from llbfront.dockerfile.statements import Heredoc
from llbfront.dockerfile.word_expansion import NAMES, Mode, expand_words
from llbfront.errors import ExpansionError

_UNQUOTED = Mode(skip_unset=True)
_QUOTED = Mode(skip_unset=True, raw_quotes=True)
_MAX_DESCRIPTOR = (1 << 64) - 1


@cache
def _sign() -> re.Pattern[str]:
    return re.compile(r"([0-9]*)<<(-?)[\t\n\f\r ]*([^<]*)")


def find_heredocs(line: str) -> tuple[Heredoc, ...]:
    """Return the heredocs that a line asks for, in order. Raises: ExpansionError for a word that cannot be read."""
    try:
        words = expand_words(line, {}, mode=NAMES)
    except ExpansionError:
        return ()  # a line with unbalanced quotes is left to the shell
    return tuple(heredoc for word in words if (heredoc := parse_heredoc(word)))


def parse_heredoc(word: str) -> Heredoc | None:
    """Read `[descriptor]<<[-]name`; None for any other word. Raises: ExpansionError for a name that cannot be read."""
    match = _sign().fullmatch(word) if "<<" in word else None
    if match is None or not match[3]:
        return None
    names = expand_words(match[3], {}, mode=_UNQUOTED)
    if len(names) != 1:
        return None
    raw_names = expand_words(match[3], {}, mode=_QUOTED)
    if len(raw_names) != 1:
        raise ExpansionError(f"internal lexing of heredoc produced inconsistent results: {match[3]}")
    descriptor = int(match[1]) if match[1] and len(match[1]) < 21 else 0
    return Heredoc(
        name=names[0],
        expand=_quotes(names[0]) == _quotes(raw_names[0]),
        chomp=match[2] == "-",
        descriptor=min(descriptor, _MAX_DESCRIPTOR),
    )


def is_heredoc(word: str) -> bool:
    """Return whether a word asks for a heredoc; one that cannot be read does not."""
    try:
        return parse_heredoc(word) is not None
    except ExpansionError:
        return False


def _quotes(word: str) -> int:
    return word.count("'") + word.count('"')
