"""Prepare graphs for an engine: the definition of a State, a Definition or a Graph, and the local directories that it reads.

Source: client/solve.go and source/local of BuildKit.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments, llb
from llbfront.errors import ContextError
from llbfront.inspection.graph import Graph
from llbfront.llb.loading import parse_op
from llbfront.llb.protojson import pack_op
from llbfront.oci import digest as digests
from llbfront.oci import platform as platforms
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State

LOCAL, SESSION = "local://", "local.session"


def is_graph(value: object) -> bool:
    """Say whether a value is a graph of any kind."""
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


def config_metadata(config: bytes) -> str:
    """Return an image config as the frontend option of a named context."""
    return json.dumps({"containerimage.config": binascii.b2a_base64(config, newline=False).decode()})


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
                hint=suggestion(name, known) or f'give it with {argument}={{"{name}": DIRECTORY}}',
            )


def in_session(definition: Definition, session_id: str) -> Definition:
    """Let the local sources of a definition be read from a session.

    A converted graph, and one of another tool, names the session that it was made for. An engine would wait for that session, and keep
    serving the files that it once got from it.
    """
    renamed: dict[str, str] = {}
    ops = [
        _op_in_session(data, digest, session_id, renamed) for data, digest in zip(definition.ops, definition.digests, strict=True)
    ]
    if not renamed:
        return definition
    return attrs.evolve(
        definition,
        ops=tuple(ops),
        digests=tuple(renamed.get(digest, digest) for digest in definition.digests),
        metadata={renamed.get(digest, digest): meta for digest, meta in definition.metadata.items()},
        locations={renamed.get(digest, digest): spans for digest, spans in definition.locations.items()},
    )


def _op_in_session(data: bytes, digest: str, session_id: str, renamed: dict[str, str]) -> bytes:
    """Return an op whose local source, or inputs, are those of the session; `renamed` learns its new digest."""
    op = parse_op(data)
    is_local = op.source.identifier.startswith(LOCAL) and SESSION in op.source.attrs
    if not is_local and not any(each.digest in renamed for each in op.inputs):
        return data
    if is_local:
        op.source.attrs[SESSION] = session_id
    for each in op.inputs:
        each.digest = renamed.get(each.digest, each.digest)
    packed = pack_op(op)  # the engine knows ops by the digests of Go's encoding
    renamed[digest] = digests.of(packed)
    return packed
