"""Servers of remote contexts for rows: git and web on loopback, and a scanner image.

Rows contain placeholders: <git> is the URL of a repository, <files> of a directory on the web, <commit> the head of its branch main,
<scanner> an image, <blob> a blob of it.

Source: git-daemon(1); the BUILDKIT_SCAN_* variables of BuildKit's SBOM documentation.
"""

from __future__ import annotations

import bz2
import contextlib
import functools
import gzip
import http.server
import lzma
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any

from tests.live.conformance.broken import BROKEN
from tests.support.archives import tar
from tests.support.bases import leash
from tests.support.bases.packages import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llbfront.client.engine import Engine

WHEN = 1700000000  # the time of every commit and of every file on the web
LATER = WHEN + 86_400
INSIDE = {
    "Dockerfile": "FROM scratch\nCOPY . /got/\n",
    "a.txt": "from the web\n",
    "sub/Dockerfile": "FROM scratch\nCOPY b.txt /b\n",
    "sub/b.txt": "b\n",
}
SCANNER = """\
FROM alpine
COPY --chmod=755 <<"SCAN" /scan
#!/bin/sh
cd "$BUILDKIT_SCAN_DESTINATION"
for source in "$BUILDKIT_SCAN_SOURCE" "${BUILDKIT_SCAN_SOURCE_EXTRAS:-/nowhere}"/*; do
  [ -d "$source" ] || continue
  printf '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":{"name":"%s %s"}}' \\
    "$(basename "$source")" "$BUILDKIT_SCAN_WORD" > "$(basename "$source").spdx.json"
done
SCAN
ENTRYPOINT ["/scan"]
"""


@contextlib.contextmanager
def serve(directory: pathlib.Path) -> Iterator[Mapping[str, str]]:
    """Serve while a block runs. Raises Missing where git cannot serve."""
    with git_server(directory / "git") as git, web_server(directory / "web") as web:
        yield {"<git>": git, "<files>": web, "<commit>": commit_of(directory / "git/repo.git")}


@contextlib.contextmanager
def git_server(directory: pathlib.Path) -> Iterator[str]:
    """Serve a repository with a branch `main`, a branch `side`, a tag `v1` and a submodule-free history of two commits."""
    make_repository(directory)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["git", "daemon", "--listen=127.0.0.1", f"--port={port}", f"--base-path={directory}", "--export-all", "--reuseaddr"]
    process = subprocess.Popen([*command, str(directory)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with leash(process.pid):
            _wait(port, process)
            yield f"git://127.0.0.1:{port}/repo.git"
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise Missing("git daemon does not start: apt-get install git")


def make_repository(directory: pathlib.Path) -> None:
    """Make `repo.git`, the same commits on every machine."""
    work = directory / "work"
    work.mkdir(parents=True)
    _git(work, "init", "--quiet", "--initial-branch=main", ".")
    write(work, INSIDE)
    _commit(work, "first")
    _git(work, "tag", "v1")
    write(work, {"a.txt": "second\n"})
    _commit(work, "second")
    _git(work, "checkout", "--quiet", "-b", "side")
    write(work, {"side.txt": "side\n"})
    _commit(work, "side")
    _git(work, "checkout", "--quiet", "main")
    _git(directory, "clone", "--quiet", "--bare", str(work), "repo.git")
    _git(directory / "repo.git", "config", "uploadpack.allowAnySHA1InWant", "true")


def _commit(work: pathlib.Path, message: str) -> None:
    _git(work, "add", ".")
    _git(work, "commit", "--quiet", "--message", message)


def commit_of(repository: pathlib.Path) -> str:
    return _git(repository, "rev-parse", "main").strip()


def _git(where: pathlib.Path, *words: str) -> str:
    time_ = f"{WHEN} +0000"
    who = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.test",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.test",
    }
    environment = {**os.environ, **who, "GIT_AUTHOR_DATE": time_, "GIT_COMMITTER_DATE": time_, "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(["git", *words], cwd=where, env=environment, check=True, capture_output=True, text=True).stdout


def write(root: pathlib.Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def packed() -> dict[str, bytes]:
    """An archive of INSIDE by the ends of its name."""
    plain = archive(INSIDE)
    return {"tar": plain, "tar.gz": gzip.compress(plain, mtime=0), "tar.bz2": bz2.compress(plain), "tar.xz": lzma.compress(plain)}


@contextlib.contextmanager
def web_server(directory: pathlib.Path) -> Iterator[str]:
    """Serve Dockerfiles and archives, good ones and broken ones."""
    directory.mkdir(parents=True)
    files: dict[str, bytes] = {f"context.{kind}": data for kind, data in packed().items()}
    files |= {
        "Dockerfile": b"FROM scratch\nCOPY a.txt /\n",
        "plain": b"FROM scratch\nLABEL from=web\n",
        "wrong": b"FROM scratch\nCPOY x\n",
        "data.txt": b"data\n",
        **BROKEN,
    }
    for name, data in files.items():
        (directory / name).write_bytes(data)
        os.utime(directory / name, (LATER, LATER))
    with files_of(directory) as url:
        yield url


@contextlib.contextmanager
def files_of(directory: pathlib.Path) -> Iterator[str]:
    """Serve a directory."""
    handler = functools.partial(_Quiet, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
        """Keep quiet."""


def archive(files: Mapping[str, str]) -> bytes:
    """A tar of files, all of one time."""
    return tar({name: text.encode() for name, text in files.items()}, mtime=WHEN)


def scanner(client: Engine, registry: str) -> Mapping[str, str]:
    """Push a scanner that writes a document for every directory that it is shown; <blob> is its config."""
    name = f"{registry}/scanner:latest"
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "Dockerfile").write_text(SCANNER)
        pushed = client.build(folder, tags=[name], push=True)
    return {"<scanner>": name, "<blob>": f"{registry}/scanner@{pushed.config_digest}"}
