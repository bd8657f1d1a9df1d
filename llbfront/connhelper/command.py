"""Connect to engines through a helper program and its standard streams, as `docker-container://` does.

Each program runs `buildctl dial-stdio` next to the engine, or `docker system dial-stdio` next to a docker daemon, which copy bytes.
What the program says on standard error is kept to explain a connection that fails.

Source: client/connhelper/* of BuildKit.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from llbfront.connhelper.sockets import Link
from llbfront.errors import AddressError, ConnectError
from llbfront.rpc.stream_channel import Pipes, StreamChannel

if TYPE_CHECKING:
    from llbfront.connhelper.address import Address
    from llbfront.rpc.event_loop import Loop

_DIAL = ("buildctl", "dial-stdio")
_EXIT_WAIT_S = 1.0
_SIGNAL_WAIT_S = 0.3
_SHOWN_BYTES = 2000
_SHOWN_LINES = 3
_KUBERNETES_LOG = re.compile(r"[EWIF]\d{4} \d\d:\d\d")


def _docker(address: Address) -> tuple[str, ...]:
    context = (f"--context={address.query['context']}",) if address.query.get("context") else ()
    return ("docker", *context, "exec", "-i", address.host, *_DIAL)


def _podman(address: Address) -> tuple[str, ...]:
    return ("podman", "exec", "-i", address.host, *_DIAL)


def _nerdctl(address: Address) -> tuple[str, ...]:
    namespace = ("--namespace", address.query["namespace"]) if address.query.get("namespace") else ()
    return ("nerdctl", "exec", *namespace, "-i", address.host, *_DIAL)


def _kubectl(address: Address) -> tuple[str, ...]:
    letters = frozenset("-abcdefghijklmnopqrstuvwxyz0123456789.")
    for name in (address.host, address.query.get("namespace", ""), address.query.get("container", "")):
        if not letters.issuperset(name):
            raise AddressError(f"{name!r} is not a valid Kubernetes name")
    flags = tuple(f"--{name}={address.query.get(name, '')}" for name in ("context", "namespace"))
    return ("kubectl", *flags, "exec", f"--container={address.query.get('container', '')}", "-i", address.host, "--", *_DIAL)


def _ssh(address: Address) -> tuple[str, ...]:
    where = ("--addr", f"unix://{address.path}") if address.path else ()
    return (*_ssh_to(address), "buildctl", *where, "dial-stdio")


def _docker_over_ssh(address: Address) -> tuple[str, ...]:
    where = ("--host", f"unix://{address.path}") if address.path else ()
    return (*_ssh_to(address), "docker", *where, "system", "dial-stdio")


def _ssh_to(address: Address) -> tuple[str, ...]:
    user = ("-l", address.user) if address.user else ()
    port = ("-p", str(address.port)) if address.port else ()
    return ("ssh", *user, *port, "--", address.host)


_COMMANDS: dict[str, Callable[[Address], tuple[str, ...]]] = {
    "docker-container": _docker,
    "podman-container": _podman,
    "nerdctl-container": _nerdctl,
    "kube-pod": _kubectl,
    "ssh": _ssh,
    "docker+ssh": _docker_over_ssh,
}


def command_of(address: Address) -> tuple[str, ...]:
    """Return the command that reaches the engine of an address."""
    return _COMMANDS[address.scheme](address)


def channel_over(command: tuple[str, ...], loop: Loop | None = None) -> StreamChannel:
    """Start any program that copies its standard streams to an engine."""
    connection, program = _start(command)
    fd = connection.detach()
    return StreamChannel(Pipes(fd, fd, on_close=program.stop, on_end=program.describe_exit, on_words=program.words), loop=loop)


def start(command: tuple[str, ...]) -> Link:
    """Start a program that copies its standard streams. Raises: ConnectError if it cannot be started."""
    connection, program = _start(command)
    return Link(connection, program.describe_exit, program.stop)


def _start(command: tuple[str, ...]) -> tuple[socket.socket, HelperProgram]:
    ours, theirs = socket.socketpair()
    errors = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the connection)
    try:
        with theirs:
            process = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=errors.fileno(), start_new_session=True
            )
    except OSError as error:
        ours.close()
        errors.close()
        reason = error.strerror or str(error)
        raise ConnectError(f"cannot run {command[0]}: {reason}", tried=[(" ".join(command), reason)]) from error
    return ours, HelperProgram(command[0], process, errors)


class HelperProgram:
    """A running helper program."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], errors: Any) -> None:
        self._name, self._process, self._errors = name, process, errors

    def words(self) -> str:
        """Return the last lines that the program wrote on standard error, as one."""
        return _last_lines(self._errors)

    def describe_exit(self) -> str:
        """Wait a moment for the program to end; return how it ended, and the end of its standard error."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.wait(_EXIT_WAIT_S)
        code = self._process.returncode
        how = (
            "closed the connection" if code is None else f"ended with code {code}" if code >= 0 else f"was ended by signal {-code}"
        )
        return ": ".join(filter(None, (f"{self._name} {how}", self.words())))

    def stop(self) -> None:
        """Let the program end by itself, since its connection is closed; otherwise end its process group."""
        for signal_number in (None, signal.SIGTERM, signal.SIGKILL):
            if signal_number is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal_number)
            try:
                self._process.wait(_SIGNAL_WAIT_S)
            except subprocess.TimeoutExpired:
                continue
            break
        self._errors.close()


def _last_lines(errors: Any) -> str:
    """Return the last lines that a program wrote as one."""
    end = errors.seek(0, 2)
    errors.seek(max(0, end - _SHOWN_BYTES))
    lines = [line.strip() for line in errors.read().decode("utf-8", "replace").splitlines() if line.strip()]
    plain = [line for line in lines if not _KUBERNETES_LOG.match(line)]
    return "; ".join((plain or lines)[-_SHOWN_LINES:])
