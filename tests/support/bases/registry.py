"""Run Debian's docker-registry on a free loopback port while a block runs."""

from __future__ import annotations

import contextlib
import enum
import json
import pathlib
import re
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

import attrs

from tests.support.bases import tokens
from tests.support.bases.leash import leash
from tests.support.bases.packages import program
from tests.support.bases.tokens import USER

if TYPE_CHECKING:
    from collections.abc import Iterator

_HTPASSWD = f"{USER}:$2b$05$FKNF.LpCZM0TrBzcrrA4C.D6u75NQE5sMa1.EDNwi.UdF1cTOidlq\n"
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")


class Access(enum.Enum):
    """Whom a registry lets in."""

    OPEN = "anybody"
    PASSWORD = "who knows USER and PASSWORD, by basic authentication"
    TOKEN = "anybody to pull, USER to push, by tokens of a token server"


@attrs.frozen
class Registry:
    """A registry that runs. `address` is host:port, plain HTTP. `tokens` has who asked the token server for what, if there is one."""

    address: str
    storage: pathlib.Path
    tokens: list[tuple[str, str]] = attrs.field(factory=list)


@contextlib.contextmanager
def run(storage: pathlib.Path, *, upstream: str | None = None, access: Access = Access.OPEN) -> Iterator[Registry]:
    """Run a registry over a directory. With an upstream it passes on that one's images and keeps them.

    Raises: packages.Missing if docker-registry is not here and cannot be had.
    """
    server = program("docker-registry", "usr/bin/docker-registry")
    with contextlib.ExitStack() as stack:
        here = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="registry-")))
        requests: list[tuple[str, str]] = []
        guard = ""
        if access is Access.PASSWORD:
            (here / "htpasswd").write_text(_HTPASSWD)
            guard = "auth: " + json.dumps({"htpasswd": {"realm": "llbfront", "path": str(here / "htpasswd")}}) + "\n"
        elif access is Access.TOKEN:
            issuer = stack.enter_context(tokens.run(here))
            requests, guard = issuer.requests, _token_guard(issuer)
        (here / "config.yml").write_text(_config(storage, upstream) + guard)
        with (here / "log").open("wb") as log:
            process = subprocess.Popen([server, "serve", str(here / "config.yml")], stdout=log, stderr=log)
        try:
            with leash(process.pid):
                yield Registry(_address(process, here / "log"), storage, requests)
        finally:
            process.terminate()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: pathlib.Path) -> str:
    deadline = time.monotonic() + 20
    while not (match := _LISTENING.search(log.read_text(errors="replace"))):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the registry does not start: {log.read_text(errors='replace')[-500:]}")
        time.sleep(0.02)
    return match[1]


def _config(storage: pathlib.Path, upstream: str | None) -> str:
    return (
        'version: 0.1\nlog: {level: info, accesslog: {disabled: true}}\nhttp: {addr: "127.0.0.1:0"}\n'
        f'storage: {{filesystem: {{rootdirectory: "{storage}"}}, delete: {{enabled: true}}}}\n'
    ) + (f'proxy: {{remoteurl: "{upstream}"}}\n' if upstream else "")


def _token_guard(issuer: tokens.TokenServer) -> str:
    values = {"realm": issuer.realm, "service": tokens.SERVICE, "issuer": tokens.ISSUER, "rootcertbundle": str(issuer.certificate)}
    return "auth: " + json.dumps({"token": values}) + "\n"
