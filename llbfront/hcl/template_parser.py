"""Parse templates of HCL: quoted strings, heredocs, and the strings of JSON files.

Source: hclsyntax/parser_template.go of hashicorp/hcl.
"""

from __future__ import annotations

import re

import attrs

from llbfront.hcl import tokens as t
from llbfront.hcl.collections import For
from llbfront.hcl.expressions import Expression, Literal
from llbfront.hcl.operations import Conditional
from llbfront.hcl.ranges import Range, hcl_error
from llbfront.hcl.templates import Template, TemplateJoin, TemplateWrap
from llbfront.hcl.token_stream import Parser
from llbfront.hcl.values import string

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_DIRECTIVES = {"if", "else", "endif", "for", "endfor"}


@attrs.define(eq=False)
class _Text:
    """Literal text between sequences."""

    text: str
    source_range: Range


@attrs.frozen(eq=False)
class _Sequence:
    """A `${…}` or `%{…}`: its kind, and the expression in it."""

    kind: str
    source_range: Range
    expression: Expression | None = None
    names: tuple[str, ...] = ()


def quoted(parser: Parser) -> Expression:
    """Parse a template in quotes."""
    opening = parser.stream.read()
    return _finished(_parts(parser, t.CLOSE_QUOTE, parser.stream.range_of(opening), escapes=True), parser, opening)


def heredoc(parser: Parser) -> Expression:
    """Parse a heredoc; `<<-` removes the indentation that all lines share."""
    opening = parser.stream.read()
    parts = _parts(parser, t.CLOSE_HEREDOC, parser.stream.range_of(opening))
    if opening.text.startswith("<<-"):
        _remove_indentation(parts)
    return _finished(parts, parser, opening)


def template(parser: Parser, end: str) -> Expression:
    """Parse a template without quotes up to a token of the kind `end`."""
    opening = parser.stream.peek()
    return _finished(_parts(parser, end, parser.stream.range_of(opening)), parser, opening)


def string_literal(parser: Parser, opening: Range) -> tuple[str, Range]:
    """Parse the rest of a quoted string in which no sequences are allowed, such as a label."""
    parts = _parts(parser, t.CLOSE_QUOTE, opening, escapes=True)
    for part in parts:
        if isinstance(part, _Sequence):
            raise hcl_error("Invalid string literal: Template sequences are not allowed in this string.", part.source_range,
                            hint='to include a literal "$", double it (as "$$") to escape it')  # fmt: skip
    text = "".join(part.text for part in parts if isinstance(part, _Text))
    return string(text).data, parts[-1].source_range if parts else opening


def _finished(parts: list[_Text | _Sequence], parser: Parser, opening: t.Token) -> Expression:
    source_range = parser.stream.range_of(opening)
    if parts:
        source_range = source_range.to(parts[-1].source_range)
    if len(parts) == 1 and isinstance(parts[0], _Sequence) and parts[0].kind == "interpolation":
        assert parts[0].expression is not None
        return TemplateWrap(source_range, parts[0].expression)
    return Template(source_range, tuple(_Assembler(_joined(parts)).assemble(source_range)))


def _joined(parts: list[_Text | _Sequence]) -> list[_Text | _Sequence]:
    """Join neighbouring texts."""
    joined: list[_Text | _Sequence] = []
    for part in parts:
        if isinstance(part, _Text) and joined and isinstance(joined[-1], _Text):
            joined[-1] = _Text(joined[-1].text + part.text, joined[-1].source_range.to(part.source_range))
        else:
            joined.append(part)
    return joined


def _parts(parser: Parser, end: str, opening: Range, *, escapes: bool = False) -> list[_Text | _Sequence]:
    """Read strings and sequences up to the end of a template; `~` markers trim the adjacent strings."""
    stream = parser.stream
    parts: list[_Text | _Sequence] = []
    trims_next = False
    with stream.newlines(True):
        while (token := stream.read()).kind != end:
            source_range = stream.range_of(token)
            if token.kind == t.LITERAL:
                text = _unescaped(token, source_range, escapes=escapes)
                parts.append(_Text(text.lstrip() if trims_next else text, source_range))
                trims_next = False
            elif token.kind in {t.INTERPOLATION, t.DIRECTIVE}:
                if token.text.endswith("~") and parts and isinstance(parts[-1], _Text):
                    parts[-1].text = parts[-1].text.rstrip()
                sequence, trims_next = _sequence(parser, token, opening)
                parts.append(sequence)
            else:
                raise _unterminated(token, source_range, opening)
    return parts


def _unterminated(token: t.Token, source_range: Range, opening: Range) -> Exception:
    if token.kind == t.INVALID and token.text in "\r\n":
        return hcl_error("Invalid multi-line string: Quoted strings may not be split over multiple lines.", source_range,
                         hint='to produce a multi-line string, use the \\n escape or the heredoc syntax "<<EOT"')  # fmt: skip
    return hcl_error("Unterminated template string: No closing marker was found for the string.", opening)


def _unescaped(token: t.Token, source_range: Range, *, escapes: bool) -> str:
    text = token.text
    if text.startswith(("$${", "%%{")):
        return text[1:]
    if not escapes or "\\" not in text:
        return text

    def replacement(match: re.Match[str]) -> str:
        selector = match[1]
        if selector in _SIMPLE:
            return _SIMPLE[selector]
        if len(selector) > 1 and (code := int(selector[1:], 16)) < 0x110000 and not 0xD800 <= code < 0xE000:
            return chr(code)
        start = source_range.start + match.start()
        raise hcl_error(f'Invalid escape sequence: The symbol "{selector}" is not a valid escape sequence selector.',
                        Range(source_range.file, start, start + len(match[0])), hint="write two backslashes for one")  # fmt: skip

    return _ESCAPE.sub(replacement, text)


def _sequence(parser: Parser, opening: t.Token, template_start: Range) -> tuple[_Sequence, bool]:
    """Parse a sequence after its opening; also return whether it trims the text that follows."""
    stream = parser.stream
    with stream.newlines(False):
        kind, names, expression = _inside(parser, opening)
        closing = stream.peek()
        source_range = stream.range_of(opening).to(stream.range_of(closing))
        if closing.kind != t.SEQUENCE_END:
            raise _extra(parser, closing, kind, template_start)
        stream.read()
    return _Sequence(kind, source_range, expression, names), closing.text.startswith("~")


def _extra(parser: Parser, token: t.Token, kind: str, template_start: Range) -> Exception:
    source_range = parser.stream.range_of(token)
    if token.kind in {t.EOF, t.CLOSE_QUOTE, t.OPEN_QUOTE}:
        return hcl_error("Unclosed template interpolation sequence: There is no closing brace for this sequence.", template_start)
    what = "after interpolation expression" if kind == "interpolation" else f"in {kind} marker"
    return hcl_error(f"Extra characters {what}: Expected a closing brace to end the sequence, but found extra characters.", source_range,
                     hint='"$${" is a literal "${"')  # fmt: skip


def _inside(parser: Parser, opening: t.Token) -> tuple[str, tuple[str, ...], Expression | None]:
    """Parse what stands between the delimiters of a sequence: its kind, the variables of a `for`, and an expression."""
    stream = parser.stream
    if opening.kind == t.INTERPOLATION:
        return "interpolation", (), parser.expression()
    keyword = stream.read()
    if keyword.kind != t.IDENTIFIER or keyword.text not in _DIRECTIVES:
        raise hcl_error(
            "Invalid template directive: if, else, endif, for or endfor is expected at the beginning of a %{ sequence.",
            stream.range_of(opening).to(stream.range_of(keyword)),
        )
    if keyword.text == "if":
        return "if", (), parser.expression()
    if keyword.text != "for":
        return keyword.text, (), None
    names = [_read_name(parser)]
    if stream.peek().kind == ",":
        stream.read()
        names.append(_read_name(parser))
    token = stream.read()
    if (token.kind, token.text) != (t.IDENTIFIER, "in"):
        raise hcl_error("Invalid 'for' directive: For directive requires 'in' keyword after names.", stream.range_of(token))
    return "for", tuple(names), parser.expression()


def _read_name(parser: Parser) -> str:
    token = parser.stream.read()
    if token.kind != t.IDENTIFIER:
        raise hcl_error("Invalid 'for' directive: For directive requires variable name after 'for'.", parser.stream.range_of(token))
    return token.text


class _Assembler:
    """Turn a flat list of strings and sequences into expressions, `if` and `for` with what is between them and their end."""

    def __init__(self, parts: list[_Text | _Sequence]) -> None:
        self._parts = parts
        self._position = 0

    def assemble(self, source_range: Range) -> list[Expression]:
        expressions, end = self._until(frozenset())
        if end is not None:
            raise hcl_error(
                f"Unexpected {end.kind} directive: The control directives within this template are unbalanced.", end.source_range
            )
        return expressions or [Literal(source_range, string(""))]

    def _until(self, ends: frozenset[str]) -> tuple[list[Expression], _Sequence | None]:
        """Assemble parts up to a directive that ends or continues a block; None at the end of the template."""
        expressions: list[Expression] = []
        while self._position < len(self._parts):
            part = self._parts[self._position]
            self._position += 1
            if isinstance(part, _Text):
                expressions.append(Literal(part.source_range, string(part.text)))
            elif part.kind == "interpolation":
                assert part.expression is not None
                expressions.append(part.expression)
            elif part.kind in {"if", "for"}:
                expressions.append(self._if(part) if part.kind == "if" else self._for(part))
            elif part.kind in ends or not ends:
                return expressions, part
            else:
                raise hcl_error(
                    f"Unexpected {part.kind} directive: {' or '.join(sorted(ends))} is expected here.", part.source_range
                )
        return expressions, None

    def _block(self, opening: _Sequence, ends: frozenset[str]) -> tuple[Expression, _Sequence]:
        expressions, end = self._until(ends)
        if end is None:
            raise hcl_error(
                f"Unexpected end of template: The {opening.kind} directive is missing its corresponding end{opening.kind} directive.",
                opening.source_range,
            )
        return Template(opening.source_range, tuple(expressions or [Literal(opening.source_range, string(""))])), end

    def _if(self, opening: _Sequence) -> Expression:
        assert opening.expression is not None
        when_true, end = self._block(opening, frozenset({"else", "endif"}))
        when_false: Expression = Template(end.source_range, (Literal(end.source_range, string("")),))
        if end.kind == "else":
            when_false, end = self._block(opening, frozenset({"endif"}))
        return Conditional(opening.source_range.to(end.source_range), opening.expression, when_true, when_false)

    def _for(self, opening: _Sequence) -> Expression:
        assert opening.expression is not None
        content, end = self._block(opening, frozenset({"endfor"}))
        source_range = opening.source_range.to(end.source_range)
        names = opening.names
        key = names[0] if len(names) > 1 else None
        return TemplateJoin(source_range, For(source_range, key, names[-1], opening.expression, None, content))


def _remove_indentation(parts: list[_Text | _Sequence]) -> None:
    """Remove the indentation that all lines of a heredoc share; blank lines do not count."""
    at_line_start = True
    starts: list[_Text] = []
    widths: list[int] = []
    for part in parts:
        if at_line_start:
            text = part.text if isinstance(part, _Text) else ""
            if not (text.endswith("\n") and not text.strip()):
                widths.append(len(text) - len(text.lstrip()))
                if isinstance(part, _Text):
                    starts.append(part)
        at_line_start = isinstance(part, _Text) and part.text.endswith("\n")
    width = min(widths, default=0)
    for start in starts:
        start.text = start.text[width:]
