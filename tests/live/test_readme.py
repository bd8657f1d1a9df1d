"""The examples of the README work as they stand there."""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.live.test_image import image  # noqa: F401  (a fixture)

if TYPE_CHECKING:
    from examples.bases import Registry
    from tests.live.conftest import Engine

ROOT = pathlib.Path(__file__).parents[2]


def example(name: str) -> str:
    """The Python code behind the mark `<!-- tested: name -->`."""
    found = re.search(rf"<!-- tested: {name} -->\n```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found, f"the README has no example {name}"
    return found[1]


def commands(section: str) -> list[list[str]]:
    """The commands of a section of the README, comments left out."""
    text = (ROOT / "README.md").read_text().partition(f"## {section}\n")[2].partition("\n## ")[0]
    return [shlex.split(line, comments=True) for line in re.findall(r"^\$ (.*)$", text, re.MULTILINE)]


def run(name: str, engine: Engine, tmp_path: pathlib.Path) -> subprocess.CompletedProcess[str]:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    environ = {**os.environ, "BUILDKIT_HOST": engine.address, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", example(name)],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.timeout(600)
def test_the_commands_work_one_after_the_other(engine: Engine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    section = (ROOT / "README.md").read_text().partition("## The command\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\$ (.*)$", section, re.MULTILINE)
    assert len(lines) >= 7
    bin_path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    environ = {**os.environ, "BUILDKIT_HOST": engine.address, "PATH": bin_path}
    for line in lines:
        done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def test_the_build_example(engine: Engine, tmp_path: pathlib.Path) -> None:
    lines = run("build", engine, tmp_path).stdout.splitlines()
    assert lines[0].startswith("sha256:")
    assert any("RUN" in line for line in lines)
    assert (tmp_path / "app.tar").exists()
    assert any((tmp_path / "out").rglob("*"))


def test_the_arguments_example(engine: Engine, tmp_path: pathlib.Path) -> None:
    run("arguments", engine, tmp_path)
    assert (tmp_path / "out" / "list.10").read_text()
    assert (tmp_path / "app.tar").exists()


def test_the_timings_example(engine: Engine, tmp_path: pathlib.Path) -> None:
    lines = run("timings", engine, tmp_path).stdout.splitlines()
    assert any("exec    Dockerfile:" in line for line in lines)
    assert any("file    Dockerfile:" in line for line in lines)


def test_the_example_for_asyncio(engine: Engine, tmp_path: pathlib.Path) -> None:
    run("build side by side", engine, tmp_path)


def test_the_graph_made_by_hand(engine: Engine, tmp_path: pathlib.Path) -> None:
    run("by hand", engine, tmp_path)
    assert (tmp_path / "out" / "made-by").read_text() == "hand\n"
    assert any((tmp_path / "out" / "pages").iterdir())


def test_the_frontend_of_ones_own(engine: Engine, registry: Registry, image: str, tmp_path: pathlib.Path) -> None:  # noqa: F811
    (tmp_path / "my_frontend.py").write_text(example("frontend"))
    (tmp_path / "test_my_frontend.py").write_text(example("frontend test"))
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/index.html").write_text("page\n")
    name = f"{registry.address}/site"
    (tmp_path / "site").write_text(f"# syntax={name}\n\npages\n")
    environ = {**os.environ, "BUILDKIT_HOST": engine.address, "PYTHONPATH": str(ROOT)}
    *_, build, made, by_docker = commands("A frontend of your own")
    made = [word.replace("registry.example/site", name) for word in made]
    tests = ["pytest", "-q", "-p", "no:cacheprovider", "test_my_frontend.py"]
    for words in (tests, build, made):
        command = [sys.executable, "-m", *words]
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "out/srv/pages/index.html").read_text() == "page\n"
    assert by_docker == ["docker", "build", "-f", "site", "."]  # any client: here that of BuildKit
    engine.buildctl(
        "build", "--frontend", "dockerfile.v0", "--opt", "filename=site", "--local", f"context={tmp_path}",
        "--local", f"dockerfile={tmp_path}", "--output", f"type=local,dest={tmp_path}/again",
    )  # fmt: skip
    assert (tmp_path / "again/srv/pages/index.html").read_text() == "page\n"
