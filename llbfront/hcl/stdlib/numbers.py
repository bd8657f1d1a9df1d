"""Functions on numbers and bytes.

Source: cty/function/stdlib/number.go of zclconf/go-cty.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from llbfront.hcl.functions import Function, FunctionError, function
from llbfront.hcl.numbers import Magnitude, Number, from_float, integer
from llbfront.hcl.stdlib.arguments import whole
from llbfront.hcl.types import DYNAMIC, NUMBER, STRING
from llbfront.hcl.values import Value, number


@function(NUMBER)
def absolute(num: Value) -> Value:
    return number(Number(abs(num.data.value), num.data.precision))


@function(NUMBER)
def ceil(num: Value) -> Value:
    return _rounded(num, math.ceil)


@function(NUMBER)
def floor(num: Value) -> Value:
    return _rounded(num, math.floor)


@function(NUMBER)
def int_(num: Value) -> Value:
    return _rounded(num, int)


def _rounded(num: Value, to_integer: Callable[[Fraction], int]) -> Value:
    """Round a number; an infinite one stays."""
    value = num.data.value
    return number(integer(to_integer(value))) if isinstance(value, Fraction) else num


@function(NUMBER)
def signum(num: Value) -> Value:
    value = whole(num, 0)
    return number((value > 0) - (value < 0))


@function(NUMBER, NUMBER)
def log(num: Value, base: Value) -> Value:
    if not num.data.value:
        return number(from_float(-math.inf))
    try:
        return number(from_float(math.log(float(num.data.value)) / math.log(float(base.data.value))))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise FunctionError("the logarithm is not a number") from None


@function(NUMBER, NUMBER)
def pow_(num: Value, power: Value) -> Value:
    if not num.data.value and power.data.value < 0:
        return number(from_float(math.inf))
    try:
        return number(from_float(math.pow(float(num.data.value), float(power.data.value))))
    except OverflowError:
        return number(from_float(math.inf))
    except ValueError:
        raise FunctionError("the power is not a number") from None


@function(variadic=NUMBER)
def max_(*numbers: Value) -> Value:
    if not numbers:
        raise FunctionError("must pass at least one number")
    return max(numbers, key=_value)


@function(variadic=NUMBER)
def min_(*numbers: Value) -> Value:
    if not numbers:
        raise FunctionError("must pass at least one number")
    return min(numbers, key=_value)


def _value(value: Value) -> Magnitude:
    result = value.data.value
    assert isinstance(result, Fraction | float)
    return result


@function(DYNAMIC, NUMBER)
def parse_int(number: Value, base: Value) -> Value:
    if number.type != STRING:
        raise FunctionError(f"first argument must be a string, not {number.type}", 0)
    radix = whole(base, 1)
    if not 2 <= radix <= 62:
        raise FunctionError("base must be a whole number between 2 and 62 inclusive", 1)
    parsed = _parse_digits(number.data, radix)
    if parsed is None:
        raise FunctionError(f'cannot parse "{number.data}" as a base {radix} integer', 0)
    from llbfront.hcl.values import number as number_value

    return number_value(parsed)


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _parse_digits(text: str, radix: int) -> int | None:
    digits = text.removeprefix("-").removeprefix("+") if text[:1] in "+-" else text
    total = 0
    for digit in digits:
        value = _DIGITS.find(digit if radix > 36 else digit.lower())
        if not 0 <= value < radix:
            return None
        total = total * radix + value
    return None if not digits else -total if text.startswith("-") else total


FUNCTIONS: dict[str, Function] = {
    "absolute": absolute, "ceil": ceil, "floor": floor, "int": int_, "signum": signum, "log": log, "pow": pow_, "max": max_,
    "min": min_, "parseint": parse_int,
}  # fmt: skip
