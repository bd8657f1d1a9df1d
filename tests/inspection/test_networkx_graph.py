"""Graphs for networkx: the ops, the edges, and what they carry."""

from __future__ import annotations

import sys

import networkx as nx
import pytest

import llbfront
from llbfront.errors import OptionError

TEXT = "FROM alpine AS a\nRUN x\nFROM busybox\nCOPY --from=a /1 /1\nRUN --mount=from=a,target=/m --mount=from=a,target=/n y\n"


def test_nodes_and_edges_are_those_of_the_graph() -> None:
    graph = llbfront.convert(TEXT)
    directed = graph.to_networkx()
    assert sorted(directed.nodes) == [node.number for node in graph]
    assert set(directed.edges) == {(edge.number, node.number) for node in graph for edge in node.edges}
    assert all(directed.nodes[node.number]["node"] is node for node in graph)
    assert {directed.nodes[node.number]["kind"] for node in graph} == {"source", "exec", "file"}
    assert nx.is_directed_acyclic_graph(directed)
    assert graph.result is not None
    assert nx.ancestors(directed, graph.result.number) == set(directed.nodes) - {graph.result.number}


def test_an_op_that_is_read_twice_has_one_edge_with_all_roles() -> None:
    graph = llbfront.convert("FROM alpine AS a\nFROM busybox\nRUN --mount=from=a,target=/m --mount=from=a,source=/s,target=/n y\n")
    directed = graph.to_networkx()
    (roles,) = [data["roles"] for *_, data in directed.edges(data=True) if "root" not in data["roles"]]
    assert " ".join(roles) == "/m /n"


def test_an_empty_graph() -> None:
    assert list(llbfront.convert("FROM scratch\n").to_networkx()) == []


def test_without_networkx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(OptionError, match=r"^networkx is not installed \(pip install networkx\)$"):
        llbfront.convert(TEXT).to_networkx()
