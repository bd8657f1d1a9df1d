"""Convert a graph to a networkx graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.errors import OptionError
from llbfront.optional_packages import install_command

if TYPE_CHECKING:
    import networkx as nx

    from llbfront.inspection.graph import Graph


def to_networkx(graph: Graph) -> nx.DiGraph[int]:
    """Return a directed graph of the numbers of ops. Raises: OptionError without networkx."""
    try:
        import networkx as nx
    except ImportError:
        raise OptionError("networkx is not installed", hint=install_command("networkx")) from None
    directed: nx.DiGraph[int] = nx.DiGraph()
    for node in graph.nodes:
        directed.add_node(node.number, node=node, kind=node.kind, stage=node.stage, name=node.name, duration_s=node.duration_s)
        for edge in node.edges:
            roles = directed.edges[edge.number, node.number]["roles"] if directed.has_edge(edge.number, node.number) else ()
            directed.add_edge(edge.number, node.number, roles=(*roles, edge.role))
    return directed
