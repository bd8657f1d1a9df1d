"""Every argument that names a file, with every kind of file: what can be read is read once, anything else is one clear error."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import threading

import pytest

from tests.files import kinds

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).parents[2]
DOCKERFILE = b"FROM alpine\nCMD foo\n"
IMAGES = b'{"alpine": {"config": {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}}}'
RULES = b"from llbfront.rules import Finding, rule\n@rule('Own', 'Own')\ndef own(checked):\n    yield Finding('found', 1)\n"
# Arguments in which {} is the file, its content, and the exit code.
COMMANDS: dict[str, tuple[str, bytes, int]] = {
    "check -f": ("check -f {} .", DOCKERFILE, 4),
    "check PATH": ("check {}", DOCKERFILE, 4),
    "build --check": ("build --check -f {} .", DOCKERFILE, 4),
    "build --call": ("build --call outline -f {} .", DOCKERFILE, 0),
    "outline": ("outline -f {} .", DOCKERFILE, 0),
    "targets": ("targets {}", DOCKERFILE, 0),
    "llb -f": ("llb --platform linux/amd64 -f {} .", DOCKERFILE, 0),
    "llb PATH": ("llb --platform linux/amd64 {}", DOCKERFILE, 0),
    "llb of a graph": ("llb {}", b'{"definition": ', 2),
    "--images": ("llb --platform linux/amd64 --images {} --strict -f real .", IMAGES, 0),
    "--rules": ("check --rules {} -f real .", RULES, 4),
}
TRACES = ("Traceback", "Exception ignored")


@pytest.fixture
def place(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "real").write_bytes(DOCKERFILE)
    return tmp_path


def run(
    place: pathlib.Path, name: str, file: str, *, stdin: bytes | None = None, pass_fds: tuple[int, ...] = ()
) -> subprocess.CompletedProcess[bytes]:
    arguments = [word.format(file) for word in COMMANDS[name][0].split()]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(place), "BUILDKIT_HOST": "unix:///nowhere"}
    done = subprocess.run(
        [sys.executable, "-m", "llbfront", *arguments],
        cwd=place,
        env=environ,
        input=stdin,
        stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
        pass_fds=pass_fds,
    )
    assert not any(trace in done.stderr.decode() for trace in TRACES), done.stderr
    return done


@pytest.mark.parametrize("name", COMMANDS)
def test_a_pipe_gives_what_a_file_gives(place: pathlib.Path, name: str) -> None:
    _, content, code = COMMANDS[name]
    (place / "file").write_bytes(content)
    as_file = run(place, name, "file")
    with kinds.written(place / "pipe", content):
        as_fifo = run(place, name, "pipe")
    as_stdin = run(place, name, "/dev/stdin", stdin=content)
    assert [as_file.returncode, as_fifo.returncode, as_stdin.returncode] == [code] * 3, (as_file, as_fifo, as_stdin)
    assert as_fifo.stdout == as_stdin.stdout
    if "real" in COMMANDS[name][0]:
        assert as_fifo.stdout == as_file.stdout


@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "socket") for name in COMMANDS), *(("check -f", kind) for kind in ("loop", "dangling", "closed"))]
)
def test_invalid_input_is_one_line(place: pathlib.Path, name: str, kind: str) -> None:
    make, reason = kinds.UNUSABLE[kind]
    done = run(place, name, str(make(place / "it")))
    assert done.returncode == 2, done
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("llbfront: cannot read ")
    assert reason.removesuffix(" or directory") in line


def test_a_pipe_that_nobody_writes_to_is_not_waited_for_without_an_end(place: pathlib.Path) -> None:
    os.mkfifo(place / "pipe")
    done = run(place, "check -f", "pipe")
    assert done.returncode == 2
    assert b"no program opened the pipe for writing within 10 s" in done.stderr


def test_a_device_without_an_end_is_too_large(place: pathlib.Path) -> None:
    done = run(place, "check -f", "/dev/zero")
    assert done.returncode == 2
    assert b"cannot read the Dockerfile /dev/zero: it is larger than 16777216 bytes" in done.stderr


def test_one_pipe_is_not_two_inputs(place: pathlib.Path) -> None:
    COMMANDS["both"] = ("llb -f - --images {} .", b"", 2)
    done = run(place, "both", "/dev/stdin", stdin=DOCKERFILE)
    COMMANDS.pop("both")
    assert done.returncode == 2
    assert b"the Dockerfile and the image configs cannot both be read from /dev/stdin" in done.stderr


@pytest.mark.parametrize("kind", ["pipe", "directory", "loop"])
def test_an_ignore_file_that_cannot_be_read_is_an_error(place: pathlib.Path, kind: str) -> None:
    (place / "real").write_bytes(b"FROM scratch\nCOPY . /\n")
    ignore = place / ".dockerignore"
    if kind == "pipe":
        os.mkfifo(ignore)
    else:
        kinds.UNUSABLE[kind][0](ignore)
    done = run(place, "llb -f", "real")
    assert done.returncode == 2
    assert b"llbfront: cannot read .dockerignore: " in done.stderr


def test_an_ignore_file_may_be_a_pipe(place: pathlib.Path) -> None:
    (place / "real").write_bytes(b"FROM scratch\nCOPY . /\n")
    with kinds.written(place / ".dockerignore", b"secret\n"):
        done = run(place, "llb -f", "real")
    assert done.returncode == 0


def test_the_context_cannot_be_a_pipe(place: pathlib.Path) -> None:
    os.mkfifo(place / "pipe")
    done = subprocess.run(
        [sys.executable, "-m", "llbfront", "check", "-f", "real", "pipe"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "cannot read the build context pipe: it is not a directory" in done.stderr


def test_the_library_reads_a_pipe_once(place: pathlib.Path) -> None:
    import llbfront

    with kinds.written(place / "pipe", DOCKERFILE):
        graph = llbfront.convert(place / "pipe", platform="linux/amd64")
    assert graph.facts.findings
    threading.Thread(target=(place / "pipe").write_bytes, args=(b'{"nonsense": 1}',), daemon=True).start()
    with pytest.raises(llbfront.errors.LlbfrontError):
        llbfront.Graph.load(place / "pipe")


def shell(script: str, place: pathlib.Path, **environ: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "L": f"{sys.executable} -m llbfront", **environ}
    return subprocess.run(["bash", "-c", script], cwd=place, env=variables, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("command", ["check .", "build --check --iidfile iid ."])
def test_a_current_directory_that_was_removed_is_one_line(place: pathlib.Path, command: str) -> None:
    done = shell(f"mkdir gone; cd gone; rmdir ../gone; $L {command}", place)
    assert (done.returncode, done.stderr) == (2, "llbfront: cannot find .: the current directory does not exist any more\n")


def test_a_home_that_is_not_a_directory_is_one_line(place: pathlib.Path) -> None:
    variables = {f"XDG_{name}": "" for name in ("DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR")}
    done = shell("$L engine start", place, HOME="/dev/null", **variables)
    assert done.returncode == 3
    assert done.stderr.startswith("llbfront: cannot make the directory /dev/null/")
    assert shell("$L engine status", place, HOME="/dev/null", **variables).returncode == 3
