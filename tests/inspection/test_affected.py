"""Which stages a change of files concerns: a table of changes, and git ranges."""

import json
import pathlib
import subprocess
from unittest import mock

import pytest

import llbfront
from llbfront.cli.main import main
from llbfront.client.git import changed_files
from llbfront.client.git.repository import toplevel
from llbfront.client.request.build_request import BuildRequest
from llbfront.dockerfile2llb import emit
from llbfront.errors import ArgumentError, ContextError
from llbfront.frontend.offline import Images
from llbfront.scripting import causes_by_stage, dockerfile_query

DOCKERFILE = """\
FROM alpine AS build
COPY go.mod ./
COPY src/*.go ./
COPY --parents lib/**/*.so /l/
FROM alpine AS test
RUN --mount=type=bind,source=pages,target=/p check /p
FROM alpine AS docs
COPY --exclude=*.md pages link /pages/
FROM scratch
COPY --from=build / /
"""
FILES = (
    "go.mod",
    "src/a.go",
    "src/b.txt",
    "lib/x/a.so",
    "pages/i.html",
    "pages/n.md",
    "unused",
    "linked/x",
    "out.log",
    "docs/d",
    "logs/a.log",
)
BUILD, TEST, DOCS, LAST = "build", "test", "docs", "stage-3"
CHANGES: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "go.mod": (("go.mod",), {BUILD, LAST}),
    "src/a.go": (("src/a.go",), {BUILD, LAST}),
    "a file that a wildcard leaves out": (("src/b.txt",), set()),
    "a new file that a wildcard takes": (("src/new.go",), {BUILD, LAST}),
    "a new file in a new directory": (("lib/new/deep/b.so",), {BUILD, LAST}),
    "a mounted file": (("pages/i.html",), {TEST, DOCS}),
    "an excluded file": (("pages/n.md",), {TEST}),
    "a directory": (("pages",), {TEST, DOCS}),
    "behind a link": (("linked/x",), {DOCS}),
    "the link": (("link",), {DOCS}),
    "an unused file": (("unused",), set()),
    "an ignored file": (("out.log",), set()),
    "a removed ignored file": (("gone.log",), set()),
    "the context": ((".",), {BUILD, TEST, DOCS, LAST}),
    "a directory above the context": (("..",), {BUILD, TEST, DOCS, LAST}),
    "a directory with a slash at its end": (("pages/",), {TEST, DOCS}),
    "a directory with a file that a wildcard takes": (("src",), {BUILD, LAST}),
    "a directory above a pattern": (("lib",), {BUILD, LAST}),
    "a directory that nothing reads": (("docs",), set()),
    "a directory with ignored files alone": (("logs",), set()),
    "a removed directory that was read": (("lib/gone",), set()),
    "a directory beside the context": (("../other",), set()),
    "several": (("go.mod", "pages/n.md"), {BUILD, LAST, TEST}),
    "a file of another directory": (("../elsewhere",), set()),
    "the Dockerfile": (("Dockerfile",), {BUILD, TEST, DOCS, LAST}),
    "the ignore file": ((".dockerignore",), {BUILD, TEST, DOCS, LAST}),
}


@pytest.fixture
def context(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    root = tmp_path / "context"
    for path in FILES:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    (root / "link").symlink_to("linked")
    (root / "Dockerfile").write_text(DOCKERFILE)
    (root / ".dockerignore").write_text("*.log\n")
    monkeypatch.chdir(root)
    return root


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    capsys.readouterr()
    assert main(["affected", "--json", *arguments]) == 0
    return set(json.loads(capsys.readouterr().out)["targets"])


@pytest.mark.parametrize("name", CHANGES)
def test_stages_that_a_change_concerns(
    context: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    paths, expected = CHANGES[name]
    (tmp_path / "list").write_text("\n".join(paths))
    assert ask(capsys, "--files", str(tmp_path / "list"), str(context)) == expected


@pytest.mark.parametrize("name", CHANGES)
def test_all_targets_at_once_give_the_answers_of_each(context: pathlib.Path, name: str) -> None:
    paths = [str(context / path) for path in CHANGES[name][0]]
    query = dockerfile_query(str(context), BuildRequest(), images=Images())
    together = causes_by_stage(query, paths)
    assert together == {
        stage: causes_by_stage(query.with_option("target", stage), paths)[stage] for stage in (BUILD, TEST, DOCS)
    } | {LAST: together[LAST]}


@pytest.mark.parametrize("changed", ["f7", "Dockerfile", "."])
def test_the_number_of_conversions_does_not_grow_with_the_stages(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    stages = 40
    (tmp_path / "Dockerfile").write_text("".join(f"FROM alpine AS s{n}\nCOPY f{n} /\n" for n in range(stages)))
    for number in range(stages):
        (tmp_path / f"f{number}").touch()
    converted = mock.Mock(side_effect=emit.convert)
    monkeypatch.setattr("llbfront.frontend.build.convert", converted)
    query = dockerfile_query(str(tmp_path), BuildRequest(), images=Images())
    causes = causes_by_stage(query, [str(tmp_path / changed)], before=query.read)
    expected = {"f7": 1, "Dockerfile": 0, ".": stages}
    assert sum(map(bool, causes.values())) == expected[changed]
    assert 1 <= converted.call_count <= 4


def test_stages_that_depend_on_the_target(
    context: pathlib.Path, capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path
) -> None:
    (context / "Dockerfile").write_text(
        "FROM alpine AS a\nARG TARGETSTAGE\nCOPY $TARGETSTAGE /x\nFROM a AS go.mod\nFROM alpine AS unused\nCOPY pages /\n"
    )
    (context / "a").touch()
    (tmp_path / "list").write_text("a")
    assert ask(capsys, "--files", str(tmp_path / "list"), ".") == {"a"}
    (tmp_path / "list").write_text("go.mod")
    assert ask(capsys, "--files", str(tmp_path / "list"), ".") == {"go.mod"}


def test_a_stage_that_cannot_be_converted_is_an_error(context: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (context / "Dockerfile").write_text("FROM alpine AS a\nRUN --mount=type=bind,target=/ x\nFROM alpine AS b\nCOPY go.mod /\n")
    assert main(["affected", "--git", "HEAD", "--target", "b", "."]) == 2
    capsys.readouterr()
    (context / "list").write_text("go.mod")
    assert ask(capsys, "--files", "list", "--target", "b", ".") == {"b"}
    assert main(["affected", "--files", "list", "."]) == 1
    assert "Dockerfile:2" in capsys.readouterr().err


def git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(context: pathlib.Path) -> pathlib.Path:
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    return context


EDITS: dict[str, tuple[dict[str, str | None], set[str]]] = {
    "nothing": ({}, set()),
    "a file": ({"go.mod": "2"}, {BUILD, LAST}),
    "a removed file": ({"src/a.go": None}, {BUILD, LAST}),
    "a new file": ({"src/c.go": ""}, {BUILD, LAST}),
    "a moved file": ({"src/a.go": None, "pages/a.go": ""}, {BUILD, LAST, TEST, DOCS}),
    "a comment in the Dockerfile": ({"Dockerfile": "# comment\n" + DOCKERFILE}, set()),
    "an instruction": ({"Dockerfile": DOCKERFILE.replace("check /p", "check -v /p")}, {TEST}),
    "the config of the last stage": ({"Dockerfile": DOCKERFILE + "ENV A=1\n"}, {LAST}),
    "a base": ({"Dockerfile": DOCKERFILE.replace("FROM alpine AS build", "FROM debian AS build")}, {BUILD, LAST}),
    "a new stage": ({"Dockerfile": DOCKERFILE.replace("FROM scratch", "FROM build AS new\nRUN new\nFROM scratch")}, {"new"}),
    "an ignore rule without effect": ({".dockerignore": "*.log\n*.tmp\n"}, set()),
    "an ignore rule": ({".dockerignore": "*.log\npages/n.md\n"}, {TEST}),
    "a rule taken back": ({".dockerignore": "*.log\n", "pages/i.html": "2"}, {TEST, DOCS}),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("revisions", ["HEAD", "start..HEAD", "start...HEAD"])
def test_a_range_of_git(repository: pathlib.Path, capsys: pytest.CaptureFixture[str], name: str, revisions: str) -> None:
    git("tag", "start")
    edits, expected = EDITS[name]
    for path, text in edits.items():
        (repository / path).unlink() if text is None else (repository / path).write_text(text)
    if revisions != "HEAD":
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", "second")
    renamed = {"stage-4" if each == LAST and name == "a new stage" else each for each in expected}
    affected = ask(capsys, "--git", revisions, ".")
    assert affected - {"stage-4"} == renamed


def test_a_diff_on_standard_input(
    repository: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    (repository / "go.mod").write_text("2")
    (repository / "pages/n.md").rename(repository / "pages/m.md")
    git("add", "-A")
    diff = subprocess.run(["git", "diff", "HEAD", "-M"], check=True, capture_output=True).stdout
    (tmp_path / "diff").write_bytes(diff)
    assert ask(capsys, "--diff", str(tmp_path / "diff"), ".") == {BUILD, LAST, TEST}
    assert set(changed_files.of_diff(diff.decode(), ".")) == {
        str(repository / path) for path in ("go.mod", "pages/n.md", "pages/m.md")
    }


def test_only_the_target_is_looked_at(context: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list").write_bytes(b"go.mod\0pages/i.html\0")
    assert ask(capsys, "--files", str(tmp_path / "list"), "--target", "test", str(context)) == {TEST}


def test_a_context_that_is_named_through_a_link(
    repository: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "alias").symlink_to(repository)
    (repository / "go.mod").write_text("2")
    assert ask(capsys, "--git", "HEAD", str(tmp_path / "alias")) == {BUILD, LAST}


def test_the_text_names_causes(context: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list").write_text("pages/i.html")
    assert main(["affected", "--files", str(tmp_path / "list"), "."]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "build: not affected",
        "test: affected",
        "  pages/i.html changed: test:6 RUN --mount=type=bind,source=pages,target=/p check /p",
        "docs: affected",
        "  pages/i.html changed: docs:8 COPY --exclude=*.md pages link /pages/",
        "stage-3: not affected",
    ]


@pytest.mark.parametrize("arguments", [["--git", "nowhere"], ["--files", "/nowhere"], [], ["--git", "a", "--diff", "b"]])
def test_bad_arguments(repository: pathlib.Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(["affected", *arguments, "."]) == 2
    assert capsys.readouterr().err.startswith("llbfront: ")


def test_a_directory_without_git(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ContextError, match="git rev-parse failed"):
        toplevel(str(tmp_path))


@pytest.mark.parametrize("text", ["pages/i.html\n", "x = 1\n", "commit 1\n\n    text\n"])
def test_a_text_that_is_not_a_diff_is_refused(text: str) -> None:
    with pytest.raises(ContextError, match="are not a unified diff"):
        changed_files.of_diff(text, ".")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("\n", 0),
        ("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", 1),
        ("--- a/x\n+++ /dev/null\n", 1),
        ("diff --git a/x b/y\nrename from x\nrename to y\n", 2),
    ],
)
def test_diffs_may_be_empty_or_without_lines(text: str, count: int) -> None:
    assert len(changed_files.of_diff(text, ".")) == count


def test_the_public_function_takes_what_convert_takes(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch AS a\nCOPY x /\nFROM scratch AS b\nARG FILE=y\nCOPY $FILE /\n")
    for name in ("x", "y", "z"):
        (tmp_path / name).write_text(name)
    monkeypatch.chdir(tmp_path)
    assert {stage: bool(causes) for stage, causes in llbfront.affected_stages(".", ["x"]).items()} == {"a": True, "b": False}
    (cause,) = llbfront.affected_stages(".", pathlib.Path("z"), target="b", build_args={"FILE": "z"})["b"]
    assert (cause.kind, cause.path, cause.line) == ("file", "z", 5)
    with pytest.raises(ArgumentError, match="changed"):
        llbfront.affected_stages(".", {"x": 1}.items())  # type: ignore[arg-type]
