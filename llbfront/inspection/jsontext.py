"""A graph as JSON for scripts: Graph → text, one node after the other, the same text for the same graph.

Source: frontend.convertllb of BuildKit for the form of ops and metadata.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llbfront.llb.protojson import meta_json

if TYPE_CHECKING:
    from llbfront.inspection.graph import Edge, Graph, Node
    from llbfront.text import Span


def to_json(graph: Graph) -> str:
    """Print a graph as an object with `nodes`, `result`, `sources` and `config`; indented, ends with a newline."""
    value = {
        "nodes": [_node(node) for node in graph.nodes],
        "result": None if graph.result is None else {"node": graph.result.number, "output": graph.result.index},
        "sources": [source.filename for source in graph.definition.sources],
        "config": None if graph.config is None else json.loads(graph.config),
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _node(node: Node) -> dict[str, Any]:
    return {
        "number": node.number,
        "digest": node.digest,
        "kind": node.kind,
        "name": node.name,
        "stage": node.stage,
        "platform": node.platform,
        "inputs": [_edge(edge) for edge in node.edges],
        "places": [_span(span) for span in node.spans],
        "op": node.op,
        "metadata": meta_json(node.meta),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {"node": edge.number, "output": edge.index, "role": edge.role}


def _span(span: Span) -> dict[str, Any]:
    return {"file": span.source.filename, "lines": [[part.start, part.end] for part in span.ranges]}
