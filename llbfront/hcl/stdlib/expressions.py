"""Functions that look at their arguments before these are evaluated: try, can and convert.

Source: ext/tryfunc and ext/typeexpr of hashicorp/hcl.
"""

from __future__ import annotations

from collections.abc import Sequence

from llbfront.errors import HclError
from llbfront.hcl.conversion import ConversionError, convert
from llbfront.hcl.expressions import Expression
from llbfront.hcl.functions import Function, FunctionError
from llbfront.hcl.scope import Scope
from llbfront.hcl.typeexpr import parse_type
from llbfront.hcl.values import Value, boolean


def _try(arguments: Sequence[Expression], scope: Scope) -> Value:
    if not arguments:
        raise FunctionError("at least one argument is required")
    failures: list[str] = []
    for argument in arguments:
        try:
            return argument.evaluate(scope)
        except HclError as error:
            failures.append(str(error))
    raise FunctionError(f"no expression succeeded: {'; '.join(failures)}")


def _can(arguments: Sequence[Expression], scope: Scope) -> Value:
    if len(arguments) != 1:
        raise FunctionError("one argument is required")
    try:
        arguments[0].evaluate(scope)
    except HclError:
        return boolean(False)
    return boolean(True)


def _convert(arguments: Sequence[Expression], scope: Scope) -> Value:
    if len(arguments) != 2:
        raise FunctionError("a value and a type are required")
    value = arguments[0].evaluate(scope)
    try:
        return convert(value, parse_type(arguments[1]))
    except ConversionError as error:
        raise FunctionError(str(error), None) from None


FUNCTIONS: dict[str, Function] = {
    "try": Function((), call_unevaluated=_try),
    "can": Function((), call_unevaluated=_can),
    "convert": Function((), call_unevaluated=_convert),
}
