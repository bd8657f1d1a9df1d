"""Print a graph as a tree: the result first, each op above its inputs.

The main input of an op (the root of a command, the base of file actions) stands below it at the same indentation, further inputs are indented
above that. An op that is read twice is shown once and referred to by its number afterwards. The same graph gives the same text, so that it can
be committed and compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.inspection.runs import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.inspection.graph import Edge, Graph, Node
    from llbfront.inspection.runs import NodeRun

_CONTINUED = {"exec": "root", "file": "base", "merge": "layer", "diff": "lower", "passthrough": "output", "build": "definition"}

_MIN_NAME_CELLS = 20


def tree(graph: Graph, *, width: int | None = None, with_unused: bool = False) -> str:
    """Print a graph; ends with a newline, empty for an empty graph.

    Args:
        graph: the graph.
        width: names are cut where lines would be longer.
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
    lines = f"  {node.lines}" if node.lines else ""
    went = f"  {outcome(run)}" if run else ""
    begin, name, end = map(_one_line, (f"{head}{role}{node.kind}  ", node.name, f"{platform}{network}{cache}{lines}{went}"))
    space = len(name) if columns is None else max(_MIN_NAME_CELLS, columns - len(begin) - len(end))
    return f"{begin}{name if len(name) <= space else f'{name[: space - 1]}…'}{end}"


def _one_line(text: str) -> str:
    """Write a text on one line, what cannot be seen escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text)
