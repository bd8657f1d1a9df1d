"""Changes of an op itself, without its inputs: the instruction, a variable, an option, or the platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.inspection.cache_keys import keyed_op
from llbfront.inspection.cause_kinds import CauseKind
from llbfront.inspection.op_description import describe_op

if TYPE_CHECKING:
    from typing import Any

    from llbfront.inspection.graph import Node
    from llbfront.inspection.variable_changes import VariableChange, VariableComparison

_VARIABLE = "environment "
_SECRET = "secret"  # noqa: S105  the type of a mount
# Set by an earlier instruction.
_SETTINGS = {"directory": "WORKDIR", "user": "USER"}
# What options of the command and flags of RUN set, by the first word of the fact.
_OPTIONS = {
    "network": "network",
    "security": "security",
    "host": "add-host",
    "limit": "ulimit",
    "cgroup": "cgroup-parent",
    "device": "device",
    "secret": "secret id",
    "mount": "mount",
}
# Lists of an exec op whose order counts, though their items are described one by one.
_ORDERED = (("secretenv", "secret id"), ("cdiDevices", "device"))
_ORDERED_META = (("extraHosts", "add-host"), ("ulimit", "ulimit"))


@attrs.frozen
class OpChange:
    """A change of an op.

    `is_derived` says that it may follow from what the op reads, such as a variable of the base image; `count` is how many facts of the op
    differ.
    """

    kind: CauseKind
    name: str
    text: str
    is_derived: bool = False
    count: int = 1


@attrs.frozen(eq=False)
class OpComparison:
    """Compares ops of two builds."""

    variables: VariableComparison

    def change(self, old: Node, new: Node, of: tuple[Node, Node] | None = None) -> OpChange | None:
        """Return the change that explains why two ops differ, None if they are equal.

        `of` are the ops whose instructions they belong to, if that is not known of the ops themselves, such as of heredocs.
        """
        old_step, step = of or (old, new)
        if old.platform != new.platform:
            return OpChange(CauseKind.PLATFORM, new.platform or "", f"the platform changed from {old.platform} to {new.platform}")
        if old.kind != new.kind:
            return OpChange(CauseKind.INSTRUCTION, "", f"the instruction was: {old_step.instruction}")
        ops = keyed_op(old), keyed_op(new)
        before, after = (_facts(old.kind, op) for op in ops)
        differing = [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
        if not differing:
            return None if ops[0] == ops[1] else self._undescribed(old_step, *ops)
        if self.is_text_equal(old_step, step):
            change = self._indirect(step, differing, before, after)
        else:
            change = self._direct(old_step, step, differing, before, after)
        return attrs.evolve(change, count=len(differing))

    def is_text_equal(self, old: Node, new: Node) -> bool:
        """Return whether two ops come from instructions of the same text."""
        texts = [instruction.text for instruction in self.variables.written_before.of_node(old)]
        return bool(texts) and texts == [instruction.text for instruction in self.variables.written_after.of_node(new)]

    def references(self, node: Node) -> tuple[str, ...]:
        """Return the variables that the instructions of an op name."""
        named = (name for instruction in self.variables.written_after.of_node(node) for name in instruction.references)
        return tuple(dict.fromkeys(named))

    def _undescribed(self, old_step: Node, before: Mapping[str, Any], after: Mapping[str, Any]) -> OpChange:
        """Explain a difference of ops that are described by the same words: the order of something, or the form of the command."""
        old_meta, meta = before.get("meta", {}), after.get("meta", {})
        moved = next((pair for pair in zip(old_meta.get("env", ()), meta.get("env", ()), strict=False) if pair[0] != pair[1]), None)
        if moved is not None:
            old, new = (entry.partition("=")[0] for entry in moved)
            text = f"the order of the variables changed: {new} comes before {old} now"
            return OpChange(self.variables.kind(old), old, text, is_derived=self.variables.are_written_alike)
        for key, option in _ORDERED:
            if before.get(key) != after.get(key):
                return OpChange(CauseKind.OPTION, option, f"the order of the options {option} changed")
        for key, option in _ORDERED_META:
            if old_meta.get(key) != meta.get(key):
                return OpChange(CauseKind.OPTION, option, f"the order of the options {option} changed")
        return OpChange(CauseKind.INSTRUCTION, "", f"the instruction changed; it was: {old_step.instruction}")

    def _direct(self, old: Node, new: Node, differing: list[str], before: Mapping[str, str], after: Mapping[str, str]) -> OpChange:
        """Explain a difference of ops from instructions of other text."""
        options = [name for name in differing if _option(name)]
        if "command" not in differing and new.kind == "exec" and options:
            return _option_change(options[0], before, after)
        if all(name.startswith(_VARIABLE) for name in differing):
            return self._variable_change(differing, before, after)
        return OpChange(CauseKind.INSTRUCTION, "", f"the instruction changed; it was: {old.instruction}")

    def _indirect(self, new: Node, differing: list[str], before: Mapping[str, str], after: Mapping[str, str]) -> OpChange:
        """Explain a difference of ops from instructions of the same text."""
        named = self.variables.first(self._sources_of_values(new, differing))
        if named is not None:
            return _of_variable(named)
        for name in differing:
            if _option(name):
                return _option_change(name, before, after)
        for name in differing:
            if name in _SETTINGS:
                text = f"{_SETTINGS[name]} changed from {before.get(name) or '(unset)'} to {after.get(name) or '(unset)'}"
                return OpChange(CauseKind.INSTRUCTION, "", text)
        if any(name.startswith(_VARIABLE) for name in differing):
            return self._variable_change(differing, before, after)
        if len(self.variables.arguments) == 1:
            return _of_variable(self.variables.first(self.variables.arguments))
        return OpChange(CauseKind.INSTRUCTION, "", f"an earlier instruction changes this one: its {differing[0]} differs")

    def _sources_of_values(self, new: Node, differing: list[str]) -> Iterator[str]:
        """Yield variables that may explain a difference: those that differ, and those that instructions name."""
        yield from _variables(differing)
        if not all(name.startswith(_VARIABLE) for name in differing):
            yield from self.references(new)
            for name in differing if new.kind == "exec" else _SETTINGS:
                if name in _SETTINGS:
                    yield from self._of_keyword(_SETTINGS[name])

    def _of_keyword(self, keyword: str) -> Iterator[str]:
        """Yield the variables that all instructions of a keyword name."""
        for instruction in self.variables.written_after.instructions.values():
            if instruction.keyword == keyword:
                yield from instruction.references

    def _variable_change(self, differing: list[str], before: Mapping[str, str], after: Mapping[str, str]) -> OpChange:
        names = list(_variables(differing))
        change = self.variables.first(names)
        if change is not None:
            return _of_variable(change)
        name = next(filter(self.variables.is_written, names), names[0])
        fact = f"{_VARIABLE}{name}"
        text = "changed" if fact in before and fact in after else "is set here now" if fact in after else "is not set here any more"
        is_derived = not self.variables.is_written(name)
        return OpChange(self.variables.kind(name), name, f"the variable {name} {text}", is_derived=is_derived)


def _facts(kind: str, op: Mapping[str, Any]) -> dict[str, str]:
    """Return the members of an op by descriptive names."""
    facts: dict[str, str] = {}
    for name, value in describe_op(kind, op).items():
        if isinstance(value, dict):
            facts |= {f"{name} {key}": text for key, text in value.items()}
        else:
            facts[name] = value
    return facts


def _variables(names: list[str]) -> Iterator[str]:
    return (name.removeprefix(_VARIABLE) for name in names if name.startswith(_VARIABLE))


def _option(name: str) -> str:
    """Return the option that a fact belongs to, empty if it is not one."""
    return _OPTIONS.get(name.partition(" ")[0], "")


def _option_change(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> OpChange:
    old, new = before.get(name), after.get(name)
    option = _option(name)
    if option == "mount" and _SECRET in (old or new or "").split(", ")[0]:
        option = "secret id"
    text = f"{name} changed from {old or '(unset)'} to {new or '(unset)'}"
    return OpChange(CauseKind.OPTION, option, text)


def _of_variable(change: VariableChange | None) -> OpChange:
    assert change is not None
    return OpChange(change.kind, change.name, change.text)
