"""Inputs as text, JSON and dependency files."""

import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest

import llbfront
from llbfront.cli.main import main
from llbfront.errors import OptionError
from llbfront.inspection.inputs_report import depfile, read_paths, to_json, to_text

DOCKERFILE = "FROM scratch AS build\nCOPY a$b.txt /\nCOPY *.go dir /d/\nFROM scratch\nCOPY --from=build / /\nCOPY gone /\n"


@pytest.fixture
def context(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    root = tmp_path / "context"
    for path in ("a.txt", "main.go", "dir/with space#1", "dir/x$y", "dir/100%", "other/z"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    (root / "dir/link").symlink_to("x$y")
    (root / "Dockerfile").write_text(DOCKERFILE)
    monkeypatch.chdir(root)
    return root


def test_the_schema_of_the_issue(context: pathlib.Path) -> None:
    document = json.loads(to_json(llbfront.convert(context).inputs(), ()))
    assert document["schema"] == "llbfront.inputs/1"
    assert document["contexts"]["context"]["root"] == str(context)
    first, second, last = document["steps"]
    assert {key: first[key] for key in ("stage", "line", "instruction", "context", "files")} == {
        "stage": "build",
        "line": 2,
        "instruction": "COPY a.txt /",
        "context": "context",
        "files": [{"path": "a.txt", "size_bytes": 5}],
    }
    assert [file["path"] for file in second["files"]] == ["dir/100%", "dir/link", "dir/with space#1", "dir/x$y", "main.go"]
    assert second["files"][1]["link"] == "x$y"
    assert (last["files"], last["missing"]) == ([], ["/gone"])


def test_the_text_names_steps_files_and_what_is_missing(context: pathlib.Path) -> None:
    text = to_text(llbfront.convert(context).inputs(), ())
    assert "build:3  COPY *.go dir /d/  (5 files, 41 B)" in text
    assert "  /gone does not exist in the context" in text
    assert "Largest files:\n       16 B  dir/with space#1" in text


def test_long_lists_are_cut_by_default(context: pathlib.Path) -> None:
    for number in range(20):
        (context / "other" / f"{number:02}").write_text("")
    (context / "Dockerfile").write_text("FROM scratch\nCOPY other /\n")
    inputs = llbfront.convert(context).inputs()
    assert "… 11 more" in to_text(inputs, ())
    assert "other/19" in to_text(inputs, (), shows_all=True)


@pytest.mark.parametrize("options", [[], ["--json"], ["--all"]])
def test_the_command_prints_what_the_library_gives(
    context: pathlib.Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert main(["inputs", *options, "."]) == 0
    inputs = llbfront.convert(context).inputs()
    expected = to_json(inputs, ()) if options == ["--json"] else to_text(inputs, (), shows_all=bool(options))
    assert capsys.readouterr().out == f"{expected}\n"


def test_paths_that_no_dependency_file_can_hold() -> None:
    with pytest.raises(OptionError, match="cannot hold the path"):
        depfile("image", ["a\nb"])


CHANGES = {
    "a listed file": ("touch", "dir/with space#1", True),
    "a file with a dollar": ("touch", "dir/x$y", True),
    "a file with a percent sign": ("touch", "dir/100%", True),
    "the Dockerfile": ("touch", "Dockerfile", True),
    "a new file in a copied directory": ("create", "dir/new", True),
    "a new file that a wildcard takes": ("create", "new.go", True),
    "a removed file": ("remove", "dir/with space#1", True),
    "a file that no step reads": ("touch", "other/z", False),
    "nothing": ("touch", "", False),
}


@pytest.mark.parametrize("tool", ["make", "ninja"])
@pytest.mark.parametrize("name", CHANGES)
def test_dependency_files_run_a_rule_again_when_they_should(
    context: pathlib.Path, tmp_path: pathlib.Path, tool: str, name: str
) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    (context / "gone").write_text("")
    work = tmp_path / "work"
    work.mkdir()
    os.chdir(work)
    paths = [os.path.relpath(context / "Dockerfile"), *read_paths(llbfront.convert(context).inputs(), start=str(work))]
    (work / "saved.d").write_text(depfile("stamp", paths))
    (work / "Makefile").write_text("stamp:\n\tcp saved.d image.d\n\techo ran >> log\n\ttouch stamp\n-include saved.d\n")
    (work / "build.ninja").write_text(
        "rule image\n  command = cp saved.d image.d && echo ran >> log && touch stamp\n  depfile = image.d\nbuild stamp: image\n"
    )
    command = [tool, *(["stamp"] if tool == "make" else ["-d", "explain"])]
    subprocess.run(command, check=True, capture_output=True)
    action, path, runs_again = CHANGES[name]
    time.sleep(0.02)
    changed = context / path
    if action == "remove":
        changed.unlink()
    elif path:
        changed.touch()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (work / "log").read_text().count("ran") == 1 + runs_again, done.stdout + done.stderr
