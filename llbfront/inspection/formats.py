"""The public Graph: read from files of any form and written in all forms."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import attrs

from llbfront import arguments
from llbfront.dockerfile.other_formats import other_format
from llbfront.errors import ContextError, GraphError, GraphFileError, InvalidJson, OptionError
from llbfront.files.reading import read_file
from llbfront.files.writing import write_file
from llbfront.foreign_json import parse_object
from llbfront.inspection import diagram, dot_and_mermaid, graph_file, graph_json, snapshot, tree
from llbfront.inspection import graph as graphs
from llbfront.inspection import runs as node_runs
from llbfront.inspection.critical_path import critical_path
from llbfront.inspection.facts import NO_FACTS, Facts, Image
from llbfront.inspection.inputs import Inputs, read_inputs
from llbfront.inspection.networkx_graph import to_networkx
from llbfront.inspection.stage_names import only_stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import networkx as nx

    from llbfront.inspection.input_file import InputFile
    from llbfront.llb.definition import Definition


def _svg(graph: graphs.Graph) -> str:
    return diagram.to_svg(graph)


def _html(graph: graphs.Graph) -> str:
    return diagram.to_html(graph)


FORMS: dict[str, Callable[[graphs.Graph], str | bytes]] = {
    "tree": tree.tree,
    "json": graph_json.to_json,
    "pb": lambda graph: graph.definition.encode(),
    "dot": dot_and_mermaid.dot,
    "mermaid": dot_and_mermaid.mermaid,
    "svg": _svg,
    "html": _html,
    "msgpack": snapshot.pack,
}
SUFFIXES = {
    ".pb": "pb", ".llb": "pb", ".json": "json", ".msgpack": "msgpack", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid",
    ".mermaid": "mermaid", ".svg": "svg", ".html": "html", ".htm": "html", ".txt": "tree", ".tree": "tree",
}  # fmt: skip
_PICTURES = (".png", ".pdf", ".jpg")
_CONTROL = frozenset(range(0x20)) - frozenset(b"\t\n\v\f\r")
_HEAD_BYTES = 1024
_FIELDS = frozenset(b"\x0a\x12\x1a")  # the keys of def, metadata and Source in a definition
_LONGEST_SHIFT = 28
_INSTRUCTION = re.compile(rb"(?im)^[ \t]*(?:from|arg)[ \t]")


def form_of(path: str, *, default: str = "") -> str:
    """Return the format of a graph by the suffix of a file name, `default` if there is no suffix.

    Raises: OptionError for an unknown suffix, and for none without a default.
    """
    suffix = os.path.splitext(path)[1]
    form = SUFFIXES.get(suffix.lower()) or ("" if suffix else default)
    if not form:
        fault = f"the suffix {suffix} of {path} stands for none" if suffix else f"{path} has no suffix"
        hint = (
            "llbfront graph -o writes .html, .svg and .png"
            if suffix in _PICTURES
            else f"one of {', '.join(SUFFIXES)}, or name a form"
        )
        raise OptionError(f"unknown form of a graph: {fault}", hint=hint)
    return form


@attrs.frozen(eq=False, repr=False)
class Graph(graphs.Graph):
    r"""The graph of a build: ops with their inputs, source lines and facts. `llbfront.convert` and `BuildResult.graph` give one.

    Attributes:
        definition: the graph as an engine takes it.
        nodes: the ops, inputs first.
        result: the output that the graph gives, None for an empty graph.
        config: the image config as a file, None if it is not known.
        facts: facts about the Dockerfile that are not in the graph; empty unless the graph was converted here.
        directories: the local directories that it reads, by name, as far as they are known.
        runs: how the ops went in a build, by digest; empty unless a build gave the graph.
        stages: the nodes of each stage, by its name.

    Iterating over a graph gives its nodes.

    Example:
        >>> import llbfront
        >>> print(llbfront.convert("FROM alpine\nRUN make\n", platform="linux/amd64"), end="")
        #2 exec  [2/2] RUN make  Dockerfile:2
        #1 source  [1/2] FROM docker.io/library/alpine:latest  linux/amd64  Dockerfile:1
    """

    def __attrs_post_init__(self) -> None:
        known = _NodeFacts(self)
        nodes = (
            attrs.evolve(node, run=self.runs.get(node.digest), only_stage=known.only_stage, read_files=known.files_of)
            for node in self.nodes
        )
        object.__setattr__(self, "nodes", tuple(nodes))

    def __iter__(self) -> Iterator[graphs.Node]:
        return iter(self.nodes)

    @classmethod
    def of(
        cls,
        definition: Definition,
        *,
        config: bytes | None = None,
        facts: Facts = NO_FACTS,
        directories: Mapping[str, str] | None = None,
    ) -> Self:
        """Read a definition.

        Args:
            definition: the definition.
            config: the image config that belongs to its result.
            facts: what a Dockerfile said.
            directories: the directories of its local sources, by name.

        Raises:
            GraphError: the definition is damaged.
        """
        graph = graphs.Graph.of(definition, config=config)
        return cls(graph.definition, graph.nodes, graph.result, graph.config, facts, directories or {})

    @classmethod
    def load(cls, data: bytes | BinaryIO | str | os.PathLike[str], *, config: bytes | str | None = None) -> Self:
        """Read a graph of any tool.

        Args:
            data: a pb.Definition, its JSON, or what `save` wrote, as bytes, a binary file, or a path.
            config: the image config that belongs to the result.

        Raises:
            GraphError: the data has another format.
            ContextError: the file cannot be read.
        """
        if hasattr(data, "read") and not isinstance(data, os.PathLike):
            data = _content(data)
        if isinstance(data, (bytes, bytearray)):
            content = bytes(data)
        elif isinstance(data, (str, os.PathLike)):
            content = read_file(arguments.local_path(data), "the graph")
        else:
            raise arguments.refuse("data", "bytes, a binary file or a path", data)
        if config is not None and not isinstance(config, (bytes, str)):
            raise arguments.refuse("config", "the bytes of an image config", config)
        config = config.encode() if isinstance(config, str) else config
        try:
            graph = graph_file.read(content, config=config)
        except GraphError as error:
            if not isinstance(data, (str, os.PathLike)):
                raise
            raise GraphFileError(f"cannot read {os.fspath(data)}: {error.message}", span=error.span, hint=error.hint) from None
        return cls(graph.definition, graph.nodes, graph.result, graph.config, graph.facts, {}, graph.runs)

    def inputs(self, directories: Mapping[str, str | os.PathLike[str]] | None = None) -> Inputs:
        """Find out which files the steps read from the build context and from named contexts.

        Args:
            directories: the directories by name (`context` is the build context), for a graph that was loaded, or in place of
                those that the Dockerfile was converted with.

        Returns:
            The files of each step and each context, as an engine chooses them: ignore files, wildcards and symlinks applied.

        Raises:
            ContextError: a directory is not known or cannot be read.
        """
        named = {name: arguments.path(path) for name, path in (directories or {}).items()}
        return read_inputs(self, {**self.directories, **named})

    def save(self, path: str | os.PathLike[str], *, form: str | None = None) -> None:
        """Write the graph to a file.

        Args:
            path: the file; without `form` its suffix decides: .pb, .llb, .json, .msgpack, .dot, .gv, .mmd, .mermaid, .svg, .html,
                .txt or .tree.
            form: `tree`, `json`, `pb`, `dot`, `mermaid`, `svg`, `html` or `msgpack`, whatever the suffix.

        Raises:
            OptionError: an unknown form or suffix.
            ExportError: the file cannot be written.
        """
        path = arguments.local_path(path)
        write_file(path, self.write(form or form_of(path)))

    def write(self, form: str = "tree") -> bytes:
        """Return the graph as `tree`, `json`, `pb`, `dot`, `mermaid`, `svg`, `html` or `msgpack`; always the same for the same graph."""
        form = arguments.text(form, "form")
        if form not in FORMS:
            raise OptionError(f"unknown form of a graph: {form!r}", hint=f"one of {', '.join(FORMS)}")
        written = FORMS[form](self)
        return written if isinstance(written, bytes) else written.encode()

    def with_runs(self, runs: Iterable[node_runs.NodeRun]) -> Self:
        """Return the graph with how its ops went in a build.

        Args:
            runs: runs of ops, matched by digest, else by name; runs of other ops are ignored.
        """
        return attrs.evolve(self, runs=node_runs.match_runs({node.digest: node.name for node in self.nodes}, runs))

    @property
    def images(self) -> tuple[Image, ...]:
        """The images that a build pulls, at each place that names one: FROM, `COPY --from`, mounts, named contexts.

        A graph that was not converted here knows the images of its sources, each once.
        """
        return self.facts.images or tuple(_images(self))

    def critical_path(self) -> tuple[graphs.Node, ...]:
        """Return the chain of ops, each an input of the next, that worked longest in the build; nothing without `runs`."""
        return critical_path(self, self.runs)

    def to_svg(self, *, with_unused: bool = False) -> str:
        """Draw the graph: a column for each stage, what can run at the same time side by side, the times of a build if it has `runs`.

        Args:
            with_unused: add the stages of the Dockerfile that the target does not need, in grey.

        Returns:
            An SVG document that follows the viewer's preference for light or dark colours; always the same for the same graph.
        """
        return diagram.to_svg(self, with_unused=arguments.flag(with_unused, "with_unused"))

    def to_html(self, *, with_unused: bool = False) -> str:
        """Draw the graph as a page to explore: pan, zoom, search, the source lines and inputs of each op, the timeline of a build.

        Args:
            with_unused: add the stages of the Dockerfile that the target does not need, in grey.

        Returns:
            An HTML document that holds all it needs and uses no network; always the same for the same graph.
        """
        return diagram.to_html(self, with_unused=arguments.flag(with_unused, "with_unused"))

    def to_png(self, *, with_unused: bool = False) -> bytes:
        """Draw the graph as `to_svg` does, as a PNG file in light colours. It needs Chromium or rsvg-convert.

        Args:
            with_unused: add the stages of the Dockerfile that the target does not need, in grey.

        Raises:
            ExportError: neither program is installed, or it failed.
        """
        return diagram.to_png(self.to_svg(with_unused=with_unused))

    def to_networkx(self) -> nx.DiGraph[int]:
        """Return the graph for networkx, which the extra `networkx` installs.

        Returns:
            A directed graph whose nodes are the numbers of ops, with the attributes `node`, `kind`, `stage`, `name` and `duration_s`. Its edges go
            from an op to the ops that read it, and have `roles`.

        Raises:
            OptionError: networkx is not installed.
        """
        return to_networkx(self)

    def _repr_html_(self) -> str:
        return f'<div style="overflow:auto;max-height:800px">{diagram.inline(self)}</div>'

    def __str__(self) -> str:
        return tree.tree(self)

    @property
    def image(self) -> Mapping[str, Any]:
        """The image config as JSON values, empty if it is not known."""
        try:
            return parse_object(self.config).members if self.config else {}
        except InvalidJson as error:
            raise GraphError(f"the image config of the graph is invalid: {error.message}") from None


class _NodeFacts:
    """Facts about nodes that need the whole graph, computed on first use. Its methods can be pickled, which closures cannot."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._inputs: Inputs | None = None
        self._only_stage: str | None = None

    def only_stage(self) -> str:
        """Return the name of the stage if there is only one."""
        if self._only_stage is None:
            self._only_stage = only_stage(self._graph.facts, self._graph.definition.sources)
        return self._only_stage

    def files_of(self, node: graphs.Node) -> tuple[InputFile, ...]:
        """Return the files that a node reads, of all contexts. Raises: ContextError."""
        local = {source.number for source in self._graph.nodes if source.scheme == "local"}
        if local.isdisjoint(edge.number for edge in node.edges):
            return ()
        if self._inputs is None:
            self._inputs = self._graph.inputs()
        return tuple(file for step in self._inputs.of(node) for file in step.files)


def _images(graph: Graph) -> Iterator[Image]:
    """Yield the images that are sources of a graph."""
    for node in graph.nodes:
        if node.scheme in {"docker-image", "oci-layout"}:
            name = node.identifier.partition("://")[2]
            readers = (reader for reader in graph.nodes if node.number in {edge.number for edge in reader.edges})
            reader = node if node.is_step else next(readers, node)
            yield Image(name, reader.instruction.partition(" ")[0] if reader.is_step else "", reader.line, node.platform)


def is_graph(data: bytes) -> bool:
    """Return whether bytes are meant as a graph and not as a Dockerfile: a snapshot, JSON, or bytes that look like a definition.

    A Dockerfile may hold control characters, too, such as escape sequences in a command.
    """
    if snapshot.is_pack(data) or data.lstrip()[:1] == b"{":
        return True
    if _CONTROL.isdisjoint(data[:_HEAD_BYTES]) or other_format(data) is not None:
        return False
    return _has_fields(data) or _INSTRUCTION.search(data[:_HEAD_BYTES]) is None


def _has_fields(data: bytes) -> bool:
    """Return whether bytes are fields of a definition from beginning to end."""
    place = 0
    while place < len(data):
        if data[place] not in _FIELDS:
            return False
        size_bytes, shift, place = 0, 0, place + 1
        while place < len(data) and data[place] & 0x80:
            size_bytes, shift, place = size_bytes | (data[place] & 0x7F) << shift, shift + 7, place + 1
        if place == len(data) or shift > _LONGEST_SHIFT:
            return False
        place += 1 + (size_bytes | data[place] << shift)
    return place == len(data)


def _content(file: Any) -> bytes:
    """Read a file of the caller. Raises: ContextError."""
    try:
        data: bytes = file.read()
    except (OSError, ValueError) as error:  # it is closed, or not open for reading
        raise ContextError(f"cannot read the graph from a file: {error}") from None
    return data
