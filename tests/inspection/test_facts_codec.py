"""Graphs as scripts use them: nodes with files, environment and runs, and what a saved graph keeps."""

from __future__ import annotations

import pathlib

import attrs
import msgpack  # type: ignore[import-untyped]  # it ships no types
import pytest

import llbfront
from llbfront.errors import ContextError, GraphError
from llbfront.inspection import facts_codec, snapshot
from llbfront.inspection.formats import Graph
from llbfront.inspection.runs import NodeRun

DOCKERFILE = """\
FROM golang AS build
ARG V=1
ENV MODE=fast
COPY src ./
RUN --mount=from=busybox,target=/b make
FROM alpine
COPY --from=build /out /out
COPY --from=debian /etc/os-release /r
"""


@pytest.fixture
def graph(tmp_path: pathlib.Path) -> Graph:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.go").write_text("package main")
    (tmp_path / "other").write_text("not read")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    converted = llbfront.convert(tmp_path, platform="linux/amd64")
    runs = [
        NodeRun(node.digest, "cached" if node.kind == "source" else "ran", 10**9, 2 * 10**9, node.number * 10**9, 7, node.name)
        for node in converted
    ]
    return converted.with_runs(runs)


def test_a_graph_gives_its_nodes(graph: Graph) -> None:
    assert list(graph) == list(graph.nodes)


def test_nodes_know_their_files_variables_and_runs(graph: Graph) -> None:
    copy = next(node for node in graph if node.instruction == "COPY src ./")
    make = next(node for node in graph if node.line == 5)
    golang = next(node for node in graph if "golang" in node.identifier)
    assert [file.path for file in copy.files] == ["src/main.go"]
    assert make.files == ()
    assert {name: make.environment[name] for name in ("MODE", "V")} == {"MODE": "fast", "V": "1"}
    assert copy.environment == {}
    assert (make.cached, make.duration_s) == (False, make.number)
    assert golang.cached is True
    assert all(node.run is graph.runs[node.digest] for node in graph)


def test_nodes_without_a_build_have_no_run() -> None:
    (node,) = llbfront.convert("FROM alpine\n")
    assert (node.run, node.cached, node.duration_s) == (None, None, None)


def test_files_of_a_graph_without_directories_are_not_known(graph: Graph) -> None:
    loaded = Graph.load(graph.write("pb"))
    copy = next(node for node in loaded if node.instruction == "COPY src ./")
    with pytest.raises(ContextError, match="the directory of the context context is not known"):
        _ = copy.files


def test_images_are_all_that_are_named(graph: Graph) -> None:
    assert [(image.name, image.instruction, image.line) for image in graph.images] == [
        ("golang", "FROM", 1),
        ("busybox", "RUN", 5),
        ("alpine", "FROM", 6),
        ("debian", "COPY", 8),
    ]
    loaded = Graph.load(graph.write("pb"))
    assert {(image.name, image.instruction, image.line) for image in loaded.images} == {
        (f"docker.io/library/{image.name}:latest", image.instruction, image.line) for image in graph.images
    }


def test_a_node_is_shown_shortly(graph: Graph) -> None:
    make = next(node for node in graph if node.line == 5)
    assert repr(make) == f"<Node {make.number} exec '[build 3/3] RUN --mount=from=busybox,target=/b make' Dockerfile:5>"


@pytest.mark.parametrize("form", ["msgpack", "json"])
def test_a_saved_graph_keeps_facts_and_runs(graph: Graph, form: str) -> None:
    loaded = Graph.load(graph.write(form))
    assert (loaded.facts, loaded.runs, loaded.images) == (graph.facts, graph.runs, graph.images)
    assert loaded.write(form) == graph.write(form)
    assert loaded.critical_path()[-1].digest == graph.critical_path()[-1].digest


def test_snapshots_of_version_1_are_read(graph: Graph) -> None:
    data = graph.definition.encode()
    digest = snapshot._digest(data, graph.config, b"")
    old = msgpack.packb({"llbfront": 1, "digest": digest, "definition": data, "config": graph.config})
    loaded = Graph.load(old)
    assert [node.digest for node in loaded] == [node.digest for node in graph]
    assert not loaded.runs


@pytest.mark.parametrize(
    "values",
    [
        [],
        {"facts": []},
        {"facts": {"stages": [{}]}},
        {"facts": {"stages": 3}},
        {"runs": [{"digest": 1}]},
        {"runs": [{}]},
        {"runs": {"digest": "x"}},
        {"facts": {"stages": [], "findings": [], "made_up": [1]}},
    ],
)
def test_damaged_facts_are_errors(graph: Graph, values: object) -> None:
    with pytest.raises(GraphError, match="the facts of a graph are"):
        facts_codec.with_values(graph, values)


def test_members_of_later_versions_are_left_out(graph: Graph) -> None:
    values = facts_codec.values_of(graph)
    values["facts"]["later"] = 1
    values["runs"][0]["later"] = [2]
    assert facts_codec.with_values(attrs.evolve(graph, runs={}), values).runs == graph.runs
