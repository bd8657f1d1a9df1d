"""Why the steps of a build ran: each step that ran, compared with the same step of an earlier build → the first cause.

    for explanation in explain(build, earlier):
        print(explanation.step.line, explanation.state, explanation.cause)

Source: solver/llbsolver/ops of BuildKit for what the cache key of an op depends on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.inspection.build_steps import RAN, BuildStep, pair_steps, steps_of
from llbfront.inspection.file_changes import FileChange, compared_files
from llbfront.inspection.op_changes import OpComparison
from llbfront.inspection.variable_changes import VariableComparison
from llbfront.inspection.written import Written

if TYPE_CHECKING:
    from llbfront.inspection.graph import Edge, Node
    from llbfront.inspection.inputs import StepInputs
    from llbfront.inspection.op_changes import OpChange
    from llbfront.inspection.recorded_build import RecordedBuild
    from llbfront.inspection.variable_changes import VariableChange

    _Finder = Callable[[Edge | None, Edge, BuildStep], "StepCause | None"]

__all__ = ["Explanation", "StepCause", "explain"]

BASE_IMAGE, REMOTE_SOURCE, EARLIER_STEP, INSTRUCTION = "base-image", "remote-source", "earlier-step", "instruction"
FIRST_BUILD, NO_CACHE, CACHE_LOST, ENVIRONMENT = "first-build", "no-cache", "cache-lost", "environment"
_FORCED = "the build did not use the cache for this step"
_NOT_OTHERS = frozenset((EARLIER_STEP, CACHE_LOST, FIRST_BUILD))
_REMOTE = frozenset(("http", "https", "git"))
_IMAGES = frozenset(("docker-image", "oci-layout"))


@attrs.frozen
class StepCause:
    """Why a step ran.

    Attributes:
        kind: `file-content`, `build-argument`, `earlier-step`, … (docs/inspection.md lists all).
        line: the line of the step; of `earlier-step` that of the step where it began.
        text: one sentence.
        name: the build argument, variable, image or option.
        path: the file, relative to its context.
        source: the old name of a renamed file.
        rule: the rule of the ignore file.
        url: the address of a remote source.
        also: sentences about other things that changed at this step.
    """

    kind: str
    line: int
    text: str
    name: str = ""
    path: str = ""
    source: str = ""
    rule: str = ""
    url: str = ""
    also: tuple[str, ...] = ()


@attrs.frozen(eq=False)
class Explanation:
    """A step of a build.

    Attributes:
        step: the step.
        state: `ran` or `cached`.
        cause: why it ran; None for a cached step.
        compared_with: the earlier build that it was compared with, None if there is none.
    """

    step: BuildStep
    state: str
    cause: StepCause | None
    compared_with: RecordedBuild | None = None


def explain(build: RecordedBuild, *earlier: RecordedBuild) -> tuple[Explanation, ...]:
    """Say why the steps of a build ran.

    Args:
        build: the build.
        earlier: the builds to compare with, the most recent first. An engine may have the results of all of them, so each step is compared
            with the build in which it and what it depends on differ least.

    Returns:
        The steps that the engine started, in the order of the graph, each that ran with its first cause.
    """
    steps = [step for step in steps_of(build.graph) if step.state]
    comparisons = [_Comparison(before, build, steps) for before in earlier]
    return tuple(_explained(step, comparisons) for step in steps)


def _explained(step: BuildStep, comparisons: list[_Comparison]) -> Explanation:
    best = min(comparisons, key=lambda comparison: comparison.distance(step), default=None)
    if step.state != RAN:
        return Explanation(step, step.state, None, None if best is None else best.before)
    if best is None:
        text = "no earlier build of this Dockerfile is recorded"
        return Explanation(step, RAN, StepCause(NO_CACHE if _is_forced(step) else FIRST_BUILD, step.line, text))
    return Explanation(step, RAN, best.cause(step), best.before)


def _is_forced(step: BuildStep) -> bool:
    return any(node.meta.ignore_cache for node in step.nodes)


class _Comparison:
    """Two builds, and the causes that were found so far."""

    def __init__(self, before: RecordedBuild, after: RecordedBuild, steps: Sequence[BuildStep]) -> None:
        self.before, self.after = before, after
        self._steps = tuple(steps)
        old_steps = steps_of(before.graph)
        self._pairs = pair_steps(old_steps, self._steps)
        self._step_of = {node.number: step for step in self._steps for node in step.nodes}
        self._old_step_of = {node.number: step for step in old_steps for node in step.nodes}
        written = Written.of(before.graph.definition.sources), Written.of(after.graph.definition.sources)
        self._variables = VariableComparison(before, after, *written)
        self._ops = OpComparison(self._variables)
        self._files = compared_files(before, after)
        self._causes: dict[BuildStep, StepCause] = {}
        self._own_causes: dict[BuildStep, tuple[StepCause, ...]] = {}
        self._distances: dict[BuildStep, int] = {}

    def cause(self, step: BuildStep) -> StepCause:
        """Return the first cause of a step that ran."""
        if step not in self._causes:
            first, *others = self._all(step)
            also = dict.fromkeys(each.text for each in others if each.kind not in _NOT_OTHERS and each.text != first.text)
            self._causes[step] = attrs.evolve(first, also=tuple(also))
        return self._causes[step]

    def distance(self, step: BuildStep) -> int:
        """Return how much changed on the way from the beginning of the build to a step; 0 if the step is the same."""
        if step not in self._distances:
            below = max(map(self.distance, self._inputs(step)), default=0)
            self._distances[step] = below + (self._own_distance(step) if step in self._pairs else 1)
        return self._distances[step]

    def _own_distance(self, step: BuildStep) -> int:
        changes = [change for change in self._op_changes(step) if not change.is_derived]
        return len(self._own(step)) + sum(change.count - 1 for change in changes)

    def _inputs(self, step: BuildStep) -> tuple[BuildStep, ...]:
        """Return the other steps that a step reads."""
        inputs = (self._step_of.get(edge.number) for node in step.nodes for edge in node.edges)
        return tuple(dict.fromkeys(each for each in inputs if each is not None and each is not step))

    def _origin(self, step: BuildStep) -> BuildStep:
        """Return the step where a change began that made a step another one."""
        while step in self._pairs and not self._own(step):
            changed = next((each for each in self._inputs(step) if self.distance(each)), None)
            if changed is None:
                return step
            step = changed
        return step

    def _all(self, step: BuildStep) -> Iterator[StepCause]:
        """Yield all causes of a step, the first cause first."""
        if _is_forced(step):
            yield StepCause(NO_CACHE, step.line, _FORCED)
        old = self._pairs.get(step)
        if old is None:
            yield StepCause(INSTRUCTION, step.line, "the instruction is new")
            return
        yield from self._own(step)
        for find in (self._step_cause, self._order_cause):
            yield from self._input_causes(step, find)
        changes = self._op_changes(step)
        yield from (_of_op(change, step.line) for change in changes if change.is_derived)
        yield from self._remote_causes(step)
        yield self._last_resort(old, step)

    def _own(self, step: BuildStep) -> tuple[StepCause, ...]:
        """Return what changed at a step itself: its ops, the files and the images that it reads."""
        if step not in self._own_causes:
            changes = [_of_op(change, step.line) for change in self._op_changes(step) if not change.is_derived]
            files = self._file_causes(self._pairs[step], step)
            self._own_causes[step] = (*changes, *files, *self._input_causes(step, self._image_cause))
        return self._own_causes[step]

    def _op_changes(self, step: BuildStep) -> list[OpChange]:
        pairs = zip(self._pairs[step].nodes, step.nodes, strict=False)
        return [change for pair in pairs if (change := self._ops.change(*pair))]

    def _input_causes(self, step: BuildStep, find: _Finder) -> Iterator[StepCause]:
        """Yield what a function finds out about the inputs of a step, also behind ops that are no steps."""
        pending = list(zip(self._pairs[step].nodes, step.nodes, strict=False))
        while pending:
            for before, after in _edge_pairs(*pending.pop(0)):
                if cause := find(before, after, step):
                    yield cause
                node = self.after.graph.node(after.number)
                if before is not None and node.kind != "source" and node.number not in self._step_of:
                    pending.append((self.before.graph.node(before.number), node))

    def _file_causes(self, old: BuildStep, step: BuildStep) -> Iterator[StepCause]:
        before = {each.context: each for node in old.nodes for each in self._old_reads.get(node.number, ())}
        for node in step.nodes:
            for reads in self._reads.get(node.number, ()):
                if reads.context in before and reads.context in self._files:
                    changes = self._files[reads.context].changes(before[reads.context].entries, reads.entries)
                    yield from (_of_file(change, step.line) for change in changes)

    @functools.cached_property
    def _reads(self) -> dict[int, list[StepInputs]]:
        return _by_node(self.after)

    @functools.cached_property
    def _old_reads(self) -> dict[int, list[StepInputs]]:
        return _by_node(self.before)

    def _image_cause(self, before: Edge | None, after: Edge, step: BuildStep) -> StepCause | None:
        node = self.after.graph.node(after.number)
        if before is None or node.scheme not in _IMAGES:
            return None
        old = self.before.graph.node(before.number)
        if old.identifier == node.identifier:
            return self._platform_cause(old, node, step)
        change = self._variables.first(self._ops.references(node)) if self._ops.is_text_equal(old, node) else None
        if change is not None and _name(old) != _name(node):
            return _of_variable(change, step.line)
        name = _name(node)
        text = f"the image {name} changed" if _name(old) == name else f"the image is {name} instead of {_name(old)}"
        return StepCause(BASE_IMAGE, step.line, text, name=name)

    def _platform_cause(self, old: Node, new: Node, step: BuildStep) -> StepCause | None:
        if old.platform == new.platform:
            return None
        return StepCause(
            "platform", step.line, f"the platform changed from {old.platform} to {new.platform}", name=new.platform or ""
        )

    def _step_cause(self, _: Edge | None, after: Edge, step: BuildStep) -> StepCause | None:
        origin = self._step_of.get(after.number)
        if origin is None or origin is step:
            return None
        if origin.state != RAN:  # it changed to what the engine knows from another build
            line = self._origin(origin).line
            return StepCause(EARLIER_STEP, line, f"the step of line {line} changed") if self.distance(origin) else None
        cause = self.cause(origin)
        if cause.kind in {CACHE_LOST, FIRST_BUILD}:
            return None
        line = cause.line if cause.kind == EARLIER_STEP else origin.line
        return StepCause(EARLIER_STEP, line, f"the step of line {line} ran")

    def _order_cause(self, before: Edge | None, after: Edge, step: BuildStep) -> StepCause | None:
        """Say that a step in front of this one was removed, or stood elsewhere."""
        origin = self._step_of.get(after.number)
        old = None if before is None else self._old_step_of.get(before.number)
        if (None if origin is None else self._pairs.get(origin)) is old or origin is step:
            return None
        if old is None:
            return StepCause(INSTRUCTION, step.line, "the step in front of it did not stand there before")
        return StepCause(INSTRUCTION, step.line, f"the step in front of it was: {old.instruction}")

    def _remote_causes(self, step: BuildStep) -> Iterator[StepCause]:
        for node in step.nodes:
            for edge in node.edges:
                source = self.after.graph.node(edge.number)
                if source.scheme in _REMOTE:
                    url = source.identifier
                    yield StepCause(REMOTE_SOURCE, step.line, f"the content of {url} changed", url=url)

    def _last_resort(self, old: BuildStep, step: BuildStep) -> StepCause:
        if not old.has_ended:
            return StepCause(FIRST_BUILD, step.line, "the step did not run to its end in the build before")
        if self.before.address != self.after.address:
            text = f"the build before was on another engine: {self.before.address}"
        else:
            text = "nothing changed: the engine did not have the result in its cache any more"
        return StepCause(CACHE_LOST, step.line, text)


def _by_node(build: RecordedBuild) -> dict[int, list[StepInputs]]:
    reads: dict[int, list[StepInputs]] = {}
    for step in build.inputs.steps:
        reads.setdefault(step.node.number, []).append(step)
    return reads


def _edge_pairs(old: Node, new: Node) -> Iterator[tuple[Edge | None, Edge]]:
    """Pair the inputs of two ops of equal roles in their order."""
    waiting: dict[str, list[Edge]] = {}
    for edge in old.edges:
        waiting.setdefault(edge.role, []).append(edge)
    for edge in new.edges:
        partners = waiting.get(edge.role)
        yield partners.pop(0) if partners else None, edge


def _name(node: Node) -> str:
    """Return the name of an image without its digest."""
    return node.identifier.partition("://")[2].partition("@")[0]


def _of_op(change: OpChange, line: int) -> StepCause:
    return StepCause(change.kind, line, change.text, name=change.name)


def _of_variable(change: VariableChange, line: int) -> StepCause:
    return StepCause(change.kind, line, change.text, name=change.name)


def _of_file(change: FileChange, line: int) -> StepCause:
    return StepCause(change.kind, line, change.text, path=change.path, source=change.source, rule=change.rule)


def __dir__() -> list[str]:
    return sorted(__all__)
