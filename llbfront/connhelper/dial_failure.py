"""Why no engine can be used at an address, and what would help.

The errors of sockets, and what helper programs and servers answer, become a `DialFailure`. The patterns match the messages of OpenSSH,
of the docker, podman and kubectl commands, of grpcio and of buildctl.
"""

from __future__ import annotations

import errno
import grp
import os
import re
import shlex
import shutil
import stat
from collections.abc import Sequence
from socket import gaierror
from typing import TYPE_CHECKING

import attrs

from llbfront.connhelper.address import PROGRAMS
from llbfront.rpc.codes import Code

if TYPE_CHECKING:
    from llbfront.connhelper.address import Address
    from llbfront.errors import ConnectError, RpcError

_TLS_RECORDS = {0x15, 0x16}  # alert, handshake
_SETTINGS = b"\4\0\0\0\0\0"  # type, flags and stream of the first frame of an HTTP/2 server
_SHOWN_CHARACTERS = 60
NO_ANSWER_FIX = "is the engine overloaded, suspended, or behind a firewall?"
_OTHER_ENDPOINT_FIX = "is it the right socket or port?"
_TLS_FIXES = {
    "tcp": "add ?certs=DIR to the address; DIR holds ca.pem, cert.pem and key.pem",
    "docker+tcp": "set DOCKER_TLS_VERIFY=1",
}
_NOT_GRPC = "http2 header with status"
_MENTIONS_TLS = r"(?i)handshake|verification|certificate|SSL|closed|reset"
_CERTIFICATES = "check ca.pem, cert.pem and key.pem"
_TLS_FAILURES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        r"wrong.version.number|record.layer|unknown.protocol",
        "it does not speak TLS",
        {"tcp": "leave out ?certs=DIR", "docker+tcp": "unset DOCKER_TLS_VERIFY"},
    ),
    (
        r"hostname|ip address mismatch|doesn't match",
        "its certificate is for another name",
        {"tcp": "?servername=NAME sets the name to check"},
    ),
    (
        r"certificate.verify.failed|self.signed|issuer|unknown ca",
        "its certificate is not signed by an authority that is trusted here",
        {},
    ),
)


@attrs.frozen
class DialFailure:
    """No engine can be used at an address.

    Attributes:
        cause: what happened, in words that fit after "no engine at ADDRESS: ".
        fix: what would help.
        speaks_http: an HTTP/1 server answered, which may be a docker engine.
    """

    cause: str
    fix: str | None = None
    speaks_http: bool = False


def of_connect_error(error: ConnectError, address: Address, timeout_s: float) -> DialFailure:
    """Explain an error that was raised while connecting to an engine."""
    cause = error.__cause__
    if isinstance(cause, TimeoutError):
        return of_timeout(timeout_s)
    if isinstance(cause, OSError) and address.scheme in PROGRAMS:
        return of_start(cause, PROGRAMS[address.scheme])
    if isinstance(cause, OSError):
        return of_os_error(cause, address)
    return of_tried(error)


def of_tried(error: ConnectError) -> DialFailure:
    """Return the cause and the fix of the last address that an error names."""
    return DialFailure(error.tried[-1][1] if error.tried else error.message, error.hint)


def of_timeout(timeout_s: float, words: str = "") -> DialFailure:
    """Describe a timeout. `words` is the output of a helper program."""
    return DialFailure(": ".join(filter(None, (f"no answer within {timeout_s:g} s", words))), NO_ANSWER_FIX)


def of_os_error(error: OSError, address: Address) -> DialFailure:
    """Describe the error of a socket or of a broken connection."""
    if getattr(error, "library", None) == "SSL":  # ssl.SSLError, without loading ssl
        return of_tls(str(error), address)
    if isinstance(error, gaierror):
        return DialFailure(f"unknown host {address.host}", "check the spelling of the address")
    if address.path and address.scheme in {"unix", "docker"}:
        return _of_socket(error, address.path)
    return _ERRNOS.get(error.errno or 0) or DialFailure((error.strerror or str(error)).lower())


def _of_socket(error: OSError, path: str) -> DialFailure:
    if error.errno in {errno.EACCES, errno.EPERM}:
        return DialFailure("permission denied", _group_fix(path))
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return DialFailure("no such socket", "start the engine")
    if error.errno == errno.ECONNREFUSED:
        if not _is_socket(path):
            return DialFailure("not a socket", "is it the path of the engine's socket?")
        return DialFailure("no process listens on the socket; a stopped engine left it there", "start the engine again")
    if error.errno is None and "too long" in str(error):
        return DialFailure("the path of the socket is too long", "use a shorter path, such as a symbolic link")
    if error.errno == errno.EAGAIN:
        return DialFailure("the engine takes no more connections", NO_ANSWER_FIX)
    return _ERRNOS.get(error.errno or 0) or DialFailure((error.strerror or str(error)).lower())


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False


def _group_fix(path: str) -> str:
    """Name the group that may use a socket."""
    try:
        group = grp.getgrgid(os.stat(path).st_gid).gr_name
    except (OSError, KeyError):
        return "ask for permission on the directory of the socket"
    return f"run as root, or join the group {group}: sudo usermod -aG {group} $USER" if group != "root" else "run as root"


_ERRNOS = {
    errno.ECONNREFUSED: DialFailure("connection refused", "start the engine, or check host and port"),
    errno.EHOSTUNREACH: DialFailure("no route to the host", "check the network"),
    errno.ENETUNREACH: DialFailure("the network is unreachable", "check the network"),
    errno.ETIMEDOUT: DialFailure("the host does not answer", "check the network and the firewall"),
    errno.ECONNRESET: DialFailure("the connection was reset", "does it expect TLS or another protocol?"),
    errno.EPIPE: DialFailure("the connection was closed", "does it expect TLS or another protocol?"),
}


def of_tls(words: str, address: Address) -> DialFailure:
    """Describe a failed TLS handshake. `words` is the message of the library."""
    for pattern, cause, fix in _TLS_FAILURES:
        if re.search(pattern, words, re.IGNORECASE):
            return DialFailure(cause, fix.get(address.scheme, _CERTIFICATES))
    return DialFailure(f"TLS failed: {words}", _CERTIFICATES)


def is_unreached(error: RpcError) -> bool:
    """Return whether a first call through grpcio failed because no engine was reached."""
    return (error.code == Code.UNAVAILABLE and not error.details) or _NOT_GRPC in error.message


def of_grpc(error: RpcError, peer: str, address: Address, *, is_tls: bool) -> DialFailure:
    """Return why a first call through grpcio reached no engine, from its error text."""
    if _NOT_GRPC in error.message:
        return DialFailure(f"an HTTP/2 server that is not an engine answers ({error.message})", "is it the right port?")
    last = error.message.removeprefix(f"{peer}: ").rpartition("last error: ")[2]
    words = re.sub(r"^\w+: (ipv[46]:\S+: )?|Failed to connect to remote host: (connect: )?| \(\d+\)$", "", last)
    if "DNS resolution failed" in error.message:
        return DialFailure("the name of the host cannot be resolved", "check the spelling of the address")
    if is_tls and re.search(_MENTIONS_TLS, words):
        return of_tls(words, address)
    return DialFailure(words[:1].lower() + words[1:], "is it the right port?")


def of_answer(data: bytes, address: Address) -> DialFailure:
    """Something other than an engine's HTTP/2 came back; `data` is how it began."""
    if not data:
        return DialFailure("it closes the connection without an answer", _TLS_FIXES.get(address.scheme, _OTHER_ENDPOINT_FIX))
    if data[0] in _TLS_RECORDS:
        return DialFailure("it expects TLS", _TLS_FIXES.get(address.scheme, _OTHER_ENDPOINT_FIX))
    if address.is_docker and data[3:9] == _SETTINGS:
        return DialFailure(
            "a buildkitd answers, not a docker engine", f"use {address.text.removeprefix('docker+').replace('docker:', 'unix:', 1)}"
        )
    line = _printable(data)
    if data.startswith(b"HTTP/1."):
        return DialFailure(f"an HTTP server that is not an engine answers: {line}", _OTHER_ENDPOINT_FIX, speaks_http=True)
    fix = f"does a login script on {address.host} print it?" if address.scheme in {"ssh", "docker+ssh"} else _OTHER_ENDPOINT_FIX
    return DialFailure(f"it answers '{line}' and not HTTP/2", fix)


def _printable(data: bytes) -> str:
    """Return the first line of what a server sent, in ASCII and not too long."""
    line = data.strip().partition(b"\n")[0].strip() or data
    text = repr(line)[2:-1]
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


_DOCKER_HEADERS = ("\napi-version:", "\nlibpod-api-version:", "\ndocker-experimental:", "\nserver: docker")
_DOCKER_STATUSES = {
    "403": DialFailure(
        "access to BuildKit is forbidden, for example by a proxy for the docker socket",
        "allow POST on /grpc and /session in the proxy",
    ),
    "401": DialFailure("the docker engine requires authentication", "log in to it"),
    "404": DialFailure("the engine has no BuildKit (Podman has none)", "start a buildkitd: llbfront engine start"),
}


def of_upgrade(head: str) -> DialFailure:
    """Describe a refused upgrade to HTTP/2. `head` is the status line and the headers of the response."""
    line = head.partition("\r\n")[0].strip()
    status = line.split(" ")[1] if line.count(" ") else ""
    is_docker = any(header in head.lower() for header in _DOCKER_HEADERS)
    if status in {"401", "403"} or (is_docker and status in _DOCKER_STATUSES):
        return _DOCKER_STATUSES[status]
    if is_docker:
        return DialFailure(f"the docker engine does not offer its BuildKit ({line})", "update the docker engine")
    return DialFailure(f"an HTTP server that is not an engine answers: {line or 'nothing'}", _OTHER_ENDPOINT_FIX)


def of_program(output: str, address: Address, command: Sequence[str]) -> DialFailure:
    """Describe the failure of a helper program. `output` is how it ended and the end of its standard error."""
    names = {"host": address.host, "user": address.user, "port": address.port or 22, "program": command[0]}
    names |= {"login": shlex.join(command[: command.index("--") + 2] if "--" in command else command[:1])}
    for pattern, fix in _PROGRAM_FIXES.get(address.scheme, ()):
        if re.search(pattern, output, re.IGNORECASE):
            return DialFailure(output, fix.format_map(names))
    return DialFailure(output, f"run it by hand: {shlex.join(command)}")


def of_start(error: OSError, program: str) -> DialFailure:
    """Describe a helper program that cannot be started."""
    path = shutil.which(program)
    if path is None:
        return DialFailure(f"{program} is not on PATH", f"install {program}")
    return DialFailure(
        f"cannot run {path}: {(error.strerror or str(error)).lower()}", f"is it a program for this machine? try {program} by hand"
    )


_SSH_FIXES = (
    (r"could not resolve hostname", "check the spelling of {host}"),
    (
        r"connection refused.*port|port \d+: (connection|operation|no route|network)",
        "does an SSH server listen there? try {login} true",
    ),
    (r"host key verification failed", "connect once with {login} to accept its key"),
    (r"permission denied \(|too many authentication", "SSH must log in without a password: try {login} true"),
    (r"connection (closed|reset) by", "try {login} true"),
)
_CONTAINER_FIXES = (
    (r"no such container|no container with name", "{program} ps lists the containers that run"),
    (r"is not running|is paused|container state improper", "start it: {program} start {host}"),
    (
        r"executable file not found|no such file or directory.*buildctl|buildctl.*no such file",
        "use a container of the image moby/buildkit",
    ),
    (r"daemon|docker api|permission denied", "{program} does not reach its own daemon: try {program} ps"),
)
_PROGRAM_FIXES: dict[str, tuple[tuple[str, str], ...]] = {
    "ssh": (
        *_SSH_FIXES,
        (r"code 127|command not found", "install buildctl on {host}, where SSH runs buildctl dial-stdio"),
        (r"\bdial\b.*\bunix\b", "start buildkitd on {host}, or name its socket: ssh://{host}/path/to/buildkitd.sock"),
    ),
    "docker+ssh": (
        *_SSH_FIXES,
        (r"code 127|command not found", "install the docker command on {host}, where SSH runs docker system dial-stdio"),
        (r"daemon|docker api", "start the docker engine on {host}"),
    ),
    **dict.fromkeys(("docker-container", "podman-container", "nerdctl-container"), _CONTAINER_FIXES),
    "kube-pod": (
        (r"pods? .*not found", "kubectl get pods lists them; ?namespace=NAME selects another namespace"),
        (r"container .*(not found|not valid)", "name a container of the pod: ?container=NAME"),
        (r"context .* does not exist", "kubectl config get-contexts lists them"),
        (r"executable file not found", "use a container of the image moby/buildkit: ?container=NAME"),
        (r"forbidden", "the right to create pods/exec is needed"),
        (
            r"connection to the server|unable to connect|couldn't get current server|no configuration",
            "kubectl does not reach its cluster: try kubectl get pods",
        ),
    ),
}
