"""Connecting waits for the first answer. What is not an engine is one ConnectError, with a cause and a fix for its kind of address."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING

import attrs
import pytest

from llbfront.connhelper import dial as dialing
from llbfront.connhelper.dial import dial
from llbfront.errors import AddressError, ConnectError
from llbfront.pb import control_pb2 as control
from llbfront.rpc.services.control import ControlMethods
from tests.engine import peers
from tests.support.peers.dial_stdio import COPY

if TYPE_CHECKING:
    import pathlib

pytestmark = pytest.mark.slow

PROGRAMS = {
    "ssh://host": "ssh",
    "ssh://ann@host:23/run/bk.sock": "ssh",
    "docker+ssh://host": "ssh",
    "docker-container://bk": "docker",
    "podman-container://bk": "podman",
    "nerdctl-container://bk?namespace=b": "nerdctl",
    "kube-pod://bk?namespace=ci": "kubectl",
}


@attrs.frozen
class Programs:
    """A directory at the front of PATH."""

    directory: pathlib.Path

    def write(self, name: str, script: str, *, interpreter: str = "/bin/sh", mode: int = 0o755) -> None:
        path = self.directory / name
        path.write_text(f"#!{interpreter}\n{script}\n")
        path.chmod(mode)


@pytest.fixture
def programs(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    return Programs(tmp_path / "bin")


def refused(address: str, timeout_s: float = 5.0) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        dial(address, timeout_s=timeout_s)
    error = caught.value
    assert str(error).startswith(f"no engine at {address}: ")
    assert "\n" not in str(error)
    assert error.tried == ((address, error.message.removeprefix(f"no engine at {address}: ")),)
    return error


@pytest.mark.parametrize("address", PROGRAMS)
def test_an_engine_behind_a_helper_program(address: str, programs: Programs, tmp_path: pathlib.Path) -> None:
    programs.write(PROGRAMS[address], COPY.format(path=f"{tmp_path}/engine"), interpreter=sys.executable)
    with peers.engine(f"{tmp_path}/engine", is_docker=address.startswith("docker+")):
        channel = dial(address)
        assert channel.unary(ControlMethods.Info, control.InfoRequest()).buildkitVersion.version == peers.VERSION
        assert channel.log_hint
        channel.close()


@pytest.mark.parametrize("address", PROGRAMS)
@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("echo 'it is broken' >&2; exit 3", "ended with code 3: it is broken"),
        ("printf 'first\\n\\n  second \\n' >&2; exit 1", "ended with code 1: first; second"),
        ("exit 0", "ended with code 0"),
        ("kill -9 $$", "was ended by signal 9"),
        ("exec >&- 2>&-; exec <&-; sleep 5", "closed the connection"),
    ],
)
def test_a_helper_program_that_fails(address: str, script: str, cause: str, programs: Programs) -> None:
    programs.write(PROGRAMS[address], script)
    error = refused(address)
    assert error.tried[0][1] == f"{PROGRAMS[address]} {cause}"
    assert error.hint


@pytest.mark.parametrize("address", PROGRAMS)
def test_a_helper_program_that_hangs_is_ended_with_its_children(address: str, programs: Programs, tmp_path: pathlib.Path) -> None:
    programs.write(PROGRAMS[address], f"echo asking >&2; sleep 60 & echo $! > {tmp_path}/child; wait; exit 1")
    error = refused(address, timeout_s=1)
    assert error.tried[0][1] in {"no answer within 1 s: asking", "no answer within 1 s"}
    assert isinstance(error.__cause__, TimeoutError)
    program = f"/proc/{(tmp_path / 'child').read_text().strip()}/exe"  # a process that has ended has none
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and os.path.exists(program):
        time.sleep(0.05)
    assert not os.path.exists(program)


@pytest.mark.parametrize("address", PROGRAMS)
def test_a_helper_program_that_cannot_run(address: str, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    programs.write(PROGRAMS[address], "", interpreter="/absent/interpreter")
    monkeypatch.setenv("PATH", str(programs.directory))
    assert f"cannot run {programs.directory}/{PROGRAMS[address]}: no such file or directory" in refused(address).message
    monkeypatch.setenv("PATH", "/absent")
    assert refused(address).tried[0][1] == f"{PROGRAMS[address]} is not on PATH"


@pytest.mark.parametrize("address", [address for address in PROGRAMS if "docker+" not in address])
def test_text_in_front_of_the_engine(address: str, programs: Programs) -> None:
    programs.write(PROGRAMS[address], "echo 'Welcome to this host'; cat > /dev/null")
    error = refused(address)
    assert error.tried[0][1] == "it answers 'Welcome to this host' and not HTTP/2"
    assert ("login script" in (error.hint or "")) == address.startswith("ssh")


@pytest.mark.parametrize(
    ("address", "words", "code", "fix"),
    [
        ("ssh://host", "ssh: connect to host host port 22: Connection refused", 255, "try ssh -- host true"),
        ("ssh://ann@host:23", "ssh: connect to host host port 23: No route to host", 255, "try ssh -l ann -p 23 -- host true"),
        ("ssh://host", "ssh: Could not resolve hostname host: Name or service not known", 255, "check the spelling of host"),
        ("ssh://host", "Host key verification failed.", 255, "accept its key"),
        ("ssh://host", "ann@host: Permission denied (publickey,password).", 255, "without a password"),
        ("ssh://host", "bash: line 1: buildctl: command not found", 127, "install buildctl on host"),
        (
            "ssh://host",
            "error: dial unix /run/buildkit/buildkitd.sock: connect: no such file",
            1,
            "name its socket: ssh://host/path",
        ),
        ("docker+ssh://host", "sh: docker: command not found", 127, "install the docker command on host"),
        ("docker-container://bk", "Error response from daemon: No such container: bk", 1, "docker ps"),
        ("docker-container://bk", "Error response from daemon: Container 5 is not running", 1, "docker start bk"),
        ("docker-container://bk", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", 1, "try docker ps"),
        ("docker-container://bk", 'exec: "buildctl": executable file not found in $PATH', 127, "moby/buildkit"),
        ("podman-container://bk", 'Error: no container with name or ID "bk" found', 125, "podman ps"),
        ("kube-pod://bk", 'Error from server (NotFound): pods "bk" not found', 1, "kubectl get pods"),
        ("kube-pod://bk", "The connection to the server localhost:8080 was refused", 1, "does not reach its cluster"),
        ("kube-pod://bk", "error: container x is not valid for pod bk", 1, "?container=NAME"),
        ("kube-pod://bk", 'pods "bk" is forbidden: User "ann" cannot create resource', 1, "pods/exec"),
    ],
)
def test_the_fix_fits_what_the_helper_program_says(address: str, words: str, code: int, fix: str, programs: Programs) -> None:
    programs.write(
        PROGRAMS.get(address, "kubectl" if address.startswith("kube") else "ssh"), f"cat <<'END' >&2\n{words}\nEND\nexit {code}"
    )
    assert fix in (refused(address).hint or "")


@pytest.fixture(params=["unix", "tcp", "docker", "docker+tcp"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def where(scheme: str, directory: pathlib.Path) -> str | tuple[str, int]:
    return ("127.0.0.1", 0) if "tcp" in scheme else f"{directory}/s"


def named(scheme: str, listener: socket.socket) -> str:
    name = listener.getsockname()
    return f"{scheme}://{name}" if isinstance(name, str) else f"{scheme}://127.0.0.1:{name[1]}"


def test_waiting_for_a_late_engine_is_reported(scheme: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialing, "REPORT_AFTER_S", 0.1)
    reports: list[str] = []
    with peers.engine(where(scheme, tmp_path), is_docker="docker" in scheme, delay_s=0.7) as listener:
        dial(named(scheme, listener), report=reports.append).close()
        assert reports == [f"waiting for the engine at {named(scheme, listener)} (up to 15 s)"]


def test_a_prompt_engine_is_not_reported(scheme: str, tmp_path: pathlib.Path) -> None:
    reports: list[str] = []
    with peers.engine(where(scheme, tmp_path), is_docker="docker" in scheme) as listener:
        channel = dial(named(scheme, listener), report=reports.append)
        channel.wait(lambda: False, timeout_s=dialing.REPORT_AFTER_S + 0.1)
        channel.close()
    assert reports == []


def test_a_peer_that_says_nothing(scheme: str, tmp_path: pathlib.Path) -> None:
    with peers.listening(where(scheme, tmp_path)) as listener:
        started = time.monotonic()
        error = refused(named(scheme, listener), timeout_s=0.5)
    assert error.tried[0][1] == "no answer within 0.5 s"
    assert isinstance(error.__cause__, TimeoutError)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\n",
        b"\0\0",
        b"220 mail ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\xde\xad\xbe\xef" * 20,
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"\xff\xff\xff\x04\0\0\0\0\0",
        peers.BAD_REQUEST,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
    ],
)
def test_a_peer_that_is_not_an_engine(scheme: str, answer: bytes, tmp_path: pathlib.Path) -> None:
    with peers.always(where(scheme, tmp_path), answer) as listener:
        assert refused(named(scheme, listener)).hint


def test_no_listener(scheme: str, tmp_path: pathlib.Path) -> None:
    with peers.listening(where(scheme, tmp_path)) as listener:
        address = named(scheme, listener)
    assert refused(address).hint


def test_connecting_leaves_nothing_behind(scheme: str, tmp_path: pathlib.Path) -> None:
    with peers.always(where(scheme, tmp_path), b"220 mail ESMTP\r\n") as listener:
        for _ in range(2):
            refused(named(scheme, listener))
        most_files = len(os.listdir("/proc/self/fd")) + 5  # the ends that the listener keeps
        most_threads = threading.active_count() + 2
        for _ in range(5):
            refused(named(scheme, listener))
        deadline = time.monotonic() + 20
        while len(os.listdir("/proc/self/fd")) > most_files or threading.active_count() > most_threads:
            assert time.monotonic() < deadline, (os.listdir("/proc/self/fd"), threading.enumerate())
            time.sleep(0.05)


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("/run/buildkit/buildkitd.sock", "unix:///run/buildkit/buildkitd.sock"),
        ("unix:/run/buildkit/buildkitd.sock", "unix:///run/buildkit/buildkitd.sock"),
        ("localhost:1234", "tcp://localhost:1234"),
        ("tcp:localhost:1234", "tcp://localhost:1234"),
        ("tpc://localhost:1234", "tcp://localhost:1234"),
        ("http://localhost:1234", "tcp://localhost:1234"),
        ("https://localhost:1234", "tcp://localhost:1234?certs=DIR"),
        ("tls://localhost:1234", "tcp://localhost:1234?certs=DIR"),
        ("npipe:////./pipe/buildkitd", "named pipes exist only on Windows"),
        ("podman://bk", "podman-container://bk"),
        ("pod://bk", "kube-pod://bk"),
        ("gopher://bk", "one of unix"),
        ("buildkitd", "use unix://PATH, tcp://HOST:PORT, or one of docker-container://"),
    ],
)
def test_odd_spellings_get_a_guess(address: str, hint: str) -> None:
    with pytest.raises(AddressError) as caught:
        dial(address)
    assert hint in (caught.value.hint or "")


def test_schemes_may_be_in_capitals(tmp_path: pathlib.Path) -> None:
    with peers.engine(f"{tmp_path}/s"):
        dial(f"UNIX://{tmp_path}/s").close()
