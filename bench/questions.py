"""Measure the commands that ask about a build, without an engine.

`llbfront inputs` over 200,000 files is compared with the walk that a build makes of them; `llbfront graph` draws 1,000 ops.
"""

from __future__ import annotations

import os
import pathlib
import sys
import tempfile
from typing import TYPE_CHECKING

from bench import measure

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES, OPS, RUNS = 200_000, 1_000, 5
STAGES = 40
_WALK = "import sys\nfrom llbfront.fsutil.walk import walk\nfor _ in walk(sys.argv[1]): pass"
_LLBFRONT = "import sys\nfrom llbfront.cli import command\nsys.exit(command())"


def main(runs: int | None = None) -> None:
    """Print both tables."""
    environment = measure.installed_environment()
    with tempfile.TemporaryDirectory(prefix="llbfront-bench-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:
        _inputs(pathlib.Path(name) / "context", environment, runs or RUNS)
        _graph(pathlib.Path(name), environment, runs or RUNS)


def _inputs(root: pathlib.Path, environment: Mapping[str, str], runs: int) -> None:
    for number in range(FILES):
        path = root / f"d{number // 100:04}" / f"f{number % 100:02}"
        if number % 100 == 0:
            path.parent.mkdir(parents=True)
        path.write_bytes(b"content")
    (root / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    command = [sys.executable, "-c", _LLBFRONT, "inputs"]
    contenders = {
        "walk": [sys.executable, "-c", _WALK, str(root)],
        "inputs": [*command, str(root)],
        "json": [*command, "--json", str(root)],
    }
    print(measure.table(f"llbfront inputs of {FILES} files", measure.interleaved(contenders, environment, runs=runs), unit="walk"))


def _graph(root: pathlib.Path, environment: Mapping[str, str], runs: int) -> None:
    """Stages of equal length, each of which reads the one before, and a last one that reads all."""
    steps = OPS // STAGES - 2
    stages = [
        f"FROM alpine AS s{number}\n"
        + "".join(f"RUN step {number} {step}\n" for step in range(steps))
        + (f"COPY --from=s{number - 1} / /\n" if number else "")
        for number in range(STAGES)
    ]
    last = "FROM scratch\n" + "".join(f"COPY --from=s{number} / /{number}\n" for number in range(STAGES))
    (root / "Dockerfile").write_text("".join(stages) + last)
    command = [sys.executable, "-c", _LLBFRONT, "graph", "--platform", "linux/amd64"]
    contenders = {
        form: [*command, "-o", str(root / f"graph.{form}"), str(root / "Dockerfile")] for form in ("tree", "svg", "html", "json")
    }
    print(measure.table(f"llbfront graph of about {OPS} ops", measure.interleaved(contenders, environment, runs=runs), unit="tree"))
