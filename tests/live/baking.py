"""Run `llbfront bake` in a directory, on the engine of the tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathlib

    from tests.live.conftest import Engine

Run = Callable[..., subprocess.CompletedProcess[str]]


def runner(engine: Engine, directory: pathlib.Path, *, timeout_s: int) -> Run:
    """Return a function that runs the command with the words that it is called with."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "llbfront", "bake", "--addr", engine.address, "--progress", "plain", *words]
        return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=timeout_s)

    return run
