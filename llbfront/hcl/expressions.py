"""Expressions of HCL: names, operators, templates, calls. Each is evaluated in a scope.

Source: hclsyntax/expression.go, expression_ops.go and expression_template.go of hashicorp/hcl.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from llbfront.errors import HclError
from llbfront.hcl import operators
from llbfront.hcl.conversion import ConversionError, convert, unify
from llbfront.hcl.functions import Function, FunctionError
from llbfront.hcl.indexing import attribute, index
from llbfront.hcl.ranges import Range, hcl_error
from llbfront.hcl.scope import Scope
from llbfront.hcl.types import BOOL, DYNAMIC, STRING, Type
from llbfront.hcl.values import FALSE, NULL, TRUE, UNKNOWN, Value, string
from llbfront.suggestions import suggestion


@attrs.frozen(eq=False)
class Expression:
    """An expression at a place. `children` are the expressions that it is made of."""

    where: Range

    def evaluate(self, scope: Scope) -> Value:
        raise NotImplementedError

    @property
    def children(self) -> tuple[Expression, ...]:
        return ()

    @property
    def keyword(self) -> str | None:
        """The name that the expression is, None if it is more or something else."""
        return None


@attrs.frozen(eq=False)
class Literal(Expression):
    """A number, a bool, null, or the text of a template."""

    value: Value

    def evaluate(self, scope: Scope) -> Value:  # noqa: ARG002
        return self.value

    @property
    def keyword(self) -> str | None:
        return {TRUE: "true", FALSE: "false"}.get(self.value) if self.value.type is BOOL else "null" if self.value is NULL else None


@attrs.frozen(eq=False)
class Step:
    """One step of a traversal: an attribute's name, or an index."""

    where: Range
    name: str | None = None
    key: Value | None = None

    def apply(self, value: Value) -> Value:
        if self.name is not None:
            return attribute(value, self.name, self.where)
        assert self.key is not None
        return index(value, self.key, self.where)


@attrs.frozen(eq=False)
class Traversal(Expression):
    """A variable, and the attributes and indexes that follow its name."""

    name: str
    steps: tuple[Step, ...] = ()

    def evaluate(self, scope: Scope) -> Value:
        value = scope.variable(self.name)
        if value is None:
            raise hcl_error(
                f'Unknown variable: There is no variable named "{self.name}".',
                self.where,
                hint=suggestion(self.name, scope.names(), match_case=True),
            )
        for step in self.steps:
            value = step.apply(value)
        return value

    @property
    def keyword(self) -> str | None:
        return None if self.steps else self.name


@attrs.frozen(eq=False)
class RelativeTraversal(Expression):
    """Attributes and indexes of what an expression gives."""

    source: Expression
    steps: tuple[Step, ...]

    def evaluate(self, scope: Scope) -> Value:
        value = self.source.evaluate(scope)
        for step in self.steps:
            value = step.apply(value)
        return value

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.source,)


@attrs.frozen(eq=False)
class Index(Expression):
    """An index that is itself an expression."""

    collection: Expression
    key: Expression

    def evaluate(self, scope: Scope) -> Value:
        return index(self.collection.evaluate(scope), self.key.evaluate(scope), self.where)

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.collection, self.key)


@attrs.frozen(eq=False)
class Parentheses(Expression):
    """An expression in parentheses: as the key of an object it is evaluated, where a bare name would be the key itself."""

    inner: Expression

    def evaluate(self, scope: Scope) -> Value:
        return self.inner.evaluate(scope)

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.inner,)


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
        return call_operator(operation, (left, right), self.where)

    @staticmethod
    def _operand(value: Value, operation: Function, expression: Expression, side: str) -> Value:
        try:
            return convert(value, operation.parameters[0].type)
        except ConversionError as error:
            raise hcl_error(f"Invalid operand: Unsuitable value for {side} operand: {error}.", expression.where) from None

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
            raise hcl_error(f"Invalid operand: Unsuitable value for unary operand: {error}.", self.operand.where) from None
        return call_operator(operation, (value,), self.where)

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.operand,)


def attempt(expression: Expression, scope: Scope) -> tuple[Value, HclError | None]:
    """Evaluate an expression whose failure may not matter."""
    try:
        return expression.evaluate(scope), None
    except HclError as error:
        return UNKNOWN, error


def call_operator(operation: Function, values: tuple[Value, ...], where: Range) -> Value:
    if UNKNOWN in values:
        return UNKNOWN
    try:
        return operation(*values)
    except FunctionError as error:
        raise hcl_error(f"Operation failed: Error during operation: {error}.", where) from None


@attrs.frozen(eq=False)
class Conditional(Expression):
    """`condition ? when_true : when_false`."""

    condition: Expression
    when_true: Expression
    when_false: Expression

    def evaluate(self, scope: Scope) -> Value:
        results = attempt(self.when_true, scope), attempt(self.when_false, scope)
        type_ = self._result_type(results[0][0], results[1][0])
        value, error = results[0] if self._condition(scope) else results[1]
        if error is not None:
            raise error
        try:
            return convert(value, type_)
        except ConversionError as mismatch:
            raise hcl_error(
                f"Inconsistent conditional result types: The result value has the wrong type: {mismatch}.", self.where
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
                self.when_true.where.to(self.when_false.where),
            )
        return type_

    def _condition(self, scope: Scope) -> bool:
        value = self.condition.evaluate(scope)
        if value.is_null:
            raise hcl_error(
                "Null condition: The condition value is null. Conditions must either be true or false.", self.condition.where
            )
        try:
            return convert(value, BOOL).data is True
        except ConversionError:
            raise hcl_error(
                "Incorrect condition type: The condition expression must be of type bool.", self.condition.where
            ) from None

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.condition, self.when_true, self.when_false)


@attrs.frozen(eq=False)
class Template(Expression):
    """A string with sequences in it: the texts of all parts together."""

    parts: tuple[Expression, ...]

    def evaluate(self, scope: Scope) -> Value:
        return string("".join(template_text(part.evaluate(scope), part.where) for part in self.parts))

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.parts

    @property
    def literal(self) -> str | None:
        """The text of a template without sequences."""
        if all(isinstance(part, Literal) and part.value.type is STRING for part in self.parts):
            return "".join(part.value.data for part in self.parts if isinstance(part, Literal))
        return None


def template_text(value: Value, where: Range) -> str:
    if value is UNKNOWN:
        return ""
    if value.is_null:
        raise hcl_error(
            "Invalid template interpolation value: The expression result is null. Cannot include a null value in a string template.",
            where,
        )
    try:
        text = convert(value, STRING).data
    except ConversionError as error:
        raise hcl_error(
            f"Invalid template interpolation value: Cannot include the given value in a string template: {error}.", where
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
    """The texts of a `%{ for }` sequence, joined."""

    texts: Expression

    def evaluate(self, scope: Scope) -> Value:
        return string("".join(template_text(part, self.where) for part in self.texts.evaluate(scope).elements))

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.texts,)


@attrs.frozen(eq=False)
class Call(Expression):
    """A call of a function. `expands` says that the last argument is a list of arguments (`…`)."""

    name: str
    arguments: tuple[Expression, ...]
    expands: bool = False

    def evaluate(self, scope: Scope) -> Value:
        called = scope.function(self.name)
        if called is None:
            hint = suggestion(self.name, scope.function_names(), match_case=True)
            raise hcl_error(f'Call to unknown function: There is no function named "{self.name}".', self.where, hint=hint)
        if called.takes_expressions is not None:
            return self._guarded(called, lambda: called.takes_expressions(self.arguments, scope))  # type: ignore[misc]
        values = self._values(scope)
        self._check_count(called, len(values))
        converted = [self._guarded(called, lambda i=i, v=v: called.convert_argument(i, v)) for i, v in enumerate(values)]  # type: ignore[misc]
        return UNKNOWN if UNKNOWN in converted else self._guarded(called, lambda: called(*converted))

    def _values(self, scope: Scope) -> list[Value]:
        values = [argument.evaluate(scope) for argument in self.arguments]
        if not self.expands:
            return values
        last = values.pop()
        if last.is_null or not last.type.is_sequence:
            what = "must not be null" if last.is_null else "must be of a list, set, or tuple type"
            raise hcl_error(
                f"Invalid expanding argument value: The expanding argument (indicated by ...) {what}.", self.arguments[-1].where
            )
        return [*values, *last.elements]

    def _check_count(self, called: Function, count: int) -> None:
        if count < len(called.parameters):
            missing = called.parameters[count].name
            raise hcl_error(
                f'Not enough function arguments: Function "{self.name}" expects {len(called.parameters)} argument(s). '
                f'Missing value for "{missing}".',
                self.where,
            )
        if called.variadic is None and count > len(called.parameters):
            raise hcl_error(
                f'Too many function arguments: Function "{self.name}" expects only {len(called.parameters)} argument(s).',
                self.where,
            )

    def _guarded(self, called: Function, run: Callable[[], Value]) -> Value:
        try:
            return run()
        except FunctionError as error:
            if error.argument is None:
                raise hcl_error(f'Error in function call: Call to function "{self.name}" failed: {error}.', self.where) from None
            name = called.parameter(error.argument).name
            where = self.arguments[min(error.argument, len(self.arguments) - 1)].where if self.arguments else self.where
            raise hcl_error(f'Invalid function argument: Invalid value for "{name}" parameter: {error}.', where) from None

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.arguments


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and all expressions inside it."""
    yield expression
    for child in expression.children:
        yield from walk(child)
