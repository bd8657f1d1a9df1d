"""Print a graph as a tree: the result first, each op above its inputs.

The main input of an op (the root of a command, the base of file actions) stands below it at the same indentation, further inputs are indented
above that. An op that is read twice is shown once and referred to by its number afterwards. The same graph gives the same text, so that it can
be committed and compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.inspection.diagram.labels import box_label, in_words, place_of, split_name
from llbfront.inspection.runs import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llbfront.inspection.graph import Edge, Graph, Node
    from llbfront.inspection.runs import NodeRun

_CONTINUED = {"exec": "root", "file": "base", "merge": "layer", "diff": "lower", "passthrough": "output", "build": "definition"}

_MIN_NAME_CELLS = 20


def tree(graph: Graph, *, width: int | None = None, with_unused: bool = False) -> str:
    """Print a graph; ends with a newline, empty for an empty graph.

    Args:
        graph: the graph.
        width: the columns of a terminal. Names are shortened and lines are cut to fit.
        with_unused: add the stages of the Dockerfile that the target does not need.
    """
    lines = [*_op_lines(graph, width), *(_unused_lines(graph) if with_unused else ())]
    return "".join(f"{line}\n" for line in lines)


def _unused_lines(graph: Graph) -> Iterator[str]:
    for stage in graph.facts.stages:
        if not stage.is_needed:
            yield _one_line(f"not built: {stage.name}  line {stage.line}")
            yield from (_one_line(f"   {step}") for step in stage.steps)


def _op_lines(graph: Graph, width: int | None) -> list[str]:
    lines: list[str] = []
    shown: set[int] = set()
    pending = [] if graph.result is None else [(graph.result, "", "")]
    while pending:
        edge, first, rest = pending.pop()
        node = graph.node(edge.number)
        again = node.number in shown
        columns = None if width is None else width - len(first)
        lines.append(f"{first}{_line(node, edge, columns, again=again, run=graph.runs.get(node.digest))}".rstrip())
        shown.add(node.number)
        if again:
            continue
        base = _continued(node)
        branches = [branch for branch in node.edges if branch is not base]
        if base is not None:
            pending.append((base, rest, rest))
        for branch in reversed(branches):
            last = base is None and branch is branches[-1]
            pending.append((branch, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  ")))
    return lines


def _continued(node: Node) -> Edge | None:
    role = _CONTINUED.get(node.kind)
    return next((edge for edge in node.edges if role in edge.role.split(" ")), None)


def _line(node: Node, edge: Edge, columns: int | None, *, again: bool, run: NodeRun | None) -> str:
    output = f".{edge.index}" if edge.index else ""
    head = f"#{node.number}{output} "
    role = f"{edge.role}: " if edge.role.startswith("/") or edge.role in {"upper", "required"} else ""
    if again:
        return _one_line(f"{head}{role}(above)")
    platform = f"  {node.platform}" if node.kind == "source" and node.platform else ""
    network = f"  network={node.network}" if node.network not in {None, "sandbox"} else ""
    cache = "  no-cache" if node.meta.ignore_cache else ""
    went = f"  {outcome(run)}" if run else ""
    begin = _one_line(f"{head}{role}{node.kind}  ")
    if columns is None:
        lines = f"  {node.lines}" if node.lines else ""
        return begin + _one_line(f"{node.name}{platform}{network}{cache}{lines}{went}")
    lines = f"  {in_words(place_of(node))}" if node.spans else ""
    ends = (f"{platform}{network}{cache}{lines}{went}", f"{network}{cache}{lines}{went}", went)
    return _fitted(begin, _one_line(_short_name(node)), ends, columns)


def _fitted(begin: str, name: str, ends: Sequence[str], columns: int) -> str:
    """Join the parts of a line with as much of the name as fits, and the first of the ends that leaves space for a name."""
    end = next((end for end in ends if len(begin) + min(len(name), _MIN_NAME_CELLS) + len(end) <= columns), ends[-1])
    return _cut(begin + _cut(name, max(_MIN_NAME_CELLS, columns - len(begin) - len(end))) + end, columns)


def _cut(text: str, columns: int) -> str:
    return text if len(text) <= columns else f"{text[: max(0, columns - 1)]}…"


def _short_name(node: Node) -> str:
    """Return the name of a node as pictures show it, without mounts, after the number of the step."""
    label = split_name(node.name)[1]
    return node.name[: len(node.name) - len(label)] + box_label(node)


def _one_line(text: str) -> str:
    """Write a string on one line, what cannot be seen escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text)
