"""A recorded build: the graph with its runs, the files that were offered, options, and digests of secrets."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from llbfront.errors import GraphError, LlbfrontError
from llbfront.inspection import record_codec
from llbfront.inspection.directory_entries import Entries
from llbfront.inspection.formats import Graph
from llbfront.inspection.inputs import Inputs, inputs_from, source_patterns
from llbfront.inspection.runs import NodeRun
from llbfront.llb.definition import Definition, joined
from llbfront.llb.loading import decode

__all__ = ["RecordedBuild", "RecordedContext"]

WAITING = "waiting"
LOCAL = "local://"


@attrs.frozen(eq=False)
class RecordedContext:
    """The entries of a directory that an engine was offered.

    Attributes:
        root: the directory.
        entries: its entries, without what the ignore file excludes.
        digests: digests of the content of files, by path. Those of very large files are not known.
        xattrs: digests of extended attributes, by path, of entries that have some.
    """

    root: str
    entries: Entries = attrs.field(repr=False)
    digests: Mapping[bytes, bytes] = attrs.field(repr=False)
    xattrs: Mapping[bytes, bytes] = attrs.field(repr=False)


@attrs.frozen(eq=False)
class RecordedBuild:
    """A build that was recorded.

    Attributes:
        ref: the id of the build.
        started_ns: when it started, in nanoseconds since 1970 by the clock of this machine.
        ended_ns: when it ended.
        address: the address of the engine.
        context: the build context: a directory or a URL.
        dockerfile: the path of the Dockerfile.
        options: options of the frontend, such as `target` and `build-arg:NAME`. Values of sensitive build arguments are digests.
        graph: the graph with its runs. Of a build for several platforms it holds the nodes of all of them.
        contexts: the directories that the engine was offered, by name.
        secrets: digests of secrets by id, with a key of this user.
        caches: the types and modes of caches that were written.
        has_failed: whether the build failed.
        runs: all vertices that the engine reported, also those that are not ops, such as exporting.
        images: the images that the engine resolved: reference, digest, and image config as a file. Older records have none.
        bake_target: the name of the target that `llbfront bake` built, empty for another build.
        bake_targets: the names of all targets that were built together with it.
    """

    ref: str
    started_ns: int
    ended_ns: int
    address: str
    context: str
    dockerfile: str
    options: Mapping[str, str] = attrs.field(repr=False)
    graph: Graph
    contexts: Mapping[str, RecordedContext] = attrs.field(repr=False)
    secrets: Mapping[str, bytes] = attrs.field(repr=False)
    caches: tuple[tuple[str, str], ...]
    has_failed: bool
    runs: tuple[NodeRun, ...] = attrs.field(repr=False)
    images: tuple[tuple[str, str, bytes], ...] = attrs.field(default=(), repr=False)
    bake_target: str = ""
    bake_targets: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: bytes) -> RecordedBuild:
        """Read a record.

        Raises: GraphError if the data is not a record, is damaged, or has another version.
        """
        return from_members(record_codec.unpack(data))

    @functools.cached_property
    def inputs(self) -> Inputs:
        """The files that each step read."""
        directories = {name: context.root for name, context in self.contexts.items()}
        local = {node.identifier.removeprefix(LOCAL) for node in self.graph.nodes if node.scheme == "local"}
        return inputs_from(self.graph, dict.fromkeys(local, "") | directories, self._entries)

    @property
    def target(self) -> str:
        """The stage that was built, empty for the last."""
        return self.options.get("target", "")

    @property
    def platform(self) -> str:
        """The platforms that were asked for, empty for that of the engine."""
        return self.options.get("platform", "")

    def _entries(self, source: Any) -> Entries:
        """Return the entries of a local source. Targets of a bake that share a directory may have ignore files of their own."""
        context = self.contexts.get(source.identifier.removeprefix(LOCAL))
        if context is None:
            return Entries(())
        excluded = source_patterns(source, "excludepatterns") if len(self.bake_targets) > 1 else ()
        return context.entries.without(excluded) if excluded else context.entries


def from_members(members: Mapping[str, Any]) -> RecordedBuild:
    """Read the members of a record. Raises: GraphError."""
    try:
        return _build(members)
    except LlbfrontError as error:
        raise GraphError(f"a damaged record: {error.message}") from None
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise GraphError(f"a damaged record: {type(error).__name__}: {error}") from None


def _build(members: Mapping[str, Any]) -> RecordedBuild:
    texts = {name: _typed(members[name], str) for name in ("ref", "address", "context", "dockerfile")}
    config = members["config"]
    definition = joined(_definition(*parts) for parts in members["definitions"])
    if definition is None:
        raise GraphError("it has no ops")
    runs = tuple(NodeRun(*_run(run)) for run in members["runs"] if run[1] != WAITING)
    contexts = {_typed(name, str): _context(each) for name, each in _typed(members["contexts"], dict).items()}
    graph = Graph.of(
        definition,
        config=None if config is None else _typed(config, bytes),
        directories={name: context.root for name, context in contexts.items()},
    )
    return RecordedBuild(
        **texts,
        started_ns=_typed(members["started_ns"], int),
        ended_ns=_typed(members["ended_ns"], int),
        options={_typed(name, str): _typed(value, str) for name, value in _typed(members["options"], dict).items()},
        graph=graph.with_runs(runs),
        contexts=contexts,
        secrets={_typed(name, str): _typed(value, bytes) for name, value in _typed(members["secrets"], dict).items()},
        caches=tuple((_typed(kind, str), _typed(mode, str)) for kind, mode in members["caches"]),
        has_failed=_typed(members["has_failed"], bool),
        runs=runs,
        images=tuple(
            (_typed(ref, str), _typed(digest, str), _typed(file, bytes)) for ref, digest, file in members.get("images", ())
        ),
        bake_target=_typed(members.get("bake_target", ""), str),
        bake_targets=tuple(_typed(name, str) for name in members.get("bake_targets", ())),
    )


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"a value is no {kind.__name__}")
    return value


def _definition(data: bytes, digests: Iterable[str] | None) -> Definition:
    definition = decode(data)
    if digests is None:
        return definition
    known = tuple(_typed(digest, str) for digest in digests)
    if len(known) != len(definition.digests):
        raise GraphError("digests are missing")
    return attrs.evolve(definition, digests=known)


def _run(run: Any) -> list[Any]:
    digest, state, started_ns, completed_ns, duration_ns, size_bytes, name = run
    texts = [_typed(text, str) for text in (digest, state, name)]
    numbers = [_typed(number, int) for number in (started_ns, duration_ns, size_bytes)]
    end = None if completed_ns is None else _typed(completed_ns, int)
    return [texts[0], texts[1], numbers[0], end, numbers[1], numbers[2], texts[2]]


def _context(members: Mapping[str, Any]) -> RecordedContext:
    stats = record_codec.stats({name: value for name, value in members.items() if type(value) is bytes})
    size, digests = record_codec.FILE_DIGEST_BYTES, _typed(members["digests"], bytes)
    if len(digests) != size * len(stats):
        raise ValueError("digests of files are missing")
    known = ((stat.path, digests[size * number : size * (number + 1)]) for number, stat in enumerate(stats))
    return RecordedContext(
        _typed(members["root"], str),
        Entries.sorted(stats),
        {path: digest for path, digest in known if any(digest)},
        {_typed(path, bytes): _typed(digest, bytes) for path, digest in members["xattrs"]},
    )


def __dir__() -> list[str]:
    return sorted(__all__)
