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


def test_the_build_example(engine: Engine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    environ = {**os.environ, "BUILDKIT_HOST": engine.address, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", example("build")],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "RUN" in done.stdout
    assert any((tmp_path / "out").rglob("*"))
