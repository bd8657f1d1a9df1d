"""Split a file into lines, join continuations to logical lines, and parse the directives at the top (`# name=value`).

Source: frontend/dockerfile/parser/parser.go (Parse, scanLines, trimContinuationCharacter) and directives.go of BuildKit.
"""

from __future__ import annotations

import re
from functools import cache

import attrs

from llbfront.dockerfile import jsonform
from llbfront.dockerfile.statements import Directive, decode, encode
from llbfront.errors import DockerfileSyntaxError
from llbfront.gostd.strings import WHITESPACE
from llbfront.source import LineRange

KNOWN = ("syntax", "escape", "check")
MAX_LINE_BYTES = 65_535
BOM = "\ufeff"


@attrs.frozen
class SyntaxDirective:
    """The frontend that a file names: its image, and the whole value, which may have arguments after the image."""

    ref: str
    cmdline: str
    range: LineRange


@cache
def _assignment() -> re.Pattern[str]:
    return re.compile(r"([a-zA-Z][a-zA-Z0-9]*+)[\t\f\r ]*+=([^\n]++)")


class DirectiveReader:
    """Reads directives from the lines at the top of a file until a line that is not a directive."""

    def __init__(self, comment: str = "#") -> None:
        self.is_done = False
        self._comment = comment
        self._seen: set[str] = set()

    def read(self, line: str, number: int) -> Directive | None:
        """Read a line without its end. Raises: DockerfileSyntaxError for a directive that was given before."""
        match = _assignment().fullmatch(line[len(self._comment) :].lstrip(WHITESPACE)) if line.startswith(self._comment) else None
        name = match[1].lower() if match else ""
        if match is None or name not in KNOWN:
            self.is_done = True
            return None
        if name in self._seen:
            raise DockerfileSyntaxError(f"only one {name} parser directive can be used")
        self._seen.add(name)
        return Directive(name, match[2].strip("\t\f\r ") or match[2][-1], number)


def find_directive(name: str, data: bytes) -> Directive | None:
    """Return a directive of a Dockerfile, which may begin with a `#!` line; its value ends at the first space."""
    directive = _find(name, data, "#")
    return None if directive is None else attrs.evolve(directive, value=directive.value.partition(" ")[0])


def detect_syntax(data: bytes) -> SyntaxDirective | None:
    """Return what a file of any format names as its frontend: `# syntax=`, `// syntax=`, or the JSON key `syntax`."""
    directive = _find("syntax", data, "#") or _find("syntax", data, "//")
    if directive is not None:
        return SyntaxDirective(directive.value.partition(" ")[0], directive.value, LineRange(directive.line, directive.line))
    text, first_line = _without_shebang(data)
    value = jsonform.member(text, "syntax")
    before = first_line - 1  # Parity: BuildKit names the line before
    return None if value is None else SyntaxDirective(value, value, LineRange(before, before))


def _without_shebang(data: bytes) -> tuple[str, int]:
    """Return the text without byte order mark and `#!` line, and the number of its first line."""
    text = decode(data).removeprefix(BOM)
    return (text.partition("\n")[2], 2) if text.startswith("#!") else (text, 1)


def _find(name: str, data: bytes, comment: str) -> Directive | None:
    text, first_line = _without_shebang(data)
    reader = DirectiveReader(comment)
    for number, line in enumerate(text.split("\n", len(KNOWN))[: len(KNOWN)], first_line):
        if is_too_long(line):
            return None
        try:
            directive = reader.read(line.removesuffix("\r"), number)
        except DockerfileSyntaxError:
            return None
        if reader.is_done:
            return None
        if directive and directive.name == name:
            return directive
    return None


def is_too_long(line: str) -> bool:
    """Return whether a line without its line feed has more bytes than BuildKit reads."""
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
    """A line with the lines that continue it, joined. `has_empty`: it has empty lines inside.

    `places` says where the parts come from, as (offset in `text`, offset in the file).
    """

    __slots__ = ("has_empty", "places", "text")

    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.has_empty = False
        self.places = [(0, offset)]


class Lines:
    """Takes lines in order. `number` of them are taken, which have `offset` characters, line feeds included.

    A line that is too long ends the text; `is_cut` is set then.
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
            # Parity: a second call returns what BuildKit's scanner holds of the line that is too long
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
            text = line.lstrip(WHITESPACE)
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
