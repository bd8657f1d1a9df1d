"""`llbfront solve` beside `buildctl build` on the same engine: the same words, the same results."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront import aio
from tests.live.test_command import llbfront as command

if TYPE_CHECKING:
    from tests.live.conftest import Engine
    from tests.support import bases

DOCKERFILE = """\
FROM busybox AS first
ARG X=default
RUN echo "$X" > /f
FROM busybox AS secret
RUN --mount=type=secret,id=token,required cat /run/secrets/token > /f
FROM busybox AS host
RUN --network=host echo host > /f
FROM busybox AS bad
RUN exit 7
FROM layout AS stored
FROM scratch AS last
COPY --from=first /f /f
COPY Dockerfile /
"""
DOCKER = ("--frontend", "dockerfile.v0", "--local", "context=.", "--local", "dockerfile=.")
LOCAL = ("--output", "type=local,dest=OUT")


@pytest.fixture
def context(tmp_path: pathlib.Path) -> pathlib.Path:
    directory = tmp_path / "context"
    directory.mkdir()
    (directory / "Dockerfile").write_text(DOCKERFILE)
    (directory / "other").mkdir()
    (directory / "other/Dockerfile").write_text("FROM busybox\nRUN echo other > /f\n")
    (directory / "token").write_text("hunter2")
    (directory / "policy.json").write_text(
        json.dumps({"rules": [{"action": "DENY", "selector": {"identifier": "docker-image://docker.io/library/busybox:*"}}]})
    )
    return directory


def tree(directory: pathlib.Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }


ROWS = (
    (*DOCKER, *LOCAL),
    (*DOCKER, *LOCAL, "--opt", "build-arg:X=12"),
    (*DOCKER, *LOCAL, "--opt", "target=first", "--opt", "build-arg:X=a=b"),
    (*DOCKER, *LOCAL, "--no-cache"),
    (*DOCKER, *LOCAL, "--opt", "filename=other/Dockerfile"),
    ("--frontend=dockerfile.v0", "--local=context=.", "--local=dockerfile=other", *LOCAL),
    (*DOCKER, *LOCAL, "--opt", "target=secret", "--secret", "id=token,src=token"),
    (*DOCKER, *LOCAL, "--opt", "target=secret", "--secret", "id=token,env=TOKEN"),
    (*DOCKER, *LOCAL, "--opt", "target=host", "--allow", "network.host"),
    (*DOCKER, "-o", "type=tar,dest=OUT/out.tar"),
    (*DOCKER, "--output", "type=oci,dest=OUT/out.tar,rewrite-timestamp=true", "--opt", "build-arg:SOURCE_DATE_EPOCH=1"),
    (*DOCKER, "--output", "type=docker,name=x,dest=OUT/out.tar,rewrite-timestamp=true", "--opt", "build-arg:SOURCE_DATE_EPOCH=1"),
    (*DOCKER, *LOCAL, "--export-cache", "type=local,dest=OUT-cache"),
    (*DOCKER, *LOCAL, "--import-cache", "type=local,src=OUT-missing"),
    (*DOCKER,),
    # failures
    (*DOCKER, *LOCAL, "--opt", "target=bad"),
    (*DOCKER, *LOCAL, "--opt", "target=nothing"),
    (*DOCKER, *LOCAL, "--opt", "target=secret"),
    (*DOCKER, *LOCAL, "--source-policy-file", "policy.json"),
    (*DOCKER, *LOCAL, "--opt", "notanoption"),
    (*DOCKER, "--local", "x"),
    (*DOCKER, "--allow", "everything"),
    (*DOCKER, "--output", "type=nothing"),
    (*DOCKER, "--export-cache", "type=nothing"),
    ("--frontend", "nothing.v0", *LOCAL),
)


def content(directory: pathlib.Path) -> object:
    """Return what an output directory holds: files by content, tars by their members, images by their config."""
    for path in directory.glob("*.tar"):
        with tarfile.open(path) as archive:
            return sorted(archive.getnames())
    return tree(directory)


@pytest.mark.parametrize("words", ROWS, ids=lambda words: " ".join(words).replace("--", ""))
def test_the_same_words_give_the_same_result(engine: Engine, context: pathlib.Path, words: tuple[str, ...]) -> None:
    results = []
    for program in ("theirs", "ours"):
        out = context.parent / program
        out.mkdir()
        arguments = [word.replace("OUT", str(out)) for word in words]
        environ = {"TOKEN": "from the environment"}
        if program == "ours":
            done = command("solve", "--addr", engine.address, *arguments, cwd=context, **environ)
        else:
            done = subprocess.run(
                [engine.programs.buildctl, "--addr", engine.address, "build", *arguments],
                cwd=context, env={**os.environ, **environ}, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert "hunter2" not in done.stderr
        results.append((bool(done.returncode), content(out), (context.parent / f"{program}-cache/index.json").exists()))
    assert results[1] == results[0]


def test_a_definition_on_standard_input(engine: Engine, context: pathlib.Path) -> None:
    definition = subprocess.run(
        [sys.executable, "-m", "llbfront", "llb", "--images", "engine", "--addr", engine.address, "--format", "pb", "."],
        cwd=context, capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parents[2])},
    ).stdout  # fmt: skip
    for number, program in enumerate(([sys.executable, "-m", "llbfront", "solve"], [engine.programs.buildctl, "build"])):
        out = context.parent / str(number)
        addressed = [*program, "--addr", engine.address] if number == 0 else [program[0], "--addr", engine.address, *program[1:]]
        done = subprocess.run(
            [*addressed, "--local", "context=.", "--no-cache", "--output", f"type=local,dest={out}"],
            cwd=context, input=definition, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parents[2])},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert tree(context.parent / "0") == tree(context.parent / "1") != {}


def test_files_about_the_result(engine: Engine, context: pathlib.Path) -> None:
    done = command(
        "solve",
        "--addr",
        engine.address,
        *DOCKER,
        "--metadata-file",
        "m.json",
        "--ref-file",
        "ref",
        "--trace",
        "trace",
        "-o",
        "type=image,name=x",
        cwd=context,
    )
    assert done.returncode == 0, done.stderr
    metadata = json.loads((context / "m.json").read_text())
    assert metadata["containerimage.digest"].startswith("sha256:")
    trace = (context / "trace").read_text().splitlines()
    assert trace
    assert all(json.loads(line) for line in trace)
    with llbfront.connect(engine.address) as connection:
        assert connection.build_record((context / "ref").read_text()).frontend == "dockerfile.v0"


def test_caches_in_a_registry(engine: Engine, registry: bases.Registry, context: pathlib.Path) -> None:
    cache = f"type=registry,ref={registry.address}/solve-cache"
    first = command("solve", "--addr", engine.address, *DOCKER, "--export-cache", f"{cache},mode=max", cwd=context)
    assert first.returncode == 0, first.stderr
    second = command("solve", "--addr", engine.address, *DOCKER, "--import-cache", cache, "--progress", "plain", cwd=context)
    assert f"importing cache manifest from {registry.address}/solve-cache" in second.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "standard input is empty (name a --frontend, or pipe a definition to standard input)"),
        (("--frontend", "dockerfile.v0", "--opt", "x"), "--opt takes KEY=VALUE, not 'x'"),
        (("--frontend", "dockerfile.v0", "--opt", "requestid=frontend.outline"), "--opt requestid=… is not supported (use llbfront build --call for a Dockerfile)"),
        (("--registry-auth-tlscontext", "host=x"), "--registry-auth-tlscontext is not supported (configure the registry in the configuration of the engine)"),
    ],
)  # fmt: skip
def test_usage_errors(engine: Engine, context: pathlib.Path, words: tuple[str, ...], message: str) -> None:
    done = command("solve", "--addr", engine.address, *words, cwd=context)
    assert (done.returncode, done.stderr) == (2, f"llbfront: {message}\n")


def test_input_that_is_not_a_definition(engine: Engine, context: pathlib.Path) -> None:
    done = command("solve", "--addr", engine.address, cwd=context, stdin="FROM scratch\n")
    assert (done.returncode, done.stderr) == (
        2,
        "llbfront: standard input is not a definition (llbfront llb --format pb writes one)\n",
    )


def test_asyncio(engine: Engine, context: pathlib.Path) -> None:
    async def solve() -> str:
        async with aio.connect(engine.address) as connection:
            result = await connection.solve_frontend(
                "dockerfile.v0",
                options={"build-arg:X": 3},
                locals={"context": context, "dockerfile": context},
                output=context.parent / "out",
            )
        return result.ref

    assert asyncio.run(solve())
    assert (context.parent / "out/f").read_text() == "3\n"
