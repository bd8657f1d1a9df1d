"""Expressions of HCL: literals, names, indexes and calls. Each is evaluated in a scope. `operations` and `templates` hold the others.

Source: hclsyntax/expression.go of hashicorp/hcl.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from llbfront.hcl.functions import Function, FunctionError
from llbfront.hcl.indexing import attribute, index
from llbfront.hcl.ranges import Range, hcl_error
from llbfront.hcl.scope import ROUND_WORK, Scope
from llbfront.hcl.types import BOOL
from llbfront.hcl.values import FALSE, NULL, TRUE, UNKNOWN, Value
from llbfront.suggestions import suggestion


@attrs.frozen(eq=False)
class Expression:
    """An expression at a place. `children` are its operands."""

    source_range: Range

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
        return {TRUE: "true", FALSE: "false"}.get(self.value) if self.value.type == BOOL else "null" if self.value is NULL else None


@attrs.frozen(eq=False)
class Step:
    """One step of a traversal: an attribute's name, or an index."""

    source_range: Range
    name: str | None = None
    key: Value | None = None

    def apply(self, value: Value) -> Value:
        if self.name is not None:
            return attribute(value, self.name, self.source_range)
        assert self.key is not None
        return index(value, self.key, self.source_range)


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
                self.source_range,
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
        return index(self.collection.evaluate(scope), self.key.evaluate(scope), self.source_range)

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
class Call(Expression):
    """A call of a function. `expands` says that the last argument is a list of arguments (`…`)."""

    name: str
    arguments: tuple[Expression, ...]
    expands: bool = False

    def evaluate(self, scope: Scope) -> Value:
        called = scope.function(self.name)
        if called is None:
            hint = suggestion(self.name, scope.function_names(), match_case=True)
            raise hcl_error(f'Call to unknown function: There is no function named "{self.name}".', self.source_range, hint=hint)
        if called.call_unevaluated is not None:
            return self._guarded(called, lambda: called.call_unevaluated(self.arguments, scope))  # type: ignore[misc]
        values = self._values(scope)
        scope.budget.spend(ROUND_WORK + sum(value.size for value in values), self.source_range)
        self._check_count(called, len(values))
        converted = [self._guarded(called, lambda i=i, v=v: called.convert_argument(i, v)) for i, v in enumerate(values)]  # type: ignore[misc]
        return (
            UNKNOWN if UNKNOWN in converted else scope.counted(self._guarded(called, lambda: called(*converted)), self.source_range)
        )

    def _values(self, scope: Scope) -> list[Value]:
        values = [argument.evaluate(scope) for argument in self.arguments]
        if not self.expands:
            return values
        last = values.pop()
        if last.is_null or not last.type.is_sequence:
            what = "must not be null" if last.is_null else "must be of a list, set, or tuple type"
            raise hcl_error(
                f"Invalid expanding argument value: The expanding argument (indicated by ...) {what}.",
                self.arguments[-1].source_range,
            )
        return [*values, *last.elements]

    def _check_count(self, called: Function, count: int) -> None:
        if count < len(called.parameters):
            missing = called.parameters[count].name
            raise hcl_error(
                f'Not enough function arguments: Function "{self.name}" expects {len(called.parameters)} argument(s). '
                f'Missing value for "{missing}".',
                self.source_range,
            )
        if called.variadic is None and count > len(called.parameters):
            raise hcl_error(
                f'Too many function arguments: Function "{self.name}" expects only {len(called.parameters)} argument(s).',
                self.source_range,
            )

    def _guarded(self, called: Function, run: Callable[[], Value]) -> Value:
        try:
            return run()
        except FunctionError as error:
            if error.argument is None:
                raise hcl_error(
                    f'Error in function call: Call to function "{self.name}" failed: {error}.', self.source_range
                ) from None
            name = called.parameter(error.argument).name
            source_range = (
                self.arguments[min(error.argument, len(self.arguments) - 1)].source_range if self.arguments else self.source_range
            )
            raise hcl_error(f'Invalid function argument: Invalid value for "{name}" parameter: {error}.', source_range) from None

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.arguments


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and all expressions inside it."""
    yield expression
    for child in expression.children:
        yield from walk(child)
