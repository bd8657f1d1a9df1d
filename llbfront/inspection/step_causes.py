"""The causes of a step: what changed between an earlier build and a build in what a step says and reads.

Source: solver/llbsolver/ops of BuildKit for what the cache key of an op depends on.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.inspection.build_steps import RAN, BuildStep, pair_steps, steps_of
from llbfront.inspection.cause_kinds import CauseKind
from llbfront.inspection.file_changes import FileChange, compared_files
from llbfront.inspection.op_changes import OpComparison
from llbfront.inspection.source_instructions import SourceInstructions
from llbfront.inspection.variable_changes import VariableComparison

if TYPE_CHECKING:
    from llbfront.inspection.graph import Edge, Node
    from llbfront.inspection.inputs import StepInputs
    from llbfront.inspection.op_changes import OpChange
    from llbfront.inspection.recorded_build import RecordedBuild
    from llbfront.inspection.variable_changes import VariableChange

    _Finder = Callable[[Edge | None, Edge, BuildStep], "StepCause | None"]

__all__ = ["BuildComparison", "StepCause", "is_forced"]

_FORCED = "the build did not use the cache for this step"
_NEVER_ALSO = frozenset((CauseKind.EARLIER_STEP, CauseKind.CACHE_LOST, CauseKind.FIRST_BUILD))
_REMOTE = frozenset(("http", "https", "git"))
_CHECKSUMS = ("http.checksum", "git.checksum")
_COMMIT = r"#(?:[0-9a-f]{40}|[0-9a-f]{64})(?::|$)"  # of a git source
_IMAGES = frozenset(("docker-image", "oci-layout"))
_BASES = frozenset(("root", "base", "layer"))  # roles of inputs whose files an engine does not look at


@attrs.frozen
class StepCause:
    """Why a step ran.

    Attributes:
        kind: `file-content`, `build-argument`, `earlier-step`, … (docs/inspection.md lists all).
        line: the line of the step; of `earlier-step` that of the step where it began.
        text: one sentence.
        name: the build argument, variable, image or option.
        path: the file, relative to its context.
        old_path: the name of a renamed file before.
        rule: the rule of the ignore file.
        url: the address of a remote source.
        also: sentences about other things that changed at this step.
    """

    kind: str
    line: int
    text: str
    name: str = ""
    path: str = ""
    old_path: str = ""
    rule: str = ""
    url: str = ""
    also: tuple[str, ...] = ()


def is_forced(step: BuildStep) -> bool:
    """Return whether the build did not use the cache for a step."""
    return any(node.meta.ignore_cache for node in step.nodes)


class BuildComparison:
    """Compares a build with an earlier one. Causes and distances of steps are kept, since later steps depend on them."""

    def __init__(self, before: RecordedBuild, after: RecordedBuild, steps: Sequence[BuildStep]) -> None:
        self.before, self.after = before, after
        self._steps = tuple(steps)
        old_steps = steps_of(before.graph)
        self._step_of = {node.number: step for step in self._steps for node in step.nodes}
        self._old_step_of = {node.number: step for step in old_steps for node in step.nodes}
        self._written = (
            SourceInstructions.of(before.graph.definition.sources),
            SourceInstructions.of(after.graph.definition.sources),
        )
        self._old_stages = {step.stage for step in old_steps}
        self._pairs = pair_steps(old_steps, self._steps, not_built=frozenset(self._written[0].stages) - self._old_stages)
        self._variables = VariableComparison(before, after, *self._written)
        self._ops = OpComparison(self._variables)
        self._files = compared_files(before, after)
        self._causes: dict[BuildStep, StepCause] = {}
        self._own_causes: dict[BuildStep, tuple[StepCause, ...]] = {}
        self._distances: dict[BuildStep, int] = {}

    def cause(self, step: BuildStep) -> StepCause:
        """Return the first cause of a step that ran."""
        if step not in self._causes:
            first, *others = (*self._known_causes(step),) or self._guessed_causes(step)
            also = dict.fromkeys(cause.text for cause in others if cause.kind not in _NEVER_ALSO and cause.text != first.text)
            self._causes[step] = attrs.evolve(first, also=tuple(also))
        return self._causes[step]

    def distance(self, step: BuildStep) -> int:
        """Return how much changed from the beginning of the build to a step; 0 if the step is the same."""
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
        return tuple(dict.fromkeys(needed for needed in inputs if needed is not None and needed is not step))

    def _origin(self, step: BuildStep) -> BuildStep:
        """Return the step where a change began that made a step another one."""
        while step in self._pairs and not self._own(step):
            changed = next((needed for needed in self._inputs(step) if self.distance(needed)), None)
            if changed is None:
                return step
            step = changed
        return step

    def _known_causes(self, step: BuildStep) -> Iterator[StepCause]:
        """Yield what differs between the builds for a step, the first cause first."""
        if is_forced(step):
            yield StepCause(CauseKind.NO_CACHE, step.line, _FORCED)
        if step not in self._pairs:
            yield self._new_cause(step)
            return
        yield from self._own(step)
        for find in (self._step_cause, self._order_cause):
            yield from self._input_causes(step, find)
        changes = self._op_changes(step)
        yield from (_of_change(change, step.line) for change in changes if change.is_derived)
        yield from self._merge_causes(step)

    def _new_cause(self, step: BuildStep) -> StepCause:
        """Return the cause of a step that the earlier build did not have: its stage was not built, or it is new."""
        texts = {instruction.text for instruction in self._written[0].instructions.values()}
        written = [instruction.text in texts for node in step.nodes for instruction in self._written[1].of_node(node)]
        if step.stage in self._written[0].stages and step.stage not in self._old_stages and any(written):
            return StepCause(CauseKind.FIRST_BUILD, step.line, f"the earlier build did not need the stage {step.stage}")
        return StepCause(CauseKind.INSTRUCTION, step.line, "the instruction is new")

    def _own(self, step: BuildStep) -> tuple[StepCause, ...]:
        """Return what changed at a step itself: its ops, the files and the images that it reads."""
        if step not in self._own_causes:
            old = self._pairs[step]
            changes = [_of_change(change, step.line) for change in self._op_changes(step) if not change.is_derived]
            if not changes and [node.kind for node in old.nodes] != [node.kind for node in step.nodes]:  # with --link, or without
                changes.append(StepCause(CauseKind.INSTRUCTION, step.line, f"the instruction changed; it was: {old.instruction}"))
            files = self._file_causes(old, step)
            self._own_causes[step] = (*changes, *files, *self._input_causes(step, self._image_cause))
        return self._own_causes[step]

    def _op_changes(self, step: BuildStep) -> list[OpChange]:
        """Return the changes of the ops of a step, and of ops that belong to it without being steps, such as the ops of heredocs."""
        own = list(zip(self._pairs[step].nodes, step.nodes, strict=False))
        changes = [self._ops.change(*pair) for pair in own]
        changes += [self._ops.change(*pair, of=own[0]) for pair in self._ops_behind(step)]
        return [change for change in changes if change is not None]

    def _input_causes(self, step: BuildStep, find: _Finder) -> Iterator[StepCause]:
        """Yield what a function finds out about the inputs of a step, also across ops that are not steps."""
        for pair in (*zip(self._pairs[step].nodes, step.nodes, strict=False), *self._ops_behind(step)):
            yield from (cause for before, after in _edge_pairs(*pair) if (cause := find(before, after, step)))

    def _ops_behind(self, step: BuildStep) -> Iterator[tuple[Node, Node]]:
        """Yield the ops that a step reads and that are neither steps nor sources, with those before, directly or through others."""
        pending = list(zip(self._pairs[step].nodes, step.nodes, strict=False))
        while pending:
            for before, after in _edge_pairs(*pending.pop(0)):
                node = self.after.graph.node(after.number)
                if before is not None and node.kind != "source" and node.number not in self._step_of:
                    pending.append((self.before.graph.node(before.number), node))
                    yield pending[-1]

    def _file_causes(self, old: BuildStep, step: BuildStep) -> Iterator[StepCause]:
        before = {read.context: read for node in old.nodes for read in self._old_reads.get(node.number, ())}
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
        if before is not None and node.scheme == "local" and not _BASES.isdisjoint(after.role.split(" ")):
            text = f"the base is the local directory {_name(node)}, which is new to an engine in each build"
            return StepCause(CauseKind.BASE_IMAGE, step.line, text, name=_name(node))
        if before is None or node.scheme not in _IMAGES:
            return None
        old = self.before.graph.node(before.number)
        if old.scheme not in _IMAGES and self._pairs[step].position != step.position:  # a step in front of it was removed
            return None
        if old.identifier == node.identifier and not self._has_moved(node):
            return self._platform_cause(old, node, step)
        change = self._variables.first(self._ops.references(node)) if self._ops.is_text_equal(old, node) else None
        if change is not None and _name(old) != _name(node):
            return _of_change(change, step.line)
        name = _name(node)
        text = f"the image {name} changed" if _name(old) == name else f"the image is {name} instead of {_name(old)}"
        return StepCause(CauseKind.BASE_IMAGE, step.line, text, name=name)

    def _has_moved(self, node: Node) -> bool:
        """Return whether the name of an image stood for another digest; a named context has the name alone in its op."""
        name = node.identifier.partition("://")[2]
        before, after = ({digest for ref, digest, _ in build.images if ref == name} for build in (self.before, self.after))
        return bool(before and after) and before != after

    def _platform_cause(self, old: Node, new: Node, step: BuildStep) -> StepCause | None:
        if old.platform == new.platform:
            return None
        return StepCause(
            CauseKind.PLATFORM, step.line, f"the platform changed from {old.platform} to {new.platform}", name=new.platform or ""
        )

    def _step_cause(self, _: Edge | None, after: Edge, step: BuildStep) -> StepCause | None:
        origin = self._step_of.get(after.number)
        if origin is None or origin is step:
            return None
        if origin.state != RAN:  # it changed to what the engine knows from another build
            if not self.distance(origin):
                return None
            origin = self._origin(origin)
            if origin.state != RAN:
                return self._changed_origin(origin, step)
        cause = self.cause(origin)
        if cause.kind in {CauseKind.CACHE_LOST, CauseKind.FIRST_BUILD}:
            return None
        line = cause.line if cause.kind == CauseKind.EARLIER_STEP else origin.line
        return StepCause(CauseKind.EARLIER_STEP, line, f"the step of line {line} ran")

    def _changed_origin(self, origin: BuildStep, step: BuildStep) -> StepCause:
        """Return why a step reads another step than before that came from the cache, and so has no cause itself."""
        head = f"the step of line {origin.line}, which came from the cache, is another one"
        own = self._own(origin) if origin in self._pairs else (self._new_cause(origin),)
        if not own:
            return StepCause(CauseKind.EARLIER_STEP, origin.line, head)
        return attrs.evolve(own[0], line=step.line, text=f"{head}: {own[0].text}")

    def _order_cause(self, before: Edge | None, after: Edge, step: BuildStep) -> StepCause | None:
        """Return the cause that a step before this one was removed or moved."""
        origin = self._step_of.get(after.number)
        old = None if before is None else self._old_step_of.get(before.number)
        partner = None if origin is None else self._pairs.get(origin)
        if partner is old or origin is step:
            return None
        if step.position == 1 and (cause := self._from_cause(step)):
            return cause
        if old is None:
            return StepCause(CauseKind.INSTRUCTION, step.line, "the step in front of it did not stand there before")
        return StepCause(CauseKind.INSTRUCTION, step.line, f"the step in front of it was: {old.instruction}")

    def _from_cause(self, step: BuildStep) -> StepCause | None:
        """Return why a stage builds on another one: its FROM changed, or a variable that it names."""
        old, new = (written.stages.get(step.stage) for written in self._written)
        if old is None or new is None:
            return None
        if old.text != new.text:
            return StepCause(CauseKind.INSTRUCTION, step.line, f"the FROM of its stage changed; it was: {old.text[0]}")
        change = self._variables.first(new.references)
        return None if change is None else _of_change(change, step.line)

    def _merge_causes(self, step: BuildStep) -> Iterator[StepCause]:
        """Yield why the layer of COPY --link is merged again: an engine keeps no result of a merge that only other merges read."""
        if not _is_merged_again(step):
            return
        for reader in self._steps:
            if step in self._inputs(reader) and self.distance(reader):
                own = self._own(reader) if reader in self._pairs else (self._new_cause(reader),)
                text = f"its layer is merged again for the step of line {reader.line}"
                yield from (attrs.evolve(cause, line=step.line, text=f"{text}: {cause.text}") for cause in own)

    @functools.cached_property
    def _lost_results(self) -> bool:
        """Whether the engine lacks results of the earlier build: it fetched an image or ran a step again that did not change."""
        if self.before.address != self.after.address:
            return True
        return any(map(self._is_fetched_again, self.after.graph.nodes)) or any(map(self._ran_unchanged, self._steps))

    def _is_fetched_again(self, node: Node) -> bool:
        run = self.after.graph.runs.get(node.digest) if node.scheme in _IMAGES else None
        return run is not None and run.state == RAN and node.digest in self.before.graph.runs

    def _ran_unchanged(self, step: BuildStep) -> bool:
        """Return whether a step ran although neither it nor what it reads changed. What reads remote sources may have changed."""
        old = self._pairs.get(step)
        below = self._below(step)
        return (
            step.state == RAN
            and not _is_merged_again(step)
            and not _has_no_inputs(step)
            and old is not None
            and old.has_ended
            and not self.distance(step)
            and not any(is_forced(each) or self._changeable_urls(each) for each in below)
        )

    def _below(self, step: BuildStep) -> set[BuildStep]:
        """Return a step with all steps that it depends on."""
        pending, below = [step], {step}
        while pending:
            below.update(new := set(self._inputs(pending.pop())) - below)
            pending += new
        return below

    def _guessed_causes(self, step: BuildStep) -> tuple[StepCause, ...]:
        """Return why a step ran although the records show no difference."""
        if not self._pairs[step].has_ended:
            return (StepCause(CauseKind.FIRST_BUILD, step.line, "the step did not complete in the earlier build"),)
        remote = tuple(
            StepCause(CauseKind.REMOTE_SOURCE, step.line, f"the content of {url} probably changed", url=url)
            for url in self._changeable_urls(step)
        )
        if remote and not self._lost_results:
            return remote
        if self.before.address != self.after.address:
            return (StepCause(CauseKind.CACHE_LOST, step.line, f"the earlier build used another engine: {self.before.address}"),)
        text = "nothing changed: the engine no longer has the result in its cache"
        if _has_no_inputs(step):
            text = "nothing changed: an engine may report a step that reads nothing as run although it has the result"
        return (StepCause(CauseKind.CACHE_LOST, step.line, text),)

    def _changeable_urls(self, step: BuildStep) -> tuple[str, ...]:
        """Return the addresses that a step reads and that no checksum or commit pins."""
        ops = (*step.nodes, *(node for _, node in self._ops_behind(step)))
        sources = (self.after.graph.node(edge.number) for node in ops for edge in node.edges)
        return tuple(dict.fromkeys(source.identifier for source in sources if source.scheme in _REMOTE and not _is_pinned(source)))


def _is_pinned(source: Node) -> bool:
    """Return whether a URL or a git repository has the same content whenever it is read."""
    attributes = source.op.get("attrs", {})
    return any(attributes.get(name) for name in _CHECKSUMS) or re.search(_COMMIT, source.identifier) is not None


def _is_merged_again(step: BuildStep) -> bool:
    """Return whether nothing but the merge of a step ran."""
    ran = {run.digest for run in step.runs if run.state == RAN}
    kinds = {node.kind for node in step.nodes if node.digest in ran}
    return kinds == {"merge"}


def _has_no_inputs(step: BuildStep) -> bool:
    """Return whether a step reads nothing, such as WORKDIR on scratch: an engine reports it as run where it only asks for its key."""
    return not any(node.edges for node in step.nodes)


def _by_node(build: RecordedBuild) -> dict[int, list[StepInputs]]:
    reads: dict[int, list[StepInputs]] = {}
    for step in build.inputs.steps:
        reads.setdefault(step.node.number, []).append(step)
    return reads


def _edge_pairs(old: Node, new: Node) -> Iterator[tuple[Edge | None, Edge]]:
    """Pair the inputs of two ops of equal roles in their order. An input of several roles may have a partner for each."""
    waiting: dict[str, list[Edge]] = {}
    for edge in old.edges:
        for role in edge.role.split(" "):
            waiting.setdefault(role, []).append(edge)
    for edge in new.edges:
        for role in edge.role.split(" "):
            partners = waiting.get(role)
            yield partners.pop(0) if partners else None, edge


def _name(node: Node) -> str:
    """Return the name of an image without its digest."""
    return node.identifier.partition("://")[2].partition("@")[0]


def _of_change(change: OpChange | VariableChange, line: int) -> StepCause:
    return StepCause(change.kind, line, change.text, name=change.name)


def _of_file(change: FileChange, line: int) -> StepCause:
    return StepCause(change.kind, line, change.text, path=change.path, old_path=change.old_path, rule=change.rule)


def __dir__() -> list[str]:
    return sorted(__all__)
