"""What an engine is given to log in to a registry, and what becomes of a credential helper when the build ends."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.errors import SolveError
from tests.http.servers import Answer, serve

if TYPE_CHECKING:
    from tests.http.servers import Question
    from tests.live.conftest import Engine

PAIR = base64.b64encode(b"ann:not-for-others").decode()


def answer(question: Question, host: str) -> Answer:
    """A registry without images, which wants a token, and its token server."""
    if question.path.startswith("/token"):
        return Answer(200, b'{"token": "issued"}')
    status = 404 if (question.authorization or "").startswith("Bearer ") else 401
    return Answer(status, b"", {"WWW-Authenticate": f'Bearer realm="http://{host}/token",service="s",scope="repository:base:pull"'})


@pytest.mark.parametrize(
    ("entry", "token", "requests"),
    [
        ({"registrytoken": "fixed"}, "fixed", []),
        ({"auth": PAIR}, "issued", ["POST"]),
        ({"identitytoken": "id"}, "issued", ["POST"]),
    ],
    ids=["registrytoken", "auth", "identitytoken"],
)
def test_the_engine_gets_a_token_and_no_password(
    engine: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, entry: dict[str, str], token: str, requests: list[str]
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with serve(lambda question: answer(question, registry.host)) as registry:
        (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.host: entry}}))
        (tmp_path / "Dockerfile").write_text(f"FROM {registry.host}/base\n")
        with llbfront.connect(engine.address) as connection, pytest.raises(SolveError, match="not found"):
            connection.build(tmp_path, pull=True)
    seen = {question.authorization for question in registry.questions if not question.path.startswith("/token")}
    assert f"Bearer {token}" in seen
    assert seen <= {None, f"Bearer {token}"}
    assert [question.method for question in registry.questions if question.path.startswith("/token")] == requests


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_helper_that_hangs_is_named_and_ends_with_the_build(
    engine: Engine, tmp_path: pathlib.Path, number: signal.Signals, code: int
) -> None:
    program = tmp_path / "docker-credential-hangs"
    program.write_text(f"#!/bin/sh\necho 'enter code 12' >&2\nsleep 300 & echo $! > {tmp_path}/pid; wait\n")
    program.chmod(0o755)
    environ = {**os.environ, "DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "llbfront", "build", "--addr", engine.address, "--progress", "plain", "--pull", str(tmp_path)]
    with serve(lambda question: answer(question, registry.host)) as registry:
        (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {registry.host: "hangs"}}))
        (tmp_path / "Dockerfile").write_text(f"FROM {registry.host}/base\n")
        with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as build:
            assert build.stderr is not None
            assert any("[auth] waiting for docker-credential-hangs: enter code 12" in line for line in build.stderr)
            build.send_signal(number)
            begun = time.monotonic()
            assert build.wait(20) == code
    assert time.monotonic() - begun < 15
    assert not pathlib.Path("/proc", (tmp_path / "pid").read_text().strip()).exists()
