"""Parser directives: `# name=value` lines at the top, and the syntax line of other file formats.

Enters: lines, or a whole file. Leaves: directives.

Source: frontend/dockerfile/parser/directives.go of BuildKit.
"""

from __future__ import annotations

import re
from functools import cache

from llbfront.dockerfile import jsonform
from llbfront.dockerfile.golang import BLANKS
from llbfront.dockerfile.lines import BOM, is_too_long
from llbfront.dockerfile.tree import Directive, decode
from llbfront.errors import DockerfileSyntaxError
from llbfront.text import LineRange
from llbfront.value import Value, evolve

KNOWN = ("syntax", "escape", "check")


class SyntaxDirective(Value):
    """Which frontend a file asks for: its image, and the whole value, which may hold arguments behind the image."""

    ref: str
    cmdline: str
    range: LineRange


@cache
def _assignment() -> re.Pattern[str]:
    return re.compile(r"([a-zA-Z][a-zA-Z0-9]*+)[\t\f\r ]*+=([^\n]++)")


class DirectiveReader:
    """Reads directives from the lines at the top of a file until one that is none."""

    def __init__(self, comment: str = "#") -> None:
        self.is_done = False
        self._comment = comment
        self._seen: set[str] = set()

    def read(self, line: str, number: int) -> Directive | None:
        """Read a line without its end. Raises: DockerfileSyntaxError for a directive that was given before."""
        match = _assignment().fullmatch(line[len(self._comment) :].lstrip(BLANKS)) if line.startswith(self._comment) else None
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
    found = _find(name, data, "#")
    return None if found is None else evolve(found, value=found.value.partition(" ")[0])


def detect_syntax(data: bytes) -> SyntaxDirective | None:
    """Return what a file of any format names as its frontend: `# syntax=`, `// syntax=`, or the JSON key `syntax`."""
    found = _find("syntax", data, "#") or _find("syntax", data, "//")
    if found is not None:
        return SyntaxDirective(found.value.partition(" ")[0], found.value, LineRange(found.line, found.line))
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
