"""Evaluate the blocks of bake files: variables, functions, targets and groups, each when another needs it.

Source: bake/hclparser/hclparser.go of docker/buildx.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

import attrs

from llbfront.bake.decoding import decode_group, decode_target, group_value, target_value
from llbfront.bake.relative_paths import Directories, of_block
from llbfront.bake.target import BY_NAME, Group, Target, merge
from llbfront.bake.variables import Variables
from llbfront.errors.llbfront_error import located
from llbfront.hcl.conversion import ConversionError, convert
from llbfront.hcl.expressions import Expression
from llbfront.hcl.ranges import Range, hcl_error
from llbfront.hcl.references import Reference, called_functions, references
from llbfront.hcl.scope import Scope
from llbfront.hcl.structure import Block, Body
from llbfront.hcl.types import STRING
from llbfront.hcl.values import Value, object_value

BLOCKS = {"target": 1, "group": 1, "variable": 1, "function": 1}
GROUP_ATTRIBUTES = ("targets", "description")

_MAX_MATRIX_COMBINATIONS = 10_000


@attrs.define(eq=False)
class Instance:
    """One evaluation of a block: a matrix gives several. `done` are the attributes that were evaluated."""

    block: Block
    scope: Scope
    name: str
    target: Target
    done: set[str] = attrs.Factory(set)
    under_way: set[str] = attrs.Factory(set)


@attrs.define
class Evaluated:
    """An evaluated definition: its targets and groups in order, and its variables."""

    targets: dict[str, Target]
    groups: dict[str, Group]
    variables: Variables


class Evaluator:
    """Evaluates the merged body of all files. `directories` learns what the contexts of targets are relative to."""

    def __init__(
        self,
        body: Body,
        builtins: Mapping[str, str],
        lookup: Callable[[str], str | None],
        directories: dict[str, Directories] | None = None,
    ) -> None:
        self.scope = Scope()
        self._directories = {} if directories is None else directories
        self.variables = Variables(body, builtins, lookup, self.scope, self.load_references)
        self._blocks = [block for block in body.blocks if block.type in {"target", "group"}]
        self._instances: dict[int, list[Instance]] = {}
        self._named: dict[tuple[str, str], list[Block]] = {}
        self._known: dict[str, dict[str, Value]] = {}
        self._changed: set[str] = set()

    def run(self, targets: Iterable[Target] = (), groups: Iterable[Group] = ()) -> Evaluated:
        """Evaluate everything; `targets` and `groups` are those that other files defined already. Raises: HclError."""
        self.variables.evaluate_all()
        renamed = self._name_blocks()
        result = Evaluated({target.name: target for target in targets}, {group.name: group for group in groups}, self.variables)
        for block in self._blocks:
            self._resolve(block, None)
            for instance in self._instances[id(block)]:
                self._add(result, instance)
        self.variables.evaluate_attributes()
        for old, names in renamed.items():
            if names and names != [old]:
                result.groups.setdefault(old, Group(old, names))
        return result

    def _add(self, result: Evaluated, instance: Instance) -> None:
        if instance.block.type == "group":
            result.groups[instance.name] = decode_group(instance.block, instance.name, instance.scope)
            return
        directories, earlier = of_block(instance.block, instance.target), self._directories.get(instance.name)
        self._directories[instance.name] = earlier.updated(directories) if earlier else directories
        if instance.name in result.targets:
            merge(result.targets[instance.name], instance.target)
        else:
            result.targets[instance.name] = instance.target

    def _name_blocks(self) -> dict[str, list[str]]:
        """Find the names of all blocks; a matrix gives one block several."""
        renamed: dict[str, list[str]] = {}
        for block in self._blocks:
            label = block.labels[0]
            _check_name(label, block.label_range)
            instances = [
                Instance(block, scope, name, Target(name))
                for scope in self._scopes(block)
                for name in [self._block_name(block, scope)]
            ]
            for instance in instances:
                self._named.setdefault((block.type, instance.name), []).append(block)
            names = [instance.name for instance in instances]
            if repeated := next((name for name, count in Counter(names).items() if count > 1), None):
                raise hcl_error(f'Invalid name: duplicate name "{repeated}"', block.label_range)
            self._instances[id(block)] = instances
            if block.type == "target":
                renamed[label] = list(dict.fromkeys([*renamed.get(label, []), *names]))
        return renamed

    def _block_name(self, block: Block, scope: Scope) -> str:
        attribute = block.body.attributes.get("name")
        if attribute is None:
            return block.labels[0]
        if block.type == "group":
            raise hcl_error("Invalid name: name is not supported for groups", attribute.source_range)
        if "matrix" not in block.body.attributes:
            raise hcl_error("Invalid name: name requires matrix", attribute.source_range)
        self.load_references(attribute.expression, scope)
        try:
            name = convert(attribute.expression.evaluate(scope), STRING).data
        except ConversionError as error:
            raise hcl_error(f"Invalid name: {error}", attribute.source_range) from None
        if name is None:
            raise hcl_error("Invalid name: the name must not be null", attribute.source_range)
        _check_name(name, attribute.expression.source_range)
        return str(name)

    def _scopes(self, block: Block) -> list[Scope]:
        """Return the scopes that a block is evaluated in: one for each combination of the values of its matrix."""
        attribute = block.body.attributes.get("matrix")
        if attribute is None:
            return [self.scope]
        source_range = attribute.expression.source_range
        if block.type == "group":
            raise hcl_error("Invalid block: matrix is not supported for groups", attribute.source_range)
        self.load_references(attribute.expression, self.scope)
        matrix = attribute.expression.evaluate(self.scope)
        if not matrix.type.is_mapping or matrix.is_null:
            raise hcl_error("Invalid matrix: matrix must be a map", source_range)
        for value in matrix.elements:
            if value.is_null or not (value.type.is_sequence or value.type.is_mapping):
                raise hcl_error("Invalid matrix: matrix values must be a list", source_range)
        axes = [[(name, element) for element in axis.elements] for name, axis in matrix.data.items()]
        if (count := math.prod(map(len, axes))) > _MAX_MATRIX_COMBINATIONS:
            raise hcl_error(f"Invalid matrix: it has {count} combinations, and may have {_MAX_MATRIX_COMBINATIONS}", source_range)
        combinations = [dict(combination) for combination in itertools.product(*reversed(axes))]
        return [self.scope.child(combination) for combination in combinations] if axes else [self.scope]

    def _resolve(self, block: Block, only: str | None) -> None:
        """Evaluate the attributes of a block, or the one that a reference needs."""
        for instance in self._instances.get(id(block), []):
            names = self._pending(instance, only)
            if only is not None and not names:
                continue
            if only is not None:
                if only in instance.under_way:
                    raise hcl_error(f"Invalid expression: reference cycle not allowed for {block.type}.{instance.name}.{only}")
                instance.under_way.add(only)
            fields = _fields_of(block)
            attributes = [block.body.attributes[name] for name in names if name in block.body.attributes and name in fields]
            for attribute in attributes:
                self.load_references(attribute.expression, instance.scope)
            if block.type == "target":
                decode_target(instance.target, attributes, instance.scope)
            instance.done.update(names)
            self._publish(instance)

    @staticmethod
    def _pending(instance: Instance, only: str | None) -> list[str]:
        pending = _fields_of(instance.block) if only is None else (only,)
        return [name for name in pending if name not in instance.done]

    def _publish(self, instance: Instance) -> None:
        """Keep the value of an instance for expressions that name it, such as `target.app.tags`."""
        type_ = instance.block.type
        known = self._known.setdefault(type_, {})
        known[instance.name] = target_value(instance.target) if type_ == "target" else group_value(instance.block, instance.scope)
        self._changed.add(type_)

    def load_references(
        self, expression: Expression, scope: Scope, exclude: Iterable[str] = (), *, allow_missing: bool = True
    ) -> None:
        """Evaluate what an expression refers to: functions, variables, and attributes of targets. Raises: HclError."""
        for name, source_range in called_functions(expression):
            self.variables.resolve_function(name, scope, source_range, allow_missing=allow_missing)
        for reference in references(expression):
            if reference.name in exclude:
                continue
            if reference.name in {"target", "group"}:
                self._load_block(reference)
                self._update_scope(reference.name)
            else:
                self.variables.resolve(reference.name, scope, reference.source_range, allow_missing=allow_missing)

    def _update_scope(self, type_: str) -> None:
        """Give the scope the values of the blocks of a type. Most definitions refer to none, so this is done when one does."""
        if type_ in self._changed:
            self._changed.remove(type_)
            self.scope.variables[type_] = object_value(self._known[type_])

    def _load_block(self, reference: Reference) -> None:
        if not reference.path:
            raise hcl_error(f"Invalid expression: cannot access {reference.name} as a variable", reference.source_range)
        if reference.path[0] is None:
            raise hcl_error(f"Invalid expression: cannot traverse {reference.name} without attribute", reference.source_range)
        only = reference.path[1] if len(reference.path) > 1 else None
        for block in self._named.get((reference.name, reference.path[0]), []):
            with located(reference.source_range.span):
                self._resolve(block, only)


def _fields_of(block: Block) -> Collection[str]:
    """Return the attributes that become fields, so without `name` and `matrix` and unknown ones."""
    return GROUP_ATTRIBUTES if block.type == "group" else BY_NAME


def _check_name(name: str, source_range: Range) -> None:
    import re

    if not re.fullmatch(r"[a-zA-Z0-9_-]+", name):
        raise hcl_error(f'Invalid name: "{name}": only "[a-zA-Z0-9_-]+" are allowed', source_range)
