"""Which ops and stages have to run again after files changed.

Source: none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.inspection.inputs import read_inputs

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node
    from llbfront.inspection.inputs import Inputs, StepInputs

__all__ = ["Cause", "rebuild_causes"]

FILE, DOCKERFILE, IGNORE_FILE = "file", "dockerfile", "ignore-file"
SCHEMA = "llbfront.affected/1"


@attrs.frozen
class Cause:
    """Why an op has to run again.

    Attributes:
        kind: `file`, `dockerfile` (the instruction is new or differs) or `ignore-file` (the step reads other files).
        path: the file that changed, relative to its context; empty for `dockerfile`.
        stage: the stage of the op.
        line: the first line of its instruction, 0 for the image config.
        instruction: the text of the instruction.
    """

    kind: str
    path: str
    stage: str
    line: int
    instruction: str


def rebuild_causes(
    graph: Graph, changed: Iterable[str], *, before: Graph | None = None, controls: Mapping[str, str] | None = None
) -> tuple[Cause, ...]:
    """Find out why a target has to be built again, in the order of the graph.

    Args:
        graph: the graph of the target now.
        changed: absolute paths of files or directories that changed, appeared or vanished.
        before: the graph of the target before the Dockerfile or an ignore file changed. Without it, every op counts as changed if the
            Dockerfile changed, and every step that reads a context if an ignore file changed.
        controls: the kinds (`dockerfile`, `ignore-file`) of such files by their paths.

    Returns:
        The causes, none if the result does not change.
    """
    paths = list(changed)
    kinds = {kind for path, kind in (controls or {}).items() if path in paths}
    inputs = read_inputs(graph, graph.directories, _below(graph.directories, paths))
    causes = list(_file_causes(inputs, graph.directories, paths))
    if DOCKERFILE in kinds:
        causes += _instruction_causes(graph, before)
    if IGNORE_FILE in kinds:
        causes += _ignore_causes(graph, inputs, before)
    return tuple(sorted(dict.fromkeys(causes), key=lambda cause: (cause.line, cause.stage, cause.kind, cause.path)))


def to_json(changed: Sequence[str], stages: Mapping[str, Sequence[Cause]]) -> str:
    """Return a JSON document of the form `llbfront.affected/1`."""
    members = {
        "schema": SCHEMA,
        "changed": list(changed),
        "targets": [name for name, causes in stages.items() if causes],
        "stages": [_members(*each) for each in stages.items()],
    }
    return json.dumps(members, indent=2)


def to_text(stages: Mapping[str, Sequence[Cause]]) -> str:
    """Return a line for each stage, and one for each cause."""
    return "\n".join(line for name, causes in stages.items() for line in _lines(name, causes))


def _lines(name: str, causes: Sequence[Cause]) -> Iterator[str]:
    yield f"{name}: {'affected' if causes else 'not affected'}"
    for cause in causes:
        where = f"{cause.stage}:{cause.line} {cause.instruction}".strip()
        yield f"  {_WORDS[cause.kind].format(path=cause.path)}: {where}"


_WORDS = {FILE: "{path} changed", DOCKERFILE: "the Dockerfile changed", IGNORE_FILE: "an ignore file changed"}


def _members(name: str, causes: Sequence[Cause]) -> dict[str, object]:
    return {"stage": name, "affected": bool(causes), "causes": [attrs.asdict(cause) for cause in causes]}


def _below(directories: Mapping[str, str], paths: Iterable[str]) -> dict[str, list[str]]:
    """Return the paths that do not exist, relative to the contexts that they were in."""
    gone = [path for path in paths if not os.path.lexists(path)]
    return {
        name: [os.path.relpath(path, root) for path in gone if path.startswith(os.path.join(root, ""))]
        for name, root in directories.items()
    }


def _file_causes(inputs: Inputs, directories: Mapping[str, str], paths: Iterable[str]) -> Iterator[Cause]:
    every = list(paths)
    for step in inputs.steps:
        root = directories[step.context]
        relative = [os.path.relpath(path, root) for path in every if path.startswith(os.path.join(root, ""))]
        yield from (_cause(FILE, path, step) for path in _read_among(step, relative))


def _read_among(step: StepInputs, changed: Iterable[str]) -> Iterator[str]:
    """Yield the changed paths that a step reads, is named after, or reads something below."""
    read = {os.fsdecode(stat.path) for stat in step.entries}
    parents = {parent for path in read for parent in _parents(path)}
    named = {path for selector in step.selectors for path in _parents(selector.path.strip("/") + "/")}
    for path in changed:
        if path in read or path in parents or path in named:
            yield path


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _cause(kind: str, path: str, step: StepInputs) -> Cause:
    return Cause(kind, path, step.stage, step.line, step.instruction)


def _instruction_causes(graph: Graph, before: Graph | None) -> Iterator[Cause]:
    """Yield a cause for each op that the graph before does not have, below which all ops are the same."""
    known = set() if before is None else set(_keys(before).values())
    keys = _keys(graph)
    only = next((stage.name for stage in graph.facts.stages if stage.is_target), "")
    new = {number for number, key in keys.items() if key not in known}
    for node in graph.nodes:
        if node.number in new and not any(edge.number in new for edge in node.edges) and node.spans:
            yield Cause(DOCKERFILE, "", node.stage or only, node.line, node.instruction)
    if before is None or before.config != graph.config:
        yield Cause(DOCKERFILE, "", only, 0, "image config")


def _ignore_causes(graph: Graph, inputs: Inputs, before: Graph | None) -> Iterator[Cause]:
    """Yield a cause for each step that reads other files than before, of the files that are there now."""
    keys = _keys(graph)
    old: dict[tuple[str, str], set[bytes]] = {}
    if before is not None:
        old_keys = _keys(before)
        for step in read_inputs(before, graph.directories).steps:
            old[old_keys[step.node.number], step.context] = {stat.path for stat in step.entries}
    for step in inputs.steps:
        if old.get((keys[step.node.number], step.context)) != {stat.path for stat in step.entries}:
            yield _cause(IGNORE_FILE, "", step)


def _keys(graph: Graph) -> dict[int, str]:
    """Return what tells ops apart by number: fields and inputs, of local directories the name alone."""
    keys: dict[int, str] = {}
    for node in graph.nodes:
        inputs = [(keys[edge.number], edge.index) for edge in node.edges]
        keys[node.number] = hashlib.sha256(json.dumps([_fields(node), inputs]).encode()).hexdigest()
    return keys


def _fields(node: Node) -> object:
    return node.identifier if node.scheme == "local" else [node.kind, node.op, node.platform]


def __dir__() -> list[str]:
    return sorted(__all__)
