"""Parse a Dockerfile to statements: instructions split into words, with their comments and heredocs.

`stages` checks the words and turns statements into instructions.

Source: frontend/dockerfile/parser/parser.go and line_parsers.go of BuildKit.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.dockerfile import jsonform
from llbfront.dockerfile.flags import split_command
from llbfront.dockerfile.heredocs import find_heredocs
from llbfront.dockerfile.lines import BOM, MAX_LINE_BYTES, DirectiveReader, Lines
from llbfront.dockerfile.statements import Directive, Dockerfile, EmptyContinuation, Heredoc, Statement, decode, encode
from llbfront.dockerfile.words import split_blanks, split_first, split_key_values, split_quoted
from llbfront.errors import DockerfileError, DockerfileSyntaxError
from llbfront.errors.llbfront_error import located
from llbfront.gostd.strings import BYTE_WHITESPACE, WHITESPACE, to_lower
from llbfront.source import LineRange, Source, Span

if TYPE_CHECKING:
    Split = tuple[tuple[str, ...], bool]
    """The words of an instruction, and whether they were in JSON form."""

HEREDOC_KEYWORDS = ("add", "copy", "run")
_MAX_CHAINED = 100


@arguments.typed
def parse(source: Source) -> Dockerfile:
    r"""Parse a Dockerfile to statements. `str()` of the result gives the text back exactly.

    Args:
        source: the file.

    Raises:
        DockerfileSyntaxError: the text is not a Dockerfile.
        ExpansionError: the word of a heredoc cannot be read.

    Example:
        >>> from llbfront.dockerfile import Source, parse
        >>> tree = parse(Source("Dockerfile", b"# the base\nFROM alpine\n"))
        >>> tree.statements[0].comments, str(tree)
        (('the base',), '# the base\nFROM alpine\n')
    """
    if not source.data:
        raise DockerfileSyntaxError("the Dockerfile cannot be empty", span=source.at(), spans=())
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = decode(source.data)
        self.lines = Lines(self.text)
        self.escape = "\\"
        self.reader = DirectiveReader()
        self.directives: list[Directive] = []
        self.comments: list[str] = []
        self.statements: list[Statement] = []
        self.warnings: list[EmptyContinuation] = []
        self.printed = 0  # offset after the last statement

    def parse(self) -> Dockerfile:
        offset = len(BOM) if self.text.startswith(BOM) else 0
        while (line := self.lines.take()) is not None:
            if self.lines.number == 1:
                line = line.removeprefix(BOM)
            text = line.rstrip("\r").lstrip(WHITESPACE)
            if text.startswith("#"):
                self._comment(line, text)
            else:
                self.reader.is_done = True
                if text:
                    self._statement(text, offset)
            offset = self.lines.offset
        self._check_end()
        return Dockerfile(
            source=self.source,
            escape=self.escape,
            directives=tuple(self.directives),
            statements=tuple(self.statements),
            warnings=tuple(self.warnings),
            trailing=self.text[self.printed :],
        )

    def _check_end(self) -> None:
        last = self.lines.number
        if not self.statements:
            raise DockerfileSyntaxError(
                "file with no instructions",
                span=self._span(last, last),
                hint="comments and empty lines are not a stage; begin with FROM",
            )
        if self.lines.is_cut:
            raise DockerfileSyntaxError(
                f"dockerfile line greater than max allowed size of {MAX_LINE_BYTES}", span=self._span(last, last)
            )

    def _span(self, start: int, end: int) -> Span:
        return self.source.at(LineRange(start, end))

    def _comment(self, line: str, text: str) -> None:
        if self.reader.is_done or not self._directive(text):
            self._keep_comment(line)

    def _directive(self, text: str) -> bool:
        """Record a comment as a directive if it is one."""
        number = self.lines.number
        with located(self._span(number - 1, number - 1)):  # Parity: BuildKit names the line before
            directive = self.reader.read(text, number)
            if directive is None:
                return False
            self.directives.append(directive)
            if directive.name == "escape":
                if directive.value not in {"`", "\\"}:
                    raise DockerfileSyntaxError(f"invalid escape token '{directive.value}' does not match ` or \\")
                self.escape = directive.value
            return True

    def _keep_comment(self, line: str) -> None:
        # Parity: BuildKit takes the first byte off, which is not the `#` of an indented comment
        comment = (line[1:] if line[0].isascii() else decode(encode(line)[1:])).strip(WHITESPACE)
        if comment:
            self.comments.append(comment)
        else:
            self.comments.clear()

    def _statement(self, first: str, offset: int) -> None:
        start = self.lines.number
        logical = self.lines.take_logical(first, offset, self.escape)
        line = logical.text
        if logical.has_empty:
            self.warnings.append(EmptyContinuation(self.lines.number, line))
        try:
            words = _split(line, self.escape)
            heredocs = tuple(map(self._read, find_heredocs(line))) if words.takes_heredocs and "<<" in line else ()
        except DockerfileError as error:
            raise error.evolve(span=self._span(start, self.lines.number)) from error
        self.statements.append(
            Statement(
                keyword=words.keyword,
                original=line,
                flags=words.flags,
                args=words.args,
                is_json=words.is_json,
                range=LineRange(start, self.lines.number),
                source=self.source,
                comments=tuple(self.comments),
                heredocs=heredocs,
                leading=self.text[self.printed : offset],
                raw=self.text[offset : self.lines.offset],
            )
        )
        self.printed = self.lines.offset
        self.comments.clear()

    def _read(self, heredoc: Heredoc) -> Heredoc:
        content = self.lines.take_until(heredoc.name, ignore_tabs=heredoc.chomp)
        if content is None:
            raise DockerfileSyntaxError("unterminated heredoc", hint=f"end it with a line that is only {heredoc.name}")
        return attrs.evolve(heredoc, content=content)


class _Words:
    """An instruction split into words."""

    __slots__ = ("args", "flags", "is_json", "keyword", "takes_heredocs")

    def __init__(self, keyword: str, flags: tuple[str, ...], args: tuple[str, ...], *, is_json: bool, takes_heredocs: bool) -> None:
        self.keyword = keyword
        self.flags = flags
        self.args = args
        self.is_json = is_json
        self.takes_heredocs = takes_heredocs


def _split(line: str, escape: str) -> _Words:
    keyword, flags, rest = split_command(line, escape)
    name = to_lower(keyword)
    if name == "onbuild" and rest:
        return _split_trigger(keyword, flags, rest, escape)
    split = _SPLITS.get(name)
    args, is_json = split(rest, escape) if split else ((), False)
    return _Words(keyword, flags, args, is_json=is_json, takes_heredocs=name in HEREDOC_KEYWORDS and not is_json)


def _split_trigger(keyword: str, flags: tuple[str, ...], text: str, escape: str) -> _Words:
    """Split ONBUILD: the words are the trigger's keyword and words."""
    if to_lower(split_first(text)[0]) == "onbuild":
        _split_chained(text, escape)
        return _Words(keyword, flags, ("ONBUILD",), is_json=False, takes_heredocs=False)
    trigger = _split(text, escape)
    args = (trigger.keyword, *trigger.args)
    return _Words(keyword, flags, args, is_json=False, takes_heredocs=trigger.takes_heredocs)


def _split_chained(text: str, escape: str) -> None:
    """Split the innermost instruction of a chain of ONBUILD, which will be refused. Parity: an error in it comes first."""
    for _ in range(_MAX_CHAINED):
        name, _flags, text = split_command(_chain().sub("", text), escape)
        if to_lower(name) != "onbuild":
            if split := _SPLITS.get(to_lower(name)):
                split(text, escape)
            return


@cache
def _chain() -> re.Pattern[str]:
    """Return a chain of ONBUILD without its last element."""
    return re.compile(r"\A(?:onbuild[\t\v\f\r ]+)+(?=onbuild[\t\v\f\r ])", re.IGNORECASE)


def _split_command(text: str, _escape: str = "") -> Split:
    strings = jsonform.parse_array(text)
    if strings is not None:
        return strings, True
    return (text,) if text else (), False


def _split_paths(text: str, _escape: str = "") -> Split:
    strings = jsonform.parse_array(text)
    return (split_blanks(text), False) if strings is None else (strings, True)


def _split_healthcheck(text: str, _escape: str) -> Split:
    # Parity: BuildKit looks for blanks among the bytes, some of which are parts of characters beyond ASCII
    characters = encode(text).decode("latin-1")
    end = next((place for place, character in enumerate(characters) if character in BYTE_WHITESPACE), len(characters))
    if end == 0:
        return (), False
    command, is_json = _split_command(decode(characters[end:].lstrip(BYTE_WHITESPACE).encode("latin-1")))
    return (decode(characters[:end].encode("latin-1")), *command), is_json


def _split_key_values(text: str, instruction: str, escape: str) -> Split:
    """Split names and values. As in BuildKit's nodes, each pair is three strings: name, value and separator."""
    return tuple(itertools.chain.from_iterable(split_key_values(text, instruction, escape))), False


def _split_words(text: str, _escape: str = "") -> Split:
    return split_blanks(text), False


def _split_text(text: str, _escape: str = "") -> Split:
    return (text,) if text else (), False


_SPLITS: dict[str, Callable[[str, str], Split]] = {
    "add": _split_paths,
    "arg": lambda text, escape: (split_quoted(text, escape), False),
    "cmd": _split_command,
    "copy": _split_paths,
    "entrypoint": _split_command,
    "env": lambda text, escape: _split_key_values(text, "ENV", escape),
    "expose": _split_words,
    "from": _split_words,
    "healthcheck": _split_healthcheck,
    "label": lambda text, escape: _split_key_values(text, "LABEL", escape),
    "maintainer": _split_text,
    "run": _split_command,
    "shell": _split_command,
    "stopsignal": _split_text,
    "user": _split_text,
    "volume": _split_paths,
    "workdir": _split_text,
}
