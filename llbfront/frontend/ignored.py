"""Which paths an ignore file leaves out, as far as checks ask for it.

Enters: patterns as `files.read_patterns` gives them. Leaves: a matcher; walking a directory by patterns is the `fs` room's work.

Source: github.com/moby/patternmatcher.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from llbfront.dockerfile.golang import BLANKS
from llbfront.errors import ContextError

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLASS = re.compile(r"\[\^?(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+\]", re.DOTALL)


class Ignored:
    """The patterns of an ignore file. Raises ContextError for one that is malformed."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns: list[tuple[bool, str, re.Pattern[str]]] = []
        for text in patterns:
            pattern = text.strip(BLANKS)
            if not pattern:
                continue
            pattern = posixpath.normpath(pattern)
            inverted = pattern.startswith("!")
            if pattern == "!":
                raise ContextError('illegal exclusion pattern: "!"')
            pattern = pattern[1:] if inverted else pattern
            self._patterns.append((inverted, pattern, _compile(pattern)))

    def __bool__(self) -> bool:
        return bool(self._patterns)

    @property
    def has_exceptions(self) -> bool:
        """Whether some pattern lets paths in again."""
        return any(inverted for inverted, _, _ in self._patterns)

    @property
    def ignores_root(self) -> bool:
        """Whether a pattern leaves out everything in the root."""
        return any(not inverted and pattern in {"*", "**", "**/*"} for inverted, pattern, _ in self._patterns)

    def matches(self, path: str) -> bool:
        """Whether a path, or a directory above it, is left out; the last pattern that says something wins."""
        above = posixpath.dirname(path) or "."
        parts = above.split("/")
        parents = [] if above == "." else ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        matched = False
        for inverted, _, pattern in self._patterns:
            if inverted == matched and any(pattern.match(each) for each in (path, *parents)):
                matched = not inverted
        return matched


def _compile(pattern: str) -> re.Pattern[str]:
    """Turn a pattern into an expression: `*` and `?` stop at a slash, `**` takes any number of directories."""
    out, at = [], 0
    while at < len(pattern):
        letter = pattern[at]
        at += 1
        if pattern.startswith("**", at - 1):
            at += 1
            at += pattern.startswith("/", at)
            out.append(".*" if at == len(pattern) else "(?:.*/)?")
        elif letter == "*":
            out.append("[^/]*")
        elif letter == "?":
            out.append("[^/]")
        elif letter == "[":
            match = _CLASS.match(pattern, at - 1)
            if match is None:
                raise ContextError("syntax error in pattern")
            out.append(match[0])
            at = match.end()
        elif letter == "\\":
            if at == len(pattern):
                raise ContextError("syntax error in pattern")
            out.append(re.escape(pattern[at]))
            at += 1
        else:
            out.append(re.escape(letter))
    return re.compile("".join(out) + r"\Z")
