"""The operators of expressions as functions; bake files may call them by name, too.

Source: cty/function/stdlib/number.go, bool.go and general.go of zclconf/go-cty.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from llbfront.hcl.functions import Function, FunctionError, function, nullable
from llbfront.hcl.numbers import Magnitude, Number, compute
from llbfront.hcl.types import BOOL, NUMBER
from llbfront.hcl.values import FALSE, TRUE, Value, boolean, number


def equals(left: Value, right: Value) -> bool:
    """Return whether two values are equal. Values of different types are not equal; nulls of any type are."""
    if left.is_null or right.is_null:
        return left.is_null and right.is_null
    return left == right


@function(nullable(), nullable())
def equal(a: Value, b: Value) -> Value:
    return boolean(equals(a, b))


@function(nullable(), nullable())
def not_equal(a: Value, b: Value) -> Value:
    return boolean(not equals(a, b))


def _comparison(compare: Callable[[Magnitude, Magnitude], bool]) -> Function:
    @function(NUMBER, NUMBER)
    def compared(a: Value, b: Value) -> Value:
        return boolean(compare(a.data.value, b.data.value))

    return compared


def _arithmetic(operate: Callable[[Magnitude, Magnitude], Magnitude]) -> Function:
    @function(NUMBER, NUMBER)
    def computed(a: Value, b: Value) -> Value:
        return number(compute(operate(a.data.value, b.data.value), a.data, b.data))

    return computed


def _quotient(left: Magnitude, right: Magnitude) -> Magnitude:
    if right:
        return left / right
    return math.copysign(math.inf, left) if left else math.nan


@function(NUMBER, NUMBER)
def modulo(a: Value, b: Value) -> Value:
    left, right = a.data.value, b.data.value
    if not right or not isinstance(right, Fraction):  # nothing is divided, so all is left
        return a
    if not isinstance(left, Fraction):
        raise FunctionError("can't use infinity in a modulo operation", 0)
    return number(compute(left - right * int(left / right), a.data, b.data))


@function(BOOL, BOOL)
def logical_and(a: Value, b: Value) -> Value:
    return boolean(a.data and b.data)


@function(BOOL, BOOL)
def logical_or(a: Value, b: Value) -> Value:
    return boolean(a.data or b.data)


@function(BOOL)
def logical_not(val: Value) -> Value:
    return boolean(not val.data)


@function(NUMBER)
def negate(num: Value) -> Value:
    return number(Number(-num.data.value, num.data.precision))


add = _arithmetic(lambda a, b: a + b)
subtract = _arithmetic(lambda a, b: a - b)
divide = _arithmetic(_quotient)
multiply = _arithmetic(lambda a, b: a * b)
less = _comparison(lambda a, b: a < b)
less_or_equal = _comparison(lambda a, b: a <= b)
greater = _comparison(lambda a, b: a > b)
greater_or_equal = _comparison(lambda a, b: a >= b)

BINARY: dict[str, Function] = {
    "||": logical_or, "&&": logical_and, "==": equal, "!=": not_equal,
    ">": greater, ">=": greater_or_equal, "<": less, "<=": less_or_equal,
    "+": add, "-": subtract, "*": multiply, "/": divide, "%": modulo,
}  # fmt: skip
UNARY: dict[str, Function] = {"-": negate, "!": logical_not}
DECISIVE = {"||": TRUE, "&&": FALSE}  # an operand that decides the result alone
PRECEDENCE = (("||",), ("&&",), ("==", "!="), (">", ">=", "<", "<="), ("+", "-"), ("*", "/", "%"))
