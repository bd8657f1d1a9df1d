"""Scopes: the variables and functions that an expression can use.

Source: eval_context.go of hashicorp/hcl.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

import attrs

from llbfront.hcl.functions import Function
from llbfront.hcl.ranges import Range, hcl_error
from llbfront.hcl.values import Value

MAX_WORK = 1 << 23
ROUND_WORK = 32


@attrs.define(eq=False)
class Budget:
    """The work that is left for a definition: the sizes of all values that its expressions take and make, so that none multiplies."""

    work: int = MAX_WORK

    def spend(self, work: int, source_range: Range) -> None:
        """Count work. Raises: HclError."""
        self.work -= work
        if self.work < 0:
            raise hcl_error(
                "Too much to evaluate: the values of the definition are too large, or its loops too long.", source_range
            )


@attrs.define(eq=False)
class Scope:
    """Variables and functions by name. Names that it lacks are looked up in its parent."""

    variables: dict[str, Value] = attrs.Factory(dict)
    functions: MutableMapping[str, Function] = attrs.Factory(dict)
    parent: Scope | None = None
    budget: Budget = attrs.Factory(Budget)

    def child(self, variables: dict[str, Value]) -> Scope:
        return Scope(variables, parent=self, budget=self.budget)

    def counted(self, value: Value, source_range: Range) -> Value:
        """Count a value that an expression made, and return it. Raises: HclError."""
        self.budget.spend(value.size, source_range)
        return value

    def chain(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def variable(self, name: str) -> Value | None:
        return next((scope.variables[name] for scope in self.chain() if name in scope.variables), None)

    def function(self, name: str) -> Function | None:
        return next((scope.functions[name] for scope in self.chain() if name in scope.functions), None)

    def names(self) -> list[str]:
        return [name for scope in self.chain() for name in scope.variables]

    def function_names(self) -> list[str]:
        return [name for scope in self.chain() for name in scope.functions]
