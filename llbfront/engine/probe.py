"""Ask an address, quickly and without side effects, whether an engine answers there; if not, why, and what would help.

Enters: an address. Leaves: `Answer` or `Refusal`. Two questions tell engines apart: an HTTP/2 preface, which buildkitd answers with
its SETTINGS, and where HTTP/1 comes back instead (a docker engine), whether it lets us upgrade to its BuildKit.

Source: RFC 9113 section 3.4; the `/grpc` route of the Docker Engine API.
"""

from __future__ import annotations

import _socket as socket
import errno
import os
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from llbfront.errors import LlbfrontError

if TYPE_CHECKING:
    Connect = Callable[[], socket.socket]

_SETTINGS_FRAME = b"\0\0\0\4\0\0\0\0\0"
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _SETTINGS_FRAME
_UPGRADE = b"POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n"
_PING = b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"
_TLS_ALERT = 0x15


@attrs.frozen
class Answer:
    """An engine is there.

    `is_docker`: it is a docker engine, whose BuildKit is behind an upgrade of the connection. `wants_tls`: all that is known of it is
    that it speaks TLS.
    """

    is_docker: bool = False
    wants_tls: bool = False


@attrs.frozen
class Refusal:
    """No engine can be used there: the cause, and what would help."""

    cause: str
    fix: str | None = None


def probe(address: str, *, timeout_s: float = 1.0) -> Answer | Refusal:
    """Ask the engine at an address for a sign of life."""
    ask = _SCHEMES.get(address.partition("://")[0])
    if ask is None:
        return Refusal(f"no such kind of address: {address}", f"use one of {', '.join(_SCHEMES)}")
    try:
        return ask(address, timeout_s)
    except OSError as error:
        return _refusal(error, address, timeout_s)
    except LlbfrontError as error:
        return Refusal(error.message, error.hint)


def probe_docker(address: str, *, timeout_s: float = 1.0) -> Refusal | None:
    """Ask a docker engine for a sign of life, whether there is a BuildKit in it or not; None if it answers."""
    scheme = address.partition("://")[0]
    if scheme in _HELPERS:
        outcome = _ask_program(address, timeout_s)
        return outcome if isinstance(outcome, Refusal) else None
    try:
        connect = _CONNECTS[scheme](address, timeout_s)
        if isinstance(connect, Refusal):
            return connect
        protocol, _, status = _exchange(connect, _PING, len(b"HTTP/1.1 200")).partition(b" ")
    except OSError as error:
        return _refusal(error, address, timeout_s)
    except LlbfrontError as error:
        return Refusal(error.message, error.hint)
    if protocol.startswith(b"HTTP/1.") and status == b"200":
        return None
    said = f" (HTTP {status.decode('latin-1')})" if status.isdigit() else ""
    return Refusal(f"whoever listens there is no docker engine{said}")


def _connect_unix(address: str, timeout_s: float) -> Connect | Refusal:
    path = _path(address)
    if not stat.S_ISSOCK(os.stat(path).st_mode):
        return Refusal("not a socket", f"remove {path} and start the engine again")

    def connect() -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout_s)
        try:
            connection.connect(path)
        except OSError:
            connection.close()
            raise
        return connection

    return connect


def _connect_tcp(address: str, timeout_s: float) -> Connect | Refusal:
    if "?" in address:
        return _connect_secure(address, timeout_s)
    host, port = _host(address)
    if not host or not port.isdigit():
        return Refusal("no host and port in the address", "write it as tcp://HOST:PORT")
    where = (host, int(port))

    def connect() -> socket.socket:
        from socket import create_connection  # for this rarer case only, like the module itself

        return create_connection(where, timeout_s)

    return connect


def _connect_secure(address: str, timeout_s: float) -> Connect:
    from llbfront.transport import address as addresses  # for this rarer case only
    from llbfront.transport.docker import dial_docker

    parsed = addresses.parse(address)

    def connect() -> socket.socket:
        connection = dial_docker(parsed, timeout_s=timeout_s).socket
        connection.settimeout(timeout_s)
        return connection

    return connect


def _ask(address: str, timeout_s: float) -> Answer | Refusal:
    connect = _CONNECTS[address.partition("://")[0]](address, timeout_s)
    return connect if isinstance(connect, Refusal) else _identify(connect)


def _ask_program(address: str, _timeout_s: float) -> Answer | Refusal:
    """Only look for the helper program: running it may ask for a password or wake a cluster."""
    import shutil  # for this rare case only: it costs more to load than all else here

    scheme = address.partition("://")[0]
    program = _HELPERS[scheme]
    if shutil.which(program) is None:
        return Refusal(f"{program} is not on PATH", f"install {program}")
    return Answer(is_docker=scheme == "docker+ssh")


def _identify(connect: Callable[[], socket.socket]) -> Answer | Refusal:
    first = _exchange(connect, _PREFACE, len(_SETTINGS_FRAME))
    if len(first) == len(_SETTINGS_FRAME) and first[3] == _SETTINGS_FRAME[3]:
        return Answer()
    if first[:1] == bytes([_TLS_ALERT]):
        return Answer(wants_tls=True)
    if not first.startswith(b"HTTP/1."):
        return Refusal("whoever listens there speaks neither gRPC nor HTTP", "is it the right socket or port?")
    status = _exchange(connect, _UPGRADE, len(b"HTTP/1.1 101")).rpartition(b" ")[2].decode("latin-1")
    return Answer(is_docker=True) if status == "101" else _DOCKER_REFUSALS.get(status, _no_upgrade(status))


def _exchange(connect: Connect, request: bytes, size_bytes: int) -> bytes:
    """Send a request over a new connection and return the beginning of the answer."""
    connection = connect()
    try:
        connection.sendall(request)
        return _read(connection, size_bytes)
    finally:
        connection.close()


def _read(connection: socket.socket, size_bytes: int) -> bytes:
    data = b""
    while len(data) < size_bytes and (more := connection.recv(size_bytes - len(data))):
        data += more
    return data


def _no_upgrade(status: str) -> Refusal:
    return Refusal(f"the docker engine does not offer its BuildKit (HTTP {status or 'without status'})", "update the docker engine")


def _path(address: str) -> str:
    return address.partition("://")[2]


def _host(address: str) -> tuple[str, str]:
    """Return the host, without brackets, and the port of an address of the network."""
    host, _, port = address.partition("://")[2].rpartition(":")
    return host.removeprefix("[").removesuffix("]"), port


def _refusal(error: OSError, address: str, timeout_s: float) -> Refusal:
    if isinstance(error, TimeoutError):
        return Refusal(f"no answer within {timeout_s:g} s", "is the engine overloaded or stopped by a debugger?")
    if isinstance(error, socket.gaierror):
        return Refusal(f"unknown host {_host(address)[0]}", "check the spelling of the address")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return Refusal("permission denied", _who_may(_path(address)))
    if error.errno == errno.ECONNREFUSED and address.startswith(("unix:", "docker:")):
        return Refusal("nobody listens on the socket, which a stopped engine left behind", "start the engine again")
    return _ERRNOS.get(error.errno or 0) or Refusal(os.strerror(error.errno) if error.errno else str(error))


def _who_may(path: str) -> str:
    """Name the group that may use a socket."""
    import grp

    try:
        group = grp.getgrgid(os.stat(path).st_gid).gr_name
    except (OSError, KeyError):
        return "ask for permission on the directory of the socket"
    return f"run as root, or join the group {group}: sudo usermod -aG {group} $USER" if group != "root" else "run as root"


_HELPERS = {
    "ssh": "ssh",
    "docker+ssh": "ssh",
    "docker-container": "docker",
    "podman-container": "podman",
    "nerdctl-container": "nerdctl",
    "kube-pod": "kubectl",
}
_CONNECTS: dict[str, Callable[[str, float], Connect | Refusal]] = {
    "unix": _connect_unix,
    "tcp": _connect_tcp,
    "docker": _connect_unix,
    "docker+tcp": _connect_tcp,
}
_SCHEMES: dict[str, Callable[[str, float], Answer | Refusal]] = {
    **dict.fromkeys(_CONNECTS, _ask),
    **dict.fromkeys(_HELPERS, _ask_program),
}
_ERRNOS = {
    errno.ENOENT: Refusal("no such socket", "start the engine"),
    errno.ENOTDIR: Refusal("no such socket", "start the engine"),
    errno.ECONNREFUSED: Refusal("connection refused", "start the engine, or check host and port"),
    errno.EHOSTUNREACH: Refusal("no route to the host", "check the network"),
    errno.ENETUNREACH: Refusal("the network is unreachable", "check the network"),
    errno.ECONNRESET: Refusal("the connection was reset", "does it expect TLS or another protocol?"),
}
_DOCKER_REFUSALS = {
    "403": Refusal(
        "access to BuildKit is forbidden, as by a proxy in front of the docker socket",
        "have the proxy allow POST on /grpc and /session",
    ),
    "401": Refusal("the docker engine wants to be logged in to", "log in to it"),
    "404": Refusal("the engine has no BuildKit (Podman has none)", "start a buildkitd: llbfront engine start"),
}
