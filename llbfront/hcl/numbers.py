"""Numbers of HCL: binary floating point with 512 bits of precision, printed with as few digits as identify them.

The infinite numbers, which a division by zero gives, are floats of Python.

Source: cty/value_init.go of zclconf/go-cty, which uses big.Float of Go.
"""

from __future__ import annotations

import math
import re
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from typing import TypeAlias

import attrs

Magnitude: TypeAlias = Fraction | float
PRECISION = 512
LARGEST_BITS = 1 << 16  # of a numerator or a denominator; that of 1e9999 has 33,217
_MAX_EXPONENT = 19_000  # of ten, in a literal
_READ_DIGITS = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN)  # far more than PRECISION distinguishes
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)


def rounded(value: Fraction, precision: int) -> Fraction:
    """Round to a number of binary digits, halves to even."""
    if not value:
        return value
    exponent = value.numerator.bit_length() - value.denominator.bit_length() - precision
    if abs(value) >= Fraction(2) ** (exponent + precision):
        exponent += 1
    unit = Fraction(2) ** exponent
    return round(value / unit) * unit


class NumberTooLarge(ValueError):
    """A number is larger, or closer to zero, than anybody can mean."""


@attrs.frozen(order=False)
class Number:
    """A number, and the precision that it was made with."""

    value: Magnitude
    precision: int = attrs.field(default=PRECISION, eq=False)

    @property
    def is_integer(self) -> bool:
        return isinstance(self.value, Fraction) and self.value.denominator == 1

    def __int__(self) -> int:
        return int(self.value)

    def __str__(self) -> str:
        if not isinstance(self.value, Fraction):
            return "+Inf" if self.value > 0 else "-Inf"
        return _shortest(self.value, self.precision)


def integer(value: int) -> Number:
    """Return an integer as a number."""
    return Number(Fraction(value))


def from_float(value: float) -> Number:
    """Return a float as a number with the precision of a float."""
    return Number(value if math.isinf(value) else Fraction(value), 53)


def parse_number(text: str) -> Number | None:
    """Read a decimal number; None if the text is none."""
    if not _DECIMAL.fullmatch(text):
        return None
    decimal = _READ_DIGITS.create_decimal(text)  # unlike int, it takes any number of digits, in linear time
    if abs(decimal.adjusted()) > _MAX_EXPONENT:
        return None
    return Number(rounded(Fraction(decimal), PRECISION))


def compute(value: Magnitude, *operands: Number) -> Number:
    """Return the result of an operation, with the precision of the most precise operand. Raises: ValueError for a result that is not a number."""
    precision = max((operand.precision for operand in operands), default=PRECISION)
    if not isinstance(value, Fraction):
        if math.isnan(value):
            raise ValueError("the result is not a number")
        return Number(value if math.isinf(value) else Fraction(value), precision)
    return Number(_checked(rounded(value, precision)), precision)


def _checked(value: Fraction) -> Fraction:
    """Raise NumberTooLarge for a number that is too large to calculate with."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > LARGEST_BITS:
        raise NumberTooLarge("the number is too large, or too close to zero")
    return value


def digits_of(value: int) -> str:
    """Write a whole number. Unlike `str`, this takes numbers of any size."""
    return format(Decimal(value), "f")


def _shortest(value: Fraction, precision: int) -> str:
    if value.denominator == 1 and value.numerator.bit_length() <= 53:
        return str(value.numerator)
    magnitude = len(digits_of(int(abs(value)))) if abs(value) >= 1 else -_leading_zeros(abs(value))
    for digits in range(1, precision):
        places = digits - magnitude
        scaled = round(abs(value) * Fraction(10) ** places)
        if rounded(scaled / Fraction(10) ** places, precision) == abs(value):
            return _decimal(value, scaled, places)
    places = precision - magnitude
    return _decimal(value, round(abs(value) * Fraction(10) ** places), places)


def _decimal(value: Fraction, scaled: int, places: int) -> str:
    """Write a number whose absolute value is `scaled` divided by ten to the power of `places`."""
    if places <= 0:
        text = digits_of(scaled * 10**-places)
    else:
        text = digits_of(scaled).rjust(places + 1, "0")
        text = f"{text[:-places]}.{text[-places:]}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text


def _leading_zeros(value: Fraction) -> int:
    zeros = 0
    while value * 10 < 1:
        value *= 10
        zeros += 1
    return zeros
