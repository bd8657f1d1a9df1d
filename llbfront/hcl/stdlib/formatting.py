"""format and formatlist: strings with verbs as in Go's fmt package.

Source: cty/function/stdlib/format.go of zclconf/go-cty; package fmt of Go.
"""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction

from llbfront.hcl.conversion import ConversionError, convert
from llbfront.hcl.functions import Function, FunctionError, function, nullable
from llbfront.hcl.numbers import Number
from llbfront.hcl.stdlib.graphemes import split_graphemes
from llbfront.hcl.types import BOOL, NUMBER, STRING
from llbfront.hcl.values import Value, list_value, quote, string, to_json

LARGEST_WIDTH = 1_000_000  # as in Go
_VERB = re.compile(
    r"%(?:%|(?P<flags>[#0 +-]*)(?P<width>[1-9]\d*)?(?:\.(?P<precision>\d*))?(?:\[(?P<argument>[1-9]\d*)\])?(?P<mode>.))", re.DOTALL
)


_NUMBERS = ("width", "precision", "argument")


class _Formatter:
    """A format and the arguments that its verbs take, one after the other or by number."""

    def __init__(self, arguments: tuple[Value, ...]) -> None:
        self._arguments = arguments
        self._next = 1
        self._highest = 0

    def run(self, template: str) -> str:
        text = _VERB.sub(self._replace, template)
        if (lone := re.search(r"%\Z", _VERB.sub("", template))) is not None:
            raise FunctionError(f"unrecognized format character at offset {lone.start()}", 0)
        if self._highest < len(self._arguments):
            count = len(self._arguments)
            raise FunctionError(
                f"too many arguments; no verb in format string consumes argument {self._highest + 1} of {count}", self._highest + 1
            )
        return text

    def _replace(self, verb: re.Match[str]) -> str:
        if verb[0] == "%%":
            return "%"
        if not verb["mode"].isalpha():
            raise FunctionError(f"unrecognized format character {quote(verb['mode'])} at offset {verb.end() - 1}", 0)
        if any(len(verb[part] or "") > len(str(LARGEST_WIDTH)) or int(verb[part] or 0) > LARGEST_WIDTH for part in _NUMBERS):
            raise FunctionError(f"a number in {quote(verb[0][:20])} at offset {verb.start()} is too large", 0)
        position = int(verb["argument"] or self._next)
        self._next = position + 1
        self._highest = max(self._highest, position)
        if position > len(self._arguments):
            raise FunctionError(
                f"not enough arguments for {quote(verb[0])} at {verb.start()}: need index {position} but have {len(self._arguments)} total"
            )
        return _formatted(verb, self._arguments[position - 1])


def _formatted(verb: re.Match[str], value: Value) -> str:
    mode = verb["mode"]
    if mode == "v":
        return _padded(verb, _as_is(verb, value))
    if value.is_null:
        raise _unsupported(verb, "null value cannot be formatted")
    if mode == "t":
        return "true" if _converted(verb, value, BOOL).data else "false"
    if mode in "bdoxXeEfgG":
        return _number(verb, _converted(verb, value, NUMBER).data)
    if mode in "sq":
        text = _converted(verb, value, STRING).data
        if verb["precision"] and int(verb["precision"]):
            text = "".join(split_graphemes(text)[: int(verb["precision"])])
        return _padded(verb, quote(text) if mode == "q" else text)
    raise FunctionError(f"unsupported format verb {quote(mode)} in {quote(verb[0])} at offset {verb.start()}", 0)


def _unsupported(verb: re.Match[str], reason: str) -> FunctionError:
    return FunctionError(f"unsupported value for {quote(verb[0])} at {verb.start()}: {reason}")


def _converted(verb: re.Match[str], value: Value, type_: object) -> Value:
    from llbfront.hcl.types import Type

    assert isinstance(type_, Type)
    try:
        return convert(value, type_)
    except ConversionError as error:
        raise _unsupported(verb, str(error)) from None


def _as_is(verb: re.Match[str], value: Value) -> str:
    if "#" not in verb["flags"] and isinstance(value.data, str):
        return value.data
    if "#" not in verb["flags"] and isinstance(value.data, Number):
        return _general(value.data, "g")
    return to_json(value)


def _padded(verb: re.Match[str], text: str) -> str:
    padding = ("0" if "0" in verb["flags"] else " ") * (int(verb["width"] or 0) - len(split_graphemes(text)))
    return text + padding if "-" in verb["flags"] else padding + text


def _number(verb: re.Match[str], value: Number) -> str:
    mode = verb["mode"]
    if mode in "bdoxX":
        if not value.is_integer:
            raise _unsupported(verb, "an integer is required")
        digits = format(abs(int(value)), mode)
        prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(mode, "") if "#" in verb["flags"] else ""
        if verb["precision"]:
            digits = digits.rjust(int(verb["precision"]), "0")
    elif isinstance(value.value, Fraction):
        digits = _float_digits(verb, value.value, value.precision)
        prefix = ""
    else:
        return _padded(verb, str(value))
    sign = "-" if value.value < 0 else "+" if "+" in verb["flags"] else " " if " " in verb["flags"] else ""
    width = int(verb["width"] or 0) - len(sign) - len(prefix)
    if "-" in verb["flags"]:
        return (sign + prefix + digits).ljust(int(verb["width"] or 0))
    if "0" in verb["flags"] and not (verb["precision"] and mode in "bdoxX"):
        return sign + prefix + digits.rjust(width, "0")
    return (sign + prefix + digits).rjust(int(verb["width"] or 0))


def _float_digits(verb: re.Match[str], value: Fraction, bits: int) -> str:
    mode = verb["mode"]
    if mode in "gG" and verb["precision"] is None:
        return _general(Number(abs(value), bits), mode)
    precision = 6 if verb["precision"] is None else int(verb["precision"] or 0)
    text = format(_decimal(abs(value)), f".{precision}{mode}")
    return re.sub(r"([eE][+-])(\d)\Z", r"\g<1>0\2", text)


def _decimal(value: Fraction) -> Decimal:
    """Return the exact decimal, up to 200 digits."""
    with localcontext() as context:
        context.prec = 200
        return Decimal(value.numerator) / Decimal(value.denominator)


def _general(value: Number, mode: str) -> str:
    """Go's %g: the shortest digits, with an exponent below -4 or from 21 on."""
    plain = str(value)
    if not isinstance(value.value, Fraction):
        return plain
    digits = plain.lstrip("-").replace(".", "").strip("0") or "0"
    magnitude = len(plain.lstrip("-").split(".")[0]) - 1
    if plain.lstrip("-").startswith("0."):
        fraction = plain.split(".")[1]
        magnitude = -(len(fraction) - len(fraction.lstrip("0")) + 1)
    if digits == "0" or -4 <= magnitude < max(len(digits), 21):
        return plain
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    sign = "-" if value.value < 0 else ""
    return f"{sign}{mantissa}{'E' if mode == 'G' else 'e'}{'-' if magnitude < 0 else '+'}{abs(magnitude):02}"


@function(STRING, variadic=nullable())
def format_(format: Value, *args: Value) -> Value:  # noqa: A002  the name that messages give it
    return string(_Formatter(args).run(format.data))


@function(STRING, variadic=nullable())
def format_list(format: Value, *args: Value) -> Value:  # noqa: A002
    sequences = [
        (position, value.elements) for position, value in enumerate(args, 1) if value.type.is_sequence and not value.is_null
    ]
    if not sequences:
        return list_value([string(_Formatter(args).run(format.data))])
    first, elements = sequences[0]
    for position, others in sequences[1:]:
        if len(others) != len(elements):
            raise FunctionError(
                f"argument {position} has length {len(others)}, which is inconsistent with argument {first} of length {len(elements)}",
                position,
            )
    by_position = dict(sequences)
    rows = [
        tuple(by_position[position][row] if position in by_position else value for position, value in enumerate(args, 1))
        for row in range(len(elements))
    ]
    return list_value([string(_Formatter(row).run(format.data)) for row in rows], STRING)


FUNCTIONS: dict[str, Function] = {"format": format_, "formatlist": format_list}
