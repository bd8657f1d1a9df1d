"""Standard streams that are closed, full, or lose their reader: no traceback, and the exit code is the command's own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pathlib
import pty
import signal
import socket
import subprocess
import sys
import tarfile
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).parents[2]
NOWHERE = "unix:///nowhere/buildkitd.sock"
# Arguments, exit code, and whether the answer is printed on standard output.
COMMANDS: dict[str, tuple[Sequence[str], int, bool]] = {
    "help": (["--help"], 0, True),
    "usage": (["build", "--nope"], 2, False),
    "no engine": (["build", "--addr", NOWHERE, "."], 3, False),
    "check": (["check", "."], 4, True),
    "build check": (["build", "--check", "."], 4, True),
    "outline": (["outline", "."], 0, True),
    "targets": (["targets", "--json", "."], 0, True),
    "llb": (["llb", "--format", "json", "."], 0, True),
    "tree": (["llb", "."], 0, True),
    "graph": (["graph", "."], 0, True),
    "graph in JSON": (["graph", "--json", "."], 0, True),
    "SVG": (["graph", "--format", "svg", "."], 0, True),
    "page": (["graph", "--format", "html", "."], 0, True),
    "inputs": (["inputs", "."], 0, True),
    "stages": (["stages", "--json", "."], 0, True),
    "ignored": (["ignored", "Dockerfile"], 0, True),
    "affected": (["affected", "--files", "Dockerfile", "."], 0, True),
    "rule": (["check", "--explain", "StageNameCasing"], 0, True),
    "engine": (["engine", "status"], 3, True),
    "bad dockerfile": (["llb", "bad"], 1, False),
    "doctor": (["doctor", "--addr", NOWHERE], 3, True),
    "completion": (["completion", "bash"], 0, True),
    "frontend": (["frontend", "image", "nothing.py"], 2, False),
    "version": (["--version"], 0, True),
    "builds in JSON": (["why", "--list", "--json"], 0, True),
    "difference": (["diff", ".", "other"], 4, True),
    "plan": (["bake", "-f", "docker-bake.json", "--print"], 0, True),
    "definition from standard input": (["bake", "-f", "-", "--print"], 2, False),
    "lock": (["lock", "--addr", NOWHERE, "."], 3, False),
    "prune": (["prune"], 2, False),
    "uninstall": (["engine", "uninstall"], 2, False),
    "layers": (["layers", "image.tar"], 0, True),
}


@pytest.fixture
def place(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\nCMD foo\n")
    (tmp_path / "bad").write_text("FRMO scratch\n")
    (tmp_path / "other").write_text("FROM scratch\nCMD bar\n")
    (tmp_path / "docker-bake.json").write_text('{"target": {"default": {}}}')
    with tarfile.open(tmp_path / "image.tar", "w") as image:
        for name, data in {"manifest.json": b'[{"Config": "config"}]', "config": b"{}"}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            image.addfile(entry, io.BytesIO(data))
    return tmp_path


def run(place: pathlib.Path, name: str, redirections: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell, with redirections of its streams."""
    arguments, _, _ = COMMANDS[name]
    command = f'"$PYTHON" -m llbfront "$@" {redirections}'
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHON": sys.executable, "HOME": str(place), "BUILDKIT_HOST": NOWHERE}
    environ.pop("XDG_STATE_HOME", None)
    words = ["bash", "-c", command, "bash", *arguments]
    return subprocess.run(
        words,
        cwd=place,
        env=environ,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_an_answer_that_closed_streams_lose_is_an_error(place: pathlib.Path, name: str) -> None:
    _, code, answers = COMMANDS[name]
    done = run(place, name, "<&- >&- 2>&-")
    assert done.returncode == (code or int(answers))


@pytest.mark.parametrize("name", COMMANDS)
def test_an_answer_that_a_closed_standard_output_loses_is_an_error(place: pathlib.Path, name: str) -> None:
    _, code, answers = COMMANDS[name]
    done = run(place, name, ">&-")
    assert "Traceback" not in done.stderr
    assert done.returncode == (code or int(answers))
    assert ("llbfront: cannot write to standard output: it is closed" in done.stderr.splitlines()) is answers


@pytest.mark.parametrize("name", COMMANDS)
def test_an_answer_that_has_no_reader_is_lost_quietly(place: pathlib.Path, name: str) -> None:
    _, code, answers = COMMANDS[name]
    reading, writing = os.pipe()
    os.close(reading)
    done = run(place, name, "", stdout=writing)
    os.close(writing)
    assert "cannot write" not in done.stderr
    assert done.returncode == (code or (141 if answers else 0))


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", "2> /dev/full", "< /dev/full"])
@pytest.mark.parametrize("name", ["check", "bad dockerfile"])
def test_one_stream_that_cannot_be_used_changes_nothing(place: pathlib.Path, name: str, redirection: str) -> None:
    done = run(place, name, redirection)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode == COMMANDS[name][1]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_goes_away_hides_no_failure(place: pathlib.Path, name: str) -> None:
    _, code, answers = COMMANDS[name]
    done = run(place, name, "2>&1 | head -c 1 > /dev/null; exit ${PIPESTATUS[0]}")
    # An answer may have been written whole before its reader went away, or not.
    assert done.returncode in ({code, 141} if answers and code == 0 else {code})


@pytest.mark.parametrize("name", COMMANDS)
def test_an_answer_that_is_lost_on_a_full_device_is_an_error(place: pathlib.Path, name: str) -> None:
    _, code, answers = COMMANDS[name]
    done = run(place, name, "> /dev/full")
    assert "Traceback" not in done.stderr
    assert done.returncode == (code or 1)
    assert ("llbfront: cannot write to standard output: no space left on device" in done.stderr.splitlines()) is answers


@pytest.mark.parametrize(
    ("dockerfile", "code", "line"),
    [
        ("FROM scratch AS a\n# größer\nCOPY ä /\n", 0, r"a:3  COPY \xe4 /  (0 files, 0 B)"),
        ("FROM scratch AS ä\n", 1, r" 1 | >>> FROM scratch AS \xe4"),
    ],
    ids=["on standard output", "on standard error"],
)
def test_text_outside_the_encoding_is_escaped(place: pathlib.Path, dockerfile: str, code: int, line: str) -> None:
    (place / "Dockerfile").write_text(dockerfile)
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "llbfront", "inputs", "."]
    done = subprocess.run(command, cwd=place, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert line in (done.stderr if code else done.stdout).splitlines()


def test_a_stream_in_non_blocking_mode_gets_everything(place: pathlib.Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-m", "llbfront", "completion", "zsh"], cwd=place, env=environ, stdout=writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        text = pipe.read()
    assert process.wait() == 0
    whole = subprocess.run([sys.executable, "-m", "llbfront", "completion", "zsh"], env=environ, capture_output=True, check=True)
    assert text == whole.stdout


def full_pipe() -> tuple[int, int]:
    """Return the ends of a pipe that takes nothing more."""
    reading, writing = os.pipe()
    fill(writing)
    return reading, writing


def full_terminal() -> tuple[int, int]:
    reading, writing = pty.openpty()
    fill(writing)
    return reading, writing


def full_socket() -> tuple[int, int]:
    reading, writing = socket.socketpair()
    fill(writing.fileno())
    return reading.detach(), writing.detach()


def fill(descriptor: int) -> None:
    os.set_blocking(descriptor, False)
    for size in (4096, 1, 1, 1):
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(descriptor, bytes(size))
        time.sleep(0.05)  # a terminal moves what it has taken to another buffer
    os.set_blocking(descriptor, True)


@pytest.fixture
def unread(request: pytest.FixtureRequest) -> Iterator[int]:
    """The writing end of a full stream whose reader is open and does not read."""
    make: Callable[[], tuple[int, int]] = request.param
    ends = make()
    yield ends[1]
    for end in ends:
        os.close(end)


def start(place: pathlib.Path, name: str, output: int) -> subprocess.Popen[bytes]:
    """Start a command that prints to `output`, and wait until it handles signals."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(place), "BUILDKIT_HOST": NOWHERE}
    process = subprocess.Popen(
        [sys.executable, "-m", "llbfront", *COMMANDS[name][0]], cwd=place, env=environ, stdout=output, stderr=output
    )
    deadline_s = time.monotonic() + 30
    while not handles(process.pid, signal.SIGTERM):
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    time.sleep(0.5)
    return process


def handles(pid: int, number: int) -> bool:
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    mask = next(line for line in status.splitlines() if line.startswith("SigCgt:")).split()[1]
    return bool(int(mask, 16) >> (number - 1) & 1)


@pytest.mark.parametrize("lines", [["-n", "1"], []])
def test_an_answer_without_end_ends_with_its_reader(place: pathlib.Path, lines: Sequence[str]) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(place)}
    environ.pop("XDG_STATE_HOME", None)
    command = [sys.executable, "-m", "llbfront", "engine"]
    status = subprocess.run([*command, "status", "--json"], env=environ, capture_output=True, check=False)
    log = pathlib.Path(json.loads(status.stdout)["log"])
    log.parent.mkdir(parents=True)
    log.write_text("1\n2\n3\n")
    with subprocess.Popen([*command, "logs", "-f", *lines], env=environ, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == (b"3\n" if lines else b"1\n")
        process.stdout.close()
        assert process.wait(20) == 141


STREAMS = pytest.mark.parametrize("unread", [full_pipe, full_terminal, full_socket], indirect=True, ids=lambda make: make.__name__)
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@linux
@pytest.mark.parametrize("unread", [full_pipe], indirect=True)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_signal_ends_a_command_whose_reader_does_not_read(place: pathlib.Path, name: str, unread: int) -> None:
    with start(place, name, unread) as process:
        process.terminate()
        assert process.wait(5) == 128 + signal.SIGTERM


@linux
@STREAMS
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("name", ["check", "usage"])
def test_each_signal_ends_it_on_each_kind_of_stream(place: pathlib.Path, name: str, number: signal.Signals, unread: int) -> None:
    with start(place, name, unread) as process:
        process.send_signal(number)
        assert process.wait(5) == 128 + number


@linux
def test_a_second_signal_does_not_print_a_traceback(place: pathlib.Path) -> None:
    reading, writing = full_pipe()
    with start(place, "usage", writing) as process:
        os.close(writing)
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        assert process.wait(5) == 128 + signal.SIGINT
    with open(reading, "rb") as pipe:
        assert b"Traceback" not in pipe.read()


@pytest.mark.parametrize("ends", [os.pipe, pty.openpty], ids=["pipe", "terminal"])
def test_a_slow_reader_gets_everything(place: pathlib.Path, ends: Callable[[], tuple[int, int]]) -> None:
    (place / "Dockerfile").write_text("FROM scratch\n" + "".join(f"LABEL key{number}=value\n" for number in range(4000)))
    command = [sys.executable, "-m", "llbfront", "llb", "--format", "json", "."]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(place), "NO_COLOR": "1"}
    whole = subprocess.run(command, cwd=place, env=environ, capture_output=True, check=True).stdout
    assert len(whole) > 100_000
    reading, writing = ends()
    with subprocess.Popen(command, cwd=place, env=environ, stdout=writing, stderr=subprocess.DEVNULL):
        os.close(writing)
        text = b""
        try:
            while part := os.read(reading, 5000):
                text += part
                time.sleep(0.005)
        except OSError:  # how the end of a terminal is read
            pass
    os.close(reading)
    assert text.replace(b"\r\n", b"\n") == whole
