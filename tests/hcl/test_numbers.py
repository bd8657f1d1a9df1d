"""Numbers with very many digits: in time, without a traceback, and refused where nobody can mean them."""

from __future__ import annotations

import pytest

from llbfront import bake
from llbfront.errors import BakeError
from llbfront.hcl.numbers import LARGEST_BITS, NumberTooLarge, compute, digits_of, integer, parse_number

NINES = "9" * 5000


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("1e9999", "1000", 10000),
        (NINES, "1000", 5001),
        ("9" * 100, "9999", 100),
        ("1.5e300", "1500", 301),
        ("0" * 9000 + "7", "7", 1),
    ],
)
def test_long_numbers_are_written_in_full(text: str, start: str, length: int) -> None:
    number = parse_number(text)
    assert number is not None
    assert str(number).startswith(start)
    assert len(str(number)) == length


@pytest.mark.parametrize("text", ["9" * 20_000, "9" * 1_000_000, "0." + "0" * 20_000 + "1", "1e99999"])
def test_text_that_is_not_a_number(text: str) -> None:
    assert parse_number(text) is None


def test_calculations_end_before_numbers_fill_the_memory() -> None:
    value = integer(1 << (LARGEST_BITS - 1))
    assert compute(value.value, value) == value
    with pytest.raises(NumberTooLarge, match="too large"):
        compute(value.value * 4, value)


def test_digits_of_any_number() -> None:
    assert digits_of(0) == "0"
    assert digits_of(-12) == "-12"
    assert len(digits_of(10**8000)) == 8001


@pytest.mark.parametrize(
    "expression",
    [
        f'parseint("{NINES}", 10)', f'parseint("{"f" * 9000}", 16)', f"{NINES}", "1e9999 * 10", f'substr("a", 0, {NINES}) == ""',
    ],
)  # fmt: skip
def test_expressions_with_long_numbers_have_a_value_or_an_error(tmp_path: object, expression: str) -> None:
    assert outcome(tmp_path, expression) is not None


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (f"[1, 2][{NINES}]", "greater than or equal to the length"),
        (f"[1, 2].{NINES}", "greater than or equal to the length"),
        ('format("%0999999999d", 1)', "is too large"),
        ('format("%.99999999f", 1)', "is too large"),
        (f'format("%[{NINES}]d", 1)', "is too large"),
        (f'format("%{NINES}s", "a")', "is too large"),
        ("1e9999 * 1e9999 * 1e9999", "too large"),
        (f'semvercmp("{NINES}.0.0", ">=1.0.0")', "cannot be computed"),
        ("9" * 30_000, "Invalid number literal"),
    ],
)
def test_expressions_that_are_refused(tmp_path: object, expression: str, message: str) -> None:
    assert message in str(outcome(tmp_path, expression))


def outcome(directory: object, expression: str) -> object:
    """The value of an argument that an expression gives, or the error."""
    path = f"{directory}/docker-bake.hcl"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'target "default" {{\n  args = {{ A = {expression} }}\n}}\n')
    try:
        return (bake.plan(files=path).targets["default"].args or {})["A"]
    except BakeError as error:
        return error


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1.10", "1.1"), ("1e3", "1000"), ("0.1", "0.1"), ("123456789012345678901234567890", "123456789012345678901234567890")],
)
def test_numbers_are_written_with_as_few_digits_as_identify_them(text: str, shown: str) -> None:
    assert str(parse_number(text)) == shown
