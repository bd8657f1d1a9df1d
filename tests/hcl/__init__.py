"""Expressions of HCL, evaluated without a bake file."""

from __future__ import annotations

from llbfront.hcl.parser import parse_expression
from llbfront.hcl.ranges import read_file
from llbfront.hcl.scope import Scope
from llbfront.hcl.stdlib.table import FUNCTIONS
from llbfront.hcl.values import string, to_json


def evaluated(text: str) -> str:
    """The value of an expression as JSON; `name` is a variable of the value `world`."""
    scope = Scope({"name": string("world")}, dict(FUNCTIONS))
    return to_json(parse_expression(read_file("x.hcl", text.encode())).evaluate(scope))
