"""A stream of tokens that skips comments, and line breaks where these do not matter.

Source: hclsyntax/peeker.go of hashicorp/hcl.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from llbfront.hcl import tokens as t
from llbfront.hcl.expressions import Expression
from llbfront.hcl.ranges import HclFile, Range


class TokenStream:
    """The tokens of a file, read one after the other."""

    def __init__(self, file: HclFile, tokens: list[t.Token]) -> None:
        self.file = file
        self._tokens = [self._without_comment(token) for token in tokens]
        self._position = 0
        self._newlines = [True]

    @staticmethod
    def _without_comment(token: t.Token) -> t.Token:
        """Turn a comment that ends its line into a line break."""
        if token.kind == t.COMMENT and token.text.endswith("\n"):
            return t.Token(t.NEWLINE, "\n", token.start + len(token.text) - 1)
        return token

    def _next(self) -> int:
        position = self._position
        while self._tokens[position].kind == t.COMMENT or (self._tokens[position].kind == t.NEWLINE and not self._newlines[-1]):
            position += 1
        return position

    def peek(self) -> t.Token:
        """Return the next token without consuming it. After the last one it is the end of the file."""
        return self._tokens[self._next()]

    def read(self) -> t.Token:
        """Read the next token."""
        position = self._next()
        self._position = min(position + 1, len(self._tokens) - 1)
        return self._tokens[position]

    def range_of(self, token: t.Token) -> Range:
        return Range(self.file, token.start, token.end)

    def here(self) -> Range:
        """Return the place of the next token."""
        return self.range_of(self.peek())

    @contextmanager
    def newlines(self, matter: bool) -> Iterator[None]:
        """Return or skip line breaks inside a `with` block."""
        self._newlines.append(matter)
        try:
            yield
        finally:
            self._newlines.pop()

    def ignore_newlines(self) -> None:
        """Skip line breaks from here on."""
        self._newlines[-1] = False


class Parser(Protocol):
    """The part of the expression parser that the parsers of templates and collections use."""

    stream: TokenStream

    def expression(self) -> Expression: ...
