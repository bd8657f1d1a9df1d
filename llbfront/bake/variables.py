"""Variables and functions of bake files: defaults, types, values from the environment and the command line, validation.

Source: bake/hclparser/hclparser.go and util/userfunc of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import attrs

from llbfront.bake.values import value_from_text
from llbfront.errors import BakeError, HclError
from llbfront.hcl.collections import Tuple
from llbfront.hcl.conversion import ConversionError, convert
from llbfront.hcl.expressions import Expression, Literal
from llbfront.hcl.functions import Function, FunctionError, Parameter
from llbfront.hcl.ranges import Range, hcl_error
from llbfront.hcl.scope import Scope
from llbfront.hcl.standard_functions import StandardFunctions
from llbfront.hcl.structure import Attribute, Block, Body
from llbfront.hcl.templates import Template
from llbfront.hcl.typeexpr import parse_type
from llbfront.hcl.types import BOOL, DYNAMIC, STRING, Type
from llbfront.hcl.values import NULL, Value, null, string, to_json, tuple_value

RESERVED = ("target", "group")


class LoadReferences(Protocol):
    """Evaluates what an expression refers to."""

    def __call__(self, expression: Expression, scope: Scope, exclude: set[str] = ..., *, allow_missing: bool = ...) -> None: ...


@attrs.frozen(eq=False)
class Definition:
    """A variable block: its default, its type if it has one, and its conditions."""

    name: str
    source_range: Range
    default: Attribute | None
    type: Type | None
    description: str
    validations: tuple[tuple[Expression, Expression], ...]


@attrs.frozen
class ListedVariable:
    """A variable of a definition, as `--list` shows it.

    Attributes:
        name: its name.
        description: the description, for lists of variables.
        type: its type.
        value: its value, None if it has none.
    """

    name: str
    description: str
    type: str
    value: str | None


class Variables:
    """The variables and functions of a definition, each evaluated when it is needed."""

    def __init__(
        self,
        body: Body,
        builtins: Mapping[str, str],
        lookup: Callable[[str], str | None],
        scope: Scope,
        load_references: LoadReferences,
    ) -> None:
        self._lookup = lookup
        self._load_references = load_references
        self._builtins = builtins
        self.scope = scope
        scope.functions = StandardFunctions()
        scope.variables.update({name: string(text) for name, text in builtins.items()})
        self._attributes = {name: item for name, item in body.attributes.items() if name not in {*RESERVED, *builtins, "function"}}
        blocks = [block for block in body.blocks if block.labels and block.labels[0] not in {*RESERVED, *builtins}]
        self._definitions = {block.labels[0]: _definition(block) for block in blocks if block.type == "variable"}
        self._functions = {block.labels[0]: block for block in blocks if block.type == "function"}
        for block in self._functions.values():
            _check_function(block)
        self._under_way: set[str] = set()

    def evaluate_all(self) -> None:
        """Evaluate all variables, check their conditions, and all functions. Raises: HclError."""
        for name, definition in self._definitions.items():
            self.resolve(name, self.scope, definition.source_range)
        for definition in self._definitions.values():
            self._validate(definition)
        for name, block in self._functions.items():
            self.resolve_function(name, self.scope, block.source_range)

    def evaluate_attributes(self) -> None:
        """Evaluate the attributes that stand outside of blocks. Raises: HclError."""
        for name, attribute in self._attributes.items():
            self.resolve(name, self.scope, attribute.source_range)

    def listed(self) -> list[ListedVariable]:
        """Describe the variables, sorted by name."""
        return [self._listed(self._definitions[name]) for name in sorted(self._definitions)]

    def _listed(self, definition: Definition) -> ListedVariable:
        value = self.scope.variables[definition.name]
        text = None if value.is_null else value.data if value.type == STRING else to_json(value)
        if text is not None and value.type.is_primitive and definition.type is None:
            text = convert(value, STRING).data
        type_ = "" if definition.type is None else definition.type.constraint_name
        return ListedVariable(definition.name, definition.description, type_, text)

    def resolve(self, name: str, scope: Scope, source_range: Range, *, allow_missing: bool = True) -> None:
        """Evaluate a variable unless it has a value. Raises: HclError; nothing happens if there is no such variable."""
        if name in self.scope.variables or name in scope.variables:
            return
        if name not in self._attributes and name not in self._definitions:
            if allow_missing:
                return
            raise hcl_error(f'Invalid expression: variable "{name}" does not exist', source_range)
        if name in self._under_way:
            raise hcl_error(f"Invalid expression: variable cycle not allowed for {name}", source_range)
        self._under_way.add(name)
        self.scope.variables[name] = self._value(name, scope)

    def _value(self, name: str, scope: Scope) -> Value:
        definition = self._definitions.get(name)
        attribute = self._attributes.get(name) or (definition.default if definition else None)
        type_ = definition.type if definition and name not in self._attributes else None
        value = self._default(name, attribute, type_, scope if name in self._attributes else self.scope)
        if definition is None:
            return value
        override, is_json = self._override(name, favor_json=type_ is not None)
        if override is None:
            return value
        try:
            return value_from_text(name, override, type_, value, is_json=is_json, has_default=attribute is not None)
        except BakeError as error:
            raise hcl_error(f"Invalid value: {error.message}", definition.source_range) from None

    def _default(self, name: str, attribute: Attribute | None, type_: Type | None, scope: Scope) -> Value:
        if attribute is None:
            return string("") if type_ is None else null(type_)
        self._load_references(attribute.expression, scope)
        value = attribute.expression.evaluate(scope)
        try:
            return convert(value, type_ or DYNAMIC)
        except ConversionError as error:
            source_range = attribute.source_range
            raise hcl_error(
                f"Invalid value: invalid type {type_} for variable {name} default value: {error}", source_range
            ) from None

    def _override(self, name: str, *, favor_json: bool) -> tuple[str | None, bool]:
        """Return the override of a variable from the environment, and whether it is JSON, as in `NAME_JSON`."""
        text = self._lookup(name)
        json_name = f"{name}_JSON"
        if (text is None or favor_json) and json_name not in self._definitions and json_name not in self._builtins:
            json_text = self._lookup(json_name)
            if json_text is not None:
                return json_text, True
        return text, False

    def _validate(self, definition: Definition) -> None:
        for condition, message in definition.validations:
            value = condition.evaluate(self.scope)
            if value.is_null:
                raise hcl_error(
                    "Invalid condition result: Condition expression must return either true or false, not null.",
                    condition.source_range,
                )
            try:
                holds = convert(value, BOOL).data
            except ConversionError as error:
                raise hcl_error(
                    f"Invalid condition result: Invalid condition result value: {error}", condition.source_range
                ) from None
            if not holds:
                text = message.evaluate(self.scope)
                shown = text.data if isinstance(text.data, str) else "This check failed, but has an invalid error message."
                raise hcl_error(f"Validation failed: {shown}", condition.source_range)

    def resolve_function(self, name: str, scope: Scope, source_range: Range, *, allow_missing: bool = True) -> None:
        """Define a function of the files unless it is defined. Raises: HclError."""
        if scope.function(name) is not None or name in self.scope.functions:
            return
        block = self._functions.get(name)
        if block is None:
            if allow_missing:
                return
            raise hcl_error(f'Invalid expression: function "{name}" does not exist', source_range)
        key = f"{name}()"
        if key in self._under_way:
            raise hcl_error(f"Invalid function: function cycle not allowed for {name}", source_range)
        self._under_way.add(key)
        parameters, variadic = _parameters(block)
        result = block.body.attributes["result"].expression
        self._load_references(result, self.scope, {*parameters, *([variadic] if variadic else [])}, allow_missing=False)
        self.scope.functions[name] = self._function(parameters, variadic, result)

    def _function(self, parameters: list[str], variadic: str | None, result: Expression) -> Function:
        def call(*arguments: Value) -> Value:
            variables = dict(zip(parameters, arguments, strict=False))
            if variadic is not None:
                variables[variadic] = tuple_value(arguments[len(parameters) :])
            try:
                return result.evaluate(self.scope.child(variables))
            except HclError as error:
                raise FunctionError(str(error)) from None

        takes = tuple(Parameter(name) for name in parameters)
        return Function(takes, call, Parameter(variadic) if variadic is not None else None)


def _definition(block: Block) -> Definition:
    attributes = block.body.attributes
    type_ = attributes.get("type")
    return Definition(
        block.labels[0],
        block.source_range,
        attributes.get("default"),
        None if type_ is None or _is_null(type_.expression) else parse_type(type_.expression),
        _description(attributes.get("description")),
        tuple(_validation(inner) for inner in block.body.blocks if inner.type == "validation"),
    )


def _is_null(expression: Expression) -> bool:
    return isinstance(expression, Literal) and expression.value.is_null


def _description(attribute: Attribute | None) -> str:
    if attribute is None:
        return ""
    try:
        text = convert(attribute.expression.evaluate(Scope()), STRING).data
    except ConversionError as error:
        raise hcl_error(f"Unsuitable value type: Unsuitable value: {error}", attribute.source_range) from None
    return text or ""


def _validation(block: Block) -> tuple[Expression, Expression]:
    _check_attributes(block, {"condition", "error_message"}, set())
    if block.labels:
        raise hcl_error("Extraneous label for validation: No labels are expected for validation blocks.", block.label_ranges[0])
    missing = Literal(block.source_range, NULL)
    condition, message = (
        attribute.expression if (attribute := block.body.attributes.get(name)) else missing
        for name in ("condition", "error_message")
    )
    return condition, message


def _check_function(block: Block) -> None:
    _check_attributes(block, {"params", "variadic_params", "result"}, {"params", "result"})


def _check_attributes(block: Block, allowed: set[str], required: set[str]) -> None:
    for name in sorted(required - set(block.body.attributes)):
        raise hcl_error(
            f'Missing required argument: The argument "{name}" is required, but no definition was found.', block.source_range
        )
    for name, attribute in block.body.attributes.items():
        if name not in allowed:
            raise hcl_error(f'Unsupported argument: An argument named "{name}" is not expected here.', attribute.source_range)
    for inner in block.body.blocks:
        raise hcl_error(f'Unsupported block type: Blocks of type "{inner.type}" are not expected here.', inner.source_range)


def _parameters(block: Block) -> tuple[list[str], str | None]:
    params = block.body.attributes["params"].expression
    if not isinstance(params, Tuple):
        raise hcl_error("Invalid expression: A static list expression is required.", params.source_range)
    variadic = block.body.attributes.get("variadic_params")
    return [_identifier(item) for item in params.elements], None if variadic is None else _identifier(variadic.expression)


def _identifier(expression: Expression) -> str:
    """Return the name in an expression, which is a string in JSON files."""
    if expression.keyword is not None:
        return expression.keyword
    if isinstance(expression, Template) and expression.source_range.file.embedded is not None and expression.literal:
        return expression.literal
    raise hcl_error("Invalid param element: Each parameter name must be an identifier.", expression.source_range)
