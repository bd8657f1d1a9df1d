"""Operators, also on infinite numbers, as docker buildx evaluates them."""

from __future__ import annotations

import pytest

from llbfront.errors import HclError
from tests.hcl import evaluated

INFINITE = {
    "1/0": "+Inf", "-1/0": "-Inf", "1/0 + 1": "+Inf", "-(1/0)": "-Inf", "1/(1/0)": "0", "max(1/0, 3)": "+Inf", "min(1/0, 3)": "3",
    "ceil(1/0)": "+Inf", "pow(0, -1)": "+Inf", "pow(2, 10000)": "+Inf", "pow(10, 99999)": "+Inf", "log(0, 10)": "-Inf", "5 % 0": "5", "modulo(5, 0)": "5",
    'format("%g", 1/0)': "+Inf", "1/0 > 5": "true", "1/0 == 2/0": "true",
}  # fmt: skip


@pytest.mark.parametrize("text", INFINITE)
def test_a_division_by_zero_is_infinite(text: str) -> None:
    assert evaluated(f'"x${{{text}}}"') == f'"x{INFINITE[text]}"'


@pytest.mark.parametrize("text", ["0/0", "1/0 - 1/0", "1/0 * 0", "[1, 2][1/0]", 'format("%d", 1/0)', "(1/0) % 5"])
def test_an_operand_that_is_not_a_number_is_an_error(text: str) -> None:
    with pytest.raises(HclError, match=r"^x\.hcl:1: "):
        evaluated(text)
