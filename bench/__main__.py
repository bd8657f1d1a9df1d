"""Measure llbfront beside buildctl and buildx on one private engine: `python -m bench [--runs N] [--only NAME] [--small]`.

All contenders build the same Dockerfiles as whole processes, in turn, in one run; printed are medians and ratios to buildctl.
Three scenarios need no engine: `--only convert` measures how conversion grows with the Dockerfile and what hostile ones cost; `--only http2`
compares the HTTP/2 core with the h2 library; `--only questions` measures `llbfront inputs` and `llbfront graph`.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import llbfront
from bench import containers, contexts, convert, http2, measure, questions
from llbfront.engine import config, daemon, directories, install
from tests.live import frontend_image, reference_frontend
from tests.support import bases, peers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

BUILDER = "llbfront-bench"
MEMORY, ROOM_BYTES = "/dev/shm", 12 << 30
RUNS, IMAGE_RUNS, PROGRAM_RUNS = 7, 15, 41
TARGETS, TRACES_S = 40, 6
SCRIPT = "from llbfront.cli import command; command()"  # what pip installs as `llbfront`


class Bench:
    """The engine, the contenders and the contexts of one run."""

    def __init__(
        self,
        directory: pathlib.Path,
        here: directories.Directories,
        *,
        tcp_address: str,
        registry: str,
        runs: int | None,
        is_small: bool,
    ) -> None:
        programs = install.installed(here)
        assert programs is not None
        self.directory = directory
        self.address, self.tcp_address = here.address, tcp_address
        self.buildctl = programs.buildctl
        self.llbfront = [sys.executable, "-c", SCRIPT]
        self.runs = runs
        self.here = here
        self.registry = registry
        self.files, self.large_bytes = (2000, 64 << 20) if is_small else (20_000, 1 << 30)
        self.environment = measure.installed_environment() | {
            name: f"{directory}/{name.lower()}" for name in ("DOCKER_CONFIG", "BUILDX_CONFIG", "XDG_STATE_HOME")
        }

    @functools.cache  # noqa: B019  there is one bench
    def buildx(self) -> str:
        """The program buildx, which knows the engine by now."""
        program = peers.buildx()
        create = [program, "create", "--name", BUILDER, "--driver", "remote", self.address]
        subprocess.run(create, env=self.environment, check=True, capture_output=True)
        return program

    def contenders(self, context: str) -> dict[str, list[str]]:
        buildctl = [self.buildctl, "--addr", self.address, "build", "--progress", "quiet", "--frontend", "dockerfile.v0"]
        return {
            "buildctl": [*buildctl, "--local", f"context={context}", "--local", f"dockerfile={context}"],
            "buildx": [self.buildx(), "build", "--builder", BUILDER, "--progress", "quiet", context],
            "llbfront": [*self.llbfront, "build", "--addr", self.address, "--progress", "quiet", context],
        }

    def prune(self, command: Sequence[str]) -> None:
        del command
        subprocess.run([self.buildctl, "--addr", self.address, "prune", "--all"], check=True, capture_output=True)

    def warm(self, command: Sequence[str]) -> None:
        measure.run(command, self.environment)

    def compare(
        self,
        title: str,
        contenders: Mapping[str, Sequence[str]],
        *,
        runs: int = RUNS,
        prepare: Callable[[Sequence[str]], None] = lambda _: None,
    ) -> None:
        runs_by_program = measure.interleaved(contenders, self.environment, runs=self.runs or runs, prepare=prepare)
        print(measure.table(title, runs_by_program, unit=next(iter(contenders))), flush=True)

    def untouched(self) -> None:
        contexts.tiny(self.directory / "tiny")
        commands = self.contenders(f"{self.directory}/tiny")
        for command in commands.values():
            self.warm(command)
        self.compare("untouched rebuild", commands)

    def bake(self) -> None:
        """Targets that share stages, by `bake`: with an empty cache, and unchanged."""
        contexts.targets(self.directory / "targets", count=TARGETS)
        os.chdir(self.directory / "targets")
        commands = {
            "buildx": [self.buildx(), "bake", "--builder", BUILDER, "--progress", "quiet"],
            "llbfront": [*self.llbfront, "bake", "--addr", self.address, "--progress", "quiet"],
        }
        for command in commands.values():
            self.warm(command)
        self.compare(f"bake of {TARGETS} targets, unchanged", commands, prepare=self.rest)
        self.compare(f"bake of {TARGETS} targets, empty cache", commands, prepare=self.rest_and_prune)

    def rest(self, command: Sequence[str]) -> None:
        """Wait until the engine has written the traces of the build before, which it does some seconds after its end."""
        del command
        time.sleep(TRACES_S)

    def rest_and_prune(self, command: Sequence[str]) -> None:
        self.rest(command)
        self.prune(command)

    def program(self) -> None:
        """Builds by a program that keeps its engine open, over the unix socket and over TCP."""
        contexts.tiny(self.directory / "program")
        with llbfront.connect(self.address) as near, llbfront.connect(self.tcp_address) as far:
            actions = {
                name: functools.partial(engine.build, self.directory / "program") for name, engine in (("unix", near), ("tcp", far))
            }
            for action in actions.values():
                action()
            runs_by_program = measure.interleaved_calls(actions, runs=self.runs or PROGRAM_RUNS)
        print(measure.table("untouched rebuild by a program with an open engine", runs_by_program, unit="unix"), flush=True)

    def many(self) -> None:
        contexts.many(self.directory / "many", files=self.files)
        commands = self.contenders(f"{self.directory}/many")
        self.compare(f"{self.files} files of 2 KB, first transfer", commands, prepare=self.prune)
        self.compare(f"{self.files} files of 2 KB, unchanged", commands, prepare=self.warm)

    def record(self) -> None:
        """Untouched rebuilds without and with a record of the build: a small context, and one with many files."""
        contexts.tiny(self.directory / "recorded")
        contexts.many(self.directory / "recorded-many", files=self.files)
        for name, runs in (("recorded", PROGRAM_RUNS), ("recorded-many", RUNS)):
            build = [*self.llbfront, "build", "--addr", self.address, "--progress", "quiet", f"{self.directory}/{name}"]
            contenders = {"no record": [*build, "--no-record"], "record": build}
            for command in contenders.values():
                self.warm(command)
            self.compare(f"untouched rebuild of {name}", contenders, runs=runs)

    def large(self) -> None:
        contexts.large(self.directory / "large", size_bytes=self.large_bytes)
        commands = self.contenders(f"{self.directory}/large")
        self.compare(f"one file of {self.large_bytes >> 20} MiB, first transfer", commands, prepare=self.prune)

    def image(self) -> None:
        """Builds through the frontend image of this repository and through the reference's, both made here."""
        with llbfront.connect(self.address) as client:
            images = {
                "reference": reference_frontend.image(client, self.registry),
                "llbfront": frontend_image.image(client, self.registry),
            }
        contexts.tiny(self.directory / "through")
        contexts.long(self.directory / "long")
        commands = {name: self.through(image, self.directory / "through") for name, image in images.items()}
        for command in commands.values():
            self.warm(command)
        self.compare("untouched rebuild through a frontend image", commands, runs=IMAGE_RUNS)
        text = (self.directory / "long/Dockerfile").read_text()
        print(f"memory of the frontend's container, a Dockerfile of {text.count(chr(10))} lines, {len(text) / 1000:.0f} KB")
        for name, image in images.items():
            print(f"  {name:10} {self.memory(self.through(image, self.directory / 'long'))}", flush=True)

    def through(self, image: str, context: pathlib.Path) -> list[str]:
        command = [self.buildctl, "--addr", self.address, "build", "--progress", "quiet", "--frontend", "gateway.v0"]
        return [*command, "--opt", f"source={image}", "--local", f"context={context}", "--local", f"dockerfile={context}"]

    def memory(self, command: Sequence[str]) -> str:
        running = daemon.status(self.here).pid
        assert running is not None
        with containers.watched(running) as peaks:
            for _ in range(self.runs or RUNS):
                self.warm(command)
        group = f"{peaks.group_bytes / 1e6:6.1f} MB of its group" if peaks.group_bytes else "its group cannot be asked"
        return f"peak {peaks.resident_bytes / 1e6:6.1f} MB resident, {group}  ({peaks.looks} looks)"

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


SCENARIOS = {
    "start": Bench.start,
    "untouched": Bench.untouched,
    "bake": Bench.bake,
    "program": Bench.program,
    "many": Bench.many,
    "record": Bench.record,
    "large": Bench.large,
    "image": Bench.image,
}
WITHOUT_ENGINE: dict[str, Callable[[int | None], None]] = {
    "convert": lambda _: convert.main(),
    "http2": http2.main,
    "questions": questions.main,
}


@contextlib.contextmanager
def engine(directory: pathlib.Path) -> Iterator[tuple[directories.Directories, str, str]]:
    """A private engine from which nothing is collected, its address for TCP, and a registry to which it may push."""
    here, tcp_address = directories.apart(str(directory)), f"tcp://127.0.0.1:{free_port()}"
    (directory / "registry").mkdir()
    with bases.serve() as registries, bases.run(directory / "registry") as registry:
        settings = config.Settings(
            registries=(*registries, config.Registry(registry.address, is_http=True)), has_gc=False, addresses=(tcp_address,)
        )
        daemon.start(here, settings, report=lambda line: print(line, flush=True))
        try:
            yield here, tcp_address, registry.address
        finally:
            daemon.stop(here)
            daemon.remove(here)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, help=f"runs of each contender (default: {RUNS}, through frontend images {IMAGE_RUNS})")
    parser.add_argument("--only", choices=(*SCENARIOS, *WITHOUT_ENGINE), action="append", help="leave the other scenarios out")
    parser.add_argument("--small", action="store_true", help="a tenth of the files: to try the benchmark itself")
    parsed = parser.parse_args()
    scenarios = parsed.only or (*SCENARIOS, *WITHOUT_ENGINE)
    for name in scenarios:
        if name in WITHOUT_ENGINE:
            WITHOUT_ENGINE[name](parsed.runs)
    compared = [name for name in scenarios if name in SCENARIOS]
    if compared:
        compare(parsed, compared)


def place() -> str | None:
    """Where to keep the engine and the contexts: in memory if there is room, since a disk that removes 20,000 files is all one measures."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(MEMORY).free > ROOM_BYTES:
            return MEMORY
    return None


def compare(parsed: argparse.Namespace, scenarios: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="llbfront-bench-", dir=place()) as name, engine(pathlib.Path(name)) as running:
        here, tcp_address, registry = running
        bench = Bench(pathlib.Path(name), here, tcp_address=tcp_address, registry=registry, runs=parsed.runs, is_small=parsed.small)
        for scenario in scenarios:
            SCENARIOS[scenario](bench)


if __name__ == "__main__":
    main()
