"""Parse HCL into bodies of attributes and blocks.

python-hcl2 is not used: its grammar does not parse templates in heredocs, refuses `~` markers and nested unary operators, and
accepts files that HCL refuses; ARCHITECTURE.md has the list.

Source: hclsyntax/parser.go of hashicorp/hcl.
"""

from __future__ import annotations

from llbfront.hcl import tokens as t
from llbfront.hcl.expression_parser import ExpressionParser
from llbfront.hcl.expressions import Expression
from llbfront.hcl.ranges import HclFile, Range, hcl_error
from llbfront.hcl.structure import Attribute, Block, Body
from llbfront.hcl.template_parser import string_literal

_REQUIRED = "Argument or block definition required: An argument or block definition is required here."
_EQUALS = f'{_REQUIRED} To set an argument, use the equals sign "=" to introduce the argument value.'


class _BodyParser:
    def __init__(self, file: HclFile) -> None:
        self.expressions = ExpressionParser(file, t.scan(file))
        self.stream = self.expressions.stream

    def body(self, end: str, opening: Range | None = None) -> Body:
        """Parse attributes and blocks up to a token of the kind `end`."""
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        start = self.stream.here()
        while True:
            token = self.stream.read()
            if token.kind == end:
                return Body(attributes, blocks, start.to(self.stream.range_of(token)))
            if token.kind == t.IDENTIFIER:
                item = self._item(token)
                if isinstance(item, Block):
                    blocks.append(item)
                else:
                    self._add_attribute(attributes, item)
            elif token.kind != t.NEWLINE:
                raise self._unexpected(token, opening)

    @staticmethod
    def _add_attribute(attributes: dict[str, Attribute], item: Attribute) -> None:
        if (earlier := attributes.get(item.name)) is not None:
            raise hcl_error(
                f'Attribute redefined: The argument "{item.name}" was already set at {earlier.name_range}. '
                "Each argument may be set only once.",
                item.name_range,
            )
        attributes[item.name] = item

    def _unexpected(self, token: t.Token, opening: Range | None) -> Exception:
        source_range = self.stream.range_of(token)
        if token.kind == t.OPEN_QUOTE:
            return hcl_error("Invalid argument name: Argument names must not be quoted.", source_range)
        if token.kind == t.EOF:
            return hcl_error(
                "Unclosed configuration block: There is no closing brace for this block before the end of the file.",
                opening or source_range,
            )
        return hcl_error(_REQUIRED, source_range)

    def _item(self, name: t.Token) -> Attribute | Block:
        token = self.stream.peek()
        if token.kind == "=":
            attribute = self._attribute(name)
            self._end_of_line("argument")
            return attribute
        if token.kind in {t.OPEN_QUOTE, "{", t.IDENTIFIER}:
            block = self._block(name)
            self._end_of_line("block")
            return block
        raise hcl_error(_EQUALS, self.stream.range_of(name))

    def _attribute(self, name: t.Token) -> Attribute:
        self.stream.read()  # =
        expression = self.expressions.expression()
        source_range = self.stream.range_of(name)
        return Attribute(name.text, expression, source_range.to(expression.source_range), source_range)

    def _end_of_line(self, what: str) -> None:
        token = self.stream.peek()
        if token.kind in {t.NEWLINE, t.EOF}:
            self.stream.read()
            return
        hint = 'start a multi-line string with a heredoc, "<<EOT"' if token.kind == t.INVALID else None
        raise hcl_error(
            f"Missing newline after {what}: An {what} definition must end with a newline."
            if what == "argument"
            else "Missing newline after block definition: A block definition must end with a newline.",
            self.stream.range_of(token),
            hint=hint,
        )

    def _block(self, name: t.Token) -> Block:
        labels: list[str] = []
        ranges: list[Range] = []
        while (token := self.stream.read()).kind != "{":
            source_range = self.stream.range_of(token)
            if token.kind == t.OPEN_QUOTE:
                text, source_range = string_literal(self.expressions, source_range)
                labels.append(text)
            elif token.kind == t.IDENTIFIER:
                labels.append(token.text)
            else:
                raise self._no_label(token)
            ranges.append(source_range)
        opening = self.stream.range_of(name).to(self.stream.range_of(token))
        definition = opening if not ranges else self.stream.range_of(name).to(ranges[-1])
        return Block(name.text, labels, self._block_body(opening), definition, ranges)

    def _no_label(self, token: t.Token) -> Exception:
        messages = {
            "=": 'The equals sign "=" indicates an argument definition, and must not be used when defining a block.',
            t.NEWLINE: 'A block definition must have block content delimited by "{" and "}", starting on the same line as the block header.',
        }
        message = messages.get(token.kind, 'Either a quoted string block label or an opening brace ("{") is expected here.')
        return hcl_error(f"Invalid block definition: {message}", self.stream.range_of(token))

    def _block_body(self, opening: Range) -> Body:
        """Parse what follows the opening brace of a block: nothing, one argument on the same line, or lines."""
        token = self.stream.peek()
        if token.kind not in {t.IDENTIFIER, "}"}:
            return self.body("}", opening)
        attributes: dict[str, Attribute] = {}
        if token.kind == t.IDENTIFIER:
            name = self.stream.read()
            if self.stream.peek().kind != "=":
                raise hcl_error(
                    "Argument definition required: A single-line block definition can contain only a single argument.",
                    self.stream.range_of(name),
                )
            self._add_attribute(attributes, self._attribute(name))
        end = self.stream.read()
        if end.kind != "}":
            raise hcl_error(
                "Invalid single-argument block definition: A single-line block definition must end with a closing brace immediately "
                "after its single argument definition.",
                self.stream.range_of(end),
                hint="write each argument on its own line",
            )
        return Body(attributes, [], opening.to(self.stream.range_of(end)))


def parse_file(file: HclFile) -> Body:
    """Parse a file in HCL syntax. Raises: HclError."""
    return _BodyParser(file).body(t.EOF)


def parse_template(file: HclFile, start: int, end: int) -> Expression:
    """Parse a part of a file as a template without quotes. Raises: HclError."""
    from llbfront.hcl.template_parser import template

    return template(ExpressionParser(file, t.scan_template(file, start, end)), t.EOF)


def parse_expression(file: HclFile) -> Expression:
    """Parse a whole text as an expression. Raises: HclError."""
    parser = ExpressionParser(file, t.scan_expression(file, 0, len(file.text)))
    parser.stream.ignore_newlines()
    expression = parser.expression()
    token = parser.stream.peek()
    if token.kind != t.EOF:
        raise hcl_error("Extra characters after expression: An expression was successfully parsed, but extra characters were found after it.",
                        parser.stream.range_of(token))  # fmt: skip
    return expression
