"""Which files are taken for saved graphs, and which for Dockerfiles."""

import pathlib

import pytest

import llbfront
from llbfront.inspection.formats import is_graph

GRAPH = llbfront.convert("FROM busybox\nRUN printf '\\033[1m'\nARG A\nRUN true\n")
DEFINITION = GRAPH.definition.encode()

DOCKERFILES = {
    "an escape sequence": b"FROM busybox\nRUN printf '\x1b[31m'\n",
    "an escape sequence in a comment": b"# \x1b[1mbold\nFROM busybox\n",
    "a bell before the first instruction": b"\n# \x07\n  from busybox\n",
    "an ARG first": b"ARG A=\x01\nFROM $A\n",
    "NUL in a command": b"FROM busybox\nRUN a\0b\n",
    "control characters in a heredoc": b"FROM a\nCOPY <<E /x\n\x04\x1a\nE\n",
    "an empty line first": b"\nFROM busybox\nRUN \x1b\n",
    "text": b"FROM busybox\n",
    "nothing": b"",
}
# What is no Dockerfile is read as a graph, so that the error is about one.
NOT_DOCKERFILES = {
    "a definition": DEFINITION,
    "a cut definition": DEFINITION[:30],
    "no fields": b"\n\x05garbage\x00",
    "JSON": b' {"ops": []}',
    "a program": b"\x7fELF\x02\x01\x01\0",
}


@pytest.mark.parametrize("name", DOCKERFILES)
def test_a_dockerfile_is_no_graph(name: str) -> None:
    assert not is_graph(DOCKERFILES[name])


@pytest.mark.parametrize("name", NOT_DOCKERFILES)
def test_what_is_no_dockerfile_is_taken_for_a_graph(name: str) -> None:
    assert is_graph(NOT_DOCKERFILES[name])


@pytest.mark.parametrize("suffix", ["pb", "llb", "json", "msgpack"])
def test_what_is_saved_is_a_graph(suffix: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / f"graph.{suffix}"
    GRAPH.save(file)
    assert is_graph(file.read_bytes())
