"""Reading of arguments that functions share.

Source: cty/gocty/out.go of zclconf/go-cty.
"""

from __future__ import annotations

from llbfront.hcl.functions import FunctionError
from llbfront.hcl.values import Value

MAX_SIZE = 1 << 24


def whole(value: Value, index: int) -> int:
    """Return an argument as an integer. Raises: FunctionError."""
    if not value.data.is_integer:
        raise FunctionError("value must be a whole number", index)
    if not -(2**63) <= int(value.data) < 2**63:
        raise FunctionError("value is out of range", index)
    return int(value.data)


def require_size(size: int) -> None:
    """Refuse to make a result of more characters or elements than any definition needs. Raises: FunctionError."""
    if size > MAX_SIZE:
        raise FunctionError(f"the result would have a size of {size}, more than {MAX_SIZE}")


def sequence(value: Value, index: int, message: str) -> list[Value]:
    """Return the elements of a list, set or tuple. Raises: FunctionError with a message."""
    if not value.type.is_sequence:
        raise FunctionError(message, index)
    return value.elements
