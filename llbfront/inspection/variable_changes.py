"""Which build argument or environment variable changed, traced back to where its value comes from."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.inspection.cause_kinds import CauseKind
from llbfront.inspection.source_instructions import ARG, SourceInstructions, references
from llbfront.printable import is_sensitive_name

if TYPE_CHECKING:
    from llbfront.inspection.recorded_build import RecordedBuild
    from llbfront.inspection.source_instructions import Variable

BUILD_ARG = "build-arg:"
_PLATFORM_VARIABLES = frozenset(
    f"{side}{part}" for side in ("TARGET", "BUILD") for part in ("PLATFORM", "OS", "ARCH", "VARIANT", "OSVERSION")
)


@attrs.frozen
class VariableChange:
    """A variable that differs between two builds; `kind` is the kind of cause."""

    kind: CauseKind
    name: str
    text: str


@attrs.frozen(eq=False)
class VariableComparison:
    """The variables of two builds."""

    before: RecordedBuild
    after: RecordedBuild
    written_before: SourceInstructions
    written_after: SourceInstructions

    @functools.cached_property
    def arguments(self) -> tuple[str, ...]:
        """The build arguments that were given other values."""
        old, new = _arguments(self.before), _arguments(self.after)
        return tuple(name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name))

    def first(self, names: Iterable[str]) -> VariableChange | None:
        """Return why some of the named variables differ: a build argument rather than a variable set from it."""
        changes = [change for name in names if (change := self._trace(name, set()))]
        return min(changes, key=lambda change: change.kind != CauseKind.BUILD_ARGUMENT, default=None)

    @property
    def are_written_alike(self) -> bool:
        """Whether both Dockerfiles set the same variables in the same order."""
        before, after = (list(written.variables.items()) for written in (self.written_before, self.written_after))
        return before == after

    def is_written(self, name: str) -> bool:
        """Return whether one of the Dockerfiles sets a variable."""
        return name in self.written_after.variables or name in self.written_before.variables

    def kind(self, name: str) -> CauseKind:
        """Return the kind of cause of a variable, by the instruction that sets it."""
        instructions = (*self.written_after.variables.get(name, ()), *self.written_before.variables.get(name, ()))
        return CauseKind.BUILD_ARGUMENT if instructions and instructions[0].keyword == ARG else CauseKind.ENVIRONMENT

    def _trace(self, name: str, seen: set[str]) -> VariableChange | None:
        """Follow a variable to the argument or instruction that changed; None if it was not set in the Dockerfile."""
        if name in seen:
            return None
        seen.add(name)
        if name in self.arguments:
            values = (_arguments(build).get(name) for build in (self.before, self.after))
            return VariableChange(CauseKind.BUILD_ARGUMENT, name, f"the build argument {name} {_changed(name, *values)}")
        if name in _PLATFORM_VARIABLES and self.before.platform != self.after.platform:
            return VariableChange(
                CauseKind.PLATFORM, self.after.platform, f"the platform {_changed('', self.before.platform, self.after.platform)}"
            )
        old, new = (written.variables.get(name, ()) for written in (self.written_before, self.written_after))
        if [*map(_said, old)] != [*map(_said, new)]:
            before, after = _differing(old, new)
            changed = after or before
            assert changed is not None
            is_argument = changed.keyword == ARG
            kind = CauseKind.BUILD_ARGUMENT if is_argument else CauseKind.ENVIRONMENT
            what = "the default of the build argument" if is_argument else "the variable"
            values = (None if assignment is None else assignment.value for assignment in (before, after))
            return VariableChange(kind, name, f"{what} {name} {_changed(name, *values)}")
        names = [reference for assignment in new if assignment.value for reference in references(assignment.value)]
        return next((change for name in names if (change := self._trace(name, seen))), None)


def _differing(old: Sequence[Variable], new: Sequence[Variable]) -> tuple[Variable | None, Variable | None]:
    """Return what sets a variable otherwise in two Dockerfiles: an assignment that the other has not, else the first of another order."""
    before, after = ([each for each in side if _said(each) not in map(_said, other)] for side, other in ((old, new), (new, old)))
    if before or after:
        return next(iter(before), None), next(iter(after), None)
    return next(
        (first, second)
        for first, second in itertools.zip_longest(old, new)
        if first is None or second is None or _said(first) != _said(second)
    )


def _said(assignment: Variable) -> tuple[str, str | None]:
    return assignment.keyword, assignment.value


def _arguments(build: RecordedBuild) -> Mapping[str, str]:
    return {name.removeprefix(BUILD_ARG): value for name, value in build.options.items() if name.startswith(BUILD_ARG)}


def _changed(name: str, before: str | None, after: str | None) -> str:
    """Return how a value changed; sensitive values are not shown."""
    if is_sensitive_name(name):
        return "changed"
    if before is None or after is None:
        return f"is {after} now and was not set before" if after is not None else "is not set any more"
    return f"changed from {before or '(empty)'} to {after or '(empty)'}"
