"""Positions in source texts: a Source, spans of its lines, and excerpts with those lines marked.

A source that was composed from other sources knows the origin of each line, and its positions refer to these sources.

Source: solver/pb (SourceInfo, Range) and solver/errdefs/source.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.printable import visible, visible_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTEXT_LINES = 2
LONGEST_LINE = 1000


@attrs.frozen
class Source:
    r"""A file as it was read.

    Args:
        filename: its name, for people.
        data: its content.
        language: the language that graph viewers colour it by.

    Example:
        >>> from llbfront.dockerfile import Source
        >>> print(Source("site.yaml", b"base: alpine\n").at(1))
        site.yaml:1
    """

    filename: str
    data: bytes = attrs.field(repr=False)
    language: str = "Dockerfile"

    @property
    def text(self) -> str:
        """The file as text. Bytes that are not UTF-8 become surrogates (`surrogateescape`)."""
        return self.data.decode("utf-8", "surrogateescape")

    def at(self, *where: int | LineRange) -> Span:
        """Return the place of lines in this file. Lines count from 1."""
        return self.place(tuple([LineRange(part, part) if isinstance(part, int) else part for part in where]))

    def place(self, ranges: tuple[LineRange, ...]) -> Span:
        """Return the span of ranges of lines. The ranges are shared, not copied."""
        return Span(self, ranges)


@attrs.frozen
class Composed(Source):
    """A source composed of pieces of others. `origins` says for each line where it comes from, None for lines without an origin."""

    origins: tuple[Span | None, ...] = attrs.field(default=(), eq=False, repr=False)

    def place(self, ranges: tuple[LineRange, ...]) -> Span:
        """Return the origin of lines. If they come from several files, it is the origin of the first line; if from none, the lines themselves."""
        numbers = [line for part in ranges for line in range(part.start, max(part.start, part.end) + 1)]
        spans = [span for line in numbers if 0 < line <= len(self.origins) and (span := self.origins[line - 1])]
        if not spans:
            return Span(self, ranges)
        first = spans[0].source
        return Span(first, tuple(dict.fromkeys([part for span in spans if span.source == first for part in span.ranges])))


@attrs.frozen
class LineRange:
    """A range of lines of a file, counted from 1.

    Args:
        start: the first line.
        end: the last line.
        start_character: where it starts in the first line, 0 if only lines are known.
        end_character: where it ends in the last line, 0 if only lines are known.
    """

    start: int
    end: int
    start_character: int = 0
    end_character: int = 0


@attrs.frozen
class Span:
    """A place in a file: one or more ranges of lines.

    Args:
        source: the file.
        ranges: the ranges.
    """

    source: Source
    ranges: tuple[LineRange, ...]

    @property
    def line(self) -> int | None:
        """The first line of the span, None when it has no range or none that is in the file."""
        return (self.ranges[0].start or None) if self.ranges else None

    def __str__(self) -> str:
        return self.source.filename if self.line is None else f"{self.source.filename}:{self.line}"


def split_lines(source: Source) -> list[str]:
    """Return the lines of a file without their line feeds.

    Only a line feed ends a line, as for BuildKit, whose line numbers errors and warnings carry; `str.splitlines` counts others, too.
    """
    text = source.text.removeprefix("\ufeff")
    return text.removesuffix("\n").split("\n") if text else []


def visible_line(line: str) -> str:
    """Return a line of a file as a terminal may show it, without the carriage return that ends it; a very long one without its middle."""
    line = line.removesuffix("\r")
    half = LONGEST_LINE // 2
    return visible_lines(line if len(line) <= LONGEST_LINE else f"{line[:half]} … {line[-half:]}")


def marked_lines(ranges: Iterable[LineRange], count: int) -> list[int]:
    """Return the numbers of the lines in `ranges`, sorted, without those that a file of `count` lines does not have."""
    limits = ((max(1, part.start), min(count, max(part.start, part.end))) for part in ranges)
    return sorted({number for first, last in limits for number in range(first, last + 1)})


def excerpt(span: Span) -> str:
    """Print the lines of a span with two lines around them, the span's own after `>>>`.

    Ends with a newline; empty when the span has no lines inside the file.
    """
    lines = split_lines(span.source)
    marked = marked_lines(span.ranges, len(lines))
    if not marked:
        return ""
    first, last = max(1, marked[0] - CONTEXT_LINES), min(len(lines), marked[-1] + CONTEXT_LINES)
    shown = set(marked)
    width = len(str(last))
    rows = (
        f"{number:{width + 1}} | {'>>>' if number in shown else '   '} {visible_line(lines[number - 1])}".rstrip()
        for number in range(first, last + 1)
    )
    rule = "-" * 20
    return "\n".join((visible(str(span)), rule, *rows, rule, ""))
