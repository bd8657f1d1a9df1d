"""A graph as JSON for scripts: Graph ↔ text, one node after the other, the same text for the same graph.

It holds all that the graph is: ops, metadata, the lines they come from and the text of these lines; read back, every op has its digest.

Source: frontend.convertllb of BuildKit for the form of ops and metadata.
"""

from __future__ import annotations

import binascii
import json
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.errors import GraphError, InvalidJson
from llbfront.foreign_json import parse_json
from llbfront.inspection.graph import Graph
from llbfront.llb.protojson import meta_json, op_json, parse_definition
from llbfront.printable import visible_json

if TYPE_CHECKING:
    from llbfront.inspection.graph import Edge, Node
    from llbfront.text import Source, Span


def to_json(graph: Graph) -> str:
    """Print a graph as an object with `nodes`, `result`, `sources` and `config`; indented, ends with a newline."""
    definition = graph.definition
    value = {
        "nodes": [_node(node, data) for node, data in zip(graph.nodes, definition.ops, strict=False)],
        "result": None
        if graph.result is None
        else {"node": graph.result.number, "output": graph.result.index, "digest": definition.digests[-1]},
        "sources": [_source(source) for source in definition.sources],
        "config": None if graph.config is None else _config(graph.config),
    }
    return visible_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"


def _config(config: bytes) -> Any:
    try:
        return parse_json(config)
    except InvalidJson as error:
        raise GraphError(f"the image config of the graph is invalid: {error.message}") from None


def is_json(data: bytes) -> bool:
    """Say whether bytes are what `to_json` prints, and not the JSON of a definition."""
    return data.lstrip()[1:].lstrip().startswith(b'"nodes"')


def from_json(data: bytes) -> Graph:
    """Read what `to_json` printed. The config is the same value, written anew.

    Raises: GraphError, also when an op has another digest than it says.
    """
    try:
        value = parse_json(data)
        nodes, result, config = value["nodes"], value["result"], value["config"]
        ops = {node["digest"]: node["op"] for node in nodes}
        if result is not None:
            last = {"digest": nodes[result["node"] - 1]["digest"], "index": result["output"]}
            ops[result["digest"]] = {"inputs": [last]}
        text = json.dumps(
            {
                "def": ops,
                "metadata": {node["digest"]: node["metadata"] for node in nodes if node["metadata"]},
                "source": _source_fields(nodes, value["sources"]),
            }
        )
    except InvalidJson as error:
        raise GraphError(f"not the JSON of a graph: {error.message}") from None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise GraphError(f"not the JSON of a graph: {type(error).__name__} {error}") from None
    found = parse_definition(text)
    packed = dict(zip(found.digests, found.ops, strict=True))
    ordered = attrs.evolve(found, ops=tuple(packed[digest] for digest in ops), digests=tuple(ops))
    return Graph.of(ordered, config=None if config is None else json.dumps(config, separators=(",", ":")).encode())


def _source_fields(nodes: list[Any], sources: list[Any]) -> dict[str, Any]:
    names = [source["file"] for source in sources]
    infos = [
        {
            "filename": source["file"],
            "language": source["language"],
            "data": source.get("base64") or _base64(source["text"].encode()),
        }
        for source in sources
    ]
    locations = {
        node["digest"]: {
            "locations": [
                {
                    "sourceIndex": names.index(place["file"]),
                    "ranges": [{"start": {"line": first}, "end": {"line": last}} for first, last in place["lines"]],
                }
                for place in node["places"]
            ]
        }
        for node in nodes
        if node["places"]
    }
    return {"infos": infos, "locations": locations}


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
