"""Write a graph as JSON and read it back. The same graph gives the same text.

The text holds ops, metadata, and source files with the lines that ops come from. A graph that is read back has the same digests.

Source: frontend.convertllb of BuildKit for the form of ops and metadata.
"""

from __future__ import annotations

import binascii
import json
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.errors import GraphError, InvalidJson
from llbfront.foreign_json import parse_json, parse_object
from llbfront.inspection import facts_codec
from llbfront.inspection.graph import Graph
from llbfront.llb.protojson import meta_json, op_json, parse_definition
from llbfront.printable import visible_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbfront.foreign_json import JsonObject
    from llbfront.inspection.graph import Edge, Node
    from llbfront.source import Source, Span


def to_json(graph: Graph) -> str:
    """Return a graph as an object with `nodes`, `result`, `sources`, `config`, `facts` and `runs`; indented, ends with a newline.

    Raises: GraphError if the image config is not JSON.
    """
    definition = graph.definition
    value = {
        "nodes": [_node(node, data) for node, data in zip(graph.nodes, definition.ops, strict=False)],
        "result": None
        if graph.result is None
        else {"node": graph.result.number, "output": graph.result.index, "digest": definition.digests[-1]},
        "sources": [_source(source) for source in definition.sources],
        "config": None if graph.config is None else _config(graph.config),
        **facts_codec.values_of(graph),
    }
    return visible_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"


def _config(config: bytes) -> Any:
    try:
        return parse_json(config)
    except InvalidJson as error:
        raise GraphError(f"the image config of the graph is invalid: {error.message}") from None


def is_json(data: bytes) -> bool:
    """Return whether bytes are an object with the members that `to_json` writes, in any order, and not the JSON of a definition."""
    if not data.lstrip().startswith(b"{"):
        return False
    try:
        return parse_object(data).get("nodes") is not None
    except InvalidJson:
        return False


def from_json(data: bytes) -> Graph:
    """Read what `to_json` wrote. The config is the same value, encoded again.

    Raises: GraphError, also when an op has another digest than it says.
    """
    try:
        document = parse_object(data)
        nodes = document.objects("nodes")
        ops = {node.text("digest"): node.object("op").members for node in nodes}
        if document.get("result") is not None:
            result = document.object("result")
            ops[result.text("digest")] = {"inputs": [{"digest": _node_digest(result, nodes), "index": result.integer("output")}]}
        text = json.dumps(
            {
                "def": ops,
                "metadata": {node.text("digest"): node.object("metadata").members for node in nodes if node.get("metadata")},
                "source": _source_fields(nodes, document.objects("sources")),
            }
        )
    except InvalidJson as error:
        raise GraphError(f"not the JSON of a graph: {error.message}") from None
    parsed = parse_definition(text)
    packed = dict(zip(parsed.digests, parsed.ops, strict=True))
    ordered = attrs.evolve(parsed, ops=tuple(packed[digest] for digest in ops), digests=tuple(ops))
    config = document.get("config")
    graph = Graph.of(ordered, config=None if config is None else json.dumps(config, separators=(",", ":")).encode())
    return facts_codec.with_values(graph, {name: document.members[name] for name in ("facts", "runs") if name in document.members})


def _node_digest(result: JsonObject, nodes: Sequence[JsonObject]) -> str:
    """Return the digest of the node that a result names by its number. Raises: InvalidJson."""
    number = result.integer("node")
    if not 1 <= number <= len(nodes):
        raise InvalidJson(f"{result.where}.node is not the number of a node")
    return nodes[number - 1].text("digest")


def _source_fields(nodes: Sequence[JsonObject], sources: Sequence[JsonObject]) -> dict[str, Any]:
    names = [source.text("file") for source in sources]
    infos = [
        {
            "filename": source.text("file"),
            "language": source.text("language"),
            "data": source.text("base64") or _base64(source.text("text").encode()),
        }
        for source in sources
    ]
    locations = {
        node.text("digest"): {"locations": [_location(place, names) for place in node.objects("places")]}
        for node in nodes
        if node.get("places")
    }
    return {"infos": infos, "locations": locations}


def _location(place: JsonObject, names: list[str]) -> dict[str, Any]:
    """Return a location as BuildKit writes it. Raises: InvalidJson."""
    if place.text("file") not in names:
        raise InvalidJson(f"{place.where}.file is not one of the sources")
    lines = place.get("lines")
    if not isinstance(lines, list) or not all(_is_range(pair) for pair in lines):
        raise InvalidJson(f"{place.where}.lines is not a list of pairs of numbers")
    return {
        "sourceIndex": names.index(place.text("file")),
        "ranges": [{"start": {"line": first}, "end": {"line": last}} for first, last in lines],
    }


def _is_range(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(type(line) is int and 0 <= line < 1 << 31 for line in pair)


def _source(source: Source) -> dict[str, Any]:
    named = {"file": source.filename, "language": source.language}
    try:
        return {**named, "text": source.data.decode()}
    except UnicodeDecodeError:
        return {**named, "base64": _base64(source.data)}


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()


def _node(node: Node, data: bytes) -> dict[str, Any]:
    return {
        "number": node.number,
        "digest": node.digest,
        "kind": node.kind,
        "name": node.name,
        "stage": node.stage,
        "platform": node.platform,
        "inputs": [_edge(edge) for edge in node.edges],
        "places": [_span(span) for span in node.spans],
        "op": op_json(data),
        "metadata": meta_json(node.meta),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {"node": edge.number, "output": edge.index, "role": edge.role}


def _span(span: Span) -> dict[str, Any]:
    return {"file": span.source.filename, "lines": [[part.start, part.end] for part in span.ranges]}
