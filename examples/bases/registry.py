"""A real registry on loopback: Debian's docker-registry, on a port of the system's choice, for as long as a block runs.

Enters: a directory to keep blobs in. Leaves: `Registry`, its address.
"""

from __future__ import annotations

import contextlib
import pathlib
import re
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

import attrs

from examples.bases.packages import program

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, PASSWORD = "ali", "open-sesame"
_HTPASSWD = f"{USER}:$2b$05$FKNF.LpCZM0TrBzcrrA4C.D6u75NQE5sMa1.EDNwi.UdF1cTOidlq\n"
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")


@attrs.frozen
class Registry:
    """A registry that runs. `address` is host:port, plain HTTP."""

    address: str
    storage: pathlib.Path


@contextlib.contextmanager
def run(storage: pathlib.Path, *, upstream: str | None = None, is_locked: bool = False) -> Iterator[Registry]:
    """Run a registry over a directory. It asks for USER and PASSWORD if locked; with an upstream it passes on and keeps that one's
    images.
    """
    server = program("docker-registry", "usr/bin/docker-registry")
    with tempfile.TemporaryDirectory(prefix="registry-") as aside:
        here = pathlib.Path(aside)
        (here / "htpasswd").write_text(_HTPASSWD)
        (here / "config.yml").write_text(_config(storage, upstream, here / "htpasswd" if is_locked else None))
        with (here / "log").open("wb") as log:
            process = subprocess.Popen([server, "serve", str(here / "config.yml")], stdout=log, stderr=log)
        try:
            yield Registry(_address(process, here / "log"), storage)
        finally:
            process.terminate()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: pathlib.Path) -> str:
    deadline = time.monotonic() + 20
    while not (found := _LISTENING.search(log.read_text(errors="replace"))):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the registry does not start: {log.read_text(errors='replace')[-500:]}")
        time.sleep(0.02)
    return found[1]


def _config(storage: pathlib.Path, upstream: str | None, htpasswd: pathlib.Path | None) -> str:
    parts = [
        'version: 0.1\nlog: {level: info, accesslog: {disabled: true}}\nhttp: {addr: "127.0.0.1:0"}\n',
        f'storage: {{filesystem: {{rootdirectory: "{storage}"}}, delete: {{enabled: true}}}}\n',
    ]
    if upstream:
        parts.append(f'proxy: {{remoteurl: "{upstream}"}}\n')
    if htpasswd:
        parts.append(f'auth: {{htpasswd: {{realm: llbfront, path: "{htpasswd}"}}}}\n')
    return "".join(parts)
