"""Each thing that can be behind an address gives its own answer, with a cause and a fix."""

import os
import pathlib
import socket

import pytest

from llbfront.engine.probe import Answer, Refusal, probe
from tests.engine.peers import SETTINGS, listening

HTTP = b"HTTP/1.1 400 Bad Request\r\n\r\n"


def refusal(address: str, timeout_s: float = 1.0) -> Refusal:
    outcome = probe(address, timeout_s=timeout_s)
    assert isinstance(outcome, Refusal)
    return outcome


@pytest.fixture
def path(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "s")


def test_buildkitd_answers_the_preface(path: str) -> None:
    with listening(path, SETTINGS):
        assert probe(f"unix://{path}") == Answer()


def test_docker_upgrades_to_its_buildkit(path: str) -> None:
    with listening(path, HTTP, b"HTTP/1.1 101 UPGRADED\r\n\r\n"):
        assert probe(f"unix://{path}") == Answer(is_docker=True)


def test_addresses_that_say_docker(path: str) -> None:
    with listening(path, HTTP, b"HTTP/1.1 101 UPGRADED\r\n\r\n"):
        assert probe(f"docker://{path}") == Answer(is_docker=True)
    with listening(("127.0.0.1", 0), HTTP, b"HTTP/1.1 101 UPGRADED\r\n\r\n") as listener:
        assert probe(f"docker+tcp://127.0.0.1:{listener.getsockname()[1]}") == Answer(is_docker=True)


@pytest.mark.parametrize(
    ("status", "cause", "fix"),
    [
        ("403 Forbidden", "forbidden", "allow POST on /grpc"),
        ("404 Not Found", "no BuildKit", "llbfront engine start"),
        ("401 Unauthorized", "logged in", "log in"),
        ("500 Oops", "HTTP 500", "update"),
    ],
)
def test_docker_without_buildkit(path: str, status: str, cause: str, fix: str) -> None:
    with listening(path, HTTP, f"HTTP/1.1 {status}\r\n\r\n".encode()):
        refused = refusal(f"unix://{path}")
    assert cause in refused.cause
    assert fix in (refused.fix or "")


def test_somebody_else_listens(path: str) -> None:
    with listening(path, b"220 mail.example ESMTP\r\n"):
        assert "neither gRPC nor HTTP" in refusal(f"unix://{path}").cause


def test_tls_counts_as_there() -> None:
    with listening(("127.0.0.1", 0), b"\x15\x03\x01\x00\x02\x02\x46") as listener:
        assert probe(f"tcp://127.0.0.1:{listener.getsockname()[1]}") == Answer(wants_tls=True)


def test_silence_ends_in_time(path: str) -> None:
    with listening(path):
        assert refusal(f"unix://{path}", timeout_s=0.05).cause == "no answer within 0.05 s"


def test_no_socket(path: str) -> None:
    assert refusal(f"unix://{path}").cause == "no such socket"
    assert refusal(f"unix://{path}/under").cause == "no such socket"


def test_a_file_that_is_no_socket(path: str) -> None:
    pathlib.Path(path).write_text("")
    assert refusal(f"unix://{path}").cause == "not a socket"


def test_a_socket_left_behind(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)
    assert "left behind" in refusal(f"unix://{path}").cause


def test_nobody_on_the_port() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert refusal(f"tcp://127.0.0.1:{free.getsockname()[1]}").cause == "connection refused"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_permission_denied_names_who_may(tmp_path: pathlib.Path) -> None:
    import subprocess
    import sys
    import tempfile

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


@pytest.mark.parametrize("address", ["tcp://host-only", "tcp://:1234", "gopher://x", "just words", ""])
def test_bad_addresses(address: str) -> None:
    assert refusal(address).fix


def test_a_helper_program_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal("kube-pod://buildkitd").cause == "kubectl is not on PATH"
    (tmp_path / "kubectl").touch(mode=0o755)
    assert probe("kube-pod://buildkitd") == Answer()
