"""Signals at every moment of a build, a pool of processes, and threads: on a real engine."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
import pathlib
import pty
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import attrs
import pytest

import llbfront
from llbfront.errors import ExecFailed

if TYPE_CHECKING:
    from tests.live.conftest import Engine as Running
    from tests.support.bases import Registry

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SLEEPING = "FROM alpine\nRUN echo started; sleep 300; echo {mark}\n"
BIG_BYTES = 60_000_000
FRONTEND = """
import pathlib, time
def frontend(build):
    pathlib.Path("begun").touch()
    time.sleep(300)
"""
HELPER = """#!/bin/sh
touch {folder}/begun
sh -c "sleep 300; echo {mark}"
"""


@attrs.frozen
class Moment:
    """When a signal is sent: the arguments of the build, and whether it has come so far, by its folder and what it has printed."""

    arguments: list[str]
    has_come: Callable[[pathlib.Path, str], bool]


def has_begun(folder: pathlib.Path, _: str) -> bool:
    return (folder / "begun").exists()


def is_read(folder: pathlib.Path, _: str) -> bool:
    """Return whether somebody reads the pipe; it stays open for writing, so that the reader waits."""
    with contextlib.suppress(OSError):
        os.open(folder / "pipe", os.O_WRONLY | os.O_NONBLOCK)
        return True
    return False


MOMENTS = {
    "a step runs": Moment(["sleeping"], lambda _, printed: " started\n" in printed),
    "the context is sent": Moment(["big"], lambda _, printed: "load build context" in printed),
    "a tar is written": Moment(["-o", "type=tar,dest=out/x.tar", "big"], lambda folder, _: any((folder / "out").glob(".tmp.*"))),
    "a directory is written": Moment(["-o", "out", "big"], lambda folder, _: any((folder / "out").glob(".tmp.*"))),
    "a layout is written": Moment(
        ["-o", "type=oci,tar=false,dest=out", "big"], lambda folder, _: any((folder / "out/ingest").glob("*"))
    ),
    "a pipe is written that nobody reads": Moment(["-o", "-", "big"], lambda _, printed: "sending tarball" in printed),
    "a frontend runs": Moment(["--frontend", "frontend.py", "small"], has_begun),
    "the Dockerfile is read from a pipe": Moment(["-f", "pipe", "small"], is_read),
    "a credential helper runs": Moment(["private"], has_begun),
}


@pytest.fixture
def folder(tmp_path: pathlib.Path, locked_registry: Registry) -> pathlib.Path:
    """A folder with what the builds of MOMENTS need."""
    mark = f"mark-{time.time_ns()}"
    files = {
        "sleeping/Dockerfile": SLEEPING.format(mark=mark),
        "small/Dockerfile": "FROM scratch\nCOPY Dockerfile /\n",
        "private/Dockerfile": f"FROM {locked_registry.address}/{mark}\n",
        "big/Dockerfile": "FROM scratch\nCOPY big /\n",
        "frontend.py": FRONTEND,
        "docker/config.json": '{"credsStore": "slow"}',
        "bin/docker-credential-slow": HELPER.format(folder=tmp_path, mark=mark),
        "mark": mark,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "bin/docker-credential-slow").chmod(0o755)
    (tmp_path / "big/big").write_bytes(os.urandom(BIG_BYTES))
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_a_signal_ends_a_build_at_once(engine: Running, folder: pathlib.Path, moment: Moment, number: signal.Signals) -> None:
    with start(engine, folder, *moment.arguments) as build:
        wait_until(build, folder, moment.has_come)
        build.send_signal(number)
        sent = time.monotonic()
        code = build.wait(30)
        took_s = time.monotonic() - sent
    printed = (folder / "stderr").read_text()
    assert code == 128 + number, printed
    assert "Traceback" not in printed
    assert printed.endswith("llbfront: interrupted\n" if number == signal.SIGINT else f"llbfront: ended by {number.name}\n")
    assert took_s < 5
    assert list((folder / "out").glob("**/.tmp.*")) == []
    assert list((folder / "out").glob("**/ingest/*")) == []
    assert not is_running((folder / "mark").read_text())


def test_an_ignored_sighup_does_not_end_a_build(engine: Running, folder: pathlib.Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        build = start(engine, folder, "sleeping")
    finally:
        signal.signal(signal.SIGHUP, before)
    with build:
        wait_until(build, folder, MOMENTS["a step runs"].has_come)
        build.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            build.wait(2)
        build.send_signal(signal.SIGTERM)
        assert build.wait(30) == 143


def test_many_signals_leave_nothing_either(engine: Running, folder: pathlib.Path) -> None:
    with start(engine, folder, "-o", "out", "big") as build:
        wait_until(build, folder, MOMENTS["a directory is written"].has_come)
        for number in SIGNALS * 5:
            build.send_signal(number)
        assert build.wait(30) in {129, 130, 143}  # the kernel does not keep the order of signals
    assert "Traceback" not in (folder / "stderr").read_text()
    assert list((folder / "out").iterdir()) == []


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("ends", [os.pipe, pty.openpty], ids=["pipe", "terminal"])
@pytest.mark.parametrize("mode", ["plain", "rawjson"])
def test_a_signal_ends_a_build_whose_progress_is_not_read(
    engine: Running, tmp_path: pathlib.Path, mode: str, ends: Callable[[], tuple[int, int]], number: signal.Signals
) -> None:
    mark = f"mark-{time.time_ns()}"
    (tmp_path / "Dockerfile").write_text(f"FROM alpine\nRUN seq 100000 200000; sleep 300; echo {mark}\n")
    reading, writing = ends()
    command = [sys.executable, "-m", "llbfront", "build", "--addr", engine.address, "--progress", mode, str(tmp_path)]
    with subprocess.Popen(command, stdout=writing, stderr=writing) as build:
        os.close(writing)
        deadline = time.monotonic() + 60
        while not any(mark.encode() in line for line in command_lines()):
            assert build.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(1)
        build.send_signal(number)
        sent = time.monotonic()
        assert build.wait(30) == 128 + number
        assert time.monotonic() - sent < 9
    os.close(reading)
    assert not is_running(mark)


def build_in_a_process(address: str, context: str) -> str:
    with llbfront.connect(address) as engine:
        return engine.build(context).ref


def test_a_failed_build_in_a_pool_of_processes_reports_itself(engine: Running, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM alpine\nRUN echo this is why; exit 42\n")
    (tmp_path / "good").mkdir()
    (tmp_path / "good/Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    spawning = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=spawning) as pool:
        good = pool.submit(build_in_a_process, engine.address, str(tmp_path / "good"))
        failed = pool.submit(build_in_a_process, engine.address, str(tmp_path)).exception(60)
        assert good.result(60)
    assert isinstance(failed, ExecFailed)
    assert (failed.exit_code, failed.log_tail, str(failed.span)) == (42, ("this is why",), "Dockerfile:2")
    shown = "".join(traceback.format_exception(failed))
    assert "  this is why\n" in shown
    assert " 2 | >>> RUN echo this is why; exit 42\n" in shown


def test_threads_that_share_an_engine_build_in_turn(engine: Running, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nARG NUMBER\nLABEL number=$NUMBER\nCOPY Dockerfile /\n")
    with llbfront.connect(engine.address) as shared, concurrent.futures.ThreadPoolExecutor(4) as pool:
        refs = list(pool.map(lambda number: shared.build(tmp_path, build_args={"NUMBER": str(number)}).ref, range(8)))
    assert len(set(refs)) == 8


def start(engine: Running, folder: pathlib.Path, *arguments: str) -> subprocess.Popen[bytes]:
    environ = {
        **os.environ,
        "PYTHONPATH": str(pathlib.Path(__file__).parents[2]),
        "DOCKER_CONFIG": str(folder / "docker"),
        "PATH": f"{folder}/bin:{os.environ['PATH']}",
    }
    command = [sys.executable, "-m", "llbfront", "build", "--addr", engine.address, "--progress", "plain", "--no-cache"]
    with open(folder / "stderr", "wb") as stderr:
        return subprocess.Popen([*command, *arguments], cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=stderr)


def wait_until(build: subprocess.Popen[bytes], folder: pathlib.Path, has_come: Callable[[pathlib.Path, str], bool]) -> None:
    deadline = time.monotonic() + 60
    while not has_come(folder, (folder / "stderr").read_text()):
        assert build.poll() is None, (folder / "stderr").read_text()
        assert time.monotonic() < deadline, (folder / "stderr").read_text()
        time.sleep(0.002)


def is_running(mark: str) -> bool:
    """Return whether a process of the machine, inside containers too, has a mark in its command line."""
    deadline = time.monotonic() + 10  # the engine is told, and then ends its steps in its own time
    while any(mark.encode() in line for line in command_lines()):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.05)
    return False


def command_lines() -> Iterator[bytes]:
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            yield (entry / "cmdline").read_bytes()
