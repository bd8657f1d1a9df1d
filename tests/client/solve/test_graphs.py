"""Graphs that are prepared for an engine: sessions, local directories, several graphs as one."""

from __future__ import annotations

from typing import Any

import pytest

import llbfront
from llbfront import llb
from llbfront.client.solve import graphs
from llbfront.errors import ArgumentError, ContextError
from llbfront.inspection.graph import Graph
from llbfront.llb import definition as definitions

LOCAL = llb.local("context", session="offline")
DOCKERFILE = "FROM alpine\nCOPY a /a\nRUN make\nCOPY --link b /b\n"


def test_local_sources_are_read_from_the_session() -> None:
    before = llbfront.convert(DOCKERFILE)
    after = Graph.of(graphs.in_session(before.definition, "mine"))
    locals_ = [node.op["attrs"]["local.session"] for node in after.nodes if node.scheme == "local"]
    assert locals_ == ["mine"]
    assert [(node.kind, node.name, node.lines, node.op) for node in after.nodes if node.scheme != "local"] == [
        (node.kind, node.name, node.lines, node.op) for node in before.nodes if node.scheme != "local"
    ]
    assert [[(edge.number, edge.role) for edge in node.edges] for node in after.nodes] == [
        [(edge.number, edge.role) for edge in node.edges] for node in before.nodes
    ]
    unchanged = {node.digest for node in before.nodes} & {node.digest for node in after.nodes}
    assert unchanged == {node.digest for node in before.nodes if node.scheme == "docker-image"}


def test_ops_have_the_digests_that_they_would_have_in_that_session() -> None:
    def graph(session: str) -> llb.Definition:
        state = llb.image("a", platform="linux/arm64").file(llb.Copy(llb.local("c", session=session), "/a", "/a"))
        return llb.marshal(state.with_network("none").run("x", mounts=llb.Cache("/c", id="c"), platform="linux/arm64").root)

    assert graphs.in_session(graph("theirs"), "mine").digests == graph("mine").digests


def test_a_graph_without_sessions_stays_the_same() -> None:
    for state in (llb.image("a").run("x").root, llb.scratch().file(llb.Copy(llb.local("a"), "/a", "/a")), llb.scratch()):
        definition = llb.marshal(state)
        assert graphs.in_session(definition, "mine") is definition


def test_the_same_graph_in_the_same_session_has_the_same_digests() -> None:
    definition = llbfront.convert(DOCKERFILE).definition
    first, second = (graphs.in_session(definition, "mine") for _ in range(2))
    assert first.digests == second.digests
    assert graphs.in_session(first, "mine").digests == first.digests


@pytest.mark.parametrize(
    ("directories", "message"),
    [
        ([], 'the graph needs the local directory context (pass locals={"context": DIRECTORY})'),
        (["contxt"], "the graph needs the local directory context (did you mean contxt?)"),
    ],
)
def test_a_missing_directory_is_named(directories: list[str], message: str) -> None:
    with pytest.raises(ContextError) as caught:
        graphs.check_locals(llb.marshal(LOCAL), directories)
    assert str(caught.value) == message
    graphs.check_locals(llb.marshal(LOCAL), ["context", "other"])
    graphs.check_locals(llb.marshal(llb.image("a")), [])


def test_joined_graphs_have_the_nodes_of_all_and_the_result_of_the_last() -> None:
    base = llb.image("a")
    parts = [llb.marshal(base.run(name).root) for name in ("one", "two")]
    joined = definitions.joined([*parts, llb.Definition()])
    assert joined is not None
    graph = Graph.of(joined)
    assert sorted(node.name for node in graph.nodes) == [
        "/bin/sh -c one",
        "/bin/sh -c two",
        "docker-image://docker.io/library/a:latest",
    ]
    assert graph.result is not None
    assert graph.node(graph.result.number).name == "/bin/sh -c two"
    assert definitions.joined([]) is None
    assert definitions.joined([parts[0]]).encode() == parts[0].encode()  # type: ignore[union-attr]


@pytest.mark.parametrize("form", ["state", "graph", "definition"])
def test_graphs_of_every_kind_have_a_definition(form: str) -> None:
    state = llb.image("a")
    definition = llb.marshal(state)
    kinds: dict[str, Any] = {"state": state, "graph": Graph.of(definition), "definition": definition}
    value = kinds[form]
    assert graphs.is_graph(value)
    assert graphs.definition_of(value).digests == definition.digests


@pytest.mark.parametrize(
    ("value", "hint"),
    [("dir", "Engine.build builds a Dockerfile"), (llb.image("a").run("x"), "is its `root`"), (1, ", not a value of the type int")],
)
def test_a_value_that_is_not_a_graph_is_refused(value: Any, hint: str) -> None:
    assert graphs.is_graph(value) is False
    with pytest.raises(ArgumentError, match="graph takes a State, a Graph or a Definition") as caught:
        graphs.definition_of(value)
    assert hint in str(caught.value)
