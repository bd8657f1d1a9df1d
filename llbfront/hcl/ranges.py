"""Files of HCL and places in them.

Source: pos.go and diagnostic.go of hashicorp/hcl.
"""

from __future__ import annotations

from functools import cached_property

import attrs

from llbfront.errors import HclError
from llbfront.source import LineRange, Source, Span


@attrs.define(slots=False)
class HclFile:
    """A file with its text. `embedded` is a string that stands in another one, such as a string of JSON: its places are the string's."""

    source: Source
    text: str = attrs.field(repr=False)
    embedded: Range | None = None

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(index + 1 for index, character in enumerate(self.text) if character == "\n")]

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both counted from 1."""
        from bisect import bisect_right

        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1


@attrs.frozen
class Range:
    """A part of a file, as offsets into its text."""

    file: HclFile = attrs.field(repr=False)
    start: int
    end: int

    @property
    def span(self) -> Span:
        if self.file.embedded is not None:
            return self.file.embedded.span
        (first, column), (last, end_column) = self.file.position(self.start), self.file.position(max(self.start, self.end - 1))
        return Span(self.file.source, (LineRange(first, last, column, end_column + 1),))

    def to(self, other: Range) -> Range:
        """Return the range from the start of this to the end of another."""
        return Range(self.file, self.start, max(self.end, other.end)) if self.file is other.file else self

    def __str__(self) -> str:
        return str(self.span)


def read_file(filename: str, data: bytes) -> HclFile:
    """Decode a file. Raises: HclError at the line that is not UTF-8."""
    source = Source(filename, data, "HCL")
    try:
        return HclFile(source, data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise HclError("Invalid character encoding: All input files must be UTF-8 encoded.", span=source.at(line)) from None


def hcl_error(message: str, source_range: Range | None = None, *, hint: str | None = None) -> HclError:
    """Make an error at a place."""
    return HclError(message, span=None if source_range is None else source_range.span, hint=hint)
