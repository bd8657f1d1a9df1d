"""Templates: strings with sequences in them.

Source: hclsyntax/expression_template.go of hashicorp/hcl.
"""

from __future__ import annotations

import attrs

from llbfront.hcl.conversion import ConversionError, convert
from llbfront.hcl.expressions import Expression, Literal
from llbfront.hcl.ranges import Range, hcl_error
from llbfront.hcl.scope import Scope
from llbfront.hcl.types import STRING
from llbfront.hcl.values import UNKNOWN, Value, string


@attrs.frozen(eq=False)
class Template(Expression):
    """A string with sequences in it: the strings of all parts together."""

    parts: tuple[Expression, ...]

    def evaluate(self, scope: Scope) -> Value:
        return scope.counted(
            string("".join(template_text(part.evaluate(scope), part.source_range) for part in self.parts)), self.source_range
        )

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.parts

    @property
    def literal(self) -> str | None:
        """The text of a template without sequences."""
        if all(isinstance(part, Literal) and part.value.type == STRING for part in self.parts):
            return "".join(part.value.data for part in self.parts if isinstance(part, Literal))
        return None


def template_text(value: Value, source_range: Range) -> str:
    if value is UNKNOWN:
        return ""
    if value.is_null:
        raise hcl_error(
            "Invalid template interpolation value: The expression result is null. Cannot include a null value in a string template.",
            source_range,
        )
    try:
        text = convert(value, STRING).data
    except ConversionError as error:
        raise hcl_error(
            f"Invalid template interpolation value: Cannot include the given value in a string template: {error}.", source_range
        ) from None
    assert isinstance(text, str)
    return text


@attrs.frozen(eq=False)
class TemplateWrap(Expression):
    """A template that is one `${…}` and nothing else: its value keeps its type."""

    wrapped: Expression

    def evaluate(self, scope: Scope) -> Value:
        return self.wrapped.evaluate(scope)

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.wrapped,)


@attrs.frozen(eq=False)
class TemplateJoin(Expression):
    """The strings of a `%{ for }` sequence, joined."""

    texts: Expression

    def evaluate(self, scope: Scope) -> Value:
        return scope.counted(
            string("".join(template_text(part, self.source_range) for part in self.texts.evaluate(scope).elements)),
            self.source_range,
        )

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.texts,)
