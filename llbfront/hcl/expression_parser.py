"""Parse expressions of HCL.

Source: hclsyntax/parser.go of hashicorp/hcl.
"""

from __future__ import annotations

from collections.abc import Callable

from llbfront.hcl import template_parser
from llbfront.hcl import tokens as t
from llbfront.hcl.collection_parser import parse_object, parse_tuple
from llbfront.hcl.collections import Splat, SplatKey
from llbfront.hcl.expressions import Call, Expression, Index, Literal, Parentheses, RelativeTraversal, Step, Traversal
from llbfront.hcl.numbers import parse_number
from llbfront.hcl.operations import Binary, Conditional, Unary
from llbfront.hcl.operators import PRECEDENCE
from llbfront.hcl.ranges import HclFile, Range, hcl_error
from llbfront.hcl.templates import Template
from llbfront.hcl.token_stream import TokenStream
from llbfront.hcl.types import STRING
from llbfront.hcl.values import FALSE, NULL, TRUE, Value, number

_KEYWORDS = {"true": TRUE, "false": FALSE, "null": NULL}
_MAX_DEPTH = 60
_MAX_TRAVERSAL_STEPS = 200


class ExpressionParser:
    """A parser of expressions over a stream of tokens."""

    def __init__(self, file: HclFile, tokens: list[t.Token]) -> None:
        self.stream = TokenStream(file, tokens)
        self._depth = 0

    def expression(self) -> Expression:
        """Parse an expression. Raises: HclError."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise hcl_error(f"Expression too deep: expressions may be nested {_MAX_DEPTH} levels deep", self.stream.here())
        try:
            return self._conditional()
        finally:
            self._depth -= 1

    def _conditional(self) -> Expression:
        condition = self._binary(0)
        if self.stream.peek().kind != "?":
            return condition
        self.stream.read()
        when_true = self.expression()
        colon = self.stream.peek()
        if colon.kind != ":":
            raise hcl_error(
                "Missing false expression in conditional: The conditional operator (...?...:...) requires a false expression, "
                "delimited by a colon.",
                self.stream.range_of(colon),
            )
        self.stream.read()
        when_false = self.expression()
        return Conditional(condition.source_range.to(when_false.source_range), condition, when_true, when_false)

    def _binary(self, level: int) -> Expression:
        if level == len(PRECEDENCE):
            return self.operand()
        left = self._binary(level + 1)
        while self.stream.peek().kind in PRECEDENCE[level]:
            operator = self.stream.read().kind
            right = self._binary(level + 1)
            left = Binary(left.source_range.to(right.source_range), left, operator, right)
        return left

    def operand(self) -> Expression:
        """Parse a term with the attributes, indexes and splats that follow it."""
        expression = self._term()
        for _ in range(_MAX_TRAVERSAL_STEPS + 1):
            if self.stream.peek().kind not in {".", "["}:
                return expression
            expression = self._dotted(expression) if self.stream.peek().kind == "." else self._bracketed(expression)
        raise hcl_error(f"Expression too long: a value may have {_MAX_TRAVERSAL_STEPS} attributes and indexes", self.stream.here())

    def _dotted(self, source: Expression) -> Expression:
        dot = self.stream.read()
        token = self.stream.peek()
        if token.kind == "*":
            self.stream.read()
            return self._attribute_splat(source, self.stream.range_of(dot).to(self.stream.range_of(token)))
        return _extended(source, self._dotted_steps(dot))

    def _dotted_steps(self, dot: t.Token) -> list[Step]:
        """Parse what follows a dot: a name, or the numbers of the legacy index syntax (`.0`)."""
        token = self.stream.peek()
        source_range = self.stream.range_of(dot).to(self.stream.range_of(token))
        if token.kind == t.IDENTIFIER:
            self.stream.read()
            return [Step(source_range, name=token.text)]
        if token.kind == t.NUMBER:
            self.stream.read()
            parts = token.text.split(".")
            if len(parts) > 1 or not parts[0].isdigit():
                raise hcl_error("Invalid legacy index syntax: chaining two indexes together is not permitted", source_range,
                                hint=f"write {''.join(f'[{part}]' for part in parts)}")  # fmt: skip
            return [Step(source_range, key=self._parsed(parts[0], self.stream.range_of(token)))]
        raise hcl_error("Invalid attribute name: An attribute name is required after a dot.", self.stream.range_of(token))

    def _attribute_splat(self, source: Expression, source_range: Range) -> Expression:
        steps: list[Step | SplatKey] = []
        while self.stream.peek().kind == ".":
            dot = self.stream.read()
            if self.stream.peek().kind == "*":
                raise hcl_error(
                    "Nested splat expression not allowed: A splat expression (*) cannot be used inside another attribute-only splat "
                    "expression.",
                    self.stream.here(),
                )
            steps += self._dotted_steps(dot)
        return Splat(source.source_range.to(source_range if not steps else self.stream.here()), source, tuple(steps))

    def _bracketed(self, source: Expression) -> Expression:
        opening = self.stream.read()
        with self.stream.newlines(False):
            if self.stream.peek().kind == "*":
                self.stream.read()
                self._close("]", "Missing close bracket on splat index", opening)
                splat = True
            else:
                splat = False
                key = self.expression()
                closing = self._close("]", "Missing close bracket on index", opening)
        if splat:
            return self._full_splat(source)
        return _indexed(source, key, self.stream.range_of(opening).to(self.stream.range_of(closing)))

    def _full_splat(self, source: Expression) -> Expression:
        steps: list[Step | SplatKey] = []
        while self.stream.peek().kind in {".", "["}:
            token = self.stream.read()
            if token.kind == ".":
                steps += self._dotted_steps(token)
                continue
            with self.stream.newlines(False):
                if self.stream.peek().kind == "*":
                    raise hcl_error("Nested splat expression not allowed: write a 'for' expression", self.stream.here())
                steps.append(SplatKey(self.expression()))
                self._close("]", "Missing close bracket on index", token)
        return Splat(source.source_range, source, tuple(steps))

    def _close(self, kind: str, summary: str, opening: t.Token) -> t.Token:
        token = self.stream.peek()
        if token.kind != kind:
            source_range = self.stream.range_of(opening if token.kind == t.EOF else token)
            raise hcl_error(f'{summary}: "{kind}" is expected here.', source_range)
        return self.stream.read()

    def _term(self) -> Expression:
        token = self.stream.peek()
        parse = self._terms().get(token.kind)
        if parse is None:
            what = "the end of the file" if token.kind == t.EOF else "an invalid expression token"
            summary = "Missing expression" if token.kind == t.EOF else "Invalid expression"
            raise hcl_error(f"{summary}: Expected the start of an expression, but found {what}.", self.stream.range_of(token))
        return parse()

    def _terms(self) -> dict[str, Callable[[], Expression]]:
        return {
            "(": self._parentheses,
            t.NUMBER: self._number,
            t.IDENTIFIER: self._name,
            t.OPEN_QUOTE: lambda: template_parser.quoted(self),
            t.OPEN_HEREDOC: lambda: template_parser.heredoc(self),
            "-": self._unary,
            "!": self._unary,
            "[": lambda: parse_tuple(self),
            "{": lambda: parse_object(self),
        }

    def _parentheses(self) -> Expression:
        opening = self.stream.read()
        with self.stream.newlines(False):
            inner = self.expression()
            closing = self._close(")", "Unbalanced parentheses", opening)
        return Parentheses(self.stream.range_of(opening).to(self.stream.range_of(closing)), inner)

    def _number(self) -> Expression:
        token = self.stream.read()
        source_range = self.stream.range_of(token)
        return Literal(source_range, self._parsed(token.text, source_range))

    def _parsed(self, text: str, source_range: Range) -> Value:
        parsed = parse_number(text)
        if parsed is None:
            raise hcl_error("Invalid number literal: Failed to recognize the value of this number literal.", source_range)
        return number(parsed)

    def _unary(self) -> Expression:
        token = self.stream.read()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise hcl_error(f"Expression too deep: expressions may be nested {_MAX_DEPTH} levels deep", self.stream.range_of(token))
        operand = self.operand()
        self._depth -= 1
        return Unary(self.stream.range_of(token).to(operand.source_range), token.kind, operand)

    def _name(self) -> Expression:
        token = self.stream.read()
        if self.stream.peek().kind in {"(", "::"}:
            return self._call(token)
        source_range = self.stream.range_of(token)
        if token.text in _KEYWORDS:
            return Literal(source_range, _KEYWORDS[token.text])
        return Traversal(source_range, token.text)

    def _call(self, name: t.Token) -> Expression:
        text = name.text
        while self.stream.peek().kind == "::":
            self.stream.read()
            part = self.stream.read()
            if part.kind != t.IDENTIFIER:
                raise hcl_error("Missing function name: Function scope resolution symbol :: must be followed by a function name in this scope.",
                                self.stream.range_of(part))  # fmt: skip
            text += f"::{part.text}"
        opening = self.stream.read()
        if opening.kind != "(":
            raise hcl_error("Missing open parenthesis: Function selector must be followed by an open parenthesis to begin the function call.",
                            self.stream.range_of(opening))  # fmt: skip
        with self.stream.newlines(False):
            arguments, expands = self._arguments(opening)
            closing = self.stream.read()
        return Call(self.stream.range_of(name).to(self.stream.range_of(closing)), text, tuple(arguments), expands)

    def _arguments(self, opening: t.Token) -> tuple[list[Expression], bool]:
        """Parse the arguments of a call up to its closing parenthesis, which is left."""
        arguments: list[Expression] = []
        while self.stream.peek().kind != ")":
            arguments.append(self.expression())
            token = self.stream.peek()
            if token.kind == ",":
                self.stream.read()
            elif token.kind == "...":
                self.stream.read()
                if self.stream.peek().kind != ")":
                    raise hcl_error("Missing closing parenthesis: An expanded function argument (with ...) must be immediately followed by "
                                    "closing parentheses.", self.stream.here())  # fmt: skip
                return arguments, True
            elif token.kind == t.EOF:
                raise hcl_error("Unterminated function call: There is no closing parenthesis for this function call before the end of the file.",
                                self.stream.range_of(opening))  # fmt: skip
            elif token.kind != ")":
                raise hcl_error("Missing argument separator: A comma is required to separate each function argument from the next.",
                                self.stream.range_of(token))  # fmt: skip
        return arguments, False


def _extended(source: Expression, steps: list[Step]) -> Expression:
    source_range = source.source_range.to(steps[-1].source_range)
    if isinstance(source, Traversal):
        return Traversal(source_range, source.name, (*source.steps, *steps))
    if isinstance(source, RelativeTraversal):
        return RelativeTraversal(source_range, source.source, (*source.steps, *steps))
    return RelativeTraversal(source_range, source, tuple(steps))


def _indexed(source: Expression, key: Expression, source_range: Range) -> Expression:
    """Return an index operation. A literal index becomes a step of the traversal."""
    literal: Value | None = key.value if isinstance(key, Literal) and key.value is not NULL else None
    if isinstance(key, Template) and key.literal is not None:
        literal = Value(STRING, key.literal)
    if literal is not None:
        return _extended(source, [Step(source_range, key=literal)])
    return Index(source.source_range.to(source_range), source, key)
