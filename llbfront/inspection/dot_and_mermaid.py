"""Draw a graph in the languages of Graphviz and Mermaid.

Edges go from an op to those that read it. Labels say what for if that is not obvious.

Source: the DOT output of buildctl debug dump-llb of BuildKit for what such pictures are expected to show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llbfront.inspection.graph import Edge, Graph, Node

_DOT_SHAPES = {"source": "ellipse", "exec": "box", "file": "note", "merge": "invtriangle", "diff": "doublecircle"}
_MERMAID_SHAPES = {"source": ("([", "])"), "exec": ("[", "]"), "file": ("[/", "/]"), "merge": ("{{", "}}"), "diff": (">", "]")}
_QUIET = frozenset(("root", "base", "layer", "definition", "output"))


def dot(graph: Graph) -> str:
    """Print a graph in the language of Graphviz."""
    lines = ["digraph llb {", "  rankdir=BT;"]
    for node in graph.nodes:
        shape = _DOT_SHAPES.get(node.kind, "box")
        lines.append(f"  n{node.number} [label={_quoted(_label(node))} shape={shape} tooltip={_quoted(node.digest)}];")
    for node in graph.nodes:
        lines += [f"  n{edge.number} -> n{node.number}{_dot_label(edge)};" for edge in node.edges]
    if graph.result is not None:
        lines += ['  result [label="result" shape=plaintext];', f"  n{graph.result.number} -> result;"]
    return "\n".join([*lines, "}", ""])


def mermaid(graph: Graph) -> str:
    """Print a graph in the language of Mermaid."""
    lines = ["flowchart BT"]
    for node in graph.nodes:
        opening, closing = _MERMAID_SHAPES.get(node.kind, ("[", "]"))
        lines.append(f'  n{node.number}{opening}"{_escaped(_label(node))}"{closing}')
    for node in graph.nodes:
        for edge in node.edges:
            label = _edge_label(edge)
            lines.append(f"  n{edge.number} -->" + (f'|"{_escaped(label)}"| ' if label else " ") + f"n{node.number}")
    if graph.result is not None:
        lines += ["  result((result))", f"  n{graph.result.number} --> result"]
    return "\n".join([*lines, ""])


def _label(node: Node) -> str:
    return f"{node.name}\n{node.lines}" if node.lines else node.name


def _edge_label(edge: Edge) -> str:
    return " ".join(role for role in edge.role.split(" ") if role not in _QUIET)


def _dot_label(edge: Edge) -> str:
    label = _edge_label(edge)
    return f" [label={_quoted(label)}]" if label else ""


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + "".join(char for char in text if char.isprintable()) + '"'


def _escaped(text: str) -> str:
    """Write a string inside Mermaid's quotes: its own marks as entities, line breaks as its line breaks."""
    marks = {"&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "\n": "<br>", "`": "#96;"}
    return "".join(marks.get(char, char) for char in text if char in marks or char.isprintable())
