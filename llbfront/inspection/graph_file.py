"""Read a graph from a file of any format, which is detected by its content."""

from __future__ import annotations

from llbfront.errors import GraphError
from llbfront.inspection.graph import Graph
from llbfront.inspection.graph_json import from_json, is_json
from llbfront.inspection.snapshot import is_pack, unpack
from llbfront.llb.protojson import parse_definition


def read(data: bytes, *, config: bytes | None = None) -> Graph:
    """Read a snapshot, JSON of llbfront or of a definition, or a pb.Definition; `config` is the image config, which llbfront's own formats hold.

    Raises: GraphError.
    """
    if is_pack(data):
        return unpack(data)
    if is_json(data):  # members may be in another order, after `jq -S`
        return from_json(data)
    if data.lstrip()[:1] == b"{":
        return Graph.of(parse_definition(data), config=config)
    graph = Graph.load(data, config=config)
    if data and graph.result is None:
        raise GraphError("not a definition: it has no ops")
    return graph
