"""The examples of the README work as they stand there."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.live.conftest import Engine

ROOT = pathlib.Path(__file__).parents[2]


def example(name: str) -> str:
    """The Python code behind the mark `<!-- tested: name -->`."""
    found = re.search(rf"<!-- tested: {name} -->\n```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found, f"the README has no example {name}"
    return found[1]


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


def test_the_build_example(engine: Engine, tmp_path: pathlib.Path) -> None:
    assert "RUN" in run("build", engine, tmp_path).stdout
    assert any((tmp_path / "out").rglob("*"))


def test_the_graph_made_by_hand(engine: Engine, tmp_path: pathlib.Path) -> None:
    run("by hand", engine, tmp_path)
    assert (tmp_path / "out" / "made-by").read_text() == "hand\n"
    assert any((tmp_path / "out" / "pages").iterdir())
