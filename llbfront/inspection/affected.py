"""Which ops and stages have to run again after files changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.inspection.inputs import read_inputs
from llbfront.printable import visible_rows

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node
    from llbfront.inspection.inputs import Inputs, StepInputs

__all__ = ["Cause", "rebuild_causes"]

FILE, DOCKERFILE, IGNORE_FILE, DEFINITION, TARGET = "file", "dockerfile", "ignore-file", "definition", "target"
SCHEMA = "llbfront.affected/1"


@attrs.frozen
class Cause:
    """Why an op has to run again.

    Attributes:
        kind: `file`, `dockerfile` (the instruction is new or differs) or `ignore-file` (the step reads other files); of a bake target also
            `definition` (a field of the target differs) or `target` (an op of a target differs whose result it uses).
        path: the file that changed, relative to its context or OCI layout; empty for `dockerfile`.
        stage: the stage of the op.
        line: the first line of its instruction, 0 for the image config.
        instruction: the text of the instruction.
        name: the field of the definition, or the target that is used.
    """

    kind: str
    path: str
    stage: str
    line: int
    instruction: str
    name: str = ""


@attrs.frozen(eq=False)
class TargetGraph:
    """One graph with the results of several targets.

    Attributes:
        graph: the ops of all targets.
        results: the number of the node that is the result of a target, by its name; None for a target without files.
        configs: the image configs, by the names of targets.
        layouts: the directories of OCI layouts, by the names of stores.
        linked: the names of bake targets, by the digests of their ops, whose results the graph uses.
    """

    graph: Graph
    results: Mapping[str, int | None]
    configs: Mapping[str, bytes | None]
    layouts: Mapping[str, str] = attrs.field(factory=dict, kw_only=True)
    linked: Mapping[str, str] = attrs.field(factory=dict, kw_only=True)
    _needed: dict[str, frozenset[str]] = attrs.field(factory=dict, repr=False, init=False)

    @classmethod
    def of(cls, graph: Graph, *, layouts: Mapping[str, str] | None = None, linked: Mapping[str, str] | None = None) -> TargetGraph:
        """Return the graph of one target."""
        name = next((stage.name for stage in graph.facts.stages if stage.is_target), "")
        number = graph.result.number if graph.result else None
        return cls(graph, {name: number}, {name: graph.config}, layouts=layouts or {}, linked=linked or {})

    def placed(self, cause: Cause, node: Node, name: str) -> Cause:
        """Return a cause with the stage and the line of its op. Equal ops of several stages are one node, so the target decides."""
        if node.digest in self.linked:
            return attrs.evolve(cause, kind=TARGET, stage=node.stage or "", name=self.linked[node.digest])
        stages = self.graph.facts.stages
        needed = self._stages_of(name)
        for line in (part.start for span in node.spans for part in span.ranges):
            stage = next((stage for stage in reversed(stages) if stage.line <= line), None)
            if stage is not None and stage.name in needed:
                return attrs.evolve(cause, stage=stage.name, line=line)
        return cause

    def _stages_of(self, name: str) -> frozenset[str]:
        """Return the names of the stages that a target needs, itself among them."""
        if name not in self._needed:
            needed = {name}
            for stage in reversed(self.graph.facts.stages):  # stages read only earlier ones
                needed |= {stage.name} if any(use.stage in needed for use in stage.used_by) else set()
            self._needed[name] = frozenset(needed)
        return self._needed[name]

    def nodes_of(self, name: str) -> frozenset[int]:
        """Return the numbers of the nodes that a target needs; none for a target that is not there."""
        needed: set[int] = set()
        pending = [number for number in (self.results.get(name),) if number is not None]
        while pending:
            number = pending.pop()
            if number not in needed:
                needed.add(number)
                pending += [edge.number for edge in self.graph.node(number).edges]
        return frozenset(needed)


@arguments.typed
def rebuild_causes(
    graph: Graph,
    changed: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    before: Graph | None = None,
    controls: Mapping[str, str] | None = None,
    layouts: Mapping[str, str] | None = None,
) -> tuple[Cause, ...]:
    """Find out why a target has to be built again, in the order of the graph.

    Args:
        graph: the graph of the target now.
        changed: absolute paths of files or directories that changed, appeared or vanished. A directory means all files below it.
        before: the graph of the target before the Dockerfile or an ignore file changed. Without it, every op counts as changed if the
            Dockerfile changed, and every step that reads a context if an ignore file changed.
        controls: the kinds (`dockerfile`, `ignore-file`) of such files by their paths.
        layouts: the directories of the OCI layouts that are named contexts, by the names of these.

    Returns:
        The causes, none if the result does not change.
    """
    old = None if before is None else TargetGraph.of(before)
    (causes,) = causes_of_targets(
        TargetGraph.of(graph, layouts=layouts), arguments.paths(changed, "changed"), before=old, controls=controls
    ).values()
    return causes


def causes_of_targets(
    now: TargetGraph,
    changed: Iterable[str],
    *,
    before: TargetGraph | None = None,
    controls: Mapping[str, str] | None = None,
) -> dict[str, tuple[Cause, ...]]:
    """Find out why each of several targets has to be built again. The arguments mean what they mean to `rebuild_causes`."""
    paths = list(changed)
    graph = now.graph
    kinds = {kind for path, kind in (controls or {}).items() if any(_is_meant(path, changed) for changed in paths)}
    inputs = read_inputs(graph, graph.directories, _below(graph.directories, paths))
    causes = [*_file_causes(inputs, graph.directories, paths), *_layout_causes(graph, now.layouts, paths)]
    if IGNORE_FILE in kinds:
        causes += _ignore_causes(graph, inputs, None if before is None else before.graph)
    instructions = _InstructionCauses(now, before) if DOCKERFILE in kinds else None
    causes_by_target = {}
    for name in now.results:
        needed = now.nodes_of(name)
        own = [now.placed(cause, node, name) for node, cause in causes if node.number in needed]
        own += instructions.of(name, needed) if instructions else ()
        causes_by_target[name] = in_order(own)
    return causes_by_target


def in_order(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Return causes by line, each once."""
    return tuple(sorted(dict.fromkeys(causes), key=lambda cause: (cause.line, cause.stage, cause.kind, cause.path, cause.name)))


def to_json(changed: Sequence[str], affected: Mapping[str, Sequence[Cause]], *, are_bake_targets: bool = False) -> str:
    """Return a JSON document of the form `llbfront.affected/1` about stages, or about the targets of a bake definition."""
    own, kind = ("bake_targets", "target") if are_bake_targets else ("stages", "stage")
    members = {
        "schema": SCHEMA,
        "changed": list(changed),
        "targets": [name for name, causes in affected.items() if causes],
        own: [
            {kind: name, "affected": bool(causes), "causes": [_members(cause) for cause in causes]}
            for name, causes in affected.items()
        ],
    }
    return json.dumps(members, indent=2)


def to_text(stages: Mapping[str, Sequence[Cause]]) -> str:
    """Return a line for each stage, and one for each cause."""
    return visible_rows(line for name, causes in stages.items() for line in _lines(name, causes))


def _lines(name: str, causes: Sequence[Cause]) -> Iterator[str]:
    yield f"{name}: {'affected' if causes else 'not affected'}"
    for cause in causes:
        where = f": {cause.stage}:{cause.line} {cause.instruction}".rstrip() if cause.instruction else ""
        path = f", {cause.path}" if cause.path else ""
        yield f"  {_WORDS[cause.kind].format(path=cause.path, name=cause.name, of_path=path)}{where}"


_WORDS = {
    FILE: "{path} changed",
    DOCKERFILE: "the Dockerfile changed",
    IGNORE_FILE: "an ignore file changed",
    DEFINITION: "the definition changed: {name}",
    TARGET: "the target {name} changed, whose result it uses{of_path}",
}


def _members(cause: Cause) -> dict[str, object]:
    """Return a cause. Only causes of bake targets have a name."""
    members = attrs.asdict(cause)
    return members if cause.name else {key: value for key, value in members.items() if key != "name"}


def _below(directories: Mapping[str, str], paths: Iterable[str]) -> dict[str, list[str]]:
    """Return the paths that do not exist, relative to the contexts that they were in."""
    gone = [path for path in paths if not os.path.lexists(path)]
    return {
        name: [os.path.relpath(path, root) for path in gone if path.startswith(os.path.join(root, ""))]
        for name, root in directories.items()
    }


def _is_meant(path: str, changed: str) -> bool:
    """Return whether a changed path is a file, or a directory above it."""
    return path == changed or (path.startswith(os.path.join(changed, "")) and os.path.lexists(path))


def _relative(path: str, root: str) -> str | None:
    """Return a path as its context has it: `.` for the context and directories above it, None for other paths outside."""
    if os.path.join(root, "").startswith(os.path.join(path, "")):
        return "."
    return os.path.relpath(path, root) if path.startswith(os.path.join(root, "")) else None


def _file_causes(inputs: Inputs, directories: Mapping[str, str], paths: Iterable[str]) -> Iterator[tuple[Node, Cause]]:
    every = list(paths)
    relative = {
        name: [inside for path in every if (inside := _relative(path, root)) is not None] for name, root in directories.items()
    }
    for step in inputs.steps:
        yield from ((step.node, _cause(FILE, path, step)) for path in _read_among(step, relative[step.context]))


def _layout_causes(graph: Graph, layouts: Mapping[str, str], paths: Iterable[str]) -> Iterator[tuple[Node, Cause]]:
    """Yield a cause for each op that reads an image of an OCI layout in which a file changed."""
    changed = {name: [inside for path in paths if (inside := _relative(path, root))] for name, root in layouts.items()}
    stores = {node.number: node.op.get("attrs", {}).get("oci.store") for node in graph.nodes if node.scheme == "oci-layout"}
    for node in graph.nodes:
        for store in dict.fromkeys(stores.get(edge.number) for edge in node.edges):
            for path in changed.get(store or "", ()):
                yield node, Cause(FILE, path, node.stage or "", node.line, node.instruction)


def _read_among(step: StepInputs, changed: Iterable[str]) -> Iterator[str]:
    """Yield the changed paths that a step reads, is named after, or reads something below."""
    read = {os.fsdecode(stat.path) for stat in step.entries}
    parents = {parent for path in read for parent in _parents(path)}
    named = {path for selector in step.selectors for path in _parents(selector.path.strip("/") + "/")}
    for path in changed:
        if path == "." or path in read or path in parents or path in named:
            yield path


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _cause(kind: str, path: str, step: StepInputs) -> Cause:
    return Cause(kind, path, step.stage, step.line, step.instruction)


class _InstructionCauses:
    """The ops that a graph before does not have."""

    def __init__(self, now: TargetGraph, before: TargetGraph | None) -> None:
        self._now, self._before = now, before
        self._keys = op_keys(now.graph)
        self._old_keys = {} if before is None else op_keys(before.graph)

    def of(self, name: str, needed: frozenset[int]) -> Iterator[Cause]:
        """Yield a cause for each op of a target that it did not have before, below which all ops are the same."""
        known = {self._old_keys[number] for number in self._before.nodes_of(name)} if self._before else set()
        new = {number for number in needed if self._keys[number] not in known}
        for node in map(self._now.graph.node, sorted(new)):
            if not any(edge.number in new for edge in node.edges) and node.spans:
                yield self._now.placed(Cause(DOCKERFILE, "", node.stage or name, node.line, node.instruction), node, name)
        if self._before is None or self._before.configs.get(name) != self._now.configs[name]:
            yield Cause(DOCKERFILE, "", name, 0, "image config")


def _ignore_causes(graph: Graph, inputs: Inputs, before: Graph | None) -> Iterator[tuple[Node, Cause]]:
    """Yield a cause for each step that reads other files than before, of the files that are there now."""
    keys = op_keys(graph)
    old: dict[tuple[str, str], set[bytes]] = {}
    if before is not None:
        old_keys = op_keys(before)
        for step in read_inputs(before, graph.directories).steps:
            old[old_keys[step.node.number], step.context] = {stat.path for stat in step.entries}
    for step in inputs.steps:
        if old.get((keys[step.node.number], step.context)) != {stat.path for stat in step.entries}:
            yield step.node, _cause(IGNORE_FILE, "", step)


def op_keys(graph: Graph) -> dict[int, str]:
    """Return what distinguishes ops, by number: fields and inputs. Of a local directory it is the name, since caches know its files."""
    keys: dict[int, str] = {}
    for node in graph.nodes:
        inputs = [(keys[edge.number], edge.index) for edge in node.edges]
        keys[node.number] = hashlib.sha256(json.dumps([_fields(node), inputs]).encode()).hexdigest()
    return keys


def _fields(node: Node) -> object:
    return node.identifier if node.scheme == "local" else [node.kind, node.op, node.platform]


def __dir__() -> list[str]:
    return sorted(__all__)
