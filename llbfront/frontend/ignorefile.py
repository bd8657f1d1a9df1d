"""Read ignore files, and find the line of a pattern that turns out to be malformed.

Source: github.com/moby/patternmatcher/ignorefile, dockerIgnorePatterns in frontend/dockerui/config.go of BuildKit.
"""

from __future__ import annotations

from typing import Self

import attrs

from llbfront.errors import ContextError
from llbfront.fsutil.errors import LongLine, MalformedPattern
from llbfront.fsutil.patterns import Matcher, read_ignore
from llbfront.source import Source, Span

IGNORE = ".dockerignore"


class LongIgnoreLine(ContextError):
    """A line of an ignore file is too long."""

    def __init__(self, name: str, message: str, span: Span) -> None:
        super().__init__(f"failed parsing {name}: {message}", span=span, spans=())
        self.reason = message

    @property
    def text(self) -> str:
        """Parity: engines get the message of Go's scanner, and no line."""
        return f"{self.message.removesuffix(self.reason)}bufio.Scanner: token too long"


@attrs.frozen
class IgnoreFile:
    """The patterns of an ignore file and the lines that they stand on."""

    source: Source = attrs.field(factory=lambda: Source(IGNORE, b"", ""))
    patterns: tuple[str, ...] = ()
    lines: tuple[int, ...] = attrs.field(default=(), repr=False)

    @classmethod
    def parse(cls, data: bytes, name: str = IGNORE) -> Self:
        """Read an ignore file. Raises: ContextError for a line that is too long."""
        try:
            numbered = read_ignore(data)
        except LongLine as error:
            span = Source(name, b"", "").at(error.number)  # without the text, which is too long for an excerpt
            raise LongIgnoreLine(name, error.message, span) from error
        return cls(Source(name, data, ""), tuple(pattern for _, pattern in numbered), tuple(line for line, _ in numbered))

    def matcher(self) -> Matcher:
        """Return what the patterns match. Raises: MalformedPattern with its line."""
        try:
            return Matcher(self.patterns)
        except MalformedPattern as error:
            raise error.evolve(span=self.span(error)) from error

    def span(self, error: MalformedPattern) -> Span | None:
        """Return the line of a malformed pattern, None if the pattern is not from this file."""
        number = error.number
        if number >= len(self.patterns) or self.patterns[number].removeprefix("!") != error.pattern.removeprefix("!"):
            return None
        return self.source.at(self.lines[number])
