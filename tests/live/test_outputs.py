"""Outputs, result files and streams of real builds: what was asked for arrives, or the build fails; only regular files are replaced."""

from __future__ import annotations

import base64
import io
import os
import pathlib
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.errors import ContextError, ExportError, OptionError
from tests.files import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.live.conftest import Engine

ROOT = pathlib.Path(__file__).parents[2]
DOCKERFILE = "FROM scratch\nCOPY Dockerfile /\n"
FAILING = 'FROM busybox\nRUN sleep 0.5; echo "$RANDOM"; exit 7\n'
SECRET = "FROM busybox\nRUN --mount=type=secret,id=t cat /run/secrets/t || echo going on without it\n"


@pytest.fixture
def shell(engine: Engine, tmp_path: pathlib.Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run a script in which $L is the command, in a directory with a context c."""
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "Dockerfile").write_text(DOCKERFILE)

    def run(script: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "BUILDKIT_HOST": engine.address, "L": f"{sys.executable} -m llbfront"}
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        assert not [name for name in os.listdir(tmp_path) if name.startswith(".tmp.")]
        return done

    return run


SUCCEEDS = {
    "no standard output": ("$L build -o out c >&-", "cat out/Dockerfile"),
    "no streams": ("$L build -o out c <&- >&- 2>&-", "cat out/Dockerfile"),
    "full standard error": ("$L build --progress plain -o out c 2> /dev/full", "cat out/Dockerfile"),
    "reader of the progress": ("$L build --progress plain -o out c 2>&1 | head -c 1; exit ${PIPESTATUS[0]}", "cat out/Dockerfile"),
    "reader of the raw progress": (
        "$L build --progress rawjson -o out c 2>&1 | head -c 1; exit ${PIPESTATUS[0]}",
        "cat out/Dockerfile",
    ),
    "reader of the id": ("$L build -q -t a -o type=image c | head -c 1; exit ${PIPESTATUS[0]}", "echo FROM scratch"),
    "tar on standard output": ("$L build -o - c > a.tar", "tar xOf a.tar Dockerfile"),
    "tar into a pipe": ("mkfifo p; cat p > a.tar & $L build -o type=tar,dest=p c; wait", "test -p p && tar xOf a.tar Dockerfile"),
    "tar into a descriptor": ("$L build -o type=tar,dest=/dev/fd/7 c 7> a.tar", "tar xOf a.tar Dockerfile"),
    "tar through a symlink": ("ln -s a.tar l; $L build -o type=tar,dest=l c", "test -L l && tar xOf a.tar Dockerfile"),
    "directory through a symlink": ("ln -s out l; $L build -o l c", "test -L l && cat out/Dockerfile"),
    "Dockerfile in a pipe": ("mkfifo p; cat c/Dockerfile > p & $L build -f p -o out c", "cat out/Dockerfile"),
    "Dockerfile in a descriptor": ("$L build -f <(cat c/Dockerfile) -o out c", "cat out/Dockerfile"),
    "Dockerfile on standard input": ("$L build -f /dev/stdin -o out c < c/Dockerfile", "cat out/Dockerfile"),
    "slow archive": ("tar c -C c . | (head -c 100; sleep 0.3; cat) | $L build -o out -", "cat out/Dockerfile"),
}


@pytest.mark.parametrize("name", SUCCEEDS)
def test_the_output_arrives(shell: Callable[[str], subprocess.CompletedProcess[str]], name: str) -> None:
    build, look = SUCCEEDS[name]
    done = shell(f"({build}) > log 2>&1; code=$?; tail -2 log >&2; [ $code = 0 ] && {look}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("FROM scratch")


FAILS = {
    "reader of the output": ("head -c 300000 /dev/zero > c/big; printf 'FROM scratch\\nCOPY big /\\n' > c/Dockerfile; $L build -o - c | head -c 1; exit ${PIPESTATUS[0]}", 1, "cannot write standard output: its reader has gone away"),
    "full standard output": ("$L build -o - c > /dev/full", 1, "cannot write standard output: no space left on device"),
    "closed standard output": ("$L build -o - c >&-", 1, "cannot write to standard output: it is closed"),
    "full device": ("$L build -o type=tar,dest=/dev/full c", 1, "cannot write /dev/full: no space left on device"),
    "id on a full device": ("$L build -q -t a -o type=image c > /dev/full", 1, "cannot write to standard output: no space left"),
    "result file on a full device": ("$L build -t a -o type=image --iidfile /dev/full c", 1, "cannot write /dev/full: no space left"),
    "step": ("$L build --no-cache -f failing c 2>&1 | head -c 1; exit ${PIPESTATUS[0]}", 1, ""),
    "push without a name": ("$L build -o type=registry c", 2, "there is no name to push the image as"),
    "two outputs": ("$L build -o out -o ./out/ c", 2, "two outputs cannot both be written to ./out/"),
    "standard output twice": ("$L build -o - -o type=oci c > x", 2, "cannot both be written to standard output"),
    "one result file": ("$L build --iidfile f --metadata-file ./f c", 2, "--iidfile and --metadata-file cannot both be written to ./f"),
    "tag": ("$L build -t UPPER/case c", 2, "invalid image name 'UPPER/case': names of repositories are lowercase"),
    "empty tag": ('$L build -t "" c', 2, "invalid image name ''"),
    "tag of a check": ("$L build --check -t UPPER/case c", 2, "invalid image name 'UPPER/case'"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILS)
def test_an_output_that_cannot_be_is_an_error(
    shell: Callable[[str], subprocess.CompletedProcess[str]], tmp_path: pathlib.Path, name: str
) -> None:
    (tmp_path / "failing").write_text(FAILING)
    script, code, message = FAILS[name]
    done = shell(script)
    assert done.returncode == code, done.stderr
    assert message in done.stderr


def test_result_files_go_into_what_is_there(
    shell: Callable[[str], subprocess.CompletedProcess[str]], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with kinds.read(tmp_path / "pipe") as contents:
        done = shell("$L build -t a -o type=image --iidfile pipe --metadata-file link c")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "pipe").is_fifo()
    assert contents[0].startswith(b"sha256:")
    assert (tmp_path / "link").is_symlink()
    assert '"containerimage.digest"' in (tmp_path / "real").read_text()


def test_the_id_of_the_image_is_not_appended_to_an_archive(shell: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    archive = shell("$L build -q -t a -o type=oci c | base64").stdout
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(archive))) as tar:
        assert "index.json" in tar.getnames()
    assert b"sha256:" not in base64.b64decode(archive)[-100:]


@pytest.mark.parametrize("build", ["$L build -f missing c", "$L build --no-cache -f failing c", "$L build --check c"])
def test_result_files_of_an_earlier_build_are_removed(
    shell: Callable[[str], subprocess.CompletedProcess[str]], tmp_path: pathlib.Path, build: str
) -> None:
    (tmp_path / "failing").write_text(FAILING)
    (tmp_path / "iid").write_text("sha256:of-the-last-build")
    (tmp_path / "meta").write_text("{}")
    shell(f"{build} --iidfile iid")
    assert not (tmp_path / "iid").exists()
    shell(f"{build} --metadata-file meta")
    assert not (tmp_path / "meta").exists()


def test_result_files_of_an_earlier_build_are_replaced(
    shell: Callable[[str], subprocess.CompletedProcess[str]], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "iid").write_text("sha256:of-the-last-build")
    (tmp_path / "meta").write_text("{}")
    shell("$L build --iidfile iid --metadata-file meta c")
    assert not (tmp_path / "iid").exists()  # a build without an image has no id
    assert "llbfront.build.ref" in (tmp_path / "meta").read_text()


@pytest.mark.parametrize(
    "source",
    ["src=<(echo hello)", "src=/dev/stdin", "src=pipe", "env=TOKEN", "src=file"],
)
def test_secrets_of_every_kind_reach_the_step(
    shell: Callable[[str], subprocess.CompletedProcess[str]], tmp_path: pathlib.Path, source: str
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "file").write_text("hello\n")
    os.mkfifo(tmp_path / "pipe")
    writer = "cat file > pipe &" if source == "src=pipe" else ""
    done = shell(f"{writer} TOKEN=hello $L build --no-cache --progress plain -f secret --secret id=t,{source} c < file")
    assert done.returncode == 0, done.stderr
    assert " hello\n" in done.stderr
    assert "going on without it\n" not in done.stderr.replace("|| echo going on without it", "")


def test_a_secret_that_is_gone_when_the_step_asks_fails_the_build(engine: Engine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "secret").write_text(
        f"FROM busybox\nRUN --mount=type=bind,target=/c sleep 1; echo {os.urandom(4).hex()}\n{SECRET.split(chr(10))[1]}\n"
    )
    token = tmp_path / "token"
    token.write_text("hello")

    def remove(_event: object) -> None:
        token.unlink(missing_ok=True)

    with (
        llbfront.connect(engine.address) as connection,
        pytest.raises(llbfront.errors.SolveError, match="cannot read the secret t"),
    ):
        connection.build(tmp_path / "c", file=tmp_path / "c" / "secret", secrets=[f"id=t,src={token}"], on_event=remove)


def test_the_library_refuses_and_writes_the_same(engine: Engine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    os.mkfifo(tmp_path / "nobody")
    with llbfront.connect(engine.address) as connection:
        with kinds.read(tmp_path / "pipe") as contents:
            connection.build(tmp_path, output=f"type=tar,dest={tmp_path}/pipe")
        (tmp_path / "a.tar").write_bytes(contents[0])
        with tarfile.open(tmp_path / "a.tar") as archive:
            assert archive.getnames() == ["Dockerfile"]
        with pytest.raises(OptionError, match="cannot both be written"):
            connection.build(tmp_path, output=[tmp_path / "out", f"{tmp_path}/out/"])
        with pytest.raises(OptionError, match="there is no name to push the image as"):
            connection.build(tmp_path, output="type=registry")
        with pytest.raises(ContextError, match="it is a directory"):
            connection.build(tmp_path, secrets=[f"id=t,src={tmp_path}"])
        with pytest.raises(ExportError, match="it is a directory"):
            connection.build(tmp_path, output=f"type=tar,dest={tmp_path}")


@pytest.mark.parametrize(("stream", "message"), [(None, "it is closed"), (io.StringIO(), "it takes text only")])
def test_standard_output_of_a_program_may_not_be_usable(
    engine: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None, message: str
) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    monkeypatch.setattr(sys, "stdout", stream)
    with (
        llbfront.connect(engine.address) as connection,
        pytest.raises(ExportError, match=f"cannot write to standard output: {message}"),
    ):
        connection.build(tmp_path, output="-")


def test_a_cache_that_the_engine_did_not_write_is_a_warning(shell: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    done = shell("printf 'FROM scratch\\nLABEL a=b\\n' > c/Dockerfile; $L build --cache-to type=local,dest=cache c")
    assert done.returncode == 0, done.stderr
    assert "llbfront: warning: a cache was skipped: the engine wrote nothing to " in done.stderr
