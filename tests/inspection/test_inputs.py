"""Which files the steps of a graph read, as a table of contexts."""

import os
import pathlib

import pytest

import llbfront
from llbfront.errors import ContextError, GraphError
from llbfront.fsutil.stat import DIRECTORY, SYMLINK, Stat
from llbfront.inspection.diff_report import Report
from llbfront.inspection.directory_entries import Entries, Selector
from llbfront.oci import digest as digests
from llbfront.pb import ops_pb2 as pb

TREE: dict[str, int | str] = {
    "a.txt": 1,
    "b.md": 2,
    "dir/": 0,
    "dir/c.txt": 3,
    "dir/d.md": 4,
    "dir/sub/": 0,
    "dir/sub/e.txt": 5,
    "dir-2": 6,
    "to-dir": "dir/sub",
    "to-file": "/dir/c.txt",
    "to-nothing": "gone",
    "up": "dir/../a.txt",
    "x/": 0,
    "x/loop": "loop",
    "x/out": "../../../b.md",
}
SUB = ["dir/sub", "dir/sub/e.txt"]
DIR = ["dir", "dir/c.txt", "dir/d.md", *SUB]
SELECTIONS = {
    "everything": (Selector("/"), list(TREE)),
    "a file": (Selector("/a.txt"), ["a.txt"]),
    "a directory": (Selector("/dir"), DIR),
    "a directory and not its namesakes": (Selector("/dir/"), DIR),
    "nothing": (Selector("/none"), []),
    "a link to a directory": (Selector("/to-dir"), [*SUB, "to-dir"]),
    "through a link": (Selector("/to-dir/e.txt"), ["dir/sub/e.txt", "to-dir"]),
    "an absolute link": (Selector("/to-file"), ["dir/c.txt", "to-file"]),
    "a link that is not followed": (Selector("/to-file", follow_links=False), ["to-file"]),
    "a dangling link": (Selector("/to-nothing"), ["to-nothing"]),
    "a link with two dots": (Selector("/up"), ["a.txt", "up"]),
    "a link that leaves the root": (Selector("/x/out"), ["b.md", "x/out"]),
    "a loop": (Selector("/x/loop"), ["x/loop"]),
    "a wildcard": (Selector("/*.txt", wildcard=True), ["a.txt"]),
    "a wildcard over links": (Selector("/to-*", wildcard=True), ["dir/c.txt", *SUB, "to-dir", "to-file", "to-nothing"]),
    "a wildcard of directories": (Selector("/d*", wildcard=True), [*DIR, "dir-2"]),
    "a wildcard behind a link": (Selector("/to-dir/*.txt", wildcard=True), ["dir/sub/e.txt", "to-dir"]),
    "a wildcard with two levels": (Selector("/*/*.md", wildcard=True), ["dir/d.md"]),
    "excludes": (Selector("/dir", exclude=("*.md", "sub")), ["dir", "dir/c.txt"]),
    "excludes below a wildcard": (Selector("/d*", wildcard=True, exclude=("sub",)), ["dir", "dir/c.txt", "dir/d.md", "dir-2"]),
    "an exception": (Selector("/dir", exclude=("*", "!c.txt")), ["dir", "dir/c.txt"]),
    "parents": (Selector("/", include=("dir/sub",)), ["dir", *SUB]),
    "parents with a wildcard": (Selector("/", include=("dir/*.txt",)), ["dir", "dir/c.txt"]),
    "parents behind a pivot": (Selector("/dir", include=("sub/*.txt",)), DIR[:1] + SUB),
    "parents below an excluded directory": (Selector("/", include=("dir/sub/e.txt",), exclude=("**/sub",)), []),
    "parents below a directory that is excluded with an exception": (
        Selector("/", include=("dir/sub/*",), exclude=("dir", "!dir/sub")),
        ["dir", *SUB],
    ),
    "parents with excludes": (Selector("/", include=("dir",), exclude=("**/*.md",)), ["dir", "dir/c.txt", *SUB]),
}


def stat_of(path: str, content: int | str) -> Stat:
    if path.endswith("/"):
        return Stat(path[:-1].encode(), DIRECTORY | 0o755)
    if isinstance(content, str):
        return Stat(path.encode(), SYMLINK | 0o777, linkname=content.encode())
    return Stat(path.encode(), 0o644, size_bytes=content)


def paths_of(entries: Entries, *selectors: Selector) -> list[str]:
    return [stat.path.decode() for stat in entries.select(selectors)]


@pytest.fixture
def tree() -> Entries:
    stats = [stat_of(path, content) for path, content in TREE.items()]
    return Entries(sorted(stats, key=lambda stat: stat.path.replace(b"/", b"\0")))


@pytest.mark.parametrize("name", SELECTIONS)
def test_a_selector_chooses_what_an_engine_keys_a_step_by(tree: Entries, name: str) -> None:
    selector, expected = SELECTIONS[name]
    assert paths_of(tree, selector) == [path.rstrip("/") for path in expected]


# What a step names that does not exist, or that a step with patterns leaves out; an engine refuses each.
MISSING = {
    "a path": (Selector("/none"), ["/none"]),
    "a dangling link": (Selector("/to-nothing"), ["/to-nothing"]),
    "a loop": (Selector("/x/loop"), ["/x/loop"]),
    "a link that is not followed": (Selector("/to-nothing", follow_links=False), []),
    "a dangling link in a directory": (Selector("/"), []),
    "a wildcard without a match": (Selector("/none*", wildcard=True), []),
    "a wildcard in a directory without a match": (Selector("/dir/none*", wildcard=True), []),
    "a wildcard in a directory that does not exist": (Selector("/none/*", wildcard=True), ["/none/*"]),
    "a wildcard behind a wildcard": (Selector("/d*/none/*", wildcard=True), []),
    "a wildcard over a dangling link": (Selector("/to-n*", wildcard=True), ["/to-nothing"]),
    "a wildcard over a loop": (Selector("/x/l*", wildcard=True), ["/x/loop"]),
    "an excluded directory": (Selector("/dir", exclude=("*",)), []),
    "parents": (Selector("/", include=("none",), required=("/none",)), ["/none"]),
    "parents that exist": (Selector("/", include=("dir/sub",), required=("/dir/sub",)), []),
    "parents behind a pivot": (Selector("/none", include=("a",), required=("/none/a",)), ["/none/a"]),
    "parents that are excluded": (Selector("/", include=("a.txt",), exclude=("*.txt",), required=("/a.txt",)), ["/a.txt"]),
    "parents through a link": (Selector("/", include=("to-dir/e.txt",), required=("/to-dir/e.txt",)), ["/to-dir/e.txt"]),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_paths_are_those_that_an_engine_refuses(tree: Entries, name: str) -> None:
    selector, expected = MISSING[name]
    assert tree.selection([selector]).missing == expected


def test_selectors_are_joined_in_the_order_of_the_transfer(tree: Entries) -> None:
    assert paths_of(tree, Selector("/dir/sub"), Selector("/a.txt"), Selector("/dir/sub/e.txt")) == ["a.txt", *SUB]


def test_removed_files_count_with_their_directories(tree: Entries) -> None:
    extended = tree.with_files([b"dir/new/f.txt", b"a.txt"])
    assert paths_of(extended, Selector("/dir", include=("new",))) == ["dir", "dir/new", "dir/new/f.txt"]
    assert len(extended.stats) == len(tree.stats) + 2


DOCKERFILE = """\
FROM alpine AS build
ARG SOURCE=go.mod
COPY $SOURCE ./
RUN --mount=type=bind,source=src,target=/src --mount=type=bind,from=assets,target=/assets make
COPY --link *.txt src/link /d/
FROM scratch
COPY --from=build /out /
COPY --from=assets logo.png gone.png /
"""


@pytest.fixture
def context(tmp_path: pathlib.Path) -> pathlib.Path:
    root = tmp_path / "context"
    for path, text in {
        "Dockerfile": DOCKERFILE,
        ".dockerignore": "*.md\nsecret\n",
        "go.mod": "module",
        "src/main.go": "package main",
        "src/notes.md": "kept, since the rule is about the root",
        "secret": "s",
        "one.txt": "1",
        "assets/logo.png": "png",
        "assets/.dockerignore": "gone.png",
        "assets/gone.png": "",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "src/link").symlink_to("../one.txt")
    return root


def test_steps_list_their_files(context: pathlib.Path) -> None:
    inputs = llbfront.convert(context, contexts={"assets": context / "assets"}).inputs()
    assert [(step.stage, step.line, step.instruction, step.context, [file.path for file in step.files]) for step in inputs.steps] == [
        ("build", 3, "COPY go.mod ./", "context", ["go.mod"]),
        (
            "build", 4, "RUN --mount=type=bind,source=src,target=/src --mount=type=bind,from=assets,target=/assets make",
            "assets", [".dockerignore", "logo.png"],
        ),
        (
            "build", 4, "RUN --mount=type=bind,source=src,target=/src --mount=type=bind,from=assets,target=/assets make",
            "context", ["src/link", "src/main.go", "src/notes.md"],
        ),
        ("build", 5, "COPY --link *.txt src/link /d/", "context", ["one.txt", "src/link"]),
        ("stage-1", 8, "COPY --from=assets logo.png gone.png /", "assets", ["logo.png"]),
    ]  # fmt: skip
    assert {name: each.root for name, each in inputs.contexts.items()} == {
        "context": str(context),
        "assets": str(context / "assets"),
    }
    assert inputs.steps[-1].missing == ("/gone.png",)
    assert [file.link for file in inputs.steps[2].files] == ["../one.txt", None, None]
    assert inputs.steps[0].size_bytes == len("module")
    assert inputs.of(inputs.steps[1].node) == inputs.steps[1:3]


def test_a_loaded_graph_gets_its_directories(context: pathlib.Path) -> None:
    data = llbfront.convert(context, contexts={"assets": context / "assets"}).write("pb")
    graph = llbfront.Graph.load(data)
    with pytest.raises(ContextError, match="the directory of the context context is not known"):
        graph.inputs()
    inputs = graph.inputs({"context": context, "assets": os.fspath(context / "assets")})
    assert [file.path for file in inputs.steps[0].files] == ["go.mod"]


def test_a_base_that_is_a_directory_is_read_whole(context: pathlib.Path) -> None:
    graph = llbfront.convert("FROM assets AS a\nRUN make\n", contexts={"assets": context / "assets"})
    (step,) = graph.inputs().steps
    assert [file.path for file in step.files] == [".dockerignore", "logo.png"]


def damaged_graph(patterns: str) -> llbfront.Graph:
    """Return a graph whose local source has a text in place of the list of patterns."""
    source = pb.Op(source=pb.SourceOp(identifier="local://context", attrs={"local.excludepatterns": patterns})).SerializeToString()
    digest = digests.of(source)
    copy = pb.FileActionCopy(src="/", dest="/")
    file = pb.Op(
        inputs=[pb.Input(digest=digest)], file=pb.FileOp(actions=[pb.FileAction(input=-1, secondaryInput=0, copy=copy)])
    ).SerializeToString()
    last = pb.Op(inputs=[pb.Input(digest=digests.of(file))]).SerializeToString()
    definition = pb.Definition()
    getattr(definition, "def").extend([source, file, last])
    return llbfront.Graph.load(definition.SerializeToString())


@pytest.mark.parametrize("patterns", ["{", "3", '"a"', "[1]", '{"a": 1}'])
def test_invalid_patterns_of_another_tool_are_one_clear_error(tmp_path: pathlib.Path, patterns: str) -> None:
    graph = damaged_graph(patterns)
    with pytest.raises(GraphError, match="^the attribute local.excludepatterns of local://context is invalid: it is not"):
        graph.inputs({"context": tmp_path})


@pytest.mark.parametrize("patterns", ["{", "3"])
def test_a_difference_of_invalid_patterns_is_shown_as_text(patterns: str) -> None:
    report = Report(damaged_graph(patterns), damaged_graph('["a"]'))
    assert f'exclude patterns {patterns} → ["a"]' in report.to_text()
