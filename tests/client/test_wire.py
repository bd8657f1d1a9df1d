"""What the engine says of a failure, and what is made of it where it says little."""

import pytest

from llbfront import llb
from llbfront.client import wire
from llbfront.errors import ExecFailed, RpcError, SolveError
from llbfront.llb.definition import Definition
from llbfront.oci.platform import parse
from llbfront.progress.events import StatusEvent, Vertex
from llbfront.progress.trace import Trace, fold
from llbfront.text import LineRange, Source, Span

SOURCE = Source("Dockerfile", b"FROM alpine\nRUN false\n")


@pytest.fixture
def graph() -> Definition:
    span = Span(SOURCE, (LineRange(2, 2),))
    state = llb.image("docker.io/library/alpine:latest").run(("false",), meta=llb.OpMeta(spans=(span,))).root
    return llb.marshal(state, platform=parse("linux/amd64"))


def failed(graph: Definition, error: str) -> Trace:
    vertex = Vertex(graph.digests[1], "[2/2] RUN false", started_ns=1, completed_ns=2, error=error)
    return fold(Trace(), StatusEvent((vertex,)))


def test_an_engine_without_details_is_understood_by_trace_and_graph(graph: Definition) -> None:
    text = "executor failed running [false]: exit code: 1"
    error = wire.failure(RpcError(text, code=2), failed(graph, text), [graph])
    assert isinstance(error, ExecFailed)
    assert str(error) == "Dockerfile:2: [2/2] RUN false: exit code 1"
    assert (error.exit_code, error.command, error.vertex) == (1, ("false",), graph.digests[1])


def test_a_failure_without_a_step_has_no_place(graph: Definition) -> None:
    error = wire.failure(RpcError("no space left on device", code=2), Trace(), [graph])
    assert isinstance(error, SolveError)
    assert str(error) == "no space left on device"


@pytest.mark.parametrize(
    "text",
    [
        'failed to compute cache key: failed to calculate checksum of ref x::y: "/none": not found',
        'failed to compute cache key: "/none" not found: not found',
    ],
)
def test_a_missing_source_is_worded_alike_for_all_engines(graph: Definition, text: str) -> None:
    error = wire.failure(RpcError(text, code=2), failed(graph, text), [graph])
    assert str(error).startswith('Dockerfile:2: "/none" does not exist (')
