"""Split HCL text into tokens.

Templates nest: a quoted string or a heredoc holds `${…}` sequences with expressions that hold strings again. The scanner
keeps a stack of modes for that.

Source: hclsyntax/scan_tokens.rl and token.go of hashicorp/hcl.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import attrs

from llbfront.hcl.ranges import HclFile, Range, hcl_error

EOF = "end of file"
NEWLINE = "newline"
IDENTIFIER = "identifier"
NUMBER = "number"
OPEN_QUOTE = "opening quote"
CLOSE_QUOTE = "closing quote"
OPEN_HEREDOC = "heredoc"
CLOSE_HEREDOC = "end of heredoc"
LITERAL = "text"  # between the delimiters of a template
INTERPOLATION = "${"
DIRECTIVE = "%{"
SEQUENCE_END = "end of template sequence"
COMMENT = "comment"
INVALID = "invalid character"

_MAIN = re.compile(
    r"""(?P<space>[ \t]+)
    |(?P<number>[0-9](?:(?:[0-9.]|[eE][+-]?[0-9])*(?:[0-9]|[eE][+-]?[0-9]))?)
    |(?P<identifier>[^\W\d][\w-]*)
    |(?P<comment>(?:\#|//)[^\n]*\n?|/\*(?s:.*?)\*/)
    |(?P<newline>\r?\n)
    |(?P<heredoc><<-?(?P<marker>[^\W\d][\w-]*)\r?\n)
    |(?P<operator>==|!=|>=|<=|&&|\|\||::|\.\.\.|=>|[\[\]().,*/%+\-=<>!?:])
    |(?P<sequence_end>~\})
    |(?P<brace>[{}])
    |(?P<quote>")
    |(?P<invalid>(?s:.))""",
    re.VERBOSE,
)
_ESCAPED_OR_LONE = r"\$\$\{~?|%%\{~?|\$(?!\{)|%(?!\{)"
_QUOTED = re.compile(
    rf'(?P<interpolation>\$\{{~?)|(?P<directive>%\{{~?)|(?P<end>")'
    rf'|(?P<literal>{_ESCAPED_OR_LONE}|(?:\\[^\r\n]|[^$%"\\\r\n])+)|(?P<invalid>(?s:.))'
)
_HEREDOC = re.compile(rf"(?P<interpolation>\$\{{~?)|(?P<directive>%\{{~?)|(?P<literal>(?:{_ESCAPED_OR_LONE}|[^$%\n]*)\n?)")


class Token(NamedTuple):
    """A token: its kind, its text, and where it starts in the file. Operators and braces are their own kind."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@attrs.define
class _Mode:
    """A place on the stack: what is scanned there. `marker` ends a heredoc; `braces` is the level at which a sequence ends."""

    kind: str
    marker: str = ""
    is_line_start: bool = True
    braces: int = 0


class _Scanner:
    def __init__(self, file: HclFile, start: int, end: int, kind: str) -> None:
        self.file = file
        self.text = file.text
        self.position = start
        self.end = end
        self.tokens: list[Token] = []
        self.braces = 0
        self.modes = [_Mode(kind)]

    def run(self) -> list[Token]:
        steps = {"main": self._main, "quoted": self._quoted, "heredoc": self._heredoc, "template": self._heredoc}
        while self.position < self.end:
            steps[self.modes[-1].kind]()
        self.tokens.append(Token(EOF, "", self.end))
        return self.tokens

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.position, self.end)
        assert match is not None, "each pattern matches any character"
        self.position = match.end()
        return match

    def _add(self, kind: str, text: str, start: int) -> None:
        self.tokens.append(Token(kind, text, start))

    def _main(self) -> None:
        match = self._match(_MAIN)
        kind, text, start = str(match.lastgroup), match.group(), match.start()
        kind = "heredoc" if kind == "marker" else kind
        if kind == "quote":
            self._add(OPEN_QUOTE, text, start)
            self.modes.append(_Mode("quoted"))
        elif kind == "heredoc":
            self._add(OPEN_HEREDOC, text, start)
            self.modes.append(_Mode("heredoc", match["marker"]))
        elif kind in {"brace", "sequence_end"}:
            self._brace(text, start)
        elif kind == "operator":
            self._add(text, text, start)
        elif kind == "invalid":
            raise hcl_error(
                "Invalid character: This character is not used within the language.", Range(self.file, start, start + 1)
            )
        elif kind != "space":
            self._add(kind, text, start)

    def _brace(self, text: str, start: int) -> None:
        if text == "{":
            self.braces += 1
            self._add("{", text, start)
            return
        ends = self.modes[-1].braces == self.braces and len(self.modes) > 1
        self._add(SEQUENCE_END if ends or text == "~}" else "}", text, start)
        self.braces -= 1
        if ends:
            self.modes.pop()

    def _open_sequence(self, kind: str, match: re.Match[str]) -> None:
        self._add(kind, match.group(), match.start())
        self.modes[-1].is_line_start = False
        self.braces += 1
        self.modes.append(_Mode("main", braces=self.braces))

    def _quoted(self) -> None:
        match = self._match(_QUOTED)
        if match["interpolation"]:
            self._open_sequence(INTERPOLATION, match)
        elif match["directive"]:
            self._open_sequence(DIRECTIVE, match)
        elif match["end"]:
            self._add(CLOSE_QUOTE, match.group(), match.start())
            self.modes.pop()
        else:
            self._add(LITERAL if match["literal"] else INVALID, match.group(), match.start())

    def _heredoc(self) -> None:
        match = self._match(_HEREDOC)
        mode = self.modes[-1]
        if match["interpolation"]:
            self._open_sequence(INTERPOLATION, match)
            return
        if match["directive"]:
            self._open_sequence(DIRECTIVE, match)
            return
        text, start = match.group(), match.start()
        if mode.kind == "heredoc" and mode.is_line_start and text.endswith("\n") and text.strip() == mode.marker:
            body = text.rstrip("\r\n")
            self._add(CLOSE_HEREDOC, body, start)
            self._add(NEWLINE, text[len(body) :], start + len(body))
            self.modes.pop()
            return
        mode.is_line_start = text.endswith("\n")
        self._add(LITERAL, text, start)


def scan(file: HclFile) -> list[Token]:
    """Return the tokens of a file in HCL syntax."""
    return _Scanner(file, 1 if file.text.startswith("\ufeff") else 0, len(file.text), "main").run()


def scan_template(file: HclFile, start: int, end: int) -> list[Token]:
    """Return the tokens of a template that stands in a file without quotes, as the strings of JSON files do."""
    return _Scanner(file, start, end, "template").run()


def scan_expression(file: HclFile, start: int, end: int) -> list[Token]:
    """Return the tokens of an expression in a part of a file."""
    return _Scanner(file, start, end, "main").run()
