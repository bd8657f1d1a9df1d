"""The Dockerfile as it was written: statements with every byte that belongs to them.

Text is decoded as UTF-8 with `surrogateescape`, so that other bytes survive; `bytes(dockerfile)` gives the bytes of the file.

Source: frontend/dockerfile/parser/parser.go of BuildKit (Node, Heredoc, Result).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from llbfront.source import LineRange, Source, Span


def decode(data: bytes) -> str:
    """Decode bytes of a Dockerfile to text; `encode` returns the same bytes."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Encode text that came from `decode` to the original bytes."""
    return text.encode("utf-8", "surrogateescape")


@attrs.frozen
class Directive:
    """A parser directive at the top of a file: `# NAME=VALUE`.

    Attributes:
        name: its name, in lower case.
        value: its value.
        line: its line.
    """

    name: str
    value: str
    line: int


@attrs.frozen
class Heredoc:
    """A document below an instruction.

    Attributes:
        name: the word that ends it.
        content: the text as written, line endings included.
        expand: whether variables are expanded: the word was not quoted.
        chomp: whether leading tabs are not part of the document (`<<-`).
        descriptor: the file descriptor before `<<`.
    """

    name: str
    content: str = ""
    expand: bool = True
    chomp: bool = False
    descriptor: int = 0

    @property
    def body(self) -> str:
        """The document itself: `content`, without leading tabs if it was written `<<-`."""
        if not self.chomp:
            return self.content
        return "\n".join(line.lstrip("\t") for line in self.content.split("\n"))


@attrs.frozen
class Statement:
    """One instruction as written, split into words. Nothing is expanded or checked yet.

    Attributes:
        keyword: the first word, in the letter case of the file.
        original: all of it on one line: continuations joined, comments taken out.
        flags: leading words `--name=value`, without quotes.
        args: the words after the flags. ENV and LABEL: key, value and `=` (empty in the legacy form), repeated; ONBUILD: keyword and
            args of the trigger.
        is_json: whether the arguments are in JSON form.
        range: its lines.
        comments: the comment lines above it, without `#`.
        heredocs: its heredocs.
        leading: the text between the statement before and this one.
        raw: the text of the statement, with its heredocs and the line end.
        source: the file, None if the statement comes from no file.
    """

    keyword: str
    original: str
    flags: tuple[str, ...]
    args: tuple[str, ...]
    is_json: bool
    range: LineRange
    comments: tuple[str, ...] = ()
    heredocs: tuple[Heredoc, ...] = ()
    leading: str = attrs.field(default="", repr=False)
    raw: str = attrs.field(default="", repr=False)
    source: Source | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def span(self) -> Span | None:
        """The place in the file."""
        return self.source.at(self.range) if self.source else None


@attrs.frozen
class EmptyContinuation:
    """A lint fact: a statement that ends on `line` has empty lines inside it."""

    line: int
    text: str


@attrs.frozen
class Dockerfile:
    """A parsed file. `str()` and `bytes()` give it back exactly.

    Attributes:
        source: the file.
        escape: the escape character.
        directives: the parser directives, such as `# syntax=`.
        statements: the instructions.
        warnings: statements with empty lines inside them.
        trailing: the text after the last statement.
    """

    source: Source
    escape: str
    directives: tuple[Directive, ...]
    statements: tuple[Statement, ...]
    warnings: tuple[EmptyContinuation, ...] = ()
    trailing: str = ""

    def __str__(self) -> str:
        return "".join([part for statement in self.statements for part in (statement.leading, statement.raw)] + [self.trailing])

    def __bytes__(self) -> bytes:
        return encode(str(self))

    def directive(self, name: str) -> Directive | None:
        """Return the parser directive of that name."""
        return next((directive for directive in self.directives if directive.name == name), None)
