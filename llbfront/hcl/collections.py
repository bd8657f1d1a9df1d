"""Expressions that make and walk collections: tuples, objects, `for` and splats.

Source: hclsyntax/expression.go of hashicorp/hcl.
"""

from __future__ import annotations

import attrs

from llbfront.hcl.conversion import ConversionError, convert
from llbfront.hcl.expressions import Expression, Parentheses, Step, Traversal
from llbfront.hcl.ranges import hcl_error
from llbfront.hcl.scope import ROUND_WORK, Scope
from llbfront.hcl.types import BOOL, DYNAMIC, STRING
from llbfront.hcl.values import UNKNOWN, Value, object_value, quote, tuple_value


@attrs.frozen(eq=False)
class Tuple(Expression):
    """`[a, b]`."""

    elements: tuple[Expression, ...]

    def evaluate(self, scope: Scope) -> Value:
        return scope.counted(tuple_value(element.evaluate(scope) for element in self.elements), self.source_range)

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.elements


@attrs.frozen(eq=False)
class ObjectKey(Expression):
    """A key of an object: a bare name stands for itself."""

    inner: Expression

    def evaluate(self, scope: Scope) -> Value:
        if not isinstance(self.inner, Parentheses):
            from llbfront.hcl.values import string

            if (keyword := self.inner.keyword) is not None and keyword != "null":
                return string(keyword)
            if isinstance(self.inner, Traversal):
                raise hcl_error(
                    "Ambiguous attribute key: If this expression is intended to be a reference, wrap it in parentheses. "
                    "If it's instead intended as a literal name containing periods, wrap it in quotes to create a string literal.",
                    self.source_range,
                )
        return self.inner.evaluate(scope)

    @property
    def children(self) -> tuple[Expression, ...]:
        """The names that the key needs: a bare name needs none."""
        return () if self.inner.keyword is not None else (self.inner,)


@attrs.frozen(eq=False)
class Object(Expression):
    """`{ a = 1 }`."""

    items: tuple[tuple[Expression, Expression], ...]

    def evaluate(self, scope: Scope) -> Value:
        values: dict[str, Value] = {}
        for key, expression in self.items:
            name = key.evaluate(scope)
            value = expression.evaluate(scope)
            if name.is_null:
                raise hcl_error("Null value as key: Can't use a null value as a key.", key.source_range)
            try:
                text = convert(name, STRING).data
            except ConversionError as error:
                raise hcl_error(f"Incorrect key type: Can't use this value as a key: {error}.", key.source_range) from None
            values[text] = value
        return scope.counted(object_value(values), self.source_range)

    @property
    def children(self) -> tuple[Expression, ...]:
        return tuple(part for item in self.items for part in item)


@attrs.frozen(eq=False)
class For(Expression):
    """`[for key, value in collection: result if condition]`; with `key_result` the object `{for …: key => value}`."""

    key_name: str | None
    value_name: str
    collection: Expression
    key_result: Expression | None
    value_result: Expression
    condition: Expression | None = None
    groups: bool = False

    def evaluate(self, scope: Scope) -> Value:
        collection = self.collection.evaluate(scope)
        if collection is UNKNOWN:
            return UNKNOWN
        if collection.is_null:
            raise hcl_error(
                "Iteration over null value: A null value cannot be used as the collection in a 'for' expression.",
                self.collection.source_range,
            )
        if not (collection.type.is_sequence or collection.type.is_mapping):
            raise hcl_error(
                f"Iteration over non-iterable value: A value of type {collection.type} cannot be used as the collection in a 'for' expression.",
                self.collection.source_range,
            )
        scope.budget.spend(ROUND_WORK * len(collection.data), self.source_range)
        scopes = [scope.child(self._variables(key, value)) for key, value in collection.items]
        scopes = [child for child in scopes if self._includes(child)]
        if self.key_result is None:
            return scope.counted(tuple_value(self.value_result.evaluate(child) for child in scopes), self.source_range)
        return scope.counted(self._object(self.key_result, scopes), self.source_range)

    def _variables(self, key: Value, value: Value) -> dict[str, Value]:
        return {self.key_name: key, self.value_name: value} if self.key_name else {self.value_name: value}

    def _includes(self, scope: Scope) -> bool:
        if self.condition is None:
            return True
        value = self.condition.evaluate(scope)
        if value.is_null:
            raise hcl_error("Invalid 'for' condition: The value of the 'if' clause must not be null.", self.condition.source_range)
        try:
            return convert(value, BOOL).data is True
        except ConversionError as error:
            raise hcl_error(
                f"Invalid 'for' condition: The 'if' clause value is invalid: {error}.", self.condition.source_range
            ) from None

    def _object(self, key_result: Expression, scopes: list[Scope]) -> Value:
        groups: dict[str, list[Value]] = {}
        for scope in scopes:
            name = self._key(key_result, scope)
            value = self.value_result.evaluate(scope)
            if name in groups and not self.groups:
                raise hcl_error(
                    f"Duplicate object key: Two different items produced the key {quote(name)} in this 'for' expression. If duplicates are "
                    "expected, use the ellipsis (...) after the value expression to enable grouping by key.",
                    key_result.source_range,
                )
            groups.setdefault(name, []).append(value)
        if self.groups:
            return object_value({name: tuple_value(values) for name, values in groups.items()})
        return object_value({name: values[0] for name, values in groups.items()})

    @staticmethod
    def _key(expression: Expression, scope: Scope) -> str:
        key = expression.evaluate(scope)
        if key.is_null:
            raise hcl_error(
                "Invalid object key: Key expression in 'for' expression must not produce a null value.", expression.source_range
            )
        try:
            name = convert(key, STRING).data
        except ConversionError as error:
            raise hcl_error(
                f"Invalid object key: The key expression produced an invalid result: {error}.", expression.source_range
            ) from None
        assert isinstance(name, str)
        return name

    @property
    def names(self) -> set[str]:
        """The variables that the expression itself defines."""
        return {self.value_name, *([self.key_name] if self.key_name else [])}

    @property
    def children(self) -> tuple[Expression, ...]:
        parts = (self.collection, self.key_result, self.value_result, self.condition)
        return tuple(part for part in parts if part is not None)


@attrs.frozen(eq=False)
class SplatKey:
    """An index of a splat that is an expression, evaluated once for each element."""

    key: Expression


@attrs.frozen(eq=False)
class Splat(Expression):
    """`source[*].steps` and `source.*.steps`: the steps applied to each element; a single value counts as a tuple of one."""

    source: Expression
    steps: tuple[Step | SplatKey, ...]

    def evaluate(self, scope: Scope) -> Value:
        source = self.source.evaluate(scope)
        if source is UNKNOWN:
            return UNKNOWN
        if not source.type.is_sequence:
            return scope.counted(tuple_value([] if source.is_null else [self._apply(source, scope)]), self.source_range)
        if source.is_null:
            raise hcl_error(
                "Splat of null value: Splat expressions (with the * symbol) cannot be applied to null sequences.",
                self.source.source_range,
            )
        values = [self._apply(element, scope) for element in source.elements]
        if source.type.kind == "tuple":
            return scope.counted(tuple_value(values), self.source_range)
        from llbfront.hcl.values import list_value

        return scope.counted(list_value(values, DYNAMIC), self.source_range)

    def _apply(self, value: Value, scope: Scope) -> Value:
        from llbfront.hcl.indexing import index

        for step in self.steps:
            value = step.apply(value) if isinstance(step, Step) else index(value, step.key.evaluate(scope), step.key.source_range)
        return value

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.source, *(step.key for step in self.steps if isinstance(step, SplatKey)))
