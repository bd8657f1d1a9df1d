"""Which files the steps of a graph read from directories of the client.

    for step in llbfront.convert(".").inputs().steps:
        print(step.line, step.instruction, [file.path for file in step.files])

Source: getMountDeps in solver/llbsolver/ops/exec.go and CacheMap in ops/file.go of BuildKit for what a step depends on.
"""

from __future__ import annotations

import functools
import heapq
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import garbage_collection
from llbfront.errors import ContextError, GraphError, InvalidJson
from llbfront.foreign_json import parse_strings
from llbfront.fsutil.patterns import Matcher
from llbfront.fsutil.stat import DIRECTORY
from llbfront.fsutil.walk import walk
from llbfront.gostd.filepath import has_wildcards
from llbfront.inspection.directory_entries import EVERYTHING, Entries, Selector
from llbfront.inspection.input_file import InputFile
from llbfront.short_repr import ShortRepr

if TYPE_CHECKING:
    from llbfront.fsutil.stat import Stat
    from llbfront.inspection.graph import Graph, Node

__all__ = ["ContextInputs", "InputFile", "Inputs", "StepInputs"]

LOCAL = "local://"
_NO_FILES = frozenset(("SECRET", "SSH", "TMPFS"))
_PATH, _SIZE = attrgetter("path"), attrgetter("size_bytes")  # much faster than a lambda for very many files


class EntryList(tuple["Stat", ...]):  # noqa: SLOT001  cached properties need a dictionary
    """Entries, and what is known of the files among them. That is computed once, since there may be very many."""

    def __repr__(self) -> str:
        return f"<{len(self)} entries>"

    @functools.cached_property
    def stats(self) -> Sequence[Stat]:
        """The entries of files."""
        return [stat for stat in self if not stat.mode & DIRECTORY]

    @functools.cached_property
    def paths(self) -> Sequence[bytes]:
        """The paths of `stats`."""
        return list(map(_PATH, self.stats))

    @functools.cached_property
    def size_bytes(self) -> int:
        """The sum of the sizes."""
        return sum(map(_SIZE, self.stats))


@attrs.frozen(eq=False)
class _Files:
    """Files by their entries; directories count among the entries only."""

    entries: EntryList

    @property
    def stats(self) -> Sequence[Stat]:
        """The entries of files, which cost less than `files` if there are very many."""
        return self.entries.stats

    @functools.cached_property
    def files(self) -> tuple[InputFile, ...]:
        """The files, by the bytes of their paths."""
        return tuple(InputFile.of(stat) for stat in sorted(self.stats, key=_PATH))

    @property
    def directories(self) -> tuple[str, ...]:
        """The directories that are read, without the root of the context."""
        return tuple(os.fsdecode(stat.path) for stat in self.entries if stat.mode & DIRECTORY)

    @property
    def size_bytes(self) -> int:
        """The sum of the sizes of the files."""
        return self.entries.size_bytes

    @property
    def count(self) -> int:
        """How many files there are."""
        return len(self.stats)

    def first(self, count: int) -> tuple[InputFile, ...]:
        """Return the first of `files`, without making the others."""
        return tuple(map(InputFile.of, heapq.nsmallest(count, self.stats, key=_PATH)))


@attrs.frozen(eq=False)
class ContextInputs(_Files):
    """A directory of the client, and the files in it that an engine asks for.

    Attributes:
        name: `context` for the build context, else the name of a named context.
        root: the directory.
    """

    name: str
    root: str


@attrs.frozen(eq=False)
class StepInputs(_Files):
    """The files that a step reads from one context. The step runs again exactly if one of them changes, appears or vanishes.

    Attributes:
        node: the op in the graph.
        stage: the stage, empty if the graph does not name it.
        line: the first line of the instruction, 0 if that is not known.
        instruction: the text of the instruction, variables expanded.
        context: the name of the context.
        missing: paths that the step names and that do not exist, or that an ignore file excludes; the build fails.
        selectors: what the step selects.
    """

    node: Node = attrs.field(repr=False)
    stage: str
    line: int
    instruction: str
    context: str
    missing: tuple[str, ...]
    selectors: tuple[Selector, ...] = attrs.field(repr=False)


@attrs.frozen(repr=False)
class Inputs(ShortRepr):
    """The files that a graph reads from directories of the client.

    Attributes:
        contexts: the directories by name, with the files that an engine asks for.
        steps: the steps that read a context, in the order of the graph. A step that reads several contexts is there once for each.
    """

    contexts: Mapping[str, ContextInputs]
    steps: tuple[StepInputs, ...]

    def of(self, node: Node) -> tuple[StepInputs, ...]:
        """Return what an op reads: nothing if it reads no context."""
        return tuple(step for step in self.steps if step.node.number == node.number)


def read_inputs(graph: Graph, directories: Mapping[str, str], extra: Mapping[str, Iterable[str]] | None = None) -> Inputs:
    """Find out what the steps of a graph read.

    Args:
        graph: the graph.
        directories: the directories by the names of the graph's local sources.
        extra: paths by the name of the context that count as files although they do not exist, such as removed ones.

    Raises:
        ContextError: a directory is not known, or cannot be read.
    """
    with garbage_collection.paused():
        return inputs_from(graph, directories, lambda source: _entries(source, directories, extra or {}))


def inputs_from(graph: Graph, directories: Mapping[str, str], entries_of: Callable[[Node], Entries]) -> Inputs:
    """Find out what the steps of a graph read of the entries of local sources, which `entries_of` returns."""
    sources = {node.number: node for node in graph.nodes if node.scheme == "local"}
    reads = [(node, number, selectors) for node in graph.nodes for number, selectors in _reads(node, sources).items()]
    known = {number: entries_of(sources[number]) for number in dict.fromkeys(number for _, number, _ in reads)}
    offered = {number: EntryList(entries.stats) for number, entries in known.items()}
    steps = tuple(
        _step(node, known[number], offered[number], sources[number], selectors)
        for node, number, selectors in reads
        if node.kind != "source"
    )
    return Inputs(_contexts(sources, offered, directories), steps)


def _step(node: Node, entries: Entries, offered: EntryList, source: Node, selectors: tuple[Selector, ...]) -> StepInputs:
    selection = entries.selection(selectors)
    chosen = selection.of(entries.stats)
    return StepInputs(
        offered if len(chosen) == len(offered) else EntryList(chosen),
        node,
        node.stage or "",
        node.line,
        node.instruction,
        _name(source),
        tuple(dict.fromkeys(selection.missing)),
        selectors,
    )


def _contexts(
    sources: Mapping[int, Node], offered: Mapping[int, EntryList], directories: Mapping[str, str]
) -> dict[str, ContextInputs]:
    lists: dict[str, EntryList] = {}
    for number, entries in offered.items():
        name = _name(sources[number])
        lists[name] = entries if name not in lists else _merged(lists[name], entries)
    return {name: ContextInputs(entries, name, directories[name]) for name, entries in lists.items()}


def _merged(first: EntryList, second: EntryList) -> EntryList:
    entries = {stat.path: stat for stat in (*first, *second)}
    return EntryList(sorted(entries.values(), key=_PATH))


def _name(source: Node) -> str:
    return source.identifier.removeprefix(LOCAL)


def _entries(source: Node, directories: Mapping[str, str], extra: Mapping[str, Iterable[str]]) -> Entries:
    name = _name(source)
    if name not in directories:
        known = ", ".join(sorted(directories)) or "none"
        raise ContextError(f"the directory of the context {name} is not known", hint=f"one of {known}")
    include, exclude, followed = (source_patterns(source, key) for key in ("includepattern", "excludepatterns", "followpaths"))
    stats = walk(directories[name], include=include, exclude=exclude, follow_paths=followed, reads_all=False)
    entries = Entries(stats)
    ignored = Matcher(exclude)
    return entries.with_files(os.fsencode(path) for path in extra.get(name, ()) if not ignored.matches(path))


def source_patterns(source: Node, key: str) -> tuple[str, ...]:
    """Return the patterns of a local source. Raises: GraphError if another tool wrote them wrongly."""
    text = source.op.get("attrs", {}).get(f"local.{key}")
    try:
        return parse_strings(text) if text else ()
    except InvalidJson as error:
        raise GraphError(f"the attribute local.{key} of {source.identifier} is invalid: {error.message}") from None


def _reads(node: Node, sources: Mapping[int, Node]) -> dict[int, tuple[Selector, ...]]:
    """Return what an op selects from each local source that it reads directly."""
    reads: dict[int, list[Selector]] = {}
    for index, selector in _SELECTORS.get(node.kind, _all_inputs)(node):
        if 0 <= index < len(node.edges) and (number := node.edges[index].number) in sources:
            reads.setdefault(number, []).append(selector)
    return {number: tuple(dict.fromkeys(selectors)) for number, selectors in reads.items()}


def _all_inputs(node: Node) -> Iterator[tuple[int, Selector]]:
    """Return selectors of everything in each input, for an op that keeps its inputs."""
    for index in range(len(node.edges)):
        yield index, EVERYTHING


def _file_selectors(node: Node) -> Iterator[tuple[int, Selector]]:
    for action in node.op.get("actions", ()):
        yield int(action.get("input", 0)), EVERYTHING
        copy = action.get("copy")
        if copy is not None:
            yield int(action.get("secondaryInput", 0)), _copied(copy)


def _copied(copy: Mapping[str, Any]) -> Selector:
    path = copy.get("src", "")
    return Selector(
        path,
        bool(copy.get("allowWildcard")) and has_wildcards(path),
        bool(copy.get("followSymlink")),
        tuple(copy.get("includePatterns", ())),
        tuple(copy.get("excludePatterns", ())),
        tuple(copy.get("requiredPaths", ())),
    )


def _exec_selectors(node: Node) -> Iterator[tuple[int, Selector]]:
    for mount in node.op.get("mounts", ()):
        if mount.get("mountType") not in _NO_FILES:
            yield int(mount.get("input", 0)), EVERYTHING if mount.get("dest") == "/" else Selector(mount.get("selector", "/"))


_SELECTORS = {"exec": _exec_selectors, "file": _file_selectors}


def __dir__() -> list[str]:
    return sorted(__all__)
