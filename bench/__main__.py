"""Measure llbfront beside buildctl and buildx on one private engine: `python -m bench [--runs N] [--only NAME] [--small]`.

All contenders build the same Dockerfiles as whole processes, in turn, in one run; printed are medians and ratios to buildctl.
`--only convert` needs no engine: how conversion grows with the Dockerfile, and what hostile ones cost.

Source: none.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from bench import contexts, convert, measure, peers
from llbfront.engine import config, daemon, install, places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

BUILDER = "llbfront-bench"
SCRIPT = "from llbfront.cli.main import command; command()"  # what pip installs as `llbfront`


class Bench:
    """The engine, the contenders and the contexts of one run."""

    def __init__(self, directory: pathlib.Path, here: places.Places, *, runs: int, is_small: bool) -> None:
        programs = install.installed(here)
        assert programs is not None
        self.directory = directory
        self.address = here.address
        self.buildctl = programs.buildctl
        self.buildx = peers.buildx()
        self.llbfront = [sys.executable, "-c", SCRIPT]
        self.runs = runs
        self.files, self.large_bytes = (2000, 64 << 20) if is_small else (20_000, 1 << 30)
        self.environment = {**os.environ, "DOCKER_CONFIG": f"{directory}/docker", "BUILDX_CONFIG": f"{directory}/buildx"}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.environment["PYTHONPYCACHEPREFIX"] = f"{directory}/bytecode"
        self.environment.pop("COVERAGE_PROCESS_START", None)
        create = [self.buildx, "create", "--name", BUILDER, "--driver", "remote", self.address]
        subprocess.run(create, env=self.environment, check=True, capture_output=True)

    def contenders(self, context: str) -> dict[str, list[str]]:
        buildctl = [self.buildctl, "--addr", self.address, "build", "--progress", "quiet", "--frontend", "dockerfile.v0"]
        return {
            "buildctl": [*buildctl, "--local", f"context={context}", "--local", f"dockerfile={context}"],
            "buildx": [self.buildx, "build", "--builder", BUILDER, "--progress", "quiet", context],
            "llbfront": [*self.llbfront, "build", "--addr", self.address, "--progress", "quiet", context],
        }

    def prune(self, command: Sequence[str]) -> None:
        del command
        subprocess.run([self.buildctl, "--addr", self.address, "prune", "--all"], check=True, capture_output=True)

    def warm(self, command: Sequence[str]) -> None:
        measure.run(command, self.environment)

    def compare(self, title: str, contenders: Mapping[str, Sequence[str]], **options: Callable[[Sequence[str]], None]) -> None:
        made = measure.interleaved(contenders, self.environment, runs=self.runs, **options)
        print(measure.table(title, made, unit=next(iter(contenders))), flush=True)

    def untouched(self) -> None:
        contexts.tiny(self.directory / "tiny")
        commands = self.contenders(f"{self.directory}/tiny")
        for command in commands.values():
            self.warm(command)
        self.compare("untouched rebuild", commands)

    def many(self) -> None:
        contexts.many(self.directory / "many", files=self.files)
        commands = self.contenders(f"{self.directory}/many")
        self.compare(f"{self.files} files of 2 KB, first transfer", commands, prepare=self.prune)
        self.compare(f"{self.files} files of 2 KB, unchanged", commands, prepare=self.warm)

    def large(self) -> None:
        contexts.large(self.directory / "large", size_bytes=self.large_bytes)
        commands = self.contenders(f"{self.directory}/large")
        self.compare(f"one file of {self.large_bytes >> 20} MiB, first transfer", commands, prepare=self.prune)

    def start(self) -> None:
        python = [sys.executable, "-c"]
        commands = {
            "python": [*python, "pass"],
            "import": [*python, "import llbfront"],
            "--help": [*self.llbfront, "--help"],
            "build": [*self.llbfront, "build", "--help"],
        }
        for command in commands.values():
            self.warm(command)
        self.compare("start of the program", commands)


SCENARIOS = {"start": Bench.start, "untouched": Bench.untouched, "many": Bench.many, "large": Bench.large}


@contextlib.contextmanager
def engine(directory: pathlib.Path) -> Iterator[places.Places]:
    """A private engine from which nothing is collected."""
    here = places.apart(str(directory))
    daemon.start(here, config.Settings(has_gc=False), report=lambda line: print(line, flush=True))
    try:
        yield here
    finally:
        daemon.stop(here)
        daemon.remove(here)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7, help="runs of each contender (default: 7)")
    parser.add_argument("--only", choices=(*SCENARIOS, "convert"), action="append", help="leave the other scenarios out")
    parser.add_argument("--small", action="store_true", help="a tenth of the files: to try the benchmark itself")
    parsed = parser.parse_args()
    scenarios = parsed.only or (*SCENARIOS, "convert")
    if "convert" in scenarios:
        convert.main()
    compared = [name for name in scenarios if name != "convert"]
    if compared:
        compare(parsed, compared)


def compare(parsed: argparse.Namespace, scenarios: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="llbfront-bench-") as name, engine(pathlib.Path(name)) as here:
        bench = Bench(pathlib.Path(name), here, runs=parsed.runs, is_small=parsed.small)
        for scenario in scenarios:
            SCENARIOS[scenario](bench)


if __name__ == "__main__":
    main()
