"""The library's face for scripts: a Dockerfile or a saved graph → a Graph to ask, with no engine and no network.

    graph = llbfront.convert("examples/golang/app", target="final")
    for node in graph.nodes:
        print(node.number, node.name, node.lines)
    graph.save("app.msgpack")

Enters: a path or a text, options as a build has them, image configs. Leaves: a Graph, or the answer to a subrequest.

Source: commands/build.go (--call) of docker/buildx for the options.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TextIO

import attrs

from llbfront import arguments
from llbfront.client import build_arguments as read
from llbfront.client import inputs as offered
from llbfront.client.graphs import context_options, definition_of
from llbfront.client.request import BuildRequest, frontend_options
from llbfront.conversion_facts import facts_of
from llbfront.errors import ContextError, GraphError, InvalidJson, OptionError, explained
from llbfront.files.paths import is_special
from llbfront.files.reading import read_file
from llbfront.files.writing import write_file
from llbfront.foreign_json import parse_object
from llbfront.frontend import imagefile, offline
from llbfront.inspection import graph as graphs
from llbfront.inspection import jsontext, pack, picture, reading, tree
from llbfront.printable import hide_credentials

if TYPE_CHECKING:
    from llbfront.client.build_arguments import Assignments, ContextLike
    from llbfront.frontend.answers.lint import Found
    from llbfront.frontend.offline import ImageSource
    from llbfront.llb.definition import Definition
    from llbfront.oci.platform import Platform

FORMS: dict[str, Callable[[graphs.Graph], str | bytes]] = {
    "tree": tree.tree,
    "json": jsontext.to_json,
    "pb": lambda graph: graph.definition.encode(),
    "dot": picture.dot,
    "mermaid": picture.mermaid,
    "msgpack": pack.pack,
}
SUFFIXES = {
    ".pb": "pb", ".llb": "pb", ".json": "json", ".msgpack": "msgpack", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid",
    ".mermaid": "mermaid", ".txt": "tree", ".tree": "tree",
}  # fmt: skip
_PICTURES = (".svg", ".png", ".pdf", ".jpg")
_TEXT = "Dockerfile"
_CONTROL = frozenset(range(0x20)) - frozenset(b"\t\n\v\f\r")
_HEAD = 1024


def form_of(path: str, *, default: str = "") -> str:
    """Return the form of a graph that the suffix of a file name stands for, `default` where there is no suffix.

    Raises: OptionError for an unknown suffix, and for none without a default.
    """
    suffix = os.path.splitext(path)[1]
    form = SUFFIXES.get(suffix.lower()) or ("" if suffix else default)
    if not form:
        said = f"the suffix {suffix} of {path} stands for none" if suffix else f"{path} has no suffix"
        hint = "write a .dot file and run dot -Tsvg" if suffix in _PICTURES else f"one of {', '.join(SUFFIXES)}, or name a form"
        raise OptionError(f"unknown form of a graph: {said}", hint=hint)
    return form


@attrs.frozen(eq=False, repr=False)
class Graph(graphs.Graph):
    """A graph: `nodes` with edges, inputs first; `stages`, `result`; `config`, the image config; `facts`, what the Dockerfile said."""

    @classmethod
    def load(cls, data: bytes | BinaryIO | str | os.PathLike[str], *, config: bytes | str | None = None) -> Self:
        """Read a graph of any tool: a pb.Definition, the JSON of one, or what `save` wrote; bytes, a binary file, or a path.

        Raises: GraphError for what is none of these; ContextError for a file that cannot be read.
        """
        if hasattr(data, "read") and not isinstance(data, os.PathLike):
            data = data.read()
        if isinstance(data, (bytes, bytearray)):
            content = bytes(data)
        elif isinstance(data, (str, os.PathLike)):
            content = read_file(arguments.path(data), "the graph")
        else:
            raise arguments.refuse("data", "bytes, a binary file or a path", data)
        if config is not None and not isinstance(config, (bytes, str)):
            raise arguments.refuse("config", "the bytes of an image config", config)
        config = config.encode() if isinstance(config, str) else config
        found = reading.read(content, config=config)
        return cls(found.definition, found.nodes, found.result, found.config)

    def save(self, path: str | os.PathLike[str], *, form: str | None = None) -> None:
        """Write the graph to a file.

        Args:
            path: the file; without `form` its suffix decides: .pb, .llb, .json, .msgpack, .dot, .gv, .mmd, .mermaid, .txt or .tree.
            form: `tree`, `json`, `pb`, `dot`, `mermaid` or `msgpack`, whatever the suffix.

        Raises:
            OptionError: an unknown form or suffix.
            ExportError: the file cannot be written.
        """
        path = arguments.path(path)
        write_file(path, self.write(form or form_of(path)))

    def write(self, form: str = "tree") -> bytes:
        """Return the graph as `tree`, `json`, `pb`, `dot`, `mermaid` or `msgpack`; always the same for the same graph."""
        form = arguments.text(form, "form")
        if form not in FORMS:
            raise OptionError(f"unknown form of a graph: {form!r}", hint=f"one of {', '.join(FORMS)}")
        written = FORMS[form](self)
        return written if isinstance(written, bytes) else written.encode()

    def __str__(self) -> str:
        return tree.tree(self)

    @property
    def image(self) -> Mapping[str, Any]:
        """The image config as JSON values, empty if it is not known."""
        try:
            return parse_object(self.config).members if self.config else {}
        except InvalidJson as error:
            raise GraphError(f"the image config of the graph is invalid: {error.message}") from None


@attrs.frozen(eq=False)
class Question:
    """A Dockerfile with the options of a build, ready to be converted or asked about. Made by `question`."""

    options: Mapping[str, str]
    read: Callable[[str, str], bytes | None] = attrs.field(repr=False)
    images: offline.Images = attrs.field(repr=False)
    inputs: Mapping[str, Definition] = attrs.field(factory=dict, repr=False)

    def dockerfile(self) -> bytes:
        """The bytes of the Dockerfile."""
        return self.read("dockerfile", self.options["filename"]) or b""

    def with_option(self, name: str, value: str) -> Question:
        """Ask with one more frontend option."""
        return attrs.evolve(self, options={**self.options, name: value})

    def bridge(self) -> offline.OfflineBridge:
        return offline.OfflineBridge(self.options, read=self.read, images=self.images, inputs=self.inputs)

    def ask(self, subrequest: str) -> dict[str, str]:
        """Answer `frontend.lint`, `frontend.outline`, …: the metadata that an engine would return."""
        return offline.ask(self.bridge(), subrequest)

    def check(self) -> Found:
        """Run the build checks; `frontend.answers.lint.write` writes what they find as `ask("frontend.lint")` does."""
        return offline.check(self.bridge())

    def convert(self) -> Graph:
        """Convert. Raises DockerfileError and what else a build raises before it begins."""
        made = offline.convert(self.bridge())
        read = graphs.Graph.of(made.definition, config=made.config)
        return Graph(read.definition, read.nodes, read.result, read.config, facts_of(made, self.images))


def convert(
    source: str | os.PathLike[str] | bytes | BinaryIO | TextIO,
    *,
    target: str | None = None,
    platform: str | Platform | None = None,
    build_args: Assignments | None = None,
    images: Mapping[str, Any] | ImageSource | str | os.PathLike[str] | None = None,
    contexts: Mapping[str, ContextLike] | Iterable[str] | None = None,
    options: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Graph:
    """Convert a Dockerfile to its graph, with no engine and no network.

    Args:
        source: the text of a Dockerfile (whatever has a line break), bytes, a file, the path of a Dockerfile, or of a directory that
            holds one.
        target: the stage to convert, by default the last.
        platform: the platform to convert for, by default that of this machine.
        build_args: values of ARGs, as for `Engine.build`.
        images: image configs by reference, the path of a file of them (`llbfront llb --write-images`), or an object that looks them up.
            An image that is not among them gets an assumed config (see `facts.made_up`): its digest and the settings it brings
            are then not those of a build.
        contexts: named contexts, as `build_contexts` for `Engine.build`.
        options: any other frontend option, such as {"no-cache": ""}.
        strict: fail where a config would be assumed.

    Raises:
        DockerfileError: the Dockerfile is wrong; its span says where.
        ContextError, OptionError, InvalidValue: an argument is wrong, or asks for what only an engine knows.
    """
    with explained():
        one = read.platform(platform)
        request = BuildRequest(target=target, platforms=(one,) if one else (), build_args=build_args or {})
        known = offline.Images(_sources(images), is_strict=arguments.flag(strict, "strict"))
        where = read.dockerfile(source, "source")
        if where is None:
            raise arguments.refuse("source", "a path, or a Dockerfile as text, bytes or a file", source)
        named = read.build_contexts(contexts, "contexts")
        return question(where, request, images=known, contexts=named, options=arguments.assignments(options, "options")).convert()


def question(
    source: str | bytes,
    request: BuildRequest,
    *,
    images: offline.Images,
    context: str | None = None,
    contexts: Mapping[str, ContextLike] | None = None,
    options: Mapping[str, str] | None = None,
) -> Question:
    """Find the Dockerfile of `source`: a path, or its text if bytes, which is of no directory unless `context` names one.

    What `request` says of contexts counts for nothing, but its `file`.
    """
    named = contexts or {}
    places = {name: value for name, value in named.items() if isinstance(value, str)}
    built: dict[str, Any] = {name: value for name, value in named.items() if not isinstance(value, str)}
    inputs = {name: definition_of(value, *request.platforms[:1]) for name, value in built.items()}
    given = _gathered(source, request.file if isinstance(request.file, str) else None, context, places)
    every = {**frontend_options(request), **given.options, **context_options(built), **(options or {})}
    return Question(every, given.read, images, inputs)


@attrs.frozen(eq=False)
class _Text:
    """A Dockerfile that is in no directory, with what is offered beside it."""

    data: bytes
    beside: offered.Inputs

    @property
    def options(self) -> Mapping[str, str]:
        return self.beside.options

    def read(self, name: str, path: str) -> bytes | None:
        if name == "dockerfile":
            return self.data if path == _TEXT else None
        return self.beside.read(name, path) if name in self.beside.directories else None


def _gathered(source: str | bytes, file: str | None, context: str | None, named: Mapping[str, str]) -> _Text | offered.Inputs:
    if isinstance(source, str) and is_special(file or source):
        context = None if file is None else source
        source = offered.read_dockerfile(file or source)
    if isinstance(source, bytes):
        beside = {} if context is None else {"context": offered.readable_directory(context, "the build context")}
        return _Text(source, offered.with_named(offered.Inputs(beside, {"filename": _TEXT}), named))
    path = source
    if offered.is_remote(path):
        raise ContextError(f"the context {hide_credentials(path)} can only be read with an engine")
    if file is None and not os.path.isdir(path):
        if not os.path.lexists(path):
            raise ContextError(
                f"cannot read {path}: no such file or directory", hint=None if " " not in path else "a text has a line break"
            )
        return offered.gather(os.path.dirname(path) or ".", dockerfile=path, named=named)
    return offered.gather(path, dockerfile=file, named=named)


def _sources(images: Mapping[str, Any] | ImageSource | str | os.PathLike[str] | None) -> tuple[ImageSource, ...]:
    if images is None:
        return ()
    if isinstance(images, (str, os.PathLike)):
        path = os.fspath(images)
        return (imagefile.read(read_file(path, "the image configs"), name=path),)
    if hasattr(images, "find"):
        return (images,)
    if not isinstance(images, Mapping):
        raise arguments.refuse("images", "a mapping of image configs, or the path of a file of them", images)
    return (imagefile.GivenImages(images),)


def is_graph(data: bytes) -> bool:
    """Say whether bytes are meant as a graph and not as a Dockerfile: a snapshot, JSON, or bytes that no text has."""
    if pack.is_pack(data) or data.lstrip()[:1] == b"{":
        return True
    return bool(data) and not _CONTROL.isdisjoint(data[:_HEAD])
