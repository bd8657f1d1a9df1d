"""Look up the vertex that failed in the graphs of a build: its op, its readers, its lines in the Dockerfile.

Sources have no lines in a graph, since several instructions may read one. For a source that failed, the lines of an instruction that
reads it are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.llb.loading import parse_op

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llbfront.llb.definition import Definition
    from llbfront.pb import ops_pb2 as ops
    from llbfront.source import Span


@attrs.frozen
class Reader:
    """An instruction that reads a vertex: its lines, the paths that it reads there, and whether the vertex is what it builds on."""

    span: Span
    paths: tuple[str, ...]
    builds_on_it: bool = False


@attrs.frozen
class SolvedGraphs:
    """Definitions in the order in which they were solved; empty for a build by another frontend."""

    graphs: Sequence[Definition] = ()

    def find(self, digest: str | None, name: str = "") -> str | None:
        """Return the digest of a vertex in the graphs. A source policy of the engine may change the digest; then its name is looked up."""
        if digest and any(digest in graph.digests for graph in self.graphs):
            return digest
        named = (key for graph in self.graphs for key, meta in graph.metadata.items() if name and meta.name == name)
        return next(named, None)

    def op(self, digest: str | None) -> ops.Op | None:
        """Return the op of a vertex."""
        for graph in self.graphs:
            for number, known in enumerate(graph.digests):
                if known == digest:
                    return parse_op(graph.ops[number])
        return None

    def name(self, digest: str) -> str:
        """Return the name of a vertex as progress shows it, empty if it has none."""
        return next((meta.name or "" for graph in self.graphs if (meta := graph.metadata.get(digest))), "")

    def spans(self, digest: str | None) -> tuple[Span, ...]:
        """Return the lines that a vertex itself has."""
        return next((spans for graph in self.graphs if digest and (spans := graph.locations.get(digest))), ())

    def readers(self, digest: str | None) -> list[Reader]:
        """Return the instructions that read a vertex, directly or through ops that belong to no line, sorted by line."""
        readers = [reader for graph in self.graphs for reader in _readers(graph, digest)] if digest else []
        return sorted(readers, key=lambda reader: reader.span.line or 0)


def _readers(graph: Definition, digest: str | None) -> Iterator[Reader]:
    passed_on = {digest}  # the vertex, and ops of no line that read it; inputs come before their readers
    for known, data in zip(graph.digests, graph.ops, strict=True):
        op = parse_op(data)
        inputs = [source.digest for source in op.inputs]
        read = passed_on.intersection(inputs)
        if not read:
            continue
        if spans := graph.locations.get(known):
            numbers = {number for number, each in enumerate(inputs) if each in read}
            yield Reader(spans[0], tuple(_paths(op, numbers)), _builds_on(op, numbers))
        else:
            passed_on.add(known)


def _builds_on(op: ops.Op, inputs: set[int]) -> bool:
    """Return whether some inputs are the root of a command, or the files that copies are added to."""
    roots = [mount.input for mount in op.exec.mounts if mount.dest == "/"]
    return not inputs.isdisjoint([*roots, *(action.input for action in op.file.actions)])


def _paths(op: ops.Op, inputs: set[int]) -> Iterator[str]:
    """Yield the paths that an op reads from some of its inputs."""
    for action in op.file.actions:
        if action.secondaryInput in inputs and action.WhichOneof("action") == "copy":
            yield action.copy.src
    for mount in op.exec.mounts:
        if mount.input in inputs and mount.selector:
            yield mount.selector
