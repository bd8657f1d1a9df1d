"""Numbers of HCL: binary floating point with 512 bits of precision, printed with as few digits as identify them.

Source: cty/value_init.go of zclconf/go-cty, which uses big.Float of Go.
"""

from __future__ import annotations

import re
from fractions import Fraction

import attrs

PRECISION = 512
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


@attrs.frozen(order=False)
class Number:
    """A number, and the precision that it was made with."""

    value: Fraction
    precision: int = attrs.field(default=PRECISION, eq=False)

    @property
    def is_integer(self) -> bool:
        return self.value.denominator == 1

    def __int__(self) -> int:
        return int(self.value)

    def __str__(self) -> str:
        return _shortest(self.value, self.precision)


def integer(value: int) -> Number:
    """A whole number."""
    return Number(Fraction(value))


def from_float(value: float) -> Number:
    """A number with the precision of a float."""
    return Number(Fraction(value), 53)


def parse_number(text: str) -> Number | None:
    """Read a decimal number; None if the text is none."""
    if not _DECIMAL.fullmatch(text):
        return None
    return Number(rounded(Fraction(text), PRECISION))


def compute(value: Fraction, *operands: Number) -> Number:
    """The result of an operation, with the precision of the most precise operand."""
    precision = max((operand.precision for operand in operands), default=PRECISION)
    return Number(rounded(value, precision), precision)


def _shortest(value: Fraction, precision: int) -> str:
    if value.denominator == 1 and value.numerator.bit_length() <= 53:
        return str(value.numerator)
    for digits in range(1, precision):
        text = _decimal(value, digits)
        if rounded(Fraction(text), precision) == value:
            return text
    return _decimal(value, precision)


def _decimal(value: Fraction, digits: int) -> str:
    """Write a number with a number of significant decimal digits."""
    magnitude = len(str(int(abs(value)))) if abs(value) >= 1 else -_leading_zeros(abs(value))
    places = digits - magnitude
    scaled = round(abs(value) * Fraction(10) ** places)
    if places <= 0:
        text = str(scaled * 10**-places)
    else:
        text = str(scaled).rjust(places + 1, "0")
        text = f"{text[:-places]}.{text[-places:]}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text


def _leading_zeros(value: Fraction) -> int:
    zeros = 0
    while value * 10 < 1:
        value *= 10
        zeros += 1
    return zeros
