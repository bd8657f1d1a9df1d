"""What engines send, as our values."""

import base64
import json

import pytest

from llbfront.client import wire
from llbfront.errors import ExecFailed, RpcError, SolveError, TransportError
from llbfront.pb import control
from llbfront.progress.trace import Trace

SOURCE = {
    "info": {"filename": "Dockerfile", "data": base64.b64encode(b"FROM a\nRUN x\n").decode()},
    "ranges": [{"start": {"line": 2}, "end": {"line": 2}}],
}


def refused(message: str, *details: tuple[str, object], code: int = 2) -> RpcError:
    encoded = [(f"github.com/moby/buildkit/{kind}+json", json.dumps(value).encode()) for kind, value in details]
    return RpcError(message, code=code, details=encoded)


def test_a_failed_command_has_its_code_and_place() -> None:
    error = wire.failure(refused("process failed", ("errdefs.Source", SOURCE), ("gatewayapi.ExitMessage", {"Code": 3})), Trace())
    assert isinstance(error, ExecFailed)
    assert error.exit_code == 3
    assert str(error).startswith("Dockerfile:2: ")


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ('failed to calculate checksum of ref a::b: "/x y": not found', '"/x y" does not exist', ".dockerignore"),
        ("secret token: not found", "secret token was not offered", "--secret"),
        ("failed to push r/a: 401 Unauthorized", "401 Unauthorized", "docker login"),
        ("something else", "something else", ""),
    ],
)
def test_common_mistakes_are_said_clearly(said: str, message: str, hint: str) -> None:
    error = wire.failure(refused(said), Trace())
    assert message in error.message
    assert hint in (error.hint or "")


def test_a_lost_connection_is_no_failed_build() -> None:
    assert isinstance(wire.failure(refused("connection reset", code=14), Trace()), TransportError)


def test_damaged_details_are_passed_over() -> None:
    damaged = RpcError("failed", code=2, details=[("github.com/moby/buildkit/errdefs.Source+json", b"{"), ("unknown", b"\xff")])
    error = wire.failure(damaged, Trace())
    assert isinstance(error, SolveError)
    assert error.span is None


def test_times_are_nanoseconds_and_absent_ones_none() -> None:
    vertex = control.Vertex(digest="sha256:1", name="step", started=5_000_000_007)
    event = wire.status_event(control.StatusResponse(vertexes=[vertex]))
    assert event.vertexes[0].started_ns == 5_000_000_007
    assert event.vertexes[0].completed_ns is None
