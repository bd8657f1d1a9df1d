"""The references of an expression: variables with the attributes that follow them, and functions.

Source: hclsyntax/variables.go of hashicorp/hcl.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from llbfront.hcl.collections import For
from llbfront.hcl.expressions import Call, Expression, Step, Traversal, walk
from llbfront.hcl.ranges import Range


@attrs.frozen(eq=False)
class Reference:
    """A variable, and the path that follows it: names of attributes, None for an index."""

    name: str
    path: tuple[str | None, ...]
    source_range: Range


def references(expression: Expression, defined: frozenset[str] = frozenset()) -> Iterator[Reference]:
    """Yield the variables that an expression needs from outside, each time it names them."""
    if isinstance(expression, Traversal):
        if expression.name not in defined:
            yield Reference(expression.name, tuple(_name(step) for step in expression.steps), expression.source_range)
        return
    if isinstance(expression, For):
        yield from references(expression.collection, defined)
        inner = defined | expression.names
        for child in expression.children[1:]:
            yield from references(child, inner)
        return
    for child in expression.children:
        yield from references(child, defined)


def _name(step: Step) -> str | None:
    return step.name


def called_functions(expression: Expression) -> list[tuple[str, Range]]:
    """Return the functions that an expression calls."""
    return [(part.name, part.source_range) for part in walk(expression) if isinstance(part, Call)]
