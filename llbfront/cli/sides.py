"""The two sides of `llbfront diff`: what a name means (a path, a git revision, a path at a revision), and its graph.

Source: gitrevisions(7) for `REVISION:PATH`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack

import attrs

from llbfront.cli import offline_arguments
from llbfront.client.git.repository import TREE, Revision
from llbfront.client.inputs.contexts import DEFAULT_NAME, is_remote
from llbfront.client.request.converters import parse_assignments
from llbfront.errors import ContextError, LlbfrontError, OptionError
from llbfront.files.writing import write_file
from llbfront.frontend.ignorefile import IGNORE
from llbfront.frontend.offline import Images
from llbfront.inspection.formats import Graph, is_graph

_PREFIX = "llbfront-revision-"


@attrs.frozen
class Side:
    """A graph to compare: the path, and the revision that it is read at, None for the file system."""

    name: str
    path: str
    revision: Revision | None = None

    def graph(self, parsed: argparse.Namespace, images: Images) -> Graph:
        """Read or convert the graph, with the options of a conversion. Raises: LlbfrontError."""
        try:
            if self.revision is None:
                return offline_arguments.graph_of(_with(parsed, path=self.path), images)
            with ExitStack() as stack:
                return _at_revision(self.revision, self.path, parsed, images, stack)
        except LlbfrontError as error:
            if error.span is not None:
                error.add_hint(f"in {self.name}")
            raise


def find_sides(names: tuple[str, str]) -> tuple[Side, Side]:
    """Find out what the names mean. A revision alone means the path of the other side.

    Raises: ContextError for a name that is nothing.
    """
    paths = [name if _is_path(name) else None for name in names]
    if paths == [offline_arguments.STDIN, offline_arguments.STDIN]:
        raise OptionError("only one side can be read from standard input")
    before, after = names
    return _side(before, paths[0], paths[1] or "."), _side(after, paths[1], paths[0] or ".")


def _is_path(name: str) -> bool:
    return name == offline_arguments.STDIN or os.path.lexists(name) or is_remote(name)


def _side(name: str, path: str | None, other: str) -> Side:
    if path is not None:
        return Side(name, path)
    directory = other if os.path.isdir(other) else os.path.dirname(other) or "."
    if revision := Revision.find(name, directory):
        if other == offline_arguments.STDIN:
            raise OptionError(f"the path at the revision {name} is not known", hint=f"name it: {name}:{DEFAULT_NAME}")
        return Side(name, revision.relative(other), revision)
    before, colon, inside = name.partition(":")
    if colon and (revision := Revision.find(before, ".")):
        return Side(name, _inside(revision, inside), revision)
    raise ContextError(
        f"{name} is no file, no directory and no revision of git",
        hint="a side is a PATH, a REVISION or REVISION:PATH, such as HEAD~1",
    )


def _inside(revision: Revision, path: str) -> str:
    """Return the path of `REVISION:PATH` in the repository: relative to its root, unless it begins with a dot as git wants it."""
    if os.path.isabs(path) or path.split("/", maxsplit=1)[0] in {os.curdir, os.pardir}:
        return revision.relative(path)
    normal = os.path.normpath(path)
    return "" if normal == os.curdir else normal


def _with(parsed: argparse.Namespace, **changes: object) -> argparse.Namespace:
    return argparse.Namespace(**{**vars(parsed), **changes})


def _at_revision(revision: Revision, path: str, parsed: argparse.Namespace, images: Images, stack: ExitStack) -> Graph:
    """Return the graph of a Dockerfile or of a saved graph at a revision."""
    entry = revision.read(path)
    if entry is None:
        raise ContextError(f"the revision {revision.name} has no {path}")
    kind, data = entry
    if kind != TREE and is_graph(data):
        return Graph.load(data)
    if kind != TREE and parsed.file is not None:
        raise OptionError(f"{path} is a file, and --file names another Dockerfile")
    copy = _Copy(revision, stack.enter_context(tempfile.TemporaryDirectory(prefix=_PREFIX)))
    file = None if parsed.file is None else revision.relative(parsed.file)
    copy.context(path if kind == TREE else os.path.dirname(path))
    names = [os.path.join(path, name) for name in (DEFAULT_NAME, DEFAULT_NAME.lower())]
    if not copy.dockerfiles([file] if file is not None else names if kind == TREE else [path]):
        raise ContextError(f"the revision {revision.name} has no {file or names[0]}")
    named = parse_assignments(parsed.build_context, option="build context")
    contexts = [f"{name}={copy.named_context(value)}" for name, value in named.items()]
    changes = {"path": copy.path(path), "file": None if file is None else copy.path(file), "build_context": contexts}
    return offline_arguments.graph_of(_with(parsed, **changes), images)


@attrs.frozen
class _Copy:
    """The files of a revision that decide about a conversion (Dockerfiles, ignore files) in a temporary directory."""

    revision: Revision
    root: str

    def path(self, inside: str) -> str:
        """Return the place of a path of the repository in the copy."""
        return os.path.join(self.root, inside) if inside else self.root

    def dockerfiles(self, paths: Iterable[str]) -> bool:
        """Copy Dockerfiles, with the ignore files beside them, as far as they exist; say whether one does."""
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
