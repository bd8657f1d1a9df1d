"""The command as a person meets it: bad input is one line with a hint and a documented exit code, and leaves nothing half-written."""

from __future__ import annotations

import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.live.conftest import Engine

ROOT = pathlib.Path(__file__).parents[2]
Run = "Callable[..., subprocess.CompletedProcess[str]]"


def llbfront(*arguments: object, cwd: pathlib.Path, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "llbfront", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.fixture
def build(engine: Engine, tmp_path: pathlib.Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: object, **options: str) -> subprocess.CompletedProcess[str]:
        return llbfront("build", "--addr", engine.address, *arguments, cwd=tmp_path, **options)

    return run


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that says what is wrong."""
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("llbfront: ")]
    assert len(lines) == 1, done.stderr
    return lines[0].removeprefix("llbfront: ")


BAD_DOCKERFILES = (
    ("FROM scratch\nCOPPY a b\n", "Dockerfile:2: unknown instruction: COPPY (did you mean COPY?)"),
    ("FROM scratch\nCOPY --chonw=1 a b\n", "Dockerfile:2: unknown flag: --chonw (did you mean chown?)"),
    ("FROM scratch\nCOPY a /\n", 'Dockerfile:2: "/a" does not exist'),
    ("FROM scratch\nCOPY <<EOF /a\ntext\n", "Dockerfile:2: unterminated heredoc"),
    (
        "FROM scratch AS a\nCOPY --from=b / /\nFROM a AS b\nCOPY --from=a / /\n",
        "Dockerfile:2: circular dependency detected on stage: a",
    ),
    ("FROM scratch AS a\nCOPY --from=0 / /\n", "Dockerfile:2: "),
    ("RUN true\n", "Dockerfile:1: no build stage in current context"),
    ("FROM :::\n", "Dockerfile:1: "),
    ("FROM --platform=lunix/amd64/v1/x scratch\n", "Dockerfile:1: "),
    ("", "the file with no instructions|empty"),
)


@pytest.mark.parametrize(("text", "message"), BAD_DOCKERFILES)
def test_bad_dockerfiles(
    build: Callable[..., subprocess.CompletedProcess[str]], tmp_path: pathlib.Path, text: str, message: str
) -> None:
    import re

    (tmp_path / "Dockerfile").write_text(text)
    done = build("-o", "out", "--progress", "quiet", ".")
    assert done.returncode == 1
    told = complaint(done)
    assert message in told or re.search(message, told), told
    assert not (tmp_path / "out").exists()


def test_bad_arguments(build: Callable[..., subprocess.CompletedProcess[str]], tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch AS final\nLABEL a=b\n")
    (tmp_path / "file").write_text("")
    cases = (
        (("--target", "finall", "."), 2, "finall"),
        (("none",), 2, "cannot read the build context none: no such directory"),
        (("file",), 2, "it is a file, not a directory"),
        (("-f", "none", "."), 2, "cannot read the Dockerfile none: no such file"),
        (("-t", "UPPER:case", "."), 2, "UPPER"),
        (("--platform", "linux/amd64/v1/x", "."), 2, "linux/amd64/v1/x"),
        (("--secret", "id=a,src=none", "."), 2, "cannot read the secret a from none"),
        (("-o", "type=locall,dest=x", "."), 2, "did you mean local"),
        (("--push", "."), 2, "name it with --tag NAME"),
        (("-o", "type=tar,dest=none/a.tar", "."), 1, "there is no directory"),
        (("--metadata-file", "none/m.json", "."), 1, "none"),
        (("--progress", "tty", "."), 2, "tty needs a terminal"),
    )
    for arguments, code, message in cases:
        done = build(*arguments)
        assert (done.returncode, message in complaint(done)) == (code, True), (arguments, done.stderr)
    assert build("--nonsense").returncode == 2


def test_an_unwritable_output_is_refused_before_the_build(
    build: Callable[..., subprocess.CompletedProcess[str]], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    done = build("-o", "/proc/out", ".")
    assert done.returncode == 1
    assert "cannot" in complaint(done)


def test_no_engine_says_where_it_looked(tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    completed = llbfront("build", "--addr", "unix:///nowhere.sock", ".", cwd=tmp_path)
    assert completed.returncode == 3
    assert "unix:///nowhere.sock" in complaint(completed)
    environ = {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
        "DOCKER_HOST": "",
        "BUILDKIT_HOST": "",
    }
    searched = llbfront("build", ".", cwd=tmp_path, **environ)
    assert searched.returncode == 3
    assert "llbfront engine start" in complaint(searched)
    assert "/run/buildkit/buildkitd.sock" in searched.stderr


def test_an_engine_that_goes_away_is_one_line(engine: Engine, tmp_path: pathlib.Path) -> None:
    """Between us and the engine stands a relay that hangs up as soon as the step runs."""
    (tmp_path / "Dockerfile").write_text("FROM alpine\nRUN echo gone; sleep 60\n")
    relay, path = socket.socket(socket.AF_UNIX), str(tmp_path / "relay.sock")
    relay.bind(path)
    relay.listen()
    hang_up = threading.Event()
    thread = threading.Thread(target=carry, args=(relay, engine.address.removeprefix("unix://"), hang_up))
    thread.start()
    command = [sys.executable, "-m", "llbfront", "build", "--addr", f"unix://{path}", "--progress", "plain", "-o", "out", "."]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=tmp_path, env=environ, text=True, stderr=subprocess.PIPE) as running:
        assert running.stderr is not None
        seen = []
        for line in running.stderr:
            seen.append(line)
            if line.rstrip().endswith(" gone"):
                hang_up.set()
        assert running.wait(timeout=30) == 1
    thread.join()
    relay.close()
    (told,) = [line for line in seen if line.startswith("llbfront: ")]
    assert "the engine went away" in told
    assert "Traceback" not in "".join(seen)
    assert not (tmp_path / "out").exists()


def carry(relay: socket.socket, address: str, hang_up: threading.Event) -> None:
    """Pass bytes between callers and the engine until told to stop; the first call may be a probe."""
    import select

    pairs: dict[socket.socket, socket.socket] = {}
    while not hang_up.is_set():
        for ready in select.select([relay, *pairs], [], [], 0.05)[0]:
            if ready is relay:
                caller, _ = relay.accept()
                engine = socket.socket(socket.AF_UNIX)
                engine.connect(address)
                pairs |= {caller: engine, engine: caller}
                continue
            if ready not in pairs:
                continue
            try:
                data = ready.recv(1 << 16)
                pairs[ready].sendall(data)
            except OSError:
                data = b""
            if not data:
                other = pairs.pop(ready)
                pairs.pop(other, None)
                ready.close()
                other.close()
    for pair in pairs:
        pair.close()


def test_metadata_and_image_id_are_written(build: Callable[..., subprocess.CompletedProcess[str]], tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    done = build(
        "-t", "example.test/a:1", "-o", "type=oci,dest=a.tar", "--metadata-file", "m.json", "--iidfile", "id", "--quiet", "."
    )
    assert done.returncode == 0, done.stderr
    metadata = json.loads((tmp_path / "m.json").read_text())
    assert done.stdout.strip() == (tmp_path / "id").read_text() == metadata["containerimage.config.digest"]
    assert metadata["image.name"] == "example.test/a:1"
    assert metadata["containerimage.descriptor"]["digest"] == metadata["containerimage.digest"]


def test_a_tar_goes_to_standard_output(engine: Engine, tmp_path: pathlib.Path) -> None:
    import io
    import tarfile

    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    command = [sys.executable, "-m", "llbfront", "build", "--addr", engine.address, "-o", "-", "."]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        assert archive.getnames() == ["Dockerfile"]


def test_a_dockerfile_from_standard_input(build: Callable[..., subprocess.CompletedProcess[str]], tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("text")
    done = build("-f", "-", "-o", "out", ".", stdin="FROM scratch\nCOPY file /\n")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/file").read_text() == "text"


def test_version_prints_client_and_engine(engine: Engine, tmp_path: pathlib.Path) -> None:
    done = llbfront("--version", cwd=tmp_path, BUILDKIT_HOST=engine.address)
    assert done.stdout.splitlines()[0].startswith("llbfront ")
    assert done.stdout.splitlines()[1].startswith("buildkitd v0.34.2")
