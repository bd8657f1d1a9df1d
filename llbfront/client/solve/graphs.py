"""Prepare graphs for an engine: the definition of a State, a Definition or a Graph, and the local directories that it reads.

Source: client/solve.go and source/local of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments, llb
from llbfront.client.solve.config_metadata import config_metadata
from llbfront.errors import ContextError
from llbfront.inspection.graph import Graph
from llbfront.llb.loading import parse_op
from llbfront.llb.op_encoding import encode_op
from llbfront.oci import digest as digests
from llbfront.oci import platform as platforms
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.pb import ops_pb2 as ops

LOCAL, SESSION, STORE = "local://", "local.session", "oci.store"


def is_graph(value: object) -> bool:
    """Return whether a value is a graph of any kind."""
    return isinstance(value, (llb.State, llb.Definition, Graph))


def definition_of(graph: Graph | Definition | State, platform: str | None = None, *, name: str = "graph") -> Definition:
    """Return the definition of a graph. A State is marshalled for `platform`, that of this machine by default."""
    if isinstance(graph, llb.Definition):
        return graph
    if isinstance(graph, Graph):
        return graph.definition
    if isinstance(graph, llb.State):
        return llb.marshal(graph, platform=platforms.parse(platform).normalized() if platform else None)
    raise arguments.refuse(name, "a State, a Graph or a Definition", graph, hint=_hint(graph))


def _hint(value: object) -> str | None:
    if isinstance(value, llb.Exec):
        return "the State after a command is its `root`"
    return "Engine.build builds a Dockerfile" if isinstance(value, str) else None


def config_of(graph: Graph | Definition | State) -> bytes | None:
    """Return the image config of a graph, if it is known."""
    return graph.config if isinstance(graph, Graph) else None


def context_options(contexts: Mapping[str, Graph | Definition | State]) -> dict[str, str]:
    """Return the frontend options that make graphs named contexts."""
    options = {f"context:{name}": f"input:{name}" for name in contexts}
    configs = {name: config for name, graph in contexts.items() if (config := config_of(graph))}
    return options | {f"input-metadata:{name}": config_metadata(config) for name, config in configs.items()}


def check_locals(definition: Definition, directories: Iterable[str], *, argument: str = "locals") -> None:
    """Refuse a graph that reads a local directory which was not given with `argument`.

    Raises:
        ContextError: it names the directory.
    """
    known = sorted(directories)
    for source in llb.sources_of(definition):
        name = source.identifier.removeprefix(LOCAL)
        if source.identifier.startswith(LOCAL) and name not in known:
            raise ContextError(
                f"the graph needs the local directory {name}",
                hint=suggestion(name, known) or f'pass {argument}={{"{name}": DIRECTORY}}',
            )


def in_session(definition: Definition, session_id: str) -> Definition:
    """Set the session of the local sources of a definition.

    A converted graph, and one of another tool, names the session that it was made for. An engine would wait for that session, and keep
    serving the files that it once got from it.
    """

    def set_session(source: ops.SourceOp) -> bool:
        is_of_session = source.identifier.startswith(LOCAL) and SESSION in source.attrs
        if is_of_session:
            source.attrs[SESSION] = session_id
        return is_of_session

    return _with_sources(definition, set_session)


def with_prefixed_locals(definition: Definition, prefix: str) -> Definition:
    """Add a prefix to the names of local directories and OCI layouts, so that graphs with equal names can be parts of one graph."""

    def rename(source: ops.SourceOp) -> bool:
        if source.identifier.startswith(LOCAL):
            source.identifier = f"{LOCAL}{prefix}{source.identifier.removeprefix(LOCAL)}"
        elif STORE in source.attrs:
            source.attrs[STORE] = f"{prefix}{source.attrs[STORE]}"
        else:
            return False
        return True

    return _with_sources(definition, rename)


def _with_sources(definition: Definition, change: Callable[[ops.SourceOp], bool]) -> Definition:
    """Change the sources of a definition, and the digests of all that read them. `change` says whether it changed one."""
    renamed: dict[str, str] = {}
    changed = [_with_source(data, digest, change, renamed) for data, digest in zip(definition.ops, definition.digests, strict=True)]
    if not renamed:
        return definition
    return attrs.evolve(
        definition,
        ops=tuple(changed),
        digests=tuple(renamed.get(digest, digest) for digest in definition.digests),
        metadata={renamed.get(digest, digest): meta for digest, meta in definition.metadata.items()},
        locations={renamed.get(digest, digest): spans for digest, spans in definition.locations.items()},
    )


def _with_source(data: bytes, digest: str, change: Callable[[ops.SourceOp], bool], renamed: dict[str, str]) -> bytes:
    """Return an op with its source, or its inputs, changed; `renamed` learns its new digest."""
    op = parse_op(data)
    is_changed = op.HasField("source") and change(op.source)
    if not is_changed and not any(source.digest in renamed for source in op.inputs):
        return data
    for source in op.inputs:
        source.digest = renamed.get(source.digest, source.digest)
    packed = encode_op(op)  # the engine knows ops by the digests of Go's encoding
    renamed[digest] = digests.of(packed)
    return packed
