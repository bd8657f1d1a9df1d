"""Write a graph as a msgpack snapshot with the definition, the image config, the source texts, facts and runs, and read it back.

The snapshot is the map {"llbfront": version, "digest": of the rest, "definition": pb.Definition, "config": bytes or nil, "extras": bytes};
`extras` is a msgpack map of facts and runs, and is not there in version 1. A file that is damaged, cut off, of another tool or of a later
version gives one clear error.

Source: msgpack's specification.
"""

from __future__ import annotations

from typing import Any

import msgpack  # type: ignore[import-untyped]  # it ships no types

from llbfront.errors import GraphError
from llbfront.inspection import facts_codec
from llbfront.inspection.graph import Graph
from llbfront.oci import digest as digests

VERSION = 2
_WITHOUT_EXTRAS = 1
_KEY = "llbfront"


def pack(graph: Graph) -> bytes:
    """Return the snapshot of a graph, always the same for the same graph."""
    data = graph.definition.encode()
    extras: bytes = msgpack.packb(facts_codec.values_of(graph), unicode_errors="surrogateescape")
    digest = _digest(data, graph.config, extras)
    snapshot = {_KEY: VERSION, "digest": digest, "definition": data, "config": graph.config, "extras": extras}
    packed: bytes = msgpack.packb(snapshot)
    return packed


def is_pack(data: bytes) -> bool:
    """Return whether bytes begin as a snapshot does."""
    return data[1:].startswith(msgpack.packb(_KEY))


def unpack(data: bytes) -> Graph:
    """Read a snapshot.

    Raises: GraphError.
    """
    try:
        snapshot: Any = msgpack.unpackb(data)
    except (ValueError, msgpack.UnpackException) as error:
        raise GraphError(f"not a snapshot of a graph: {str(error) or type(error).__name__}") from None
    if not isinstance(snapshot, dict) or type(snapshot.get(_KEY)) is not int:  # `true` is not a version
        raise GraphError("not a snapshot of a graph: no version")
    if snapshot[_KEY] not in {_WITHOUT_EXTRAS, VERSION}:
        raise GraphError(f"a snapshot of version {snapshot[_KEY]}", hint=f"this llbfront reads versions up to {VERSION}")
    definition, config = snapshot.get("definition"), snapshot.get("config")
    if not isinstance(definition, bytes) or not isinstance(config, bytes | None) or "config" not in snapshot:
        raise GraphError("a snapshot without a definition")
    extras = snapshot.get("extras") if snapshot[_KEY] == VERSION else b""
    if not isinstance(extras, bytes):
        raise GraphError("a snapshot without extras")
    if snapshot.get("digest") != _digest(definition, config, extras):
        raise GraphError("a damaged snapshot: its content has another digest")
    graph = Graph.load(definition, config=config)
    return facts_codec.with_values(graph, _unpacked(extras)) if extras else graph


def _unpacked(extras: bytes) -> Any:
    try:
        return msgpack.unpackb(extras, unicode_errors="surrogateescape")
    except (ValueError, msgpack.UnpackException) as error:
        raise GraphError(f"a damaged snapshot: {str(error) or type(error).__name__}") from None


def _digest(definition: bytes, config: bytes | None, extras: bytes) -> str:
    """Return the digest of a snapshot; without extras, that of version 1."""
    data = len(definition).to_bytes(8, "big") + definition + (b"" if config is None else b"\0" + config)
    return digests.of(data + (len(extras).to_bytes(8, "big") + extras if extras else b""))
