"""Inputs and outputs that are not regular files, given to the commands that take files: one clear error, and nothing hangs."""

from __future__ import annotations

import gzip
import os
import pathlib
import tarfile
from collections.abc import Callable, Sequence
from io import BytesIO

import attrs
import pytest

from llbfront.cli.exit_codes import DONE, FAILED, FINDINGS, NO_ENGINE, USAGE
from llbfront.cli.main import main
from llbfront.files import reading, writing
from tests.files import kinds

# The file that a command reads stands for IT.
INPUTS: dict[str, Sequence[str]] = {
    "bake definition": ["bake", "--print", "-f", "IT"],
    "bake variables": ["bake", "--print", "--var-file", "IT"],
    "tar of an image": ["layers", "IT"],
    "archive of build records": ["history", "import", "-f", "IT"],
    "record": ["why", "--build", "IT"],
    "record to compare with": ["why", "--build", "IT", "--against", "IT"],
    "record of a trace": ["trace", "--build", "IT"],
    "changed files": ["affected", "--files", "IT"],
    "diff": ["affected", "--diff", "IT"],
    "progress": ["graph", "--run", "IT"],
    "side of a difference": ["diff", "IT", "."],
    "source policy": ["solve", "--frontend", "dockerfile.v0", "--source-policy-file", "IT"],
    "secret": ["solve", "--frontend", "dockerfile.v0", "--secret", "id=a,src=IT"],
    "lock to check": ["lock", "--check", "-o", "IT"],
    "rules": ["check", "--rules", "IT"],
    "image configs": ["stages", "--images", "IT"],
}
# What a message calls the file.
NOUNS: dict[str, str] = {
    "bake definition": "",
    "bake variables": "",
    "tar of an image": "",
    "archive of build records": "the archive ",
    "record": "the record ",
    "record to compare with": "the record ",
    "record of a trace": "the record ",
    "changed files": "the changes ",
    "diff": "the changes ",
    "progress": "the progress ",
    "side of a difference": "the file ",
    "source policy": "the source policy ",
    "secret": "the secret a from ",
    "lock to check": "the source policy ",
    "rules": "the rules ",
    "image configs": "the image configs ",
}
# A record, an image or a Dockerfile may be named otherwise than by a path, or be a directory.
NO_RECORD = "no build {it} is recorded, and there is no such file"
NO_SIDE = "{it} is neither a file, a directory nor a git revision"
OTHER_ERRORS: dict[tuple[str, str], str] = {
    **{
        (name, kind): NO_RECORD
        for name in ("record", "record to compare with", "record of a trace")
        for kind in ("absent", "below a file", "closed")
    },
    **{("side of a difference", kind): NO_SIDE for kind in ("absent", "below a file", "closed")},
    ("side of a difference", "directory"): "cannot read the Dockerfile {it}/Dockerfile: no such file",
    ("side of a difference", "loop"): "cannot read the Dockerfile {it}: too many levels of symbolic links",
    ("tar of an image", "directory"): "cannot read {it}/index.json: no such file or directory",
}
UNUSABLE = {name: kinds.UNUSABLE[name] for name in ("absent", "directory", "socket", "loop", "below a file", "closed")}
# The content of a pipe, a part of the output, and the exit code.
CONTENT: dict[str, tuple[bytes, str, int]] = {
    "bake definition": (b'{"target": {"default": {"target": "piped"}}}', '"target": "piped"', DONE),
    "bake variables": (b"A=piped\n", '"A": "piped"', DONE),
    "changed files": (b"Dockerfile\n", "stage-0: affected", DONE),
    "diff": (b"--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1 +1 @@\n-a\n+b\n", "stage-0: affected", DONE),
    "side of a difference": (b"FROM scratch\n", "COPY line 2 added", FINDINGS),
}
OUTPUTS: dict[str, Sequence[str]] = {
    "lock": ["lock", "-o", "IT"],
    "metadata": ["solve", "--frontend", "dockerfile.v0", "--metadata-file", "IT"],
    "ref": ["solve", "--frontend", "dockerfile.v0", "--ref-file", "IT"],
    "status events": ["solve", "--frontend", "dockerfile.v0", "--trace", "IT"],
    "metadata of bake": ["bake", "--metadata-file", "IT"],
    "image configs": ["llb", "--write-images", "IT"],
    "depfile": ["inputs", "--depfile", "IT"],
    "graph": ["graph", "--format", "svg", "-o", "IT"],
}

# The beginning of an output for a context without base images.
STARTS = {"image configs": b"{}", "depfile": b"image: \\\n  Dockerfile", "graph": b"<?xml"}


@attrs.frozen
class Outcome:
    """What a command ends with."""

    code: int
    out: str
    err: str


Run = Callable[[Sequence[str], object], Outcome]


@pytest.fixture
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY a /\n")
    (tmp_path / "a").touch()
    (tmp_path / "docker-bake.json").write_text('{"target": {"default": {}}}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(place: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in which IT is the path of a file."""
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("BUILDKIT_HOST", "unix:///nowhere/buildkitd.sock")
    monkeypatch.setattr(reading, "WRITER_PATIENCE_S", 0.5)
    monkeypatch.setattr(writing, "READER_PATIENCE_S", 0.5)

    def run(words: Sequence[str], it: object) -> Outcome:
        code = main([word.replace("IT", str(it)) for word in words])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.mark.parametrize("kind", UNUSABLE)
@pytest.mark.parametrize("name", INPUTS)
def test_invalid_input_is_one_line(run: Run, place: pathlib.Path, name: str, kind: str) -> None:
    make, reason = UNUSABLE[kind]
    it = make(place / "it")
    done = run(INPUTS[name], it)
    error = OTHER_ERRORS.get((name, kind), f"cannot read {NOUNS[name]}{{it}}: {reason}").format(it=it)
    assert (done.code, done.out) == (USAGE, "")
    assert done.err.removesuffix("\n").partition(" (")[0] == f"llbfront: {error}"


@pytest.mark.parametrize("name", INPUTS)
def test_a_pipe_that_nobody_writes_to_ends(run: Run, place: pathlib.Path, name: str) -> None:
    os.mkfifo(place / "it")
    done = run(INPUTS[name], "it")
    if name == "secret":  # it is read when an engine asks for it
        assert done.code == NO_ENGINE
    else:
        error = f"llbfront: cannot read {NOUNS[name]}it: no program opened the pipe for writing within 0.5 s\n"
        assert (done.code, done.err) == (USAGE, error)


@pytest.mark.parametrize("name", CONTENT)
def test_a_pipe_is_read_once(run: Run, place: pathlib.Path, name: str) -> None:
    content, output, code = CONTENT[name]
    if name == "bake variables":
        (place / "docker-bake.json").write_text('{"variable": {"A": {}}, "target": {"default": {"args": {"A": "${A}"}}}}')
    with kinds.written(place / "it", content):
        done = run(INPUTS[name], "it")
    assert (done.code, done.err) == (code, "")
    assert output in done.out


def image(compress: bool) -> bytes:
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in {"manifest.json": b'[{"Config": "config"}]', "config": b"{}"}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, BytesIO(data))
    return gzip.compress(packed.getvalue()) if compress else packed.getvalue()


@pytest.mark.parametrize("compress", [False, True])
def test_layers_of_an_image_in_a_pipe(run: Run, place: pathlib.Path, compress: bool) -> None:
    with kinds.written(place / "it", image(compress)):
        done = run(["layers", "IT"], "it")
    assert "0 layers" in done.out, done.err


@pytest.mark.parametrize("kind", ["directory", "socket", "below a file", "closed"])
@pytest.mark.parametrize("name", OUTPUTS)
def test_invalid_output_is_one_line(run: Run, place: pathlib.Path, name: str, kind: str) -> None:
    it = kinds.UNUSABLE[kind][0](place / "it")
    done = run(OUTPUTS[name], it)
    assert (done.code, done.err) == (FAILED, f"llbfront: cannot write {it}: {kinds.UNUSABLE[kind][1]}\n")
    assert not [each for each in os.listdir(place) if ".tmp." in each]


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_whose_reader_never_comes_ends(run: Run, place: pathlib.Path, name: str) -> None:
    os.mkfifo(place / "it")
    done = run(OUTPUTS[name], "it")
    assert done.code == FAILED
    assert "no program opened the pipe for reading within 0.5 s" in done.err


@pytest.mark.parametrize("name", STARTS)
def test_a_pipe_receives_an_output(run: Run, place: pathlib.Path, name: str) -> None:
    with kinds.read(place / "it") as contents:
        done = run(OUTPUTS[name], "it")
    assert done.code == DONE, done.err
    assert contents[0].startswith(STARTS[name])


def test_a_pipe_gets_its_end_when_there_is_not_an_engine(run: Run, place: pathlib.Path) -> None:
    for name in ("lock", "metadata", "ref", "status events"):
        with kinds.read(place / name) as contents:
            assert run(OUTPUTS[name], name).code == NO_ENGINE
        assert contents == [b""]


@pytest.mark.parametrize("name", ["lock", "metadata", "ref"])
def test_a_symlink_is_followed_or_left_alone(run: Run, place: pathlib.Path, name: str) -> None:
    (place / "it").symlink_to("target")
    assert run(OUTPUTS[name], "it").code == NO_ENGINE
    assert (place / "it").is_symlink()


def test_a_variables_file_that_is_a_pipe_is_read(run: Run, place: pathlib.Path) -> None:
    (place / "compose.yaml").write_text("services:\n  a:\n    build:\n      context: .\n      args: {A: $A}\n")
    with kinds.written(place / ".env", b"A=from-pipe\n"):
        done = run(["bake", "-f", "compose.yaml", "--print", "a"], "")
    assert "from-pipe" in done.out, done.err


def test_secret_shaped_pipes_of_a_context_are_not_read(run: Run, place: pathlib.Path) -> None:
    (place / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    for name in ("key.pem", ".env", "id_rsa", "a.key"):
        os.mkfifo(place / name)
    assert run(["inputs", "."], "").code == DONE


def test_two_inputs_of_one_pipe_are_refused(run: Run, place: pathlib.Path) -> None:
    os.mkfifo(place / "it")
    for words in (["bake", "--print", "-f", "IT", "-f", "IT"], ["layers", "IT", "IT"]):
        done = run(words, "it")
        assert done.code == USAGE
        assert "cannot both be read from it (it can be read only once)" in done.err
