"""Run a credential helper: a program that gets the name of a server on standard input and prints its credentials as JSON.

A helper runs in a new process group. When it has answered, is too slow, or the build ends, the whole group is ended, so that
nothing it started is left. A helper that takes long is reported with what it prints on standard error, such as a code to be entered.

Source: client/command.go of docker/docker-credential-helpers for the protocol.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping

import attrs

from llbfront.errors import LlbfrontError

TIMEOUT_S = 50.0  # engines wait 60 seconds for credentials
QUIET_S = 3.0  # after this time a helper is reported as slow
DRAIN_S = 1.0  # how long the output is read when the helper has ended but its children hold it open
TERMINATE_S = 0.3
MAX_OUTPUT_BYTES = 1 << 20
_KEPT_BYTES = 8192  # of standard error
_TURN_S = 0.05
_WORDS = 300


@attrs.frozen
class HelperOutput:
    """The output of a helper. `problem` says why the helper was stopped; it is empty if the helper exited by itself."""

    code: int
    problem: str
    stdout: bytes = attrs.field(repr=False)
    stderr: bytes = attrs.field(repr=False)

    @property
    def words(self) -> str:
        """The message of the helper about a failure, on one line: standard output, which docker shows, else standard error."""
        stdout = b"" if b'"secret"' in self.stdout.lower() else self.stdout
        return words(stdout) or words(self.stderr)


def words(output: bytes) -> str:
    """Return text for a message: one line, the end of it if it is long."""
    text = " ".join(output.decode(errors="replace").split())
    return text if len(text) <= _WORDS else f"… {text[-_WORDS:]}"


def find_program(program: str, environ: Mapping[str, str]) -> str:
    """Return the path of a helper. Raises: LlbfrontError if it is not installed or not executable."""
    search = environ.get("PATH", os.defpath)
    path = shutil.which(program, path=search)
    if path is not None:
        return path
    is_there = any(os.path.isfile(os.path.join(folder, program)) for folder in search.split(os.pathsep) if folder)
    raise LlbfrontError(f"{program} is not {'executable' if is_there else 'installed'}")


class HelperProcess:
    """A helper that runs. `run` is called once; `end` may be called from any thread, also after the helper has ended."""

    def __init__(self, path: str, argument: str, environ: Mapping[str, str]) -> None:
        """Start the program. Raises: OSError, ValueError."""
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [path, argument],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environ),
            process_group=0,
        )

    def run(self, text: str, on_slow: Callable[[str], None]) -> HelperOutput:
        """Send the helper its input and wait for its end.

        Args:
            text: the name of a server, shorter than the buffer of a pipe.
            on_slow: called after some seconds, and then for everything new that the helper says.
        """
        try:
            self._write(text)
            reading = _Reading(self._process)
            problem = reading.read(self._has_exited, on_slow)
        finally:
            self.end()
            _close(self._process)
        return HelperOutput(self._process.returncode, problem, reading.stdout, reading.stderr)

    def end(self) -> None:
        """End the process group: ask politely, then kill. Does nothing when that was done before.

        Children go first, so that the helper can wait for them; an orphan stays a zombie until the init process notices it.
        """
        with self._lock:
            if self._process.returncode is not None:
                return
            for number in (signal.SIGTERM, signal.SIGKILL):
                self._signal_children(number)
                _wait_for(lambda: self._has_exited() or not self._children())
            if not self._has_exited():
                self._signal(signal.SIGTERM)
                _wait_for(self._has_exited)
            self._signal(signal.SIGKILL)
            self._process.wait()

    def _children(self) -> list[int]:
        """Return the other processes of the group, as far as the system tells them."""
        group = self._process.pid
        return [pid for pid in _pids() if pid != group and _group_of(pid) == group]

    def _signal_children(self, number: int) -> None:
        for pid in self._children():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def _write(self, text: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(text.encode())

    def _has_exited(self) -> bool:
        """Return whether the program has ended; it stays a zombie, so that its process group cannot become another's."""
        if self._process.returncode is not None:
            return True
        try:
            return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


class _Reading:
    """Reads what a program prints until it ends, is too slow, or prints too much."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._output, self._errors = process.stdout.fileno(), process.stderr.fileno()
        self._held = {self._output: bytearray(), self._errors: bytearray()}
        self._open = set(self._held)
        self._poll = select.poll()
        for fd in self._held:
            self._poll.register(fd, select.POLLIN)

    @property
    def stdout(self) -> bytes:
        return bytes(self._held[self._output])

    @property
    def stderr(self) -> bytes:
        return bytes(self._held[self._errors])

    def read(self, has_exited: Callable[[], bool], on_slow: Callable[[str], None]) -> str:
        """Return why the program has to be ended, "" if it has ended."""
        begun = time.monotonic()
        reported: str | None = None
        while not has_exited():
            self._turn()
            elapsed_s = time.monotonic() - begun
            if len(self._held[self._output]) > MAX_OUTPUT_BYTES:
                return f"its output has more than {MAX_OUTPUT_BYTES} bytes"
            if elapsed_s > TIMEOUT_S:
                return f"it did not answer within {TIMEOUT_S:.0f} seconds"
            if elapsed_s > QUIET_S and (output := words(self.stderr)) != reported:
                on_slow(output)
                reported = output
        deadline = time.monotonic() + DRAIN_S
        while self._open and time.monotonic() < deadline and len(self._held[self._output]) <= MAX_OUTPUT_BYTES:
            self._turn()
        return ""

    def _turn(self) -> None:
        if not self._open:
            time.sleep(_TURN_S)
        for fd, _ in self._poll.poll(_TURN_S * 1000) if self._open else ():
            data = os.read(fd, 65536)
            self._held[fd] += data
            if fd == self._errors:
                del self._held[fd][:-_KEPT_BYTES]
            if not data:
                self._open.remove(fd)
                self._poll.unregister(fd)


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TERMINATE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(_TURN_S / 5)


def _pids() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    except FileNotFoundError:
        return []


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
