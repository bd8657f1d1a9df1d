"""The two operands of `llbfront diff`: a path, a git revision, a path at a revision or a recorded build, and the graph of each.

Source: gitrevisions(7) for `REVISION:PATH`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

import attrs

from llbfront.cli import offline_arguments
from llbfront.client.git.repository import TREE, Revision
from llbfront.client.inputs.contexts import DEFAULT_NAME, is_remote
from llbfront.client.records.recorded_builds import RecordedBuilds
from llbfront.client.records.recorded_builds import read as read_build
from llbfront.client.request.converters import parse_assignments
from llbfront.errors import ContextError, LlbfrontError, OptionError
from llbfront.errors.llbfront_error import joined_hints
from llbfront.files.near_paths import near_path_hint
from llbfront.files.paths import STANDARD_STREAM
from llbfront.files.reading import read_file, read_start
from llbfront.files.writing import write_file
from llbfront.frontend.ignorefile import IGNORE
from llbfront.frontend.offline import Images
from llbfront.inspection.formats import Graph, is_graph
from llbfront.inspection.record_codec import is_record
from llbfront.inspection.recorded_build import RecordedBuild
from llbfront.llb.definition import joined

_SEVERAL = {"multi-platform": "true"}  # steps are named with their platforms
_PREFIX = "llbfront-revision-"
BUILD = "build:"
_CONTEXT, _LOCAL = "context:", "local:"
_HEAD_BYTES = 64
# Options of a frontend that say where a build reads, not what it builds.
_OF_PLACES = ("filename", "dockerfilekey", "context", "sharedkey:", "attest:", "cache-", "cmdline", "source", "requestid")


@attrs.frozen
class Operand:
    """A graph to compare: a recorded build, or a path, and the revision that it is read at, None for the file system."""

    name: str
    path: str
    revision: Revision | None = None
    build: RecordedBuild | None = None

    @property
    def is_ready(self) -> bool:
        """Return whether it is, or may be, a graph already: a recorded build, a saved graph, or standard input."""
        if self.build is not None or self.path == STANDARD_STREAM:
            return True
        return self.revision is None and os.path.isfile(self.path) and is_graph(read_file(self.path, "the file"))

    def graph(self, parsed: argparse.Namespace, images: Images, other: RecordedBuild | None = None) -> Graph:
        """Read or convert the graph, with the options of a conversion.

        Args:
            parsed: the arguments.
            images: where image configs come from.
            other: the other operand, if it is a recorded build; its options apply unless the arguments set others.

        Raises: LlbfrontError.
        """
        if self.build is not None:
            return self.build.graph
        try:
            options = {} if other is None else conversion_options(other)
            parsed = parsed if other is None else _with(parsed, build_context=[*_contexts_of(other), *parsed.build_context])
            platforms = tuple(filter(None, options.get("platform", "").split(",")))
            if len(platforms) > 1 and parsed.platform:
                raise OptionError(
                    "--platform cannot be used with a recorded build for several platforms", hint=", ".join(platforms)
                )
            if len(platforms) > 1:
                return _joined(self._converted(_with(parsed, platform=name), images, options | _SEVERAL) for name in platforms)
            return self._converted(parsed, images, options)
        except LlbfrontError as error:
            if error.span is not None:
                error.add_hint(f"in {self.name}")
            raise

    def _converted(self, parsed: argparse.Namespace, images: Images, options: Mapping[str, str]) -> Graph:
        if self.revision is None:
            return offline_arguments.graph_of(_in_context(parsed, self.path), images, options)
        with ExitStack() as stack:
            return _at_revision(self.revision, self.path, parsed, images, options, stack)


def _joined(graphs: Iterable[Graph]) -> Graph:
    """Return the nodes of a build for several platforms in one graph without an image config, as a record holds them."""
    every = tuple(graphs)
    definition = joined(graph.definition for graph in every)
    last = every[-1]
    return last if definition is None else Graph.of(definition, facts=last.facts, directories=last.directories)


def conversion_options(build: RecordedBuild) -> dict[str, str]:
    """Return the options of the frontend that decide about the graph of a recorded build, apart from local contexts."""
    return {name: value for name, value in build.options.items() if not name.startswith(_OF_PLACES)}


def _contexts_of(build: RecordedBuild) -> list[str]:
    """Return the named contexts of a recorded build as `--build-context` takes them; directories only if they still exist."""
    values = {name.removeprefix(_CONTEXT): value for name, value in build.options.items() if name.startswith(_CONTEXT)}
    roots = {name: context.root for name, context in build.contexts.items() if os.path.isdir(context.root)}
    places = {name: _place(value, name, roots) for name, value in values.items()}
    return [f"{name}={place}" for name, place in places.items() if place is not None]


def _place(value: str, name: str, roots: Mapping[str, str]) -> str | None:
    """Return what a named context of a recorded build is, None if that is not known any more."""
    if value.startswith(_LOCAL):
        return roots.get(value.removeprefix(_LOCAL))
    return roots.get(name) if value.startswith("input:") else value


def _in_context(parsed: argparse.Namespace, path: str) -> argparse.Namespace:
    """Return the arguments for a Dockerfile whose context is `--context`, else its directory."""
    is_file = path != STANDARD_STREAM and os.path.isfile(path)
    if parsed.context is None or (is_file and is_graph(read_file(path, "the file"))):
        return _with(parsed, path=path)
    if parsed.file is not None:
        raise OptionError("--file and --context cannot be used together")
    return _with(parsed, path=parsed.context, file=path if not os.path.isdir(path) else os.path.join(path, DEFAULT_NAME))


def find_operands(names: tuple[str, str]) -> tuple[Operand, Operand]:
    """Find what the names refer to. A revision alone refers to the path of the other operand.

    Raises: ContextError for a name that refers to nothing.
    """
    paths = [name if _is_path(name) else None for name in names]
    if paths == [STANDARD_STREAM, STANDARD_STREAM]:
        raise OptionError("standard input can be read only once")
    before, after = names
    return _operand(before, *paths), _operand(after, *reversed(paths))


def _is_path(name: str) -> bool:
    return name == STANDARD_STREAM or os.path.lexists(name) or is_remote(name)


def _operand(name: str, path: str | None, other_path: str | None) -> Operand:
    if path is not None:
        is_build = os.path.isfile(path) and is_record(read_start(path, _HEAD_BYTES))
        return Operand(name, path, build=read_build(path) if is_build else None)
    if name.startswith(BUILD):
        context = None if other_path == STANDARD_STREAM else other_path
        return Operand(name, "", build=RecordedBuilds().find(name.removeprefix(BUILD), context))
    other = other_path or "."
    directory = other if os.path.isdir(other) else os.path.dirname(other) or "."
    if revision := Revision.find(name, directory):
        if other == STANDARD_STREAM:
            raise OptionError(f"the path at the revision {name} is not known", hint=f"name it: {name}:{DEFAULT_NAME}")
        return Operand(name, revision.relative(other), revision)
    before, colon, inside = name.partition(":")
    if colon and (revision := Revision.find(before, ".")):
        return Operand(name, _inside(revision, inside), revision)
    raise ContextError(
        f"{name} is neither a file, a directory nor a git revision",
        hint=joined_hints(near_path_hint(name), "give a PATH, a REVISION or REVISION:PATH, such as HEAD~1, or build:REF"),
    )


def _inside(revision: Revision, path: str) -> str:
    """Return the path of `REVISION:PATH` in the repository: relative to its root, unless it begins with a dot, as in git."""
    if os.path.isabs(path) or path.split("/", maxsplit=1)[0] in {os.curdir, os.pardir}:
        return revision.relative(path)
    normal = os.path.normpath(path)
    return "" if normal == os.curdir else normal


def _with(parsed: argparse.Namespace, **changes: object) -> argparse.Namespace:
    return argparse.Namespace(**{**vars(parsed), **changes})


def _at_revision(
    revision: Revision, path: str, parsed: argparse.Namespace, images: Images, options: Mapping[str, str], stack: ExitStack
) -> Graph:
    """Return the graph of a Dockerfile or of a saved graph at a revision."""
    entry = revision.read(path)
    if entry is None:
        raise ContextError(f"the revision {revision.name} has no {path}")
    kind, data = entry
    if kind != TREE and is_graph(data):
        return offline_arguments.load_graph(data, f"{revision.name}:{path}")
    if kind != TREE and parsed.file is not None:
        raise OptionError(f"{path} is a file, and --file names another Dockerfile")
    copy = _Copy(revision, stack.enter_context(tempfile.TemporaryDirectory(prefix=_PREFIX)))
    file = None if parsed.file is None else revision.relative(parsed.file)
    inside = revision.relative(parsed.context) if parsed.context is not None else path if kind == TREE else os.path.dirname(path)
    copy.context(inside)
    names = [os.path.join(path, name) for name in (DEFAULT_NAME, DEFAULT_NAME.lower())]
    if not copy.dockerfiles([file] if file is not None else names if kind == TREE else [path]):
        raise ContextError(f"the revision {revision.name} has no {file or names[0]}")
    named = parse_assignments(parsed.build_context, option="build context")
    contexts = [f"{name}={copy.named_context(value)}" for name, value in named.items()]
    if parsed.context is not None and file is None:
        file = path if kind != TREE else next(name for name in names if os.path.exists(copy.path(name)))
    changes = {
        "path": copy.path(path if parsed.context is None else inside),
        "file": None if file is None else copy.path(file),
        "build_context": contexts,
    }
    return offline_arguments.graph_of(_with(parsed, **changes), images, options)


@attrs.frozen
class _Copy:
    """The files of a revision that decide about a conversion (Dockerfiles, ignore files) in a temporary directory."""

    revision: Revision
    root: str

    def path(self, inside: str) -> str:
        """Return the place of a path of the repository in the copy."""
        return os.path.join(self.root, inside) if inside else self.root

    def dockerfiles(self, paths: Iterable[str]) -> bool:
        """Copy the Dockerfiles that exist with their ignore files. Return whether one exists."""
        any_read = False
        for path in paths:
            any_read |= self._file(path)
            self._file(f"{path}{IGNORE}")
        return any_read

    def context(self, path: str) -> str:
        """Make the directory of a context, with its ignore file; return its place."""
        os.makedirs(self.path(path), exist_ok=True)
        self._file(os.path.join(path, IGNORE))
        return self.path(path)

    def named_context(self, value: str) -> str:
        """Return what a named context is at the revision: a directory in the copy, or what it was if it is not in the repository."""
        if "://" in value:
            return value
        try:
            inside = self.revision.relative(value)
        except ContextError:
            return value
        return self.context(inside) if (entry := self.revision.read(inside)) and entry[0] == TREE else value

    def _file(self, path: str) -> bool:
        entry = self.revision.read(path)
        if entry is None or entry[0] == TREE:
            return False
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        write_file(self.path(path), entry[1])
        return True
