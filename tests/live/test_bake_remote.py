"""Definitions in a git repository, an archive and a file on the web, which the engine fetches."""

from __future__ import annotations

import asyncio
import pathlib
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront import aio, bake
from llbfront.errors import BakeError, ContextError
from tests.live.conformance.servers import files_of

if TYPE_CHECKING:
    from tests.live.conftest import Engine

FILES = {
    "docker-bake.hcl": """\
group "default" { targets = ["root", "sub", "here"] }
target "root" { output = ["out/root"] }
target "sub" {
  context = "sub"
  contexts = { other = "other" }
  output = ["out/sub"]
}
target "here" {
  context = BAKE_CMD_CONTEXT
  dockerfile-inline = "FROM scratch\\nCOPY here.txt /"
  output = ["out/here"]
}
""",
    "ci/bake.hcl": 'target "default" { tags = ["in-ci"] }\n',
    "Dockerfile": "FROM scratch\nCOPY root.txt /\n",
    "root.txt": "root\n",
    "sub/Dockerfile": "FROM scratch\nCOPY sub.txt /\nCOPY --from=other other.txt /\n",
    "sub/sub.txt": "sub\n",
    "other/other.txt": "other\n",
}
Run = Callable[..., subprocess.CompletedProcess[str]]


def _git(directory: pathlib.Path, *words: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a directory with `app.git`, `app.tar.gz` and `single.hcl`."""
    work, served = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("served")
    for path, text in FILES.items():
        (work / path).parent.mkdir(exist_ok=True)
        (work / path).write_text(text)
    with tarfile.open(served / "app.tar.gz", "w:gz") as archive:
        archive.add(work, ".")
    (served / "single.hcl").write_text('target "default" { tags = ["single"] }\n')
    _git(work, "init", "--quiet", "--initial-branch=main", ".")
    _git(work, "add", ".")
    _git(work, "commit", "--quiet", "--message", "all")
    _git(served, "clone", "--quiet", "--bare", str(work), "app.git")
    _git(served / "app.git", "update-server-info")
    with files_of(served) as address:
        yield address.rstrip("/")


@pytest.fixture
def run(engine: Engine, tmp_path: pathlib.Path) -> Run:
    (tmp_path / "here.txt").write_text("here\n")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "llbfront", "bake", "--addr", engine.address, "--progress", "plain", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200)

    return run


@pytest.mark.parametrize("name", ["app.git", "app.git#main", "app.tar.gz"])
def test_targets_are_built_from_the_files_beside_the_definition(run: Run, web: str, name: str, tmp_path: pathlib.Path) -> None:
    finished = run(f"{web}/{name}")
    assert finished.returncode == 0, finished.stderr
    built = {str(path.relative_to(tmp_path / "out")): path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert built == {
        "root/root.txt": "root\n",
        "sub/sub.txt": "sub\n",
        "sub/other.txt": "other\n",
        "here/here.txt": "here\n",
    }


def test_files_are_chosen_and_changed_from_here(run: Run, web: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "local.hcl").write_text('target "default" { args = { HERE = "1" } }\n')
    finished = run(f"{web}/app.git", "-f", "ci/bake.hcl", "-f", "cwd://local.hcl", "--print")
    assert finished.returncode == 0, finished.stderr
    assert '"in-ci"' in finished.stdout
    assert '"HERE": "1"' in finished.stdout
    assert f'"context": "{web}/app.git"' in finished.stdout


def test_contexts_of_a_single_file_are_here(run: Run, web: str) -> None:
    finished = run(f"{web}/single.hcl", "--print")
    assert '"single"' in finished.stdout
    assert '"context": "."' in finished.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["{web}/nothing.git"], "cannot read {web}/nothing.git: "),
        (["{web}/app.git#nowhere"], "repository does not contain ref nowhere"),
        (["{web}/app.git", "-f", "nothing.hcl"], "cannot read nothing.hcl of {web}/app.git: there is no such file"),
        (["{web}/app.git#main:sub"], "couldn't find a bake definition"),
        (["{web}/nothing"], "404"),
        (["{web}/app.git?bogus=1"], 'unexpected query "bogus"'),
        (["{web}/app.git", "nothing"], "failed to find target nothing"),
    ],
)
def test_failures_are_one_line(run: Run, web: str, words: list[str], message: str) -> None:
    finished = run(*(word.format(web=web) for word in words), "--print")
    assert finished.returncode == 2
    assert message.format(web=web) in finished.stderr
    assert len(finished.stderr.splitlines()) == 1


def test_the_library_reads_remote_definitions(engine: Engine, web: str) -> None:
    with llbfront.connect(engine.address) as connection:
        assert bake.plan("root", remote=f"{web}/app.git", engine=connection, environ={}).targets["root"].context == "."
        files = connection.read_remote_files(f"{web}/app.git", ["root.txt", "nothing"], must_exist=False)
        assert files.files == {"root.txt": b"root\n"}
        with pytest.raises(ContextError, match="cannot read nothing of"):
            connection.read_remote_files(f"{web}/app.git", "nothing")
        with pytest.raises(BakeError):
            bake.plan(remote=f"{web}/app.git#main:sub", engine=connection, environ={})


def test_asyncio_reads_remote_definitions(engine: Engine, web: str) -> None:
    async def main() -> bake.Plan:
        async with aio.connect(engine.address) as connection:
            return bake.plan(remote=await connection.read_remote_files(f"{web}/app.tar.gz", "ci/bake.hcl"), environ={})

    assert asyncio.run(main()).targets["default"].tags == ["in-ci"]
