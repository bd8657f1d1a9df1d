"""`llbfront llb -o FILE`: the suffix of the file decides, as it does in the library."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable

import pytest

import llbfront
from llbfront.cli.main import main
from llbfront.inspection.formats import FORMS, SUFFIXES

DOCKERFILE = "FROM scratch\nCOPY Dockerfile /\n"


@pytest.fixture
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_command_and_library_write_the_same_file(place: pathlib.Path, suffix: str) -> None:
    assert main(["llb", "-o", f"command{suffix}", "."]) == 0
    llbfront.convert(str(place)).save(place / f"library{suffix}")
    assert (place / f"command{suffix}").read_bytes() == (place / f"library{suffix}").read_bytes()


def test_every_form_has_a_suffix() -> None:
    assert set(SUFFIXES.values()) == set(FORMS)


@pytest.mark.parametrize(
    ("words", "file", "is_right"),
    [
        (["-o", "g.JSON"], "g.JSON", lambda data: json.loads(data)["nodes"]),
        (["-o", "g.json", "--format", "dot"], "g.json", lambda data: data.startswith(b"digraph")),
        (["-o", "g", "--json"], "g", json.loads),
        (["-o", "g"], "g", lambda data: data.startswith(b"#2 file")),
        (["-o", "a.b/g"], "a.b/g", lambda data: data.startswith(b"#2 file")),
        (["-o", "g.svg", "--format", "dot"], "g.svg", lambda data: data.startswith(b"digraph")),
        (["--output=g.dot"], "g.dot", lambda data: data.startswith(b"digraph")),
    ],
)
def test_format_wins_and_no_suffix_means_tree(
    place: pathlib.Path, words: list[str], file: str, is_right: Callable[[bytes], object]
) -> None:
    (place / "a.b").mkdir()
    assert main(["llb", *words, "."]) == 0
    assert is_right((place / file).read_bytes())


@pytest.mark.parametrize(("name", "hint"), [("g.pdf", "llbfront graph"), ("g.yaml", "one of .pb"), ("g.png", "llbfront graph")])
def test_an_unknown_suffix_is_refused(place: pathlib.Path, capsys: pytest.CaptureFixture[str], name: str, hint: str) -> None:
    assert main(["llb", "-o", name, "."]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and f"the suffix {pathlib.Path(name).suffix} of {name}" in error and hint in error
    assert not (place / name).exists()
