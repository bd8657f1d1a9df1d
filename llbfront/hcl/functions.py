"""Functions as expressions call them.

Source: cty/function/function.go of zclconf/go-cty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from llbfront.hcl.conversion import ConversionError, convert
from llbfront.hcl.types import DYNAMIC, Type
from llbfront.hcl.values import Value


class FunctionError(Exception):
    """A call that failed. `argument` is the index of the argument that is at fault, None if none is."""

    def __init__(self, message: str, argument: int | None = None) -> None:
        super().__init__(message)
        self.argument = argument


@attrs.frozen
class Parameter:
    """A parameter: its name in messages, the type that arguments are converted to, and whether they may be null."""

    name: str
    type: Type = DYNAMIC
    allow_null: bool = False


@attrs.frozen
class Function:
    """A function. Exactly one of `call` and `call_unevaluated` is set; the latter gets the arguments as expressions, and the scope."""

    parameters: tuple[Parameter, ...]
    call: Callable[..., Value] | None = None
    variadic: Parameter | None = None
    call_unevaluated: Callable[[Sequence[Any], Any], Value] | None = None

    def parameter(self, index: int) -> Parameter:
        """Return the parameter that takes the argument at an index."""
        if index < len(self.parameters):
            return self.parameters[index]
        assert self.variadic is not None
        return self.variadic

    def convert_argument(self, index: int, value: Value) -> Value:
        """Convert an argument to the type of its parameter. Raises: FunctionError."""
        try:
            return convert(value, self.parameter(index).type)
        except ConversionError as error:
            raise FunctionError(str(error), index) from None

    def __call__(self, *arguments: Value) -> Value:
        """Call with values that were converted. Raises: FunctionError."""
        assert self.call is not None
        for index, argument in enumerate(arguments):
            if argument.is_null and not self.parameter(index).allow_null:
                raise FunctionError("argument must not be null", index)
        try:
            return self.call(*arguments)
        except (ArithmeticError, ValueError) as error:  # such as a NumberTooLarge, or a number with too many digits
            raise FunctionError(f"the result cannot be computed: {error}") from None


def function(*parameters: Any, variadic: Any = None) -> Callable[[Callable[..., Value]], Function]:
    """Make a function from a Python function. Parameters are given as types or `Parameter`s; they take their names from the Python function."""

    def make(call: Callable[..., Value]) -> Function:
        names = call.__code__.co_varnames
        return Function(
            tuple(_parameter(parameter, names[index]) for index, parameter in enumerate(parameters)),
            call,
            None if variadic is None else _parameter(variadic, names[len(parameters)]),
        )

    return make


def _parameter(parameter: Parameter | Type, name: str) -> Parameter:
    if isinstance(parameter, Type):
        return Parameter(name, parameter)
    return attrs.evolve(parameter, name=name)


def nullable(type_: Type = DYNAMIC) -> Parameter:
    """Return a parameter that accepts null."""
    return Parameter("", type_, allow_null=True)
