"""Expressions with operators: binary, unary and conditional ones.

Source: hclsyntax/expression.go and expression_ops.go of hashicorp/hcl.
"""

from __future__ import annotations

import attrs

from llbfront.errors import HclError
from llbfront.hcl import operators
from llbfront.hcl.conversion import ConversionError, convert, unify
from llbfront.hcl.expressions import Expression
from llbfront.hcl.functions import Function, FunctionError
from llbfront.hcl.ranges import Range, hcl_error
from llbfront.hcl.scope import Scope
from llbfront.hcl.types import BOOL, DYNAMIC, Type
from llbfront.hcl.values import NULL, UNKNOWN, Value


@attrs.frozen(eq=False)
class Binary(Expression):
    """Two operands and an operator between them."""

    left: Expression
    operator: str
    right: Expression

    def evaluate(self, scope: Scope) -> Value:
        operation = operators.BINARY[self.operator]
        left, left_error = attempt(self.left, scope)
        right, right_error = attempt(self.right, scope)
        left = self._operand(left, operation, self.left, "left")
        right = self._operand(right, operation, self.right, "right")
        if self.operator in operators.DECISIVE:
            decisive = operators.DECISIVE[self.operator]
            if decisive in (left, right):
                return decisive
        for error in (left_error, right_error):
            if error is not None:
                raise error
        return call_operator(operation, (left, right), self.source_range)

    @staticmethod
    def _operand(value: Value, operation: Function, expression: Expression, side: str) -> Value:
        try:
            return convert(value, operation.parameters[0].type)
        except ConversionError as error:
            raise hcl_error(f"Invalid operand: Unsuitable value for {side} operand: {error}.", expression.source_range) from None

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.left, self.right)


@attrs.frozen(eq=False)
class Unary(Expression):
    """An operator before its operand."""

    operator: str
    operand: Expression

    def evaluate(self, scope: Scope) -> Value:
        operation = operators.UNARY[self.operator]
        try:
            value = convert(self.operand.evaluate(scope), operation.parameters[0].type)
        except ConversionError as error:
            raise hcl_error(f"Invalid operand: Unsuitable value for unary operand: {error}.", self.operand.source_range) from None
        return call_operator(operation, (value,), self.source_range)

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.operand,)


def attempt(expression: Expression, scope: Scope) -> tuple[Value, HclError | None]:
    """Evaluate an expression whose failure may not matter."""
    try:
        return expression.evaluate(scope), None
    except HclError as error:
        return UNKNOWN, error


def call_operator(operation: Function, values: tuple[Value, ...], source_range: Range) -> Value:
    if UNKNOWN in values:
        return UNKNOWN
    try:
        return operation(*values)
    except FunctionError as error:
        raise hcl_error(f"Operation failed: Error during operation: {error}.", source_range) from None


@attrs.frozen(eq=False)
class Conditional(Expression):
    """`condition ? when_true : when_false`."""

    condition: Expression
    when_true: Expression
    when_false: Expression

    def evaluate(self, scope: Scope) -> Value:
        # Both are evaluated, since the type of the result depends on both.
        (first, first_error), (other, other_error) = attempt(self.when_true, scope), attempt(self.when_false, scope)
        type_ = self._result_type(first, other)
        value, error = (first, first_error) if self._condition(scope) else (other, other_error)
        if error is not None:
            raise error
        try:
            return convert(value, type_)
        except ConversionError as mismatch:
            raise hcl_error(
                f"Inconsistent conditional result types: The result value has the wrong type: {mismatch}.", self.source_range
            ) from None

    def _result_type(self, first: Value, other: Value) -> Type:
        if first == NULL:
            return other.type
        if other == NULL:
            return first.type
        if DYNAMIC in {first.type, other.type}:
            return DYNAMIC
        type_ = unify([first.type, other.type])
        if type_ is None:
            raise hcl_error(
                "Inconsistent conditional result types: The true and false result expressions must have consistent types. "
                f"The 'true' value is {first.type}, but the 'false' value is {other.type}.",
                self.when_true.source_range.to(self.when_false.source_range),
            )
        return type_

    def _condition(self, scope: Scope) -> bool:
        value = self.condition.evaluate(scope)
        if value.is_null:
            raise hcl_error(
                "Null condition: The condition value is null. Conditions must either be true or false.", self.condition.source_range
            )
        try:
            return convert(value, BOOL).data is True
        except ConversionError:
            raise hcl_error(
                "Incorrect condition type: The condition expression must be of type bool.", self.condition.source_range
            ) from None

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.condition, self.when_true, self.when_false)
