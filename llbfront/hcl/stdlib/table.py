"""All functions by name.

Source: bake/hclparser/stdlib.go of docker/buildx.
"""

from __future__ import annotations

from llbfront.hcl import operators
from llbfront.hcl.functions import Function
from llbfront.hcl.stdlib import (
    collections,
    encoding,
    expressions,
    formatting,
    network,
    numbers,
    patterns,
    sets,
    strings,
    times,
    versions,
)

FUNCTIONS: dict[str, Function] = {
    **collections.FUNCTIONS,
    **encoding.FUNCTIONS,
    **expressions.FUNCTIONS,
    **formatting.FUNCTIONS,
    **network.FUNCTIONS,
    **numbers.FUNCTIONS,
    **patterns.FUNCTIONS,
    **sets.FUNCTIONS,
    **strings.FUNCTIONS,
    **times.FUNCTIONS,
    **versions.FUNCTIONS,
    "add": operators.add,
    "and": operators.logical_and,
    "divide": operators.divide,
    "equal": operators.equal,
    "greaterthan": operators.greater,
    "greaterthanorequalto": operators.greater_or_equal,
    "lessthan": operators.less,
    "lessthanorequalto": operators.less_or_equal,
    "modulo": operators.modulo,
    "multiply": operators.multiply,
    "negate": operators.negate,
    "not": operators.logical_not,
    "notequal": operators.not_equal,
    "or": operators.logical_or,
    "subtract": operators.subtract,
}
