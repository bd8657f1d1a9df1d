"""Likely causes of failed steps: what was not offered, and Windows line endings."""

from __future__ import annotations

import pytest

import llbfront
from llbfront.client.solve_errors import step_hints
from llbfront.client.solve_errors.solved_graphs import SolvedGraphs
from llbfront.client.solve_errors.step_hints import CARRIAGE_RETURNS
from llbfront.errors import ExecFailed, SolveError
from llbfront.source import Source

TOKEN = 'the step may need the secret token, which was not offered: use secrets="id=token,src=FILE"'
AGENT = 'the step may need the SSH agent default, which was not offered: use ssh="default"'

STEPS: list[tuple[str, tuple[str, ...], tuple[str, ...], str | None]] = [
    # instruction, secrets that are offered, agents that are offered, hint
    ("RUN false", (), (), None),
    ("RUN --mount=type=secret,id=token x", (), (), TOKEN),
    ("RUN --mount=type=secret,id=token x", ("token",), (), None),
    ("RUN --mount=type=secret,id=token x", ("TOKEN", "other"), (), TOKEN),
    ("RUN --mount=type=secret,src=token x", (), (), TOKEN),
    ("RUN --mount=type=secret,target=/etc/token x", (), (), TOKEN),
    ("RUN --mount=type=secret,id=token,env=TOKEN x", (), (), TOKEN),
    ("RUN --mount=type=secret,id=token,env=TOKEN,target=/t x", (), (), TOKEN),
    ("RUN --mount=type=secret,id=token --mount=type=secret,id=token,target=/t x", (), (), TOKEN),
    ("RUN --mount=type=secret,id=a --mount=type=secret,id=token x", ("a",), (), TOKEN),
    (
        "RUN --mount=type=secret,id=a --mount=type=secret,id=b x",
        (),
        (),
        'the step may need the secret a and the secret b, which were not offered: use secrets="id=a,src=FILE" secrets="id=b,src=FILE"',
    ),
    ("RUN --mount=type=ssh x", (), (), AGENT),
    ("RUN --mount=type=ssh x", (), ("default",), None),
    (
        "RUN --mount=type=ssh,id=mine x",
        (),
        ("default",),
        'the step may need the SSH agent mine, which was not offered: use ssh="mine"',
    ),
    ("RUN --mount=type=ssh --mount=type=secret,id=a x", ("a",), (), AGENT),
    ("RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t x", (), (), None),
    ("RUN <<EOF\r\nset -e\r\nEOF", (), (), CARRIAGE_RETURNS),
    ("RUN <<EOF\r\n#!/usr/bin/env python3\r\nprint()\r\nEOF", (), (), CARRIAGE_RETURNS),
    ("RUN bash <<EOF\r\nset -e\r\nEOF", (), (), CARRIAGE_RETURNS),
    ("RUN <<EOF\nset -e\nEOF", (), (), None),
    ("RUN false\r", (), (), None),
    ("RUN a \\\r\n  b\r", (), (), None),
    ("RUN --mount=type=secret,id=token <<EOF\r\nset -e\r\nEOF", (), (), f"{TOKEN}; {CARRIAGE_RETURNS}"),
]


def failed(
    text: str, *, is_known: bool, command: tuple[str, ...] = ("/bin/sh", "-c")
) -> tuple[ExecFailed, tuple[llbfront.llb.Definition, ...]]:
    definition = llbfront.convert(text).definition
    solved = SolvedGraphs([definition])
    (vertex,) = [digest for digest in definition.digests if (op := solved.op(digest)) and op.WhichOneof("op") == "exec"]
    spans = definition.locations[vertex]
    error = ExecFailed("RUN x: exit code 1", exit_code=1, command=command if is_known else (), vertex=vertex, spans=spans)
    return error, (definition,) if is_known else ()


@pytest.mark.parametrize("is_known", [True, False], ids=["graph", "other frontend"])
@pytest.mark.parametrize(("step", "secrets", "agents", "hint"), STEPS)
def test_what_was_not_offered_is_named_with_its_flag(
    step: str, secrets: tuple[str, ...], agents: tuple[str, ...], hint: str | None, is_known: bool
) -> None:
    error, graphs = failed(f"FROM alpine\n{step}\n", is_known=is_known)
    step_hints.add_hints(error, graphs, secrets=secrets, agents=agents)
    assert error.hint == hint


def test_names_that_variables_make_are_known_from_the_graph() -> None:
    error, graphs = failed("FROM alpine\nARG NAME=token\nRUN --mount=type=secret,id=$NAME x\n", is_known=True)
    step_hints.add_hints(error, graphs)
    assert error.hint == TOKEN


def test_the_shell_of_windows_reads_carriage_returns() -> None:
    text = 'FROM alpine\nSHELL ["powershell", "-c"]\nRUN <<EOF\r\nGet-Date\r\nEOF\n'
    error, graphs = failed(text, is_known=True, command=("powershell", "-c"))
    step_hints.add_hints(error, graphs)
    assert error.hint is None


def test_a_step_that_a_trigger_brought_is_known_from_the_graph() -> None:
    error, graphs = failed("FROM alpine AS a\nONBUILD RUN --mount=type=secret,id=token x\nFROM a\n", is_known=True)
    step_hints.add_hints(error, graphs)
    assert error.hint == TOKEN


@pytest.mark.parametrize("source", [b"", b"FROM a\n", b"\xff\n\xff\n", b"RUN\n", b"FROM a\nRUN --mount=type=secret,id x\n"])
def test_a_place_that_cannot_be_read_gives_no_hint(source: bytes) -> None:
    error = ExecFailed("x", exit_code=1, spans=(Source("Dockerfile", source).at(2),))
    step_hints.add_hints(error, ())
    assert error.hint is None


def test_other_errors_are_left_alone() -> None:
    error = SolveError("x", spans=(Source("Dockerfile", b"FROM a\nRUN --mount=type=secret,id=b x\n").at(2),))
    step_hints.add_hints(error, ())
    assert error.hint is None
