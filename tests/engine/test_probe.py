"""Each thing that can be behind an address gives its own answer, with a cause and a fix."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from typing import TYPE_CHECKING

import pytest

from llbfront.connhelper.dial_failure import DialFailure
from llbfront.engine.probe import Answer, probe, probe_docker
from tests.engine.peers import BAD_REQUEST, SETTINGS, always, engine, listening

if TYPE_CHECKING:
    import pathlib

DOCKER = "Server: Docker/24.0.7 (linux)\r\nApi-Version: 1.43\r\n"


def refusal(address: str, timeout_s: float = 1.0) -> DialFailure:
    outcome = probe(address, timeout_s=timeout_s)
    assert isinstance(outcome, DialFailure)
    return outcome


@pytest.fixture
def path(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "s")


def test_buildkitd_answers_the_preface(path: str) -> None:
    with listening(path, SETTINGS):
        assert probe(f"unix://{path}") == Answer()


def test_docker_upgrades_to_its_buildkit(path: str) -> None:
    with engine(path, is_docker=True):
        assert probe(f"unix://{path}") == Answer(is_docker=True)
        assert probe(f"docker://{path}") == Answer(is_docker=True)
        assert probe_docker(f"docker://{path}") == Answer(is_docker=True)
    with engine(("127.0.0.1", 0), is_docker=True) as listener:
        assert probe(f"docker+tcp://127.0.0.1:{listener.getsockname()[1]}") == Answer(is_docker=True)


@pytest.mark.parametrize(
    ("head", "cause", "fix"),
    [
        ("403 Forbidden\r\n", "forbidden", "allow POST on /grpc"),
        ("401 Unauthorized\r\n", "requires authentication", "log in"),
        (f"404 Not Found\r\n{DOCKER}", "no BuildKit", "llbfront engine start"),
        ("404 Not Found\r\nServer: Libpod/4.3.1\r\nLibpod-Api-Version: 4.3.1\r\n", "no BuildKit", "llbfront engine start"),
        (f"500 Oops\r\n{DOCKER}", "does not offer its BuildKit (HTTP/1.1 500 Oops)", "update"),
        (
            "404 Not Found\r\nServer: nginx\r\n",
            "an HTTP server that is not an engine answers: HTTP/1.1 404 Not Found",
            "right socket",
        ),
        ("502 Bad Gateway\r\n", "an HTTP server that is not an engine answers: HTTP/1.1 502 Bad Gateway", "right socket"),
    ],
)
def test_http_servers_without_buildkit(path: str, head: str, cause: str, fix: str) -> None:
    with listening(path, BAD_REQUEST, f"HTTP/1.1 {head}\r\n".encode()):
        refused = refusal(f"unix://{path}")
    assert cause in refused.cause
    assert fix in (refused.fix or "")


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (b"220 mail.example ESMTP\r\n", "it answers '220 mail.example ESMTP' and not HTTP/2"),
        (b"\xff\x00garbage", "and not HTTP/2"),
        (b"\0\0\0", "and not HTTP/2"),
        (b"x" * 500, "…' and not HTTP/2"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "it expects TLS"),
        (b"\x16\x03\x01\x02\x00", "it expects TLS"),
        (b"", "it closes the connection without an answer"),
    ],
)
def test_something_else_listens(path: str, answer: bytes, cause: str) -> None:
    with always(path, answer):
        refused = refusal(f"unix://{path}")
    assert cause in refused.cause or refused.cause == "the connection was closed"
    assert refused.fix is not None


def test_tls_over_tcp_names_the_option_for_certificates() -> None:
    with always(("127.0.0.1", 0), b"\x15\x03\x01\x00\x02\x02\x46") as listener:
        refused = refusal(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
    assert refused.cause == "it expects TLS"
    assert "?certs=DIR" in (refused.fix or "")


def test_silence_ends_in_time(path: str) -> None:
    with listening(path):
        assert refusal(f"unix://{path}", timeout_s=0.05).cause == "no answer within 0.05 s"


def test_no_socket(path: str) -> None:
    assert refusal(f"unix://{path}").cause == "no such socket"
    assert refusal(f"unix://{path}/under").cause == "no such socket"


def test_a_file_that_is_not_a_socket(path: str) -> None:
    with open(path, "w", encoding="utf-8"):
        pass
    assert refusal(f"unix://{path}").cause == "not a socket"


def test_a_socket_left_behind(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)
    assert "a stopped engine left it there" in refusal(f"unix://{path}").cause


def test_no_server_on_the_port() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert refusal(f"tcp://127.0.0.1:{free.getsockname()[1]}").cause == "connection refused"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_permission_denied_names_who_may() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as public:
        os.chmod(public, 0o755)
        path = f"{public}/s"
        with listening(path, SETTINGS):
            os.chmod(path, 0o660)
            code = (
                "import os, sys; from llbfront.engine.probe import probe; import grp, errno; os.setgid(65534); os.setuid(65534);"
                f"print(probe('unix://{path}'))"
            )
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "permission denied" in done.stdout
    assert "run as root" in done.stdout


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("tcp://:1234", "'tcp://:1234' has no host"),
        ("gopher://x", "unknown scheme gopher:// in the address of an engine"),
        ("just words", "'just words' is not an address of an engine"),
        ("", "'' is not an address of an engine"),
        ("npipe:////./pipe/buildkitd", "unknown scheme npipe:// in the address of an engine"),
        ("tcp://host:99999", "'tcp://host:99999' is not an address of an engine: Port out of range 0-65535"),
    ],
)
def test_an_invalid_address_is_refused_with_a_cause(address: str, cause: str) -> None:
    assert refusal(address).cause == cause


def test_a_helper_program_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal("kube-pod://buildkitd") == DialFailure("kubectl is not on PATH", "install kubectl")


def test_a_helper_program_that_fails_is_not_an_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    program = tmp_path / "kubectl"
    program.write_text("#!/bin/sh\necho 'Error from server (NotFound): pods \"buildkitd\" not found' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    refused = refusal("kube-pod://buildkitd")
    assert refused.cause == 'kubectl ended with code 1: Error from server (NotFound): pods "buildkitd" not found'
    assert "kubectl get pods" in (refused.fix or "")


def test_an_answer_that_trickles_is_not_waited_for(tmp_path: pathlib.Path) -> None:
    def trickle(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            for _ in range(200):
                connection.sendall(b"H")
                time.sleep(0.05)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "sock"))
        listener.listen()
        thread = threading.Thread(target=trickle, args=(listener,))
        thread.start()
        begun = time.monotonic()
        assert isinstance(probe(f"unix://{tmp_path}/sock", timeout_s=0.3), DialFailure)
        assert time.monotonic() - begun < 5
        thread.join()
