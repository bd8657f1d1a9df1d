"""Physical lines, and the logical lines that continuations make of them.

Enters: text of a file. Leaves: lines one by one, with the count of those taken.

Source: frontend/dockerfile/parser/parser.go of BuildKit (Parse, scanLines, trimContinuationCharacter).
"""

from __future__ import annotations

from llbfront.dockerfile.golang import BLANKS
from llbfront.dockerfile.tree import decode, encode

MAX_LINE_BYTES = 65_535
BOM = "\ufeff"


def is_too_long(line: str) -> bool:
    """Tell whether a line without its line feed has more bytes than BuildKit reads."""
    return len(line) * 4 > MAX_LINE_BYTES and len(encode(line)) > MAX_LINE_BYTES


def continued(line: str, escape: str) -> tuple[str, bool]:
    """Return a line without its continuation mark, and whether it had one.

    The mark is the escape character before blanks at the end, unless another escape character stands before it.
    """
    text = line.rstrip(" \t")
    if not text.endswith(escape) or text[-2:-1] == escape:
        return line, False
    return text[:-1], True


class Logical:
    """A line with the lines that continue it, joined. `has_empty` tells of empty lines inside.

    `places` says where the parts come from, as (offset in `text`, offset in the file).
    """

    __slots__ = ("has_empty", "places", "text")

    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.has_empty = False
        self.places = [(0, offset)]


class Lines:
    """Takes lines in order. `number` of them are taken, which have `offset` letters, line feeds included.

    A line that is too long ends the text; `is_cut` then tells that there is one.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._feeds = len(self._lines) - 1
        if not self._lines[-1]:
            self._lines.pop()
        self._count = next((number for number, line in enumerate(self._lines) if is_too_long(line)), len(self._lines))
        self.is_cut = self._count < len(self._lines)
        self._has_ended = False
        self.number = 0
        self.offset = 0

    def take(self) -> str | None:
        """Return the next line without its line feed, None at the end."""
        if self.number == self._count and self.is_cut and self._has_ended:
            # Parity: whoever asks again is given what BuildKit's scanner holds of the line that is too long
            self.number += 1
            return decode(encode(self._lines[self._count])[: MAX_LINE_BYTES + 1])
        if self.number >= self._count:
            self._has_ended = True
            return None
        line = self._lines[self.number]
        self.offset += len(line) + (self.number < self._feeds)
        self.number += 1
        return line

    def take_logical(self, first: str, offset: int, escape: str) -> Logical:
        """Join the taken text `first`, which stands at `offset`, with the lines that continue it.

        Comment lines inside are left out, and so are empty ones.
        """
        part, is_continued = continued(first, escape)
        logical = Logical(part, offset)
        if is_continued:
            self._continue(logical, escape)
        return logical

    def _continue(self, logical: Logical, escape: str) -> None:
        parts, length, is_continued = [logical.text], len(logical.text), True
        offset = self.offset
        while is_continued and (line := self.take()) is not None:
            line = line.rstrip("\r")
            text = line.lstrip(BLANKS)
            if not text:
                logical.has_empty = True
            elif text[0] != "#":
                part, is_continued = continued(line, escape)
                logical.places.append((length, offset))
                parts.append(part)
                length += len(part)
            offset = self.offset
        logical.text = "".join(parts)

    def take_until(self, terminator: str, *, ignore_tabs: bool) -> str | None:
        """Take the lines of a document and the line that ends it. Return the document, None if nothing ends it."""
        parts: list[str] = []
        while (line := self.take()) is not None:
            text = line.rstrip("\r")
            if (text.lstrip("\t") if ignore_tabs else text) == terminator:
                return "".join(parts)
            parts += (line, "\n")
        return None
