"""Write a graph as a msgpack snapshot with the definition, the image config and the source texts, and read it back.

The snapshot is the map {"llbfront": version, "digest": of the definition, "definition": pb.Definition, "config": bytes or nil}.
A file that is damaged, cut off, of another tool or of a later version gives one clear error.

Source: msgpack's specification.
"""

from __future__ import annotations

from typing import Any

import msgpack  # type: ignore[import-untyped]  # it ships no types

from llbfront.errors import GraphError
from llbfront.inspection.graph import Graph
from llbfront.oci import digest as digests

VERSION = 1
_KEY = "llbfront"


def pack(graph: Graph) -> bytes:
    """Return the snapshot of a graph, always the same for the same graph."""
    data = graph.definition.encode()
    snapshot = {_KEY: VERSION, "digest": _digest(data, graph.config), "definition": data, "config": graph.config}
    packed: bytes = msgpack.packb(snapshot)
    return packed


def is_pack(data: bytes) -> bool:
    """Say whether bytes begin as a snapshot does."""
    return data[1:].startswith(msgpack.packb(_KEY))


def unpack(data: bytes) -> Graph:
    """Read a snapshot.

    Raises: GraphError.
    """
    try:
        snapshot: Any = msgpack.unpackb(data)
    except (ValueError, msgpack.UnpackException) as error:
        raise GraphError(f"not a snapshot of a graph: {str(error) or type(error).__name__}") from None
    if not isinstance(snapshot, dict) or type(snapshot.get(_KEY)) is not int:  # `true` is no version
        raise GraphError("not a snapshot of a graph: no version")
    if snapshot[_KEY] != VERSION:
        raise GraphError(f"a snapshot of version {snapshot[_KEY]}", hint=f"this llbfront reads version {VERSION}")
    definition, config = snapshot.get("definition"), snapshot.get("config")
    if not isinstance(definition, bytes) or not isinstance(config, bytes | None) or "config" not in snapshot:
        raise GraphError("a snapshot without a definition")
    if snapshot.get("digest") != _digest(definition, config):
        raise GraphError("a damaged snapshot: its content has another digest")
    return Graph.load(definition, config=config)


def _digest(definition: bytes, config: bytes | None) -> str:
    return digests.of(len(definition).to_bytes(8, "big") + definition + (b"" if config is None else b"\0" + config))
