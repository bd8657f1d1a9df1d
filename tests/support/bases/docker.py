"""Run Debian's docker engine with all its state in a directory that is removed when the block ends. The docker command is not needed.

The engine has no network of its own: steps need `network="none"` or `"host"`.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING, Any

import attrs

from tests.support.bases.leash import leash
from tests.support.bases.packages import Missing, program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

START_TIMEOUT_S = 60
FLAGS = ("--iptables=false", "--ip6tables=false", "--ip-masq=false", "--bridge=none", "--live-restore=false")
KEY_UNTIL = 25  # before, a key was kept in /etc/docker


@attrs.frozen
class Docker:
    """A docker engine that runs. `address` is how builds name it, `host` is how docker names it."""

    socket: str

    @property
    def address(self) -> str:
        return f"docker://{self.socket}"

    @property
    def host(self) -> str:
        return f"unix://{self.socket}"

    def ask(self, path: str, *, method: str = "GET") -> Any:
        """Return what the API answers, read from JSON. Raises: OSError if it answers with an error."""
        connection = http.client.HTTPConnection("docker")
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.connect(self.socket)
            connection.request(method, path)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            raise OSError(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
        return json.loads(text)


@contextlib.contextmanager
def run(mirrors: Sequence[str] = (), *, flags: Sequence[str] = ()) -> Iterator[Docker]:
    """Run a docker engine. `mirrors` are host:port of plain HTTP registries on loopback that stand for docker.io.

    flags: more flags of dockerd.

    Raises: Missing if dockerd is not here and cannot be had, or cannot run here.
    """
    if os.geteuid() != 0:
        raise Missing("dockerd has to be run by root")
    server, containerd = program("docker.io", "usr/sbin/dockerd"), program("containerd", "usr/bin/containerd")
    runc = program("runc", "usr/sbin/runc")
    with contextlib.ExitStack() as stack:
        here = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="docker-", ignore_cleanup_errors=True)))
        settings: dict[str, object] = {
            "registry-mirrors": [f"http://{mirror}" for mirror in mirrors],
            "features": {"buildkit": True},
        }
        if _major(server) < KEY_UNTIL:
            settings["deprecated-key-path"] = f"{here}/key.json"
        (here / "daemon.json").write_text(json.dumps(settings))
        command = [server, "--config-file", f"{here}/daemon.json", "--data-root", f"{here}/data", "--exec-root", f"{here}/exec"]
        command += ["--pidfile", f"{here}/pid", "--host", f"unix://{here}/docker.sock", *FLAGS, *flags]
        programs = os.pathsep.join(os.path.dirname(each) for each in (containerd, runc, server))
        with (here / "log").open("wb") as log:
            environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        try:
            with leash(process.pid):
                docker = Docker(str(here / "docker.sock"))
                _wait(docker, process, here / "log")
                yield docker
        finally:
            process.terminate()
            process.wait()


def _major(server: str) -> int:
    said = subprocess.run([server, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"version (\d+)", said)
    if match is None:
        raise Missing(f"{server} does not tell its version")
    return int(match[1])


def _wait(docker: Docker, process: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            docker.ask("/info")
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                words = log.read_text(errors="replace").splitlines() or ["it said nothing"]
                raise Missing(f"dockerd does not start here: {words[-1]}") from None
            time.sleep(0.05)
        else:
            return
