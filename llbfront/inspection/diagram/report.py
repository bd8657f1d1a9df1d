"""Print what a picture shows as JSON, in the form `llbfront.graph/1` (docs/inspection.md)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llbfront.inspection.critical_path import critical_path
from llbfront.inspection.diagram.labels import label_of
from llbfront.inspection.diagram.model import diagram
from llbfront.printable import visible_json

if TYPE_CHECKING:
    from llbfront.inspection.diagram.model import Box
    from llbfront.inspection.graph import Graph, Node
    from llbfront.inspection.runs import NodeRun

SCHEMA = "llbfront.graph/1"


def to_json(graph: Graph, *, with_unused: bool = False) -> str:
    """Print the nodes with stage, lines, inputs and run, and the critical path; indented, ends with a newline."""
    shown = diagram(graph, with_unused=with_unused)
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "result": graph.result.number if graph.result else None,
        "nodes": [_node(node, shown.boxes[node.number], graph.runs.get(node.digest)) for node in graph.nodes],
    }
    if graph.runs:
        document["critical_path"] = [node.number for node in critical_path(graph, graph.runs)]
    if with_unused:
        unused = [stage for stage in graph.facts.stages if not stage.is_needed]
        document["unused_stages"] = [{"name": stage.name, "line": stage.line, "steps": list(stage.steps)} for stage in unused]
    return visible_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _node(node: Node, box: Box, run: NodeRun | None) -> dict[str, Any]:
    value: dict[str, Any] = {
        "number": node.number,
        "digest": node.digest,
        "kind": node.kind,
        "stage": box.group or None,
        "instruction": label_of(node),
        "lines": node.lines,
        "is_layer": box.is_layer,
        "inputs": [{"number": edge.number, "output": edge.index, "role": edge.role} for edge in node.edges],
    }
    if run:
        value["run"] = {
            "state": run.state,
            "started_ns": run.started_ns,
            "completed_ns": run.completed_ns,
            "duration_ns": run.duration_ns,
            "size_bytes": run.size_bytes,
        } | ({"reason": run.reason} if run.reason else {})
    return value
