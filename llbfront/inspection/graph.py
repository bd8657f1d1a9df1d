"""A Definition as nodes with edges, stages, source lines and facts, for people and scripts.

    graph = Graph.load(open("app.llb", "rb").read())
    offline = [node.lines for node in graph.nodes if node.network == "none"]

Source: solver/llbsolver/vertex.go of BuildKit for the names of ops that have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import arguments
from llbfront.errors import GraphError
from llbfront.inspection.facts import NO_FACTS, Facts
from llbfront.llb.loading import decode, parse_op, platform_of
from llbfront.llb.op import NO_META
from llbfront.llb.protojson import message_json
from llbfront.short_repr import short_repr

if TYPE_CHECKING:
    from llbfront.inspection.input_file import InputFile
    from llbfront.inspection.runs import NodeRun
    from llbfront.llb.definition import Definition
    from llbfront.llb.op import OpMeta
    from llbfront.source import Span

    _Reading = tuple[int, str, tuple[str, ...]]

# What the Dockerfile frontend writes before the names of steps: [platform->target stage i/n], parts left out where they say nothing.
STEP_NAME = r"\[(?:(?P<platform>[a-z0-9]++[(/][^\s\]]*+) )?(?:(?P<stage>[^\s\]/]++) )?\s*(?P<step>\d+)/(?P<steps>\d+)\] "


@attrs.frozen
class Edge:
    """An input of an op, or the result of a graph.

    Attributes:
        number: the number of the node that is read.
        index: which of its outputs, from 0.
        role: what the input is for, such as `copy` or the target of a mount.
        paths: what is read there: the sources of copies, which may be patterns, and directories that mounts show.
    """

    number: int
    index: int
    role: str
    paths: tuple[str, ...] = ()


@attrs.frozen(eq=False, repr=False)
class Node:
    r"""An op of a graph.

    Attributes:
        number: its place in the definition, from 1.
        digest: its digest.
        kind: `source`, `exec`, `file`, `merge`, `diff`, `build` or `passthrough`.
        edges: its inputs.
        op: its fields as JSON values.
        platform: its platform, None if it has none.
        meta: what the graph says about it.
        spans: the places in files that it comes from.
        run: how it went in the build that the graph comes from, None if that is not known.

    Example:
        >>> import llbfront
        >>> for node in llbfront.convert("FROM alpine\nRUN make\n", platform="linux/amd64").nodes:
        ...     print(node.number, node.kind, node.lines, node.name)
        1 source Dockerfile:1 [1/2] FROM docker.io/library/alpine:latest
        2 exec Dockerfile:2 [2/2] RUN make
    """

    number: int
    digest: str
    kind: str
    edges: tuple[Edge, ...]
    op: Mapping[str, Any] = attrs.field(repr=False)
    platform: str | None
    meta: OpMeta = attrs.field(repr=False)
    spans: tuple[Span, ...] = attrs.field(repr=False)
    run: NodeRun | None = attrs.field(default=None, repr=False)
    _only_stage: Callable[[], str] | None = attrs.field(default=None, repr=False)
    _read_files: Callable[[Node], tuple[InputFile, ...]] | None = attrs.field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"<Node {self.number} {self.kind} {short_repr(self.name)}{f' {self.lines}' if self.lines else ''}>"

    @property
    def name(self) -> str:
        """The name to display: the name in the metadata of the op, else its summary."""
        return self.meta.name or self.summary

    @property
    def summary(self) -> str:
        """A description of the op in one line."""
        return _SUMMARIES[self.kind](self)

    @property
    def is_step(self) -> bool:
        """Whether the op is a step of a Dockerfile, by its name."""
        return re.match(STEP_NAME, self.meta.name or "") is not None

    @property
    def stage(self) -> str | None:
        """The stage that a Dockerfile's step belongs to, `stage-N` for a stage without a name; None for other ops, or if it is not known.

        Steps of a Dockerfile with a single stage do not name it in displays.
        """
        match = re.match(STEP_NAME, self.meta.name or "")
        if match is None:
            return None
        return match["stage"] or (self._only_stage and self._only_stage()) or None

    @property
    def instruction(self) -> str:
        """The instruction of a Dockerfile's step with its variables expanded, as displays show it; the name of other ops."""
        return re.sub(rf"^{STEP_NAME}", "", self.name)

    @property
    def line(self) -> int:
        """The first line that the op comes from, 0 if that is not known."""
        return next((part.start for span in self.spans for part in span.ranges), 0)

    @property
    def identifier(self) -> str:
        """The identifier of a source op, with its scheme; empty for other ops."""
        return str(self.op.get("identifier", ""))

    @property
    def scheme(self) -> str:
        """`docker-image`, `local`, `git`, …; empty for other ops than sources."""
        return self.identifier.partition("://")[0]

    @property
    def args(self) -> tuple[str, ...]:
        """The command of an exec; empty for other ops."""
        return tuple(self.op.get("meta", {}).get("args", ()))

    @property
    def network(self) -> str | None:
        """`sandbox`, `host` or `none` for an exec; None for other ops."""
        return {"HOST": "host", "NONE": "none"}.get(self.op.get("network", ""), "sandbox") if self.kind == "exec" else None

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of an exec, build arguments among them; empty for other ops."""
        pairs = (entry.partition("=") for entry in self.op.get("meta", {}).get("env", ()))
        return {name: value for name, _, value in pairs}

    @property
    def files(self) -> tuple[InputFile, ...]:
        """The files that the op reads from the build context and named contexts, as they are now; empty if it reads none.

        Raises:
            ContextError: the directories of the graph are not known, or cannot be read.
        """
        return () if self._read_files is None else self._read_files(self)

    @property
    def cached(self) -> bool | None:
        """Whether the result came from the cache in the build that the graph comes from, None if it did not run in one."""
        return None if self.run is None else self.run.state == "cached"

    @property
    def duration_s(self) -> float | None:
        """How many seconds the op worked in the build that the graph comes from, None if it did not run in one."""
        return None if self.run is None else self.run.duration_s

    @property
    def lines(self) -> str:
        """Where the op comes from: `Dockerfile:3-4, Dockerfile:9`; empty if that is not known."""
        return ", ".join(_lines(span) for span in self.spans)


@attrs.frozen(eq=False, repr=False)
class Graph:
    """All ops of a definition, inputs first. `result` is the output that it gives, None for an empty graph.

    `config` is the image config as a file, if it is known; `facts` what a Dockerfile said, empty unless it was converted here;
    `directories` are the directories of the client that it reads, by name, as far as they are known;
    `runs` how the ops went in a build, by digest, empty unless a build gave the graph.
    """

    definition: Definition = attrs.field(repr=False)
    nodes: tuple[Node, ...]
    result: Edge | None
    config: bytes | None = attrs.field(default=None, repr=False)
    facts: Facts = attrs.field(default=NO_FACTS, repr=False)
    directories: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    runs: Mapping[str, NodeRun] = attrs.field(factory=dict, repr=False)

    def __repr__(self) -> str:
        if self.result is None:
            return "<Graph of 0 nodes>"
        last = self.node(self.result.number)
        platform = f", {last.platform}" if last.platform else ""
        return f"<Graph of {len(self.nodes)} nodes, result #{last.number} {short_repr(last.name)}{platform}>"

    @classmethod
    def of(cls, definition: Definition, *, config: bytes | None = None) -> Graph:
        """Read a definition; `config` is the image config that belongs to its result.

        Raises: GraphError.
        """
        ops = [parse_op(data) for data in definition.ops]
        numbers = {digest: number for number, digest in enumerate(definition.digests, 1)}
        nodes = tuple(_node(definition, numbers, position, op) for position, op in enumerate(ops[:-1]))
        if ops and not ops[-1].inputs:
            raise GraphError("the last op of the definition names no result")
        result = _edge(ops[-1].inputs[0], _Use("result"), numbers) if ops else None
        return cls(definition, nodes, result, config)

    @classmethod
    def load(cls, data: bytes, *, config: bytes | None = None) -> Graph:
        """Read the bytes of a pb.Definition, of any tool.

        Raises: GraphError.
        """
        return cls.of(decode(data), config=config)

    def node(self, number: int) -> Node:
        """Return the node with a number, as edges name it.

        Raises:
            GraphError: there is no such node.
        """
        if not 1 <= arguments.integer(number, "number") <= len(self.nodes):
            raise GraphError(f"the graph has no node {number}", hint=f"its nodes are 1 to {len(self.nodes)}")
        return self.nodes[number - 1]

    @property
    def stages(self) -> Mapping[str, tuple[Node, ...]]:
        """The nodes of each stage of a Dockerfile, by its name, in the order of the graph; by an empty name if it is not known."""
        stages: dict[str, list[Node]] = {}
        for node in self.nodes:
            if node.is_step:
                stages.setdefault(node.stage or "", []).append(node)
        return {stage: tuple(nodes) for stage, nodes in stages.items()}


def _lines(span: Span) -> str:
    """Return a span as text. Adjacent ranges are joined, since a source map has a range for each line."""
    joined: list[tuple[int, int]] = []
    for part in span.ranges:
        start, end = part.start, max(part.start, part.end)
        if joined and start == joined[-1][1] + 1:
            start = joined.pop()[0]
        joined.append((start, end))
    ranges = [f"{start}" if end == start else f"{start}-{end}" for start, end in joined]
    return f"{span.source.filename}:{','.join(ranges)}" if ranges else span.source.filename


def _node(definition: Definition, numbers: Mapping[str, int], position: int, op: Any) -> Node:
    digest = definition.digests[position]
    kind = op.WhichOneof("op") or "unknown"
    edges = [_edge(source, use, numbers) for source, use in zip(op.inputs, _uses(op, kind), strict=True)]
    return Node(
        position + 1,
        digest,
        kind,
        tuple(edges),
        message_json(getattr(op, kind)) if kind != "unknown" else {},
        None if (platform := platform_of(op)) is None else str(platform),
        definition.metadata.get(digest, NO_META),
        definition.locations.get(digest, ()),
    )


def _edge(source: Any, use: _Use, numbers: Mapping[str, int]) -> Edge:
    if source.digest not in numbers:
        raise GraphError(f"the definition has no op {source.digest}")
    return Edge(numbers[source.digest], source.index, " ".join(use.roles), tuple(use.paths))


class _Use:
    """The roles of an input and the paths that are read from it, each once and in order."""

    def __init__(self, *roles: str) -> None:
        self.roles = dict.fromkeys(roles)
        self.paths: dict[str, None] = {}


def _uses(op: Any, kind: str) -> list[_Use]:
    """Return for each input why it is read."""
    uses = [_Use() for _ in op.inputs]
    for index, role, paths in _USES.get(kind, lambda _: [])(op):
        if 0 <= index < len(uses):
            uses[index].roles[role] = None
            uses[index].paths.update(dict.fromkeys(paths))
    return uses


def _exec_uses(op: Any) -> list[_Reading]:
    roots = [(mount.input, "root", ()) for mount in op.exec.mounts if mount.dest == "/"]
    return roots + [(mount.input, mount.dest, (mount.selector or "/",)) for mount in op.exec.mounts if mount.dest != "/"]


def _file_uses(op: Any) -> list[_Reading]:
    bases: list[_Reading] = [(action.input, "base", ()) for action in op.file.actions]
    return bases + [(action.secondaryInput, "copy", _copied(action.copy)) for action in op.file.actions if action.HasField("copy")]


def _copied(copy: Any) -> tuple[str, ...]:
    """Return the paths that a copy reads. COPY --parents copies from the root and selects by patterns."""
    if not copy.include_patterns:
        return (copy.src,)
    return tuple(f"{copy.src.rstrip('/')}/{pattern.lstrip('/')}" for pattern in copy.include_patterns)


def _diff_uses(op: Any) -> list[_Reading]:
    return [(op.diff.lower.input, "lower", ()), (op.diff.upper.input, "upper", ())]


def _merge_uses(op: Any) -> list[_Reading]:
    return [(source.input, "layer", ()) for source in op.merge.inputs]


def _passthrough_uses(op: Any) -> list[_Reading]:
    handed_on = set(op.passthrough.outputs)
    return [(index, "output" if index in handed_on else "required", ()) for index in range(len(op.inputs))]


def _build_uses(op: Any) -> list[_Reading]:
    return [(source.input, "definition", ()) for source in op.build.inputs.values()]


_USES = {
    "exec": _exec_uses,
    "file": _file_uses,
    "diff": _diff_uses,
    "merge": _merge_uses,
    "passthrough": _passthrough_uses,
    "build": _build_uses,
}


def _action(action: Mapping[str, Any]) -> str:
    for kind, fields in action.items():
        if kind in _ACTIONS:
            return " ".join([kind, *(str(fields[name]) for name in _ACTIONS[kind] if name in fields)])
    return "nothing"


_ACTIONS = {
    "copy": ("src", "dest"),
    "mkdir": ("path",),
    "mkfile": ("path",),
    "rm": ("path",),
    "symlink": ("newpath", "oldpath"),
}


def _inputs(node: Node) -> str:
    return " ".join(f"#{edge.number}" for edge in node.edges)


_SUMMARIES: dict[str, Callable[[Node], str]] = {
    "source": lambda node: node.identifier,
    "exec": lambda node: " ".join(node.args),
    "file": lambda node: ", ".join(_action(action) for action in node.op.get("actions", ())),
    "merge": lambda node: f"merge {_inputs(node)}",
    "diff": lambda node: f"diff {_inputs(node)}",
    "passthrough": lambda node: f"passthrough {node.op.get('id', '')}",
    "build": lambda node: f"build {node.op.get('attrs', {}).get('llbbuild.filename', '')}".rstrip(),
    "unknown": lambda _: "unknown",
}
