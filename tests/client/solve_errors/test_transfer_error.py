"""Failed transfers of local files: the line of the ignore file, or the instruction that wants the files."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.client.inputs.contexts import Inputs
from llbfront.client.solve_errors.transfer_error import transfer_failure
from llbfront.errors import ContextError, LlbfrontError, SolveError
from llbfront.fsutil.errors import ChangedPath, UnreadablePath
from llbfront.fsutil.walk import walk
from tests.fsutil.trees import Dir, File, Link, Node, build

if TYPE_CHECKING:
    from llbfront.llb.definition import Definition

TREE: Mapping[str, Node] = {"data/pub/f": File(), "soft": Link("data"), "q/f": File(), "x[1]/f": File(), "empty": Dir()}
COPIES = "FROM scratch\nCOPY q/f /a\nCOPY {} /b\nCOPY z /c\n"


@functools.cache
def graph(text: str, contexts: tuple[tuple[str, str], ...] = ()) -> Definition:
    return llbfront.convert(text, contexts=dict(contexts)).definition


def inputs(directory: Path, **options: str) -> Inputs:
    return Inputs(dict.fromkeys(("context", "dockerfile", "n"), str(directory)), options)


def located(directory: Path, text: str, cause: LlbfrontError, name: str = "context") -> str:
    contexts = (("n", str(directory)),) if name == "n" else ()
    return str(transfer_failure(SolveError("from the engine"), name, cause, [graph(text, contexts)], inputs(directory)))


def denied(path: str) -> UnreadablePath:
    return UnreadablePath(path, PermissionError(13, "Permission denied"))


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("data/pub", "data"),
        ("data/pub", "data/pub"),
        ("data/pub", "data/pub/f"),
        ("./data//pub/", "data"),
        ("/data", "data/pub"),
        ("d*/pub", "data"),
        ("*/pub", "data"),
        ("d?ta", "data"),
        ("--parents **/pub", "data"),
        ("--exclude=*.md data", "data"),
        ("soft/pub", "data"),
        ("soft/pub", "data/pub"),
        ("y data/pub", "data"),
        (".", "data"),
        (".", ""),
    ],
)
def test_an_unreadable_path_is_placed_at_the_instruction_that_wants_it(tmp_path: Path, source: str, path: str) -> None:
    build(tmp_path, TREE)
    told = located(tmp_path, COPIES.format(source), denied(path))
    hint = "change its permissions, or leave it out in .dockerignore"
    assert told == f"Dockerfile:3: cannot read {path or '.'}: permission denied ({hint})"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("FROM scratch\nCOPY q /\nADD data/pub /\n", 3),
        ("FROM alpine\nRUN --mount=type=bind,source=q,target=/q x\nRUN --mount=type=bind,source=data,target=/d x\n", 3),
        ("FROM alpine\nRUN x\nRUN --mount=type=bind,target=/d x\n", 3),
        ("FROM scratch AS a\nCOPY q /\nFROM scratch\nCOPY --from=a q /\nCOPY data/p* /\n", 5),
    ],
)
def test_all_instructions_that_read_a_context_are_known(tmp_path: Path, text: str, line: int) -> None:
    build(tmp_path, TREE)
    assert located(tmp_path, text, denied("data")).startswith(f"Dockerfile:{line}: cannot read data")


def test_a_named_context_is_named(tmp_path: Path) -> None:
    build(tmp_path, TREE)
    text = "FROM scratch\nCOPY . /\nCOPY --from=n q /q\nCOPY --from=n data /d\n"
    told = located(tmp_path, text, denied("data"), "n")
    assert told.startswith("Dockerfile:4: cannot read data: permission denied (")
    assert told.endswith("in the build context n)")


def test_a_changed_file_is_placed(tmp_path: Path) -> None:
    told = located(tmp_path, COPIES.format("data"), ChangedPath("data/pub/f", "was removed"))
    assert told.startswith("Dockerfile:3: data/pub/f was removed while it was sent (")


def test_a_malformed_source_is_placed(tmp_path: Path) -> None:
    cause = failure_of(tmp_path, follow_paths=["q/f", "a[0.txt"])
    told = located(tmp_path, COPIES.format("a[0.txt"), cause)
    assert told == "Dockerfile:3: syntax error in pattern (the pattern is a[0.txt)"


@pytest.mark.parametrize(
    ("name", "filename", "options"),
    [
        ("context", ".dockerignore", {"filename": "Dockerfile"}),
        ("context", "D.dockerignore", {"filename": "D"}),
        ("n", ".dockerignore", {}),
    ],
)
@pytest.mark.parametrize(
    ("data", "pattern", "line"),
    [
        ("# x\n\na\\kc*\n", r"a\kc*", 3),
        ("ok\r\n  /b\\output/../b\\output/*  \r\n", r"b\output/*", 2),
        ("\ufeffok\n! x{2000}?\n", "x{2000}?", 2),
        ("a\\yb*\na\\yb*\n", r"a\yb*", 1),
    ],
)
def test_a_malformed_line_of_an_ignore_file_is_placed(
    tmp_path: Path, name: str, filename: str, options: dict[str, str], data: str, pattern: str, line: int
) -> None:
    from llbfront.frontend.ignorefile import IgnoreFile

    (tmp_path / filename).write_bytes(data.encode())
    build(tmp_path / "tree", {"x": File(), "ok/y": File()})
    patterns = ["x", *IgnoreFile.parse(data.encode()).patterns]
    cause = failure_of(tmp_path / "tree", exclude=patterns[1:] if "! " not in data else ["*", *patterns[2:]])
    error = transfer_failure(SolveError("from the engine"), name, cause, [graph(COPIES.format("."))], inputs(tmp_path, **options))
    assert str(error).startswith(f"{filename}:{line}: syntax error in pattern (the pattern is {pattern}")


def failure_of(root: Path, **filters: list[str]) -> LlbfrontError:
    with pytest.raises(LlbfrontError) as caught:
        list(walk(str(root), **filters))  # type: ignore[arg-type]
    return caught.value


def test_what_has_no_place_keeps_that_of_the_engine(tmp_path: Path) -> None:
    span = next(spans[0] for spans in graph(COPIES.format(".")).locations.values() if spans)
    error = transfer_failure(SolveError("from the engine", spans=[span]), "context", ContextError("odd"), [], inputs(tmp_path))
    assert str(error) == f"{span}: odd"
