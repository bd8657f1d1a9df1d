"""Parse tuples, objects and `for` expressions of HCL.

Source: hclsyntax/parser.go of hashicorp/hcl.
"""

from __future__ import annotations

from llbfront.hcl import tokens as t
from llbfront.hcl.collections import For, Object, ObjectKey, Tuple
from llbfront.hcl.expressions import Expression
from llbfront.hcl.ranges import hcl_error
from llbfront.hcl.token_stream import Parser


def _starts_for(parser: Parser) -> bool:
    with parser.stream.newlines(False):
        token = parser.stream.peek()
    return token.kind == t.IDENTIFIER and token.text == "for"


def parse_tuple(parser: Parser) -> Expression:
    """Parse `[…]`."""
    stream = parser.stream
    opening = stream.read()
    with stream.newlines(False):
        if _starts_for(parser):
            return _parse_for(parser, opening, "]")
        elements: list[Expression] = []
        while stream.peek().kind != "]":
            elements.append(parser.expression())
            token = stream.peek()
            if token.kind == ",":
                stream.read()
            elif token.kind == t.EOF:
                raise hcl_error(
                    "Unterminated tuple constructor expression: There is no corresponding closing bracket before the end of the file.",
                    stream.range_of(opening),
                )
            elif token.kind != "]":
                raise hcl_error(
                    "Missing item separator: Expected a comma to mark the beginning of the next item.", stream.range_of(token)
                )
        closing = stream.read()
    return Tuple(stream.range_of(opening).to(stream.range_of(closing)), tuple(elements))


def parse_object(parser: Parser) -> Expression:
    """Parse `{…}`."""
    stream = parser.stream
    opening = stream.read()
    if _starts_for(parser):
        with stream.newlines(False):
            return _parse_for(parser, opening, "}")
    items: list[tuple[Expression, Expression]] = []
    with stream.newlines(True):
        while True:
            while stream.peek().kind == t.NEWLINE:
                stream.read()
            if stream.peek().kind == "}":
                break
            items.append(_parse_item(parser, opening))
            _read_item_end(parser, opening)
        closing = stream.read()
    return Object(stream.range_of(opening).to(stream.range_of(closing)), tuple(items))


def _parse_item(parser: Parser, opening: t.Token) -> tuple[Expression, Expression]:
    stream = parser.stream
    key = parser.expression()
    token = stream.peek()
    if token.kind not in {"=", ":"}:
        if token.kind == t.EOF:
            raise _unterminated(parser, opening)
        summary = "Missing attribute value" if token.kind in {t.NEWLINE, ",", "}"} else "Missing key/value separator"
        raise hcl_error(
            f'{summary}: Expected an equals sign ("=") to mark the beginning of the attribute value.',
            key.source_range.to(stream.range_of(token)),
        )
    stream.read()
    return ObjectKey(key.source_range, key), parser.expression()


def _read_item_end(parser: Parser, opening: t.Token) -> None:
    stream = parser.stream
    token = stream.peek()
    if token.kind in {",", t.NEWLINE}:
        stream.read()
    elif token.kind == t.EOF:
        raise _unterminated(parser, opening)
    elif token.kind != "}":
        raise hcl_error(
            "Missing attribute separator: Expected a newline or comma to mark the beginning of the next attribute.",
            stream.range_of(token),
        )


def _unterminated(parser: Parser, opening: t.Token) -> Exception:
    return hcl_error(
        "Unterminated object constructor expression: There is no corresponding closing brace before the end of the file.",
        parser.stream.range_of(opening),
    )


def _parse_for(parser: Parser, opening: t.Token, end: str) -> Expression:
    """Parse a `for` expression after its opening bracket."""
    stream = parser.stream
    stream.read()  # for
    names = [_read_name(parser, "variable name after 'for'")]
    if stream.peek().kind == ",":
        stream.read()
        names.append(_read_name(parser, "value variable name after comma"))
    token = stream.read()
    if (token.kind, token.text) != (t.IDENTIFIER, "in"):
        raise _invalid(parser, token, "For expression requires the 'in' keyword after its name declarations.")
    collection = parser.expression()
    token = stream.read()
    if token.kind != ":":
        raise _invalid(parser, token, "For expression requires a colon after the collection expression.")
    key, value, is_grouping = _parse_for_result(parser, end)
    condition = None
    token = stream.peek()
    if (token.kind, token.text) == (t.IDENTIFIER, "if"):
        stream.read()
        condition = parser.expression()
    closing = stream.read()
    if closing.kind != end:
        raise _invalid(parser, closing, "Extra characters after the end of the 'for' expression.")
    source_range = stream.range_of(opening).to(stream.range_of(closing))
    return For(source_range, names[0] if len(names) > 1 else None, names[-1], collection, key, value, condition, is_grouping)


def _parse_for_result(parser: Parser, end: str) -> tuple[Expression | None, Expression, bool]:
    """Parse `value` of a tuple, or `key => value` of an object; return key, value and whether an ellipsis follows."""
    stream = parser.stream
    value = parser.expression()
    token = stream.peek()
    if token.kind == "=>":
        if end == "]":
            raise _invalid(parser, token, "Key expression is not valid when building a tuple.")
        stream.read()
        key, value = value, parser.expression()
        is_grouping = stream.peek().kind == "..."
        if is_grouping:
            stream.read()
        return key, value, is_grouping
    if token.kind == "...":
        raise _invalid(parser, token, "Grouping ellipsis (...) cannot be used when building a tuple.")
    if end == "}":
        raise _invalid(parser, token, "Key expression is required when building an object.")
    return None, value, False


def _read_name(parser: Parser, expected: str) -> str:
    token = parser.stream.read()
    if token.kind != t.IDENTIFIER:
        raise _invalid(parser, token, f"For expression requires {expected}.")
    return token.text


def _invalid(parser: Parser, token: t.Token, detail: str) -> Exception:
    return hcl_error(f"Invalid 'for' expression: {detail}", parser.stream.range_of(token))
