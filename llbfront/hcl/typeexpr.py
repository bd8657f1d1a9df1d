"""Types as files write them: `list(string)`, `object({name = string})`.

Source: ext/typeexpr of hashicorp/hcl.
"""

from __future__ import annotations

from llbfront.hcl.collections import Object, ObjectKey, Tuple
from llbfront.hcl.expressions import Call, Expression
from llbfront.hcl.ranges import hcl_error
from llbfront.hcl.templates import Template
from llbfront.hcl.types import TYPE_KEYWORDS, Type, list_of, map_of, object_of, set_of, tuple_of

_COLLECTIONS = {"list": list_of, "set": set_of, "map": map_of}


def parse_type(expression: Expression) -> Type:
    """Read a type. Raises: HclError."""
    expression = _unquoted(expression)
    keyword = expression.keyword
    if keyword in TYPE_KEYWORDS:
        return TYPE_KEYWORDS[keyword]
    if isinstance(expression, Call):
        return _constructed(expression)
    if keyword in {*_COLLECTIONS, "object", "tuple"}:
        raise _invalid(expression, f"The {keyword} type constructor requires one argument.")
    if keyword is not None:
        raise _invalid(expression, f'The keyword "{keyword}" is not a valid type specification.')
    raise _invalid(expression, "A type specification is either a primitive type keyword (bool, number, string) or a complex type "
                               "constructor call, like list(string).")  # fmt: skip


def _unquoted(expression: Expression) -> Expression:
    """JSON files write types as strings."""
    if (
        isinstance(expression, Template)
        and expression.source_range.file.embedded is not None
        and (text := expression.literal) is not None
    ):
        from llbfront.hcl.parser import parse_expression
        from llbfront.hcl.ranges import HclFile

        return parse_expression(HclFile(expression.source_range.file.source, text, expression.source_range.file.embedded))
    return expression


def _constructed(call: Call) -> Type:
    if call.name in {*_COLLECTIONS, "object", "tuple"} and len(call.arguments) != 1:
        raise _invalid(call, f"The {call.name} type constructor requires one argument.")
    if call.name in _COLLECTIONS:
        return _COLLECTIONS[call.name](parse_type(call.arguments[0]))
    argument = call.arguments[0] if call.arguments else call
    if call.name == "object":
        if not isinstance(argument, Object):
            raise _invalid(
                argument, "Object type constructor requires a map whose keys are attribute names and whose values are types."
            )
        return object_of({_attribute_name(key): parse_type(type_) for key, type_ in argument.items})
    if call.name == "tuple":
        if not isinstance(argument, Tuple):
            raise _invalid(argument, "Tuple type constructor requires a list of element types.")
        return tuple_of(parse_type(type_) for type_ in argument.elements)
    if call.name in TYPE_KEYWORDS:
        raise _invalid(call, f'Primitive type keyword "{call.name}" does not expect arguments.')
    raise _invalid(call, f'Keyword "{call.name}" is not a valid type constructor.')


def _attribute_name(key: Expression) -> str:
    name = key.inner.keyword if isinstance(key, ObjectKey) else None
    if name is None:
        raise _invalid(key, "Object constructor map keys must be attribute names.")
    return name


def _invalid(expression: Expression, detail: str) -> Exception:
    return hcl_error(f"Invalid type specification: {detail}", expression.source_range)


def is_any(expression: Expression) -> bool:
    """Return whether a type is the keyword `any`."""
    return parse_type(expression).is_any
