"""Start, stop and remove the private engine, and report its status and its log. The buildkitd outlives this process.

The process is identified by its id and start time, so that a stale pid file never identifies another process. Starting and stopping hold a lock. A
stale socket is replaced.

Source: cmd/buildkitd of BuildKit v0.34.2; proc(5).
"""

from __future__ import annotations

import contextlib
import enum
import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import attrs

from llbfront.engine import config, install, rootless
from llbfront.engine.directories import Directories, default, make_directory
from llbfront.engine.probe import Answer, probe
from llbfront.engine.settings import load_settings
from llbfront.errors import EngineError
from llbfront.files.locking import locked
from llbfront.files.writing import write_file
from llbfront.setting_names import setting

SOCKET_PATH_BYTES = 107  # what fits sockaddr_un
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0
_PROGRAMS = re.compile(r"(buildkit|go)-[v0-9]")  # directories of programs that were built or fetched
_LAST_WORDS = ("buildkitd: ", "unshare: ")


class Condition(enum.Enum):
    """The state of the private engine."""

    RUNNING = "running"
    HANGING = "hanging"  # the process runs, but does not answer on the socket
    STOPPED = "stopped"
    MISSING = "not installed"


@attrs.frozen
class Status:
    """The private engine now. `pid` and `since_ns` (of the epoch) only while its process lives."""

    condition: Condition
    address: str
    version: str
    log: str
    pid: int | None = None
    since_ns: int | None = None


def start(
    directories: Directories | None = None,
    settings: config.Settings | None = None,
    *,
    report: Callable[[str], None] = lambda _: None,
    timeout_s: float = START_TIMEOUT_S,
) -> Status:
    """Return the running private engine, installed and started first where needed.

    Raises: EngineError if it cannot run here, does not come up, or runs already with other settings than those given. Without
    settings it takes a running engine as it is.
    """
    directories = directories or default()
    _check_machine(directories)
    install.install(directories, report=report)
    for directory in (directories.state, directories.runtime):
        make_directory(directory, mode=0o700)
        os.chmod(directory, 0o700)
    with locked(directories.lock):
        running = status(directories)
        text = _render(settings or load_settings(directories), directories)
        if running.condition is Condition.RUNNING:
            if settings is not None and _read(directories.config) != text:
                raise EngineError("the private engine runs with other settings", hint="llbfront engine stop, then start it again")
            return running
        if running.condition is Condition.HANGING:
            _end(directories, STOP_TIMEOUT_S)
        _clear(directories)
        write_file(directories.config, text.encode())
        _spawn(directories, timeout_s)
        return status(directories)


def stop(directories: Directories | None = None, *, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """End the private engine, with force after `timeout_s`; return whether it ran."""
    directories = directories or default()
    if not os.path.isdir(directories.state):
        return False
    with locked(directories.lock):
        ran = _end(directories, timeout_s)
        _clear(directories)
        return ran


def restart(
    directories: Directories | None = None, *, report: Callable[[str], None] = lambda _: None, timeout_s: float = START_TIMEOUT_S
) -> Status:
    """Stop the private engine if it runs, and start it with the saved settings."""
    stop(directories)
    return start(directories, report=report, timeout_s=timeout_s)


def configuration(directories: Directories | None = None) -> str:
    """Return the configuration, in TOML, with which the private engine starts."""
    directories = directories or default()
    return _render(load_settings(directories), directories)


def status(directories: Directories | None = None) -> Status:
    """Return what the private engine is doing."""
    directories = directories or default()
    programs = install.installed(directories)
    stopped = Status(Condition.STOPPED if programs else Condition.MISSING, directories.address, install.version(), directories.log)
    pid = _pid(directories)
    if pid is None:
        return stopped
    is_up = isinstance(probe(directories.address), Answer)
    try:
        since_ns = os.stat(directories.pid).st_mtime_ns
    except FileNotFoundError:  # it was stopped just now
        return stopped
    return attrs.evolve(stopped, condition=Condition.RUNNING if is_up else Condition.HANGING, pid=pid, since_ns=since_ns)


def follow_logs(
    directories: Directories | None = None,
    *,
    lines: int | None = None,
    interval_s: float = 0.2,
    is_over: Callable[[], bool] = lambda: False,
) -> Iterator[str]:
    """Yield the last `lines` of the log, by default all, and then each line as it is written, until `is_over`. A restart begins a new log."""
    path = (directories or default()).log
    skips = lines is not None
    while not is_over():
        try:
            with open(path, "rb") as log:
                for whole in _appended(log, path, interval_s, is_over):
                    yield from whole[max(len(whole) - (lines or 0), 0) :] if skips else whole
                    skips = False
        except FileNotFoundError:
            pass
        time.sleep(interval_s)


def _appended(log: BinaryIO, path: str, interval_s: float, is_over: Callable[[], bool]) -> Iterator[list[str]]:
    """Yield the whole lines that were added to a file, again and again, until the path names another file, or `is_over`."""
    rest = ""
    while True:
        is_last = not os.path.exists(path) or not os.path.samestat(os.stat(path), os.fstat(log.fileno()))
        *whole, rest = (rest + log.read().decode(errors="replace")).split("\n")
        yield whole
        if is_last or is_over():
            return
        time.sleep(interval_s)


def logs(directories: Directories | None = None, *, lines: int | None = None) -> tuple[str, ...]:
    """Return the log of the private engine since its last start, the last `lines` of it, oldest first; empty if there is none."""
    text = _lines(_read((directories or default()).log))
    return tuple(text if lines is None else text[len(text) - min(lines, len(text)) :])


def remove(directories: Directories | None = None) -> None:
    """Stop the private engine and delete its cache, images and log. The programs stay."""
    directories = directories or default()
    stop(directories)
    for mounted in _mounts_under(directories.state):
        subprocess.run(["umount", "--lazy", mounted], check=False, capture_output=True)
    for directory in (directories.root, directories.state, directories.runtime):
        if rootless.is_needed() and os.path.isdir(directory):  # files of other ids of the namespace are in it
            subprocess.run(rootless.inside(["rm", "-rf", directory]), check=False, capture_output=True)
        shutil.rmtree(directory, ignore_errors=True)


def uninstall(directories: Directories | None = None) -> None:
    """Remove the private engine: stop it, and delete its data, the programs, and the downloads for building them."""
    directories = directories or default()
    remove(directories)
    downloads = [os.path.join(directories.cache, "go")]
    programs = (
        [entry.path for entry in os.scandir(directories.data) if _PROGRAMS.match(entry.name)]
        if os.path.isdir(directories.data)
        else []
    )
    for directory in (*programs, *downloads):
        _remove_tree(directory)


def _remove_tree(directory: str) -> None:
    """Delete a directory, also one that Go has made read-only."""
    for place, _, _ in os.walk(directory):
        with contextlib.suppress(OSError):
            os.chmod(place, 0o700)
    shutil.rmtree(directory, ignore_errors=True)


def _check_machine(directories: Directories) -> None:
    if os.uname().sysname != "Linux":
        raise EngineError(
            "a private engine needs Linux", hint=f"use an engine on another machine: {setting('address')} or BUILDKIT_HOST"
        )
    if rootless.is_needed():
        rootless.check()
    if install.find_runc() is None:
        raise EngineError("the private engine needs runc, which this machine lacks", hint=install.RUNC_HINT)
    if len(os.fsencode(directories.socket)) > SOCKET_PATH_BYTES:
        raise EngineError(f"the path of the socket is too long: {directories.socket}", hint="set XDG_RUNTIME_DIR to a shorter path")


def _render(settings: config.Settings, directories: Directories) -> str:
    return config.render(settings, directories, runc=install.find_runc() or "runc", is_rootless=rootless.is_needed())


def _command(directories: Directories, programs: install.Programs) -> tuple[list[str], dict[str, str]]:
    """Return the command that starts buildkitd, and its environment."""
    command = [programs.buildkitd, "--config", directories.config]
    if not rootless.is_needed():
        return command, dict(os.environ)
    # runc keeps its state here only if neither the user id nor the name is root's.
    return rootless.inside(command), {**os.environ, "XDG_RUNTIME_DIR": directories.runtime, "USER": "rootless"}


def _spawn(directories: Directories, timeout_s: float) -> None:
    """Start buildkitd in a new process session and wait until it answers."""
    programs = install.installed(directories)
    assert programs is not None
    command, environment = _command(directories, programs)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(directories.log)  # readers that follow the log notice the new one
    with open(directories.log, "wb") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            umask=0o077,
        )
    try:
        write_file(directories.pid, f"{process.pid} {_started(process.pid)}\n".encode())
        _wait_until_up(process, directories, timeout_s)
        os.chmod(directories.socket, 0o600)
    except BaseException:  # also after Ctrl-C: an engine that is not ready is stopped
        process.kill()
        process.wait()
        _clear(directories)
        raise
    process.returncode = 0  # it outlives this process: no warning when the object is deleted


def _wait_until_up(process: subprocess.Popen[bytes], directories: Directories, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not isinstance(probe(directories.address), Answer):
        if process.poll() is not None:
            raise EngineError(
                f"the private engine ended at once: {_complaint(directories)}", hint=f"see its log: {directories.log}"
            )
        if time.monotonic() > deadline:
            raise EngineError(f"the private engine was not up after {timeout_s:g} s", hint=f"see its log: {directories.log}")
        time.sleep(0.02)


def _end(directories: Directories, timeout_s: float) -> bool:
    pid = _pid(directories)
    if pid is None:
        return False
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if _pid(directories) != pid:  # it went between reading its id and opening it
            return False
        for sign in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(handle, sign)
            if select.select([handle], [], [], timeout_s)[0]:
                _reap(pid)
                return True
    finally:
        os.close(handle)
    raise EngineError(f"the private engine (process {pid}) does not end")


def _reap(pid: int) -> None:
    """Collect the process if it is a child of this one, else it stays as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _clear(directories: Directories) -> None:
    """Remove the socket and the pid file of an engine that does not run."""
    for path in (directories.socket, directories.pid):
        if os.path.lexists(path):
            os.unlink(path)


def _pid(directories: Directories) -> int | None:
    """Return the process id of the engine if that process is still running."""
    pid, _, started = _read(directories.pid).strip().partition(" ")
    if not re.fullmatch(r"[0-9]{1,10}", pid) or not started:
        return None
    return int(pid) if _started(int(pid)) == started else None


def _started(pid: int) -> str | None:
    """Return when a process started, in ticks since boot; None if it has ended."""
    # The name of the program, in parentheses, may contain anything: count the fields after it.
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 and fields[0] not in {"Z", "X"} else None


def _complaint(directories: Directories) -> str:
    """Return the line of the log that says why buildkitd ended: below it prints a Go stack."""
    text = logs(directories)
    last_words = [line.partition(": ")[2] for line in text if line.startswith(_LAST_WORDS)]
    return (last_words or [line for line in text if "level=fatal" in line] or list(text) or ["it said nothing"])[-1]


def _mounts_under(directory: str) -> Sequence[str]:
    """Return mount points at or under a directory, deepest first."""
    inside = os.path.realpath(directory)
    points = [_unescaped(line.split(" ")[4]) for line in _lines(_read("/proc/self/mountinfo"))]
    return sorted((point for point in points if (point + "/").startswith(inside + "/")), key=len, reverse=True)


def _unescaped(path: str) -> str:
    """Return a path of mountinfo, in which blanks and backslashes are octal escapes."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)


def _lines(text: str) -> list[str]:
    """Return the lines of a string; unlike for `str.splitlines`, only line feeds end them."""
    return text.removesuffix("\n").split("\n") if text else []


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace", newline="\n") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
        return ""
