"""Files of HCL's JSON syntax: the same bodies, attributes and expressions, written as JSON.

A string is a template, an object a mapping or, where blocks are expected, blocks named by its keys.

Source: json/parser.go and json/structure.go of hashicorp/hcl.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from llbfront.foreign_json import valid_unicode
from llbfront.hcl.collections import Object, Tuple
from llbfront.hcl.expressions import Expression, Literal
from llbfront.hcl.numbers import Number, parse_number
from llbfront.hcl.parser import parse_template
from llbfront.hcl.ranges import HclFile, Range, hcl_error
from llbfront.hcl.structure import Attribute, Block, Body
from llbfront.hcl.values import FALSE, NULL, TRUE, Value, number

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?P<word>[a-z]+)|(?P<mark>[{}\[\],:]))'
)
_WORDS = {"true": TRUE, "false": FALSE, "null": NULL}
_MAX_DEPTH = 200


@attrs.frozen(eq=False)
class Node:
    """A value of a JSON file at a place: a string, a Value, a list of nodes or a list of members."""

    source_range: Range
    data: Any

    is_object: bool = False


class _Parser:
    def __init__(self, file: HclFile) -> None:
        self._file = file
        self._position = 1 if file.text.startswith("\ufeff") else 0
        self._depth = 0

    def document(self) -> Node:
        node = self._value()
        rest = self._file.text[self._position :].strip()
        if rest:
            raise hcl_error("Extraneous data after value: Extra characters appear after the JSON value.", self._here())
        return node

    def _here(self) -> Range:
        length = len(self._file.text)
        start = min(self._position, max(0, length - 1))
        return Range(self._file, start, min(start + 1, length))

    def _next(self) -> re.Match[str]:
        match = _TOKEN.match(self._file.text, self._position)
        if match is None:
            while self._position < len(self._file.text) and self._file.text[self._position].isspace():
                self._position += 1
            raise hcl_error("Invalid JSON: a JSON value, or a mark between values, is expected here", self._here())
        self._position = match.end()
        return match

    def _where(self, match: re.Match[str], end: int | None = None) -> Range:
        return Range(self._file, match.start(match.lastgroup or 0), match.end() if end is None else end)

    def _value(self, match: re.Match[str] | None = None) -> Node:
        match = match or self._next()
        text = match[match.lastgroup or 0]
        if match.lastgroup == "string":
            return Node(self._where(match), self._text(match))
        if match.lastgroup == "number":
            return Node(self._where(match), number(self._number(match)))
        if match.lastgroup == "word":
            if text not in _WORDS:
                raise hcl_error(f'Invalid JSON keyword: "{text}" is not a valid JSON keyword.', self._where(match))
            return Node(self._where(match), _WORDS[text])
        if text not in "{[":
            raise hcl_error("Invalid JSON: a JSON value must start with a quote, a digit, [ or {.", self._where(match))
        return self._nested(match, text)

    def _nested(self, match: re.Match[str], opening: str) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise hcl_error("Invalid JSON: values may be nested 200 levels deep", self._where(match))
        items = self._object() if opening == "{" else self._array()
        self._depth -= 1
        return Node(self._where(match, self._position), items, is_object=opening == "{")

    def _number(self, match: re.Match[str]) -> Number:
        parsed = parse_number(match["number"])
        if parsed is None:
            raise hcl_error("Invalid JSON number: the number is too large, or too close to zero", self._where(match))
        return parsed

    def _text(self, match: re.Match[str]) -> str:
        try:
            text = json.loads(match["string"])
        except ValueError as error:
            raise hcl_error(f"Invalid JSON string: {error}", self._where(match)) from None
        assert isinstance(text, str)
        return valid_unicode(text)

    def _object(self) -> list[tuple[Node, Node]]:
        members: list[tuple[Node, Node]] = []
        match = self._next()
        while match[0].strip() != "}":
            if match.lastgroup != "string":
                raise hcl_error(
                    "Invalid object property name: A JSON object property name must be enclosed in double quotes.",
                    self._where(match),
                )
            key = Node(self._where(match), self._text(match))
            if (colon := self._next())[0].strip() != ":":
                raise hcl_error(
                    "Missing property value colon: JSON property values are separated from names with a colon.", self._where(colon)
                )
            members.append((key, self._value()))
            match = self._separator("}")
        return members

    def _array(self) -> list[Node]:
        items: list[Node] = []
        match = self._next()
        while match[0].strip() != "]":
            items.append(self._value(match))
            match = self._separator("]")
        return items

    def _separator(self, end: str) -> re.Match[str]:
        """Read a comma and what follows it, or the end."""
        match = self._next()
        mark = match[0].strip()
        if mark == end:
            return match
        if mark != ",":
            raise hcl_error(
                f'Missing separator: Values must be separated by commas, or the end "{end}" is missing.', self._where(match)
            )
        match = self._next()
        if match[0].strip() == end:
            raise hcl_error("Trailing comma: JSON does not permit a trailing comma.", self._where(match))
        return match


def expression_of(node: Node) -> Expression:
    """Turn a node into an expression. Raises: HclError for a template that cannot be parsed."""
    if node.is_object:
        return Object(node.source_range, tuple((expression_of(key), expression_of(value)) for key, value in node.data))
    if isinstance(node.data, list):
        return Tuple(node.source_range, tuple(expression_of(item) for item in node.data))
    if isinstance(node.data, Value):
        return Literal(node.source_range, node.data)
    text = HclFile(node.source_range.file.source, node.data, embedded=node.source_range)
    return parse_template(text, 0, len(node.data))


def parse_json_file(file: HclFile) -> Node:
    """Parse a file in JSON syntax. Raises: HclError."""
    node = _Parser(file).document()
    objects = [node] if node.is_object else node.data if isinstance(node.data, list) else []
    if not objects or not all(part.is_object for part in objects):
        raise hcl_error(
            "Root value must be object: The root value in a JSON-based configuration must be a JSON object.", node.source_range
        )
    return node


def body_of(node: Node, blocks: Mapping[str, int], nested: Mapping[str, Mapping[str, int]] | None = None) -> Body:
    """Turn an object into a body.

    Args:
        node: an object, or an array of objects that count as one.
        blocks: the types of blocks and how many labels each has. Other members are attributes.
        nested: for types of blocks, the types of blocks in them.
    """
    attributes: dict[str, Attribute] = {}
    nested_blocks: list[Block] = []
    for key, value in _members(node):
        if key.data in blocks:
            nested_blocks += _blocks(key, value, key.data, blocks[key.data], (nested or {}).get(key.data, {}))
        elif key.data != "//":
            if key.data in attributes:
                raise hcl_error(
                    f'Attribute redefined: The argument "{key.data}" was already set at {attributes[key.data].source_range}.',
                    key.source_range,
                )
            attributes[key.data] = Attribute(
                key.data, expression_of(value), key.source_range.to(value.source_range), key.source_range
            )
    return Body(attributes, nested_blocks, node.source_range)


def _members(node: Node) -> Iterable[tuple[Node, Node]]:
    parts = [node] if node.is_object else node.data if isinstance(node.data, list) else []
    for part in parts:
        if not part.is_object:
            raise hcl_error("Incorrect JSON value type: a JSON object is required here.", part.source_range)
        yield from part.data


def _blocks(key: Node, value: Node, type_: str, labels: int, nested: Mapping[str, int]) -> list[Block]:
    """Turn the value of a block's type into blocks: `{label: body}`, where bodies may stand in arrays."""
    if isinstance(value.data, Value) and value.data.is_null:
        return []
    pairs: list[tuple[list[Node], Node]] = [([], value)]
    for _ in range(labels):
        pairs = [([*names, label], inner) for names, outer in pairs for label, inner in _labelled(outer)]
    bodies = [(names, body) for names, inner in pairs for body in _bodies(inner)]
    return [
        Block(
            type_,
            [name.data for name in names],
            body_of(body, nested),
            names[0].source_range if names else key.source_range,
            [name.source_range for name in names],
        )
        for names, body in bodies
    ]


def _labelled(node: Node) -> Iterable[tuple[Node, Node]]:
    if not node.is_object and not isinstance(node.data, list):
        raise hcl_error(
            "Incorrect JSON value type: a JSON object is required here, whose keys are the labels of blocks.", node.source_range
        )
    return _members(node)


def _bodies(node: Node) -> list[Node]:
    if isinstance(node.data, Value) and node.data.is_null:
        return []
    bodies = [node] if node.is_object else node.data if isinstance(node.data, list) else [node]
    for body in bodies:
        if not body.is_object:
            raise hcl_error(
                "Incorrect JSON value type: a JSON object is required here, to represent a block body.", body.source_range
            )
    return bodies
