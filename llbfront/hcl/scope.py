"""What names mean where an expression is evaluated.

Source: eval_context.go of hashicorp/hcl.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from llbfront.hcl.functions import Function
from llbfront.hcl.values import Value


@attrs.define(eq=False)
class Scope:
    """Variables and functions by name; names that it lacks are those of its parent."""

    variables: dict[str, Value] = attrs.Factory(dict)
    functions: dict[str, Function] = attrs.Factory(dict)
    parent: Scope | None = None

    def child(self, variables: dict[str, Value]) -> Scope:
        return Scope(variables, parent=self)

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
