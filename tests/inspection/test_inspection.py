"""What people and scripts see of a graph: trees, pictures, JSON, snapshots and differences."""

import contextlib
import copy
import json
import pathlib
import pickle
from collections.abc import Callable

import attrs
import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

import llbfront
from llbfront import llb
from llbfront.errors import GraphError
from llbfront.gostd.json import marshal_text
from llbfront.inspection.compare import compare_graphs
from llbfront.inspection.dot_and_mermaid import dot, mermaid
from llbfront.inspection.graph import Graph
from llbfront.inspection.graph_file import read
from llbfront.inspection.graph_json import from_json, to_json
from llbfront.inspection.snapshot import pack, unpack
from llbfront.inspection.tree import tree
from llbfront.llb.protojson import definition_json, parse_definition
from llbfront.llb.state import State
from llbfront.oci.platform import Platform
from llbfront.source import LineRange, Source, Span

DATA = pathlib.Path(__file__).parent.parent / "data" / "inspection"
AMD64 = Platform("linux", "amd64")
DOCKERFILE = Source(
    "Dockerfile",
    b"FROM golang AS build\nCOPY . /src\nRUN --mount=type=cache,target=/c go build\nFROM alpine\nCOPY --from=build /app /\n",
)


def step(name: str, line: int, **more: bool) -> llb.OpMeta:
    return llb.OpMeta(name=name, spans=(Span(DOCKERFILE, (LineRange(line, line),)),), **more)  # type: ignore[arg-type]


def two_stages(command: str = "go build", tag: str = "1.24") -> State:
    golang = llb.image(f"golang:{tag}", platform=AMD64, meta=step("[build 1/3] FROM golang", 1))
    context = llb.local("context", session="s", meta=llb.OpMeta(name="[internal] load build context"))
    copied = golang.file(llb.Copy(context, "/", "/src"), meta=step("[build 2/3] COPY . /src", 2))
    built = copied.run(
        ("/bin/sh", "-c", command),
        mounts=(llb.Cache("/c", id="c"), llb.Bind("/tools", llb.image("busybox"), readonly=True), llb.Bind("/same", context)),
        network=llb.NetMode.NONE,
        meta=step(f"[build 3/3] RUN {command}", 3, ignore_cache=True),
    ).root
    alpine = llb.image("alpine", platform=AMD64, meta=step("[stage-1 1/2] FROM alpine", 4))
    return alpine.file(llb.Copy(built, "/app", "/"), meta=step("[stage-1 2/2] COPY --from=build /app /", 5))


def everything() -> State:
    """One of each op, named and unnamed, with texts that pictures must quote."""
    base = llb.image("busybox")
    files = llb.scratch().file(
        llb.Mkdir("/d"), llb.Mkfile('/"q"', b"x"), llb.Rm("/r"), llb.Symlink("/a", "/b"), llb.Copy(base, "/<i>", "/é#")
    )
    run = base.run(("echo", "a\nb", "<&>"), mounts=(llb.Scratch("/out"),), network=llb.NetMode.HOST)
    merged = llb.merge(run.root, run.mount("/out"), llb.diff(base, files), files)
    return merged.requires("dep", llb.http("https://h/f"), llb.git("https://h/r.git")).build("f.pb")


def graph(state: State) -> Graph:
    return Graph.of(llb.marshal(state, platform=AMD64, local_unique="u"))


GRAPHS = {"two_stages": two_stages(), "everything": everything()}
FORMS = {"tree": tree, "json": to_json, "dot": dot, "mermaid": mermaid}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", GRAPHS)
def test_text_is_as_committed(name: str, form: str) -> None:
    expected = (DATA / f"{name}.{form}").read_text()
    assert FORMS[form](graph(GRAPHS[name])) == expected


def test_empty_graph() -> None:
    empty = graph(llb.scratch())
    assert tree(empty) == ""
    assert json.loads(to_json(empty)) == {"nodes": [], "result": None, "sources": [], "config": None}
    assert unpack(pack(empty)).result is None
    assert not compare_graphs(empty, empty)
    assert len(compare_graphs(empty, graph(llb.image("x")))) == 1


def test_scripts_read_nodes() -> None:
    inspected = graph(two_stages())
    assert [node.identifier for node in inspected.nodes if node.scheme == "docker-image"] == [
        "docker-image://docker.io/library/alpine:latest",
        "docker-image://docker.io/library/golang:1.24",
        "docker-image://docker.io/library/busybox:latest",
    ]
    assert [node.args[-1] for node in inspected.nodes if node.network == "none"] == ["go build"]
    assert {stage: len(nodes) for stage, nodes in inspected.stages.items()} == {"stage-1": 2, "build": 3}
    assert inspected.nodes[-1].lines == "Dockerfile:5"


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("[build 2/3] RUN x", "build"),
        ("[linux/arm64 build 2/3] RUN x", "build"),
        ("[linux/amd64->arm64 final  2/12] RUN x", "final"),
        ("[2/3] RUN x", None),
        ("[internal] load", None),
        ("RUN x", None),
    ],
)
def test_stage_of_a_name(name: str, stage: str | None) -> None:
    assert graph(llb.image("x", meta=llb.OpMeta(name=name))).nodes[0].stage == stage


def test_a_long_chain_is_printed_without_indentation() -> None:
    state: State = llb.image("x")
    for number in range(3000):
        state = state.run((str(number),)).root
    text = tree(graph(state))
    assert len(text.splitlines()) == 3001
    assert text.splitlines()[0] == "#3001 exec  2999"


def test_names_are_cut_to_the_available_width() -> None:
    inspected = graph(llb.image("x").run(("echo", "many", "words", "in", "a", "row", "here")).root)
    assert tree(inspected, width=36).splitlines()[0] == "#2 exec  echo many words in a row h…"
    assert tree(inspected).splitlines()[0] == tree(inspected, width=400).splitlines()[0] == "#2 exec  echo many words in a row here"


def test_lines_that_adjoin_are_one_range() -> None:
    text = Source("Dockerfile", b"")
    spans = Span(text, tuple(LineRange(start, end) for start, end in ((1, 1), (2, 2), (3, 5), (9, 9), (10, 10), (12, 12))))
    inspected = graph(llb.image("x", meta=llb.OpMeta(spans=(spans,))))
    assert inspected.nodes[0].lines == "Dockerfile:1-5,9-10,12"


def test_snapshot_keeps_everything() -> None:
    config = b'{"os":"linux"}'
    before = Graph.of(llb.marshal(two_stages(), platform=AMD64), config=config)
    after = unpack(pack(before))
    assert after.config == config
    assert after.definition.encode() == before.definition.encode()
    assert after.definition.sources[0].data == DOCKERFILE.data
    assert pack(after) == pack(before)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a snapshot"),
        (b"hello", "not a snapshot"),
        (msgpack.packb({"a": 1}), "no version"),
        (msgpack.packb({"llbfront": 3}), "version 3"),
        (msgpack.packb({"llbfront": 1, "definition": "text"}), "without a definition"),
    ],
)
def test_foreign_file(data: bytes, message: str) -> None:
    with pytest.raises(GraphError, match=message) as caught:
        unpack(data)
    assert "\n" not in str(caught.value)


@given(st.integers(min_value=0), st.integers(1, 255))
def test_any_damage_is_noticed(place: int, change: int) -> None:
    good = bytearray(pack(graph(two_stages())))
    good[place % len(good)] ^= change
    with contextlib.suppress(GraphError):
        unpack(bytes(good))
        pytest.fail("damage was not noticed")


@given(st.integers(0, 3000))
def test_a_cut_file_is_noticed(length: int) -> None:
    good = pack(graph(two_stages()))
    with pytest.raises(GraphError):
        unpack(good[: length % len(good)])


def test_definition_of_another_tool_with_holes() -> None:
    definition = llb.marshal(two_stages(), platform=AMD64)
    with pytest.raises(GraphError, match="has no op"):
        Graph.of(llb.Definition(definition.ops[1:], definition.digests[1:]))


def test_equal_graphs_have_no_difference() -> None:
    assert compare_graphs(graph(two_stages()), graph(two_stages())) == ()


def test_a_change_names_the_op_where_it_begins() -> None:
    (difference,) = compare_graphs(graph(two_stages()), graph(two_stages("go test")))
    assert [(change.name, change.before, change.after) for change in difference.fields] == [("command", "go build", "go test")]
    assert str(difference) == "~ exec [build 3/3] RUN go test  Dockerfile:3\n    command: go build → go test"
    (difference,) = compare_graphs(graph(two_stages()), graph(two_stages(tag="1.25")))
    assert [change.name for change in difference.fields] == ["image"]


def test_added_and_removed_inputs() -> None:
    first, two = llb.image("a"), llb.image("b")
    changes = compare_graphs(
        graph(first.run(("x",)).root), graph(first.run(("x",), mounts=(llb.Bind("/m", two, readonly=True),)).root)
    )
    assert [(item.before and item.before.name, item.after and item.after.name) for item in changes] == [
        (None, "docker-image://docker.io/library/b:latest"),
        ("x", "x"),
    ]


def test_another_output_of_the_same_op_is_a_difference() -> None:
    run = llb.image("a").run(("x",), mounts=(llb.Scratch("/o"),))
    (change,) = compare_graphs(graph(run.root), graph(run.mount("/o")))
    assert change.fields[0].name == "output"


STATES = [
    two_stages(),
    two_stages("x"),
    two_stages(tag="2"),
    everything(),
    llb.scratch(),
    llb.image("a"),
    llb.image("a", platform=Platform("linux", "arm64")),
    llb.image("a").run(("x",)).root,
    llb.image("a").run(("x",), readonly_root=True).root,
    llb.merge(llb.image("a"), llb.image("b")),
    llb.merge(llb.image("b"), llb.image("a")),
    llb.diff(llb.image("a"), llb.image("b")),
    llb.diff(llb.image("a"), llb.scratch()),
    llb.image("a", meta=llb.OpMeta(worker_filters=("f",))),
    llb.image("a", meta=llb.OpMeta(name="named")),
]


@pytest.mark.parametrize("first", range(len(STATES)))
def test_no_difference_exactly_if_digests_are_equal(first: int) -> None:
    for second in STATES:
        left, other = graph(STATES[first]), graph(second)
        assert (not compare_graphs(left, other)) == (left.definition.digests[-1:] == other.definition.digests[-1:])


@pytest.mark.parametrize("name", GRAPHS)
def test_json_of_a_definition_is_read_back(name: str) -> None:
    definition = llb.marshal(GRAPHS[name], platform=AMD64, local_unique="u")
    again = parse_definition(marshal_text(definition_json(definition)))
    assert set(again.ops) == set(definition.ops)
    assert again.digests[-1] == definition.digests[-1]
    assert again.metadata == definition.metadata
    assert again.locations == definition.locations
    assert [source.data for source in again.sources] == [source.data for source in definition.sources]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is not JSON"),
        ("[]", "not the JSON"),
        ("{}", "it has no member def"),
        ('{"def": {"sha256:x": {"no": 1}}}', "not the JSON"),
        ('{"def": {"sha256:x": {"platform": {"OS": 5}}}}', "not the JSON"),
        ('{"def": {"sha256:x": {}}}', "another digest"),
        ('{"def": {"sha256:x": {"file": {"actions": [{"mkfile": {"data": "%"}}]}}}}', "another digest"),
        ('{"def": {"sha256:x": {"file": {"actions": [{"mkfile": {"data": 5}}]}}}}', "not the JSON"),
    ],
)
def test_wrong_json(text: str, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        parse_definition(text)


def changed(path: str, value: object) -> bytes:
    """The JSON of a graph with one value replaced; the path names members and list indexes."""
    document = json.loads(to_json(graph(two_stages())))
    *parents, last = path.split(".")
    place = document
    for name in parents:
        place = place[int(name) if isinstance(place, list) else name]
    place[int(last) if isinstance(place, list) else last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("nodes", 1, "nodes is not a list"),
        ("nodes", [1], r"nodes\[0\] is not an object"),
        ("nodes.0.digest", 1, r"nodes\[0\].digest is not a string"),
        ("nodes.0.op", [], r"nodes\[0\].op is not an object"),
        ("nodes.0.metadata", "x", r"nodes\[0\].metadata is not an object"),
        ("nodes.0.places", {"a": 1}, r"nodes\[0\].places is not a list"),
        ("nodes.0.places", [{"file": "other", "lines": []}], r"places\[0\].file is not one of the sources"),
        ("result", [], "result is not an object"),
        ("result.node", 0, "result.node is not the number of a node"),
        ("result.node", -1, "result.node is not the number of a node"),
        ("result.node", 10**30, "result.node is not a 64-bit integer"),
        ("result.output", "x", "result.output is not a 64-bit integer"),
        ("result.digest", [], "result.digest is not a string"),
        ("sources", "x", "sources is not a list"),
        ("sources", [{"text": 1}], r"sources\[0\].text is not a string"),
    ],
)
def test_a_saved_graph_with_an_odd_value_is_one_line(path: str, value: object, message: str) -> None:
    with pytest.raises(GraphError, match=f"^not the JSON of a graph: .*{message}") as caught:
        from_json(changed(path, value))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data", [b'{"nodes":' * 100_000, b'{"nodes": [' + b"[" * 100_000, b'{"nodes": [], "result": NaN}', b'{"nodes']
)
def test_a_saved_graph_that_is_not_json_is_one_line(data: bytes) -> None:
    with pytest.raises(GraphError, match=r"^not the JSON of a graph: it is (not JSON|nested too deep)") as caught:
        from_json(data)
    assert "\n" not in str(caught.value)


def test_texts_without_an_encoding_can_be_written_again() -> None:
    data = changed("config", {"Author": "\ud800"})
    assert "\ufffd" in to_json(from_json(data))


@pytest.mark.parametrize("config", [b"{", b"\xff", b"[" * 100_000])
def test_a_snapshot_with_an_odd_config_is_one_line(config: bytes) -> None:
    with pytest.raises(GraphError, match="^the image config of the graph is invalid: ") as caught:
        to_json(attrs.evolve(graph(two_stages()), config=config))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "config",
    [
        b"{", b"[]", b"\xff", b"[" * 100_000, b'{"config": 1}', b'{"config": []}', b'{"config": {"Env": {}}}', b'{"config": {"Env": [1]}}',
        b'{"config": {"Labels": []}}', b'{"config": {"Healthcheck": 1}}', b'{"os": 5}', b'{"created": "yesterday"}', b'{"rootfs": 1}',
    ],
)  # fmt: skip
def test_configs_that_cannot_be_compared_are_one_line(config: bytes) -> None:
    good = attrs.evolve(graph(two_stages()), config=b"{}")
    with pytest.raises(GraphError, match="^the image config of a graph is invalid: ") as caught:
        compare_graphs(good, attrs.evolve(good, config=config))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "config", [b"null", b"{}", b'{"config": null}', b'{"config": {"Env": [null], "Labels": {"a": null}}}', b'{"x": 1}']
)
def test_configs_that_docker_takes_are_compared(config: bytes) -> None:
    good = attrs.evolve(graph(two_stages()), config=b'{"os": "linux"}')
    assert compare_graphs(good, attrs.evolve(good, config=config))


def test_json_with_a_key_that_begins_another() -> None:
    """Parity: maps are sorted by bytes, which protobuf's own runtime does not do for such keys."""
    state = llb.local("x", session="s", metadata_only=True, metadata_only_except=("a",)).build("f.pb")
    definition = llb.marshal(state, platform=AMD64)
    assert parse_definition(marshal_text(definition_json(definition))).ops == definition.ops


def test_any_form_is_read() -> None:
    before = graph(two_stages())
    forms = [pack(before), before.definition.encode(), marshal_text(definition_json(before.definition)).encode()]
    for form in forms:
        assert compare_graphs(read(form), before) == ()


@pytest.mark.parametrize("data", [b"FROM alpine\n", b"\x7fELF", b"\x20\x01", b"PK\x03\x04", b"\x84\xa8llbfront\xc1"])
def test_foreign_bytes_are_an_error(data: bytes) -> None:
    with pytest.raises(GraphError) as caught:
        read(data)
    assert "\n" not in str(caught.value)


def test_json_of_convertllb() -> None:
    value = definition_json(llb.marshal(two_stages(), platform=AMD64))
    assert list(value) == ["def", "metadata", "source"]
    last = list(value["def"].values())[-1]  # type: ignore[union-attr]
    assert list(last) == ["inputs"]


@pytest.mark.parametrize(
    "duplicate", [lambda value: pickle.loads(pickle.dumps(value)), copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"]
)
def test_a_graph_can_be_copied_and_given_to_another_process(
    duplicate: Callable[[llbfront.Graph], llbfront.Graph], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch AS a\nCOPY x /x\nFROM a\nCOPY --from=a /x /y\n")
    (tmp_path / "x").write_text("content")
    graph = llbfront.convert(tmp_path)
    copied = duplicate(graph)
    assert str(copied) == str(graph)
    assert list(copied.stages) == ["a", "stage-1"]
    assert [file.path for node in copied.nodes for file in node.files] == ["x"]
    assert copied.definition.encode() == graph.definition.encode()


def test_the_records_of_a_user_can_be_given_to_another_process() -> None:
    builds = llbfront.RecordedBuilds()
    assert pickle.loads(pickle.dumps(builds)).store == builds.store
