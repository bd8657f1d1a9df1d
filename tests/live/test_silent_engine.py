"""A buildkitd that is frozen or killed: noticed in each phase, over the unix socket, TCP and a helper program."""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import socket
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.engine import config, daemon, directories, discover, install
from llbfront.errors import ConnectError, TransportError
from llbfront.rpc import heartbeat
from tests.support.bases.packages import program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llbfront.progress.events import StatusEvent
    from tests.live.conftest import Engine

TICK_S = 0.1
LIMIT_S = TICK_S * heartbeat.LOSE_AFTER_TICKS


class Frozen:
    """A private engine that a test may stop with SIGSTOP and kill."""

    def __init__(self, addresses: dict[str, str], pid: int) -> None:
        self.addresses, self.pid = addresses, pid

    def freeze(self) -> None:
        """Stop the engine, and wait until all its threads have stopped: until then it answers."""
        os.kill(self.pid, signal.SIGSTOP)
        while not all(map(_is_stopped, pathlib.Path(f"/proc/{self.pid}/task").iterdir())):
            time.sleep(0.001)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def _is_stopped(thread: pathlib.Path) -> bool:
    """Return whether a thread is stopped, by the state after its name in parentheses."""
    return (thread / "stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.fixture
def running(engine: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Frozen]:
    del engine  # which shows that this machine can run one
    monkeypatch.setattr(heartbeat, "TICK_S", TICK_S)
    monkeypatch.setattr(discover, "ANSWER_TIMEOUT_S", 1.5)
    with socket.create_server(("127.0.0.1", 0)) as free:
        tcp = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory(prefix="llbfront-") as directory:
        here = directories.apart(directory)
        status = daemon.start(here, config.Settings(addresses=(tcp,)))
        programs = install.installed(here)
        assert programs is not None
        assert status.pid is not None
        program = tmp_path / "bin/ssh"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\nexec {programs.buildctl} --addr {here.address} dial-stdio\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        yield Frozen({"unix": here.address, "tcp": tcp, "ssh": "ssh://host"}, status.pid)
        os.kill(status.pid, signal.SIGCONT)
        daemon.remove(here)


@pytest.fixture(params=["unix", "tcp", "ssh"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def context(tmp_path: pathlib.Path) -> pathlib.Path:
    directory = tmp_path / "context"
    directory.mkdir()
    (directory / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    with open(directory / "large", "wb") as file:
        file.writelines(os.urandom(1 << 20) for _ in range(64))
    return directory


def once(is_due: Callable[[StatusEvent], bool], act: Callable[[], None]) -> Callable[[StatusEvent], None]:
    """Return an `on_event` that acts at the first event that is due."""
    left = [act]

    def on_event(event: StatusEvent) -> None:
        if left and is_due(event):
            left.pop()()

    return on_event


def test_while_connecting(running: Frozen, kind: str) -> None:
    running.freeze()
    started = time.monotonic()
    with pytest.raises(ConnectError, match=f"no engine at {running.addresses[kind]}.*no answer within"):
        llbfront.connect(running.addresses[kind])
    assert time.monotonic() - started < 25


def test_before_the_solve(running: Frozen, kind: str, context: pathlib.Path) -> None:
    with llbfront.connect(running.addresses[kind]) as engine:
        engine.version()
        running.freeze()
        with pytest.raises(TransportError, match="the engine does not answer"):
            engine.build(context)


def test_during_the_transfer_of_the_context(running: Frozen, kind: str, context: pathlib.Path) -> None:
    due = once(lambda event: any(status.id.startswith("transferring") for status in event.statuses), running.freeze)
    with llbfront.connect(running.addresses[kind]) as engine, pytest.raises(TransportError, match="the engine does not answer"):
        engine.build(context, on_event=due)


def test_during_an_export(running: Frozen, kind: str, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    due = once(lambda event: any("exporting" in vertex.name for vertex in event.vertexes), running.freeze)
    output = f"type=tar,dest={tmp_path}/out.tar"
    with llbfront.connect(running.addresses[kind]) as engine, pytest.raises(TransportError, match="the engine does not answer"):
        engine.build(context, output=output, on_event=due)
    assert not (tmp_path / "out.tar").exists()


def test_while_closing(running: Frozen, kind: str) -> None:
    engine = llbfront.connect(running.addresses[kind])
    engine.version()
    running.freeze()
    started = time.monotonic()
    engine.close()
    assert time.monotonic() - started < 9  # an answer would be waited for 13 seconds


@pytest.mark.parametrize(
    ("end", "message"), [("freeze", "the engine does not answer"), ("kill", "the engine went away in mid-build")]
)
def test_during_a_step(running: Frozen, kind: str, context: pathlib.Path, end: str, message: str) -> None:
    shutil.copy(program("busybox-static", "bin/busybox"), context / "busybox")
    (context / "Dockerfile").write_text('FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "sleep", "60"]\n')
    due = once(lambda event: any("sleep" in v.name and v.started_ns for v in event.vertexes), getattr(running, end))
    with llbfront.connect(running.addresses[kind]) as engine, pytest.raises(TransportError, match=message):
        engine.build(context, no_cache=True, on_event=due)


def test_a_step_that_is_silent_for_long_is_not_a_silent_engine(running: Frozen, kind: str, context: pathlib.Path) -> None:
    shutil.copy(program("busybox-static", "bin/busybox"), context / "busybox")
    seconds = str(int(2 * LIMIT_S) + 1)
    (context / "Dockerfile").write_text(f'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "sleep", "{seconds}"]\n')
    with llbfront.connect(running.addresses[kind]) as engine:
        engine.build(context, no_cache=True)
