"""Pictures of graphs: what they show, that nothing overlaps, and that they are the same everywhere."""

from __future__ import annotations

import itertools
import json
import pathlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import llbfront
from llbfront import llb
from llbfront.errors import ArgumentError
from llbfront.inspection.diagram.labels import LABEL_COLUMNS, LABEL_LINES, width_of, wrap
from llbfront.inspection.diagram.layout import place
from llbfront.inspection.diagram.model import diagram
from llbfront.inspection.diagram.notes import NOTE_COLUMNS
from llbfront.inspection.diagram.routing import Rectangle, Scene, scene
from llbfront.inspection.formats import Graph
from llbfront.inspection.runs import NodeRun, size_text
from tests.inspection.test_inspection import AMD64, DATA, GRAPHS

if TYPE_CHECKING:
    from llbfront.llb.state import State

ROOT = pathlib.Path(__file__).parent.parent.parent
SVG = "{http://www.w3.org/2000/svg}"
DOCKERFILES = {
    "app": (ROOT / "examples/golang/app/Dockerfile").read_text(),
    "single": "FROM scratch\nCOPY a /\n",
    "image only": "FROM alpine\nENV A=1\n",
    "links": "FROM alpine AS a\nRUN x\nFROM alpine\nCOPY --link --from=a /x /\nCOPY --link --from=a /y /\nADD --link b /\n",
    "mounts": "FROM alpine AS a\nRUN x\nFROM alpine\nRUN --mount=from=a,target=/m --mount=type=cache,target=/c "
    "--mount=type=secret,id=s --mount=type=ssh --network=none y\n",
    "shared base": "FROM alpine AS base\nRUN x\nFROM base AS one\nRUN y\nFROM base AS two\nRUN z\nFROM one\nCOPY --from=two / /two\n",
    "diamond": "FROM alpine AS a\nRUN 1\nFROM a AS b\nRUN 2\nFROM a AS c\nRUN 3\nFROM scratch\nCOPY --from=b / /b\nCOPY --from=c / /c\n"
    "COPY --from=a / /a\nCOPY . /\n",
    "equal steps": "FROM alpine AS a\nRUN x\nRUN y\nFROM alpine AS b\nRUN x\nRUN z\nFROM a\nCOPY --from=b / /\n",
    "odd names": "FROM alpine AS a\nRUN echo \"<b>&amp;</b>\" '</script><script>' 漢字漢字 \N{WOMAN}\N{ZERO WIDTH JOINER}\n",
    "sources": "FROM alpine\nADD https://example.com/f /\nADD https://example.com/r.git#main /r\nADD . /\n",
    "heredoc": "FROM alpine\nRUN <<E\na\nb\nE\nCOPY <<F /f\ntext\nF\n",
    "long word": f"FROM alpine\nRUN {'x' * 300}\n",
}
UNUSED = "FROM alpine AS used\nRUN a\nFROM used AS test\nCOPY t /\nRUN test\nFROM used\nRUN b\n"


def of_state(state: State) -> Graph:
    return Graph.of(llb.marshal(state, platform=AMD64, local_unique="u"))


def graphs() -> dict[str, Graph]:
    return {name: llbfront.convert(text, platform="linux/amd64") for name, text in DOCKERFILES.items()} | {
        name: of_state(state) for name, state in GRAPHS.items()
    }


ALL = graphs()


def laid_out(graph: Graph, *, with_unused: bool = False) -> Scene:
    shown = diagram(graph, with_unused=with_unused)
    return scene(shown, place(shown))


def overlap(first: Rectangle, other: Rectangle) -> bool:
    across = first.x < other.x + other.width and other.x < first.x + first.width
    return across and first.y < other.y + other.height and other.y < first.y + first.height


def check_layout(graph: Graph) -> None:
    """Boxes overlap nothing, lines cross no box, and a stage holds its own ops only."""
    shown = diagram(graph)
    where = laid_out(graph)
    assert not [pair for pair in itertools.combinations(where.boxes.values(), 2) if overlap(*pair)]
    assert not [pair for pair in itertools.combinations(where.areas.values(), 2) if overlap(*pair)]
    for key, area in where.areas.items():
        assert {number for number, box in where.boxes.items() if overlap(box, area)} == {
            number for number, box in shown.boxes.items() if box.group == key
        }
    for arrow, points in where.lines:
        assert points[0][1] == where.boxes[arrow.source].y + where.boxes[arrow.source].height
        assert points[-1][1] == where.boxes[arrow.target].y
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            assert x1 == x2 or y1 == y2
            segment = Rectangle(min(x1, x2), min(y1, y2) + 1, abs(x1 - x2) + 1, abs(y1 - y2) - 1)
            assert not [number for number, box in where.boxes.items() if overlap(segment, box)]
    for box in where.boxes.values():
        assert box.x >= 0 and box.x + box.width <= where.width and box.y >= 0 and box.y + box.height <= where.height


@pytest.mark.parametrize("name", ALL)
def test_a_picture_has_the_ops_and_edges_of_the_definition(name: str) -> None:
    graph = ALL[name]
    root = ET.fromstring(graph.to_svg())
    ops = {int(group.attrib["id"].removeprefix("op-")) for group in root.iter(f"{SVG}g") if "id" in group.attrib}
    edges = [
        (int(group.attrib["data-from"]), int(group.attrib["data-to"]))
        for group in root.iter(f"{SVG}g")
        if "data-from" in group.attrib
    ]
    assert ops == {node.number for node in graph.nodes}
    assert sorted(edges) == sorted((edge.number, node.number) for node in graph.nodes for edge in node.edges)


@pytest.mark.parametrize("name", ALL)
def test_nothing_overlaps(name: str) -> None:
    check_layout(ALL[name])


@st.composite
def _dockerfiles(draw: st.DrawFn) -> str:
    """Dockerfiles whose stages continue, copy from and mount earlier ones."""
    lines: list[str] = []
    for stage in range(draw(st.integers(1, 6))):
        earlier = st.integers(0, stage - 1).map(lambda number: f"s{number}") if stage else st.just("busybox")
        lines.append(f"FROM {draw(st.sampled_from(['alpine', 'scratch']) | earlier)} AS s{stage}")
        steps = st.sampled_from(
            ["RUN a{}", "COPY f{} /", "COPY --from={} / /x", "COPY --link --from={} / /y", "RUN --mount=from={},target=/m b"]
        )
        lines += [step.format(draw(earlier)) for step in draw(st.lists(steps, max_size=5))]
    return "\n".join([*lines, "RUN end", ""])


@settings(max_examples=60, deadline=None)
@given(_dockerfiles())
def test_nothing_overlaps_in_any_graph(text: str) -> None:
    check_layout(llbfront.convert(text, platform="linux/amd64"))


def test_parallel_stages_are_side_by_side_and_a_stage_below_what_it_continues() -> None:
    where = laid_out(ALL["app"])
    build, test, final = (where.areas[name] for name in ("build", "test", "final"))
    assert build.y == test.y and build.x + build.width < test.x
    assert final.y > test.y + test.height
    base = laid_out(ALL["shared base"]).areas
    assert base["one"].y == base["two"].y > base["base"].y + base["base"].height
    assert base["one"].x == base["base"].x


@pytest.mark.parametrize("form", ["svg", "html"])
def test_pictures_do_not_depend_on_the_hash_seed(form: str) -> None:
    program = f"import sys, llbfront; sys.stdout.buffer.write(llbfront.convert({UNUSED!r}, platform='linux/amd64').write({form!r}))"
    outputs = {
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1 and outputs != {b""}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_picture_is_as_committed(name: str) -> None:
    """After a change, write `of_state(...).to_svg()` to the file and look at it in a browser."""
    assert ALL[name].to_svg() == (DATA / f"{name}.svg").read_text()


def test_layers_mounts_and_badges() -> None:
    shown = diagram(ALL["mounts"])
    (run,) = [box for box in shown.boxes.values() if box.is_result]
    assert run.badges == ("cache /c", "secret /run/secrets/s", "ssh /run/buildkit/ssh_agent.0", "network none")
    assert run.lines == ("RUN --network=none y",)
    (mount,) = [arrow for arrow in shown.arrows if arrow.is_mount]
    assert mount.label == "/m" and mount.target == run.number
    layers = {box.number for box in shown.boxes.values() if box.is_layer}
    assert mount.source not in layers and run.number in layers and len(layers) == 2


def test_stages_outside_the_target_are_shown_on_request() -> None:
    graph = llbfront.convert(UNUSED, platform="linux/amd64")
    assert "not built" not in graph.to_svg()
    shown = diagram(graph, with_unused=True)
    assert [box.lines[0] for box in shown.boxes.values() if box.is_unused] == ["FROM used", "COPY t /", "RUN test"]
    text = graph.to_svg(with_unused=True)
    assert "test (not built)" in text and text.count('class="op unused"') == 3
    assert not [pair for pair in itertools.combinations(laid_out(graph, with_unused=True).boxes.values(), 2) if overlap(*pair)]


def run(graph: Graph, *durations_s: int, size_bytes: int = 0) -> list[NodeRun]:
    """Runs of the first ops, one after the other; 0 means cached."""
    starts = [sum(durations_s[:index]) for index in range(len(durations_s))]
    return [
        NodeRun(
            node.digest, "ran" if duration else "cached", start * 10**9, (start + duration) * 10**9, duration * 10**9, size_bytes
        )
        for node, start, duration in zip(graph.nodes, starts, durations_s, strict=False)
    ]


def test_a_run_shows_times_bytes_and_the_critical_path() -> None:
    graph = llbfront.convert(UNUSED, platform="linux/amd64")
    timed = graph.with_runs(run(graph, 2, 0, 5, size_bytes=12_345_678))
    assert [node.number for node in timed.critical_path()] == [1, 2, 3]
    text = timed.to_svg()
    assert ">2.0s 12.3MB<" in text and ">cached<" in text and ">5.0s 12.3MB<" in text
    assert text.count(" critical") > graph.to_svg().count(" critical")
    page = timed.to_html()
    assert '<section class="timeline"' in page and page.count('<i class="ran critical"') == 2 and "3 ops" in page
    assert '<section class="timeline"' not in graph.to_html()


def test_the_critical_path_is_the_longest_chain() -> None:
    graph = ALL["app"]
    names = {node.digest: node for node in graph.nodes}
    durations = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    timed = graph.with_runs(run(graph, *durations))
    path = timed.critical_path()
    assert all(before.number in {edge.number for edge in node.edges} for before, node in itertools.pairwise(path))
    best: dict[int, int] = {}
    for node in graph.nodes:
        best[node.number] = durations[node.number - 1] + max((best[edge.number] for edge in node.edges), default=0)
    assert sum(durations[node.number - 1] for node in path) == max(best.values())
    assert graph.critical_path() == () and len(names) == len(durations)


@pytest.mark.parametrize(
    ("name", "is_matched"),
    [
        ("COPY a /", True),
        ("COPY b /", False),
        ("", False),
    ],
)
def test_runs_are_matched_by_name_where_digests_differ(name: str, is_matched: bool) -> None:
    graph = ALL["single"]
    named = NodeRun("sha256:other", "ran", 0, 1, 1, name=f"[1/1] {name}")
    assert bool(graph.with_runs([named]).runs) == is_matched


def test_a_resolved_image_has_the_run_of_the_name_without_digest() -> None:
    graph = ALL["image only"]
    resolved = NodeRun("sha256:other", "ran", 0, 1, 1, name=f"[1/1] FROM docker.io/library/alpine:latest@sha256:{'0' * 64}")
    assert [run.state for run in graph.with_runs([resolved]).runs.values()] == ["ran"]


def test_runs_of_other_ops_are_ignored_and_the_longer_of_two_counts() -> None:
    graph = ALL["single"]
    digest = graph.nodes[0].digest
    other, short, long = NodeRun("sha256:x", "ran", 0, 1, 1), NodeRun(digest, "cached", 0, 0, 0), NodeRun(digest, "ran", 5, 9, 4)
    assert graph.with_runs([other, long, short]).runs == {digest: long}


@pytest.mark.parametrize("name", ALL)
def test_a_page_is_self_contained(name: str) -> None:
    page = ALL[name].to_html()
    assert "default-src 'none'" in page and not re.findall("@[A-Z]+@", page)
    markup = re.sub(r'<script id="data".*?</script>', "", page, flags=re.DOTALL)
    assert not re.findall(r"<link|<img|<iframe|(?:src|href)\s*=|url\(|@import|fetch\(", markup)
    assert markup.count("<script") == markup.count("</script") == 1
    data = json.loads(page.split('<script id="data" type="application/json">')[1].split("</script>")[0])
    assert [node["digest"] for node in data["nodes"]] == [node.digest for node in ALL[name].nodes]
    assert [[each["number"] for each in node["inputs"]] for node in data["nodes"]] == [
        [edge.number for edge in node.edges] for node in ALL[name].nodes
    ]


def test_a_page_shows_the_lines_of_each_step() -> None:
    data = json.loads(ALL["app"].to_html().split('type="application/json">')[1].split("</script>")[0])
    sources = {line[0]: line[1] for node in data["nodes"] for excerpt in node["source"] for line in excerpt["lines"]}
    text = DOCKERFILES["app"].splitlines()
    assert len(sources) > 8 and all(text[number - 1].expandtabs(4) == line for number, line in sources.items())


def test_a_notebook_shows_the_picture() -> None:
    assert ALL["single"]._repr_html_().startswith("<div") and "<svg" in ALL["single"]._repr_html_()


@pytest.mark.parametrize("method", ["to_svg", "to_html"])
def test_with_unused_is_a_flag(method: str) -> None:
    with pytest.raises(ArgumentError, match="with_unused"):
        getattr(ALL["single"], method)(with_unused="yes")


def test_an_empty_graph_has_a_picture() -> None:
    empty = Graph.of(llb.marshal(llb.scratch(), platform=AMD64, local_unique="u"))
    assert ET.fromstring(empty.to_svg()).attrib["viewBox"]
    assert "0 ops" in empty.to_html()


@given(st.text(max_size=400))
def test_labels_fit_their_box(text: str) -> None:
    lines = wrap(text)
    assert len(lines) <= LABEL_LINES and all(width_of(line) <= LABEL_COLUMNS for line in lines)
    if not lines or not lines[-1].endswith("…"):
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0B"), (999, "999B"), (1000, "1.0kB"), (1_999_999, "1.9MB"), (10**13, "10.0TB"), (10**16, "10000.0TB")]
)
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text


def test_the_picture_of_the_readme_is_up_to_date() -> None:
    """`make pictures` writes it."""
    graph = llbfront.convert(ROOT / "examples/golang/app", platform="linux/amd64")
    assert graph.to_svg() == (ROOT / "docs/pictures/golang.svg").read_text()


def test_stages_that_are_not_built_stand_below_each_other_beside_the_others() -> None:
    unused = "".join(f"FROM alpine AS u{number}\nRUN u{number}\n" for number in range(12))
    steps = "".join(f"RUN step {number}\n" for number in range(9))
    shown = diagram(llbfront.convert(f"{unused}FROM alpine\n{steps}", platform="linux/amd64"), with_unused=True)
    cells = place(shown).cells
    columns = {
        is_unused: {cells[box.number].column for box in shown.boxes.values() if box.is_unused is is_unused}
        for is_unused in (False, True)
    }
    assert columns == {False: {0}, True: {1, 2, 3}}  # ten rows hold five stages of two boxes
    assert len(set(cells.values())) == len(cells)


FAR = "FROM alpine AS far\nRUN x\n" + "".join(f"FROM alpine AS s{n}\nRUN {n}\n" for n in range(4)) + (
    "FROM alpine\nRUN y\n" + "".join(f"COPY --from=s{n} / /{n}\n" for n in range(4)) + "COPY --from=far / /far\n"
)  # fmt: skip


def test_long_lines_have_colours_and_their_targets_name_the_source() -> None:
    graph = llbfront.convert(FAR, platform="linux/amd64")
    where = laid_out(graph)
    far = next(node for node in graph.nodes if node.instruction == "RUN x")
    ((target, note),) = [
        (number, text) for number, notes in where.notes.items() for arrow, text in notes if arrow.source == far.number
    ]
    assert note == "← far" and graph.node(target).instruction == "COPY --from=far / /far"
    root = ET.fromstring(graph.to_svg())
    (line,) = [group for group in root.iter(f"{SVG}g") if group.get("data-from") == str(far.number)]
    assert line[0].attrib["class"] == f"line lane-{where.lanes[far.number]}"
    assert len(set(where.lanes.values())) == len(where.lanes)
    texts = [text for text in root.iter(f"{SVG}text") if text.text == note]
    assert [text.attrib["class"] for text in texts] == [f"note lane-{where.lanes[far.number]}"]


@pytest.mark.parametrize("name", ALL)
def test_texts_are_inside_their_box(name: str) -> None:
    """Notes and badges have a font of 6.4 pixels for each column, labels of 7.3."""
    where, root = laid_out(ALL[name]), ET.fromstring(ALL[name].to_svg())
    for group in root.iter(f"{SVG}g"):
        if group.attrib.get("class", "").startswith("op "):
            box = where.boxes[int(group.attrib["id"].removeprefix("op-"))]
            for text in group.iter(f"{SVG}text"):
                width = width_of(text.text or "") * (7.3 if text.attrib["class"] == "label" else 6.4)
                assert box.x < int(text.attrib["x"]) and int(text.attrib["x"]) + width <= box.x + box.width
                assert box.y < int(text.attrib["y"]) - 8 and int(text.attrib["y"]) + 3 < box.y + box.height


@pytest.mark.parametrize(
    ("target", "source", "note"),
    [
        ("/m", "base", "bind /m ← base"),
        ("/go/src/github.com/docker/docker", "base", "bind …com/docker/docker ← base"),
        ("/m", "busybox", "bind /m ← busybox:latest"),
        ("/m", f"registry.example.com/{'a' * 40}", f"bind /m ← …{'a' * 20}:latest"),
    ],
)
def test_a_mount_names_its_target_and_source_in_the_box(target: str, source: str, note: str) -> None:
    graph = llbfront.convert(
        f"FROM alpine AS base\nRUN x\nFROM alpine\nRUN --mount=from={source},target={target} y\n", platform="linux/amd64"
    )
    notes = [text for each in laid_out(graph).notes.values() for _, text in each]
    assert notes == [note] and len(note) <= NOTE_COLUMNS
    assert f">{note}<" in graph.to_svg()


LABELS = [
    ("FROM alpine\nCOPY . /\n", "build context"),
    ("FROM tonistiigi/xx\nRUN x\n", "FROM tonistiigi/xx:latest"),
    ("FROM ghcr.io/astral-sh/uv:python3.13-trixie\nRUN x\n", "FROM ghcr.io/astral-sh/uv:|python3.13-trixie"),
    ("FROM alpine\nRUN <<E\nset -ex\n# why\nmake  all\n\n  make install\nE\n", "RUN <<E make all; make install"),
    ("FROM alpine\nRUN --mount=type=cache,target=/c <<E\nmake\nE\n", "RUN <<E make"),
    ("FROM alpine\nRUN --network=none <<-'E'\n\tmake\nE\n", "RUN --network=none <<-'E' make"),
    ("FROM alpine\nRUN <<E\n#!/usr/bin/env python\nprint()\nE\n", "RUN <<E (#!/usr/bin/env|python...)"),
    ("FROM alpine\nRUN python3 <<E\nprint()\nE\n", "RUN python3 <<E"),
    ("FROM alpine\nCOPY <<E /f\nx\nE\n", "inline document"),
    ("FROM alpine\nCOPY --link a /\n", "LINK COPY a /"),
    ("FROM alpine\nCOPY --link --from=busybox /bin/one /bin/two /usr/local/bin/\n", "LINK COPY --from=busybox|/bin/one /bin/two /usr/local…"),
    ("FROM alpine\nRUN curl -o /x https://example.com/a/b/c/d/e/f/g\n", "RUN curl -o /x https://|example.com/a/b/c/d/e/f/g"),
    ("FROM alpine\nRUN apt-get install --no-install-recommends git\n", "RUN apt-get install|--no-install-recommends git"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "label"), LABELS)
def test_labels(text: str, label: str) -> None:
    shown = diagram(llbfront.convert(text, platform="linux/amd64"))
    assert label in ["|".join(box.lines) for box in shown.boxes.values()]


@pytest.mark.parametrize(
    ("value", "label"),
    [("docker-image://golang:1.26", "golang:1.26 (context base)"), (str(ROOT / "docs/pictures"), "base")],
)
def test_labels_of_named_contexts(value: str, label: str) -> None:
    shown = diagram(llbfront.convert("FROM base\nCOPY --from=base a /\n", platform="linux/amd64", contexts={"base": value}))
    assert label in [" ".join(box.lines) for box in shown.boxes.values()]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("FROM alpine\nRUN x\n", ["line 1", "line 2"]),
        ("FROM alpine\nRUN x \\\n  y\n", ["line 1", "lines 2-3"]),
        ("FROM alpine AS a\nRUN x\nFROM alpine\nRUN x\nCOPY --from=a / /\n", ["lines 1, 3", "lines 2, 4", "line 5"]),
    ],
)
def test_lines_of_boxes_are_in_order(text: str, lines: list[str]) -> None:
    shown = diagram(llbfront.convert(text, platform="linux/amd64"))
    assert [box.lines_text for box in shown.boxes.values()] == lines


def test_a_stage_has_no_gap_above_a_late_input() -> None:
    """The steps of a stage stand one below the other, though its first ones could run much earlier."""
    steps = "".join(f"RUN step {number}\n" for number in range(8))
    graph = llbfront.convert(f"FROM alpine AS long\n{steps}FROM busybox\nRUN a\nCOPY --from=long / /x\n", platform="linux/amd64")
    cells = place(diagram(graph)).cells
    last = [cells[node.number].row for node in graph.nodes if node.stage == "stage-1"]
    assert last == list(range(last[0], last[0] + 3))


def test_wide_graphs_have_stages_below_each_other() -> None:
    tools = "".join(f"FROM base AS t{number}\nRUN get {number}\nRUN make {number}\n" for number in range(20))
    copies = "".join(f"COPY --from=t{number} / /t{number}\n" for number in range(20))
    graph = llbfront.convert(f"FROM alpine AS base\nRUN x\n{tools}FROM base\n{copies}", platform="linux/amd64")
    grid = place(diagram(graph))
    assert grid.columns <= 5
    check_layout(graph)
    readers = {edge.number: node.number for node in graph.nodes for edge in node.edges}
    makes = [node.number for node in graph.nodes if node.instruction.startswith("RUN make")]
    assert len(makes) == 20 and all(grid.cells[number].row == grid.cells[readers[number]].row - 1 for number in makes)


def test_a_line_into_the_middle_comes_from_straight_above_or_past_no_box() -> None:
    """Else the line of the box above, which turns, and the end of the other would look like one line."""
    for graph in ALL.values():
        where, cells = laid_out(graph), place(diagram(graph)).cells
        for arrow, points in where.lines:
            target = where.boxes[arrow.target]
            above = [
                number
                for number, cell in cells.items()
                if (cell.row + 1, cell.column) == (cells[arrow.target].row, cells[arrow.target].column)
            ]
            if above and points[-1][0] == target.x + target.width // 2:
                assert above == [arrow.source]


def test_parts_of_links_stand_above_their_readers() -> None:
    """However late a stage is, the files that COPY --link copies are beside it, and not at the top of the picture."""
    text = (
        "FROM alpine AS base\n"
        + "".join(f"RUN {n}\n" for n in range(6))
        + "FROM base\n"
        + "".join(f"COPY --link f{n} /\n" for n in range(3))
    )
    graph = llbfront.convert(text, platform="linux/amd64")
    where = laid_out(graph)
    last = max(where.boxes[node.number].y for node in graph.nodes if node.kind == "exec")
    assert all(where.boxes[node.number].y >= last for node in graph.nodes if node.kind == "file")
