"""A web server on loopback with files and a git repository, always the same, for rows that take something from the network.

    /file.txt       "from the web"
    /deep/tree.tar.gz  one/two.txt inside
    /app.tar.gz     a context: a Dockerfile that copies a.txt
    /repo.git       on main: name.txt "main", sub/inner.txt; the tag v1 and the branch old, where name.txt is "old"

Source: gitprotocol-http of git.
"""

from __future__ import annotations

import contextlib
import gzip
import http.server
import os
import subprocess
import threading
from typing import TYPE_CHECKING, ClassVar

import attrs

from tests.support.archives import tar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATE = "2020-02-02T02:02:02 +0000"
APP = {"Dockerfile": b"FROM scratch\nCOPY a.txt /\n", "a.txt": b"of the web\n"}
MODIFIED = "Sun, 02 Feb 2020 02:02:02 GMT"


@attrs.frozen
class Web:
    """Where it is, and the commits of main and old."""

    address: str
    main: str
    old: str

    @property
    def names(self) -> dict[str, str]:
        """What stands for it in a row."""
        return {"<web>": self.address, "<main>": self.main, "<old>": self.old}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: ClassVar[dict[str, bytes]] = {}
    repository: ClassVar[str] = ""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/repo.git/info/refs" and query == "service=git-upload-pack":
            refs = b"001e# service=git-upload-pack\n0000" + self._upload_pack("--advertise-refs", b"")
            self._answer(refs, "application/x-git-upload-pack-advertisement")
        elif path in self.files:
            self._answer(self.files[path], "application/octet-stream")
        else:
            self.send_error(404)

    do_HEAD = do_GET  # noqa: N815  the name that the server calls

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self._answer(self._upload_pack("--stateless-rpc", body), "application/x-git-upload-pack-result")

    def _upload_pack(self, option: str, body: bytes) -> bytes:
        options = {"--stateless-rpc", option}
        environment = {**os.environ, "GIT_PROTOCOL": self.headers.get("Git-Protocol", "")}
        command = ["git", "upload-pack", *sorted(options), self.repository]
        return subprocess.run(command, input=body, capture_output=True, check=True, env=environment).stdout

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", MODIFIED)
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Web]:
    """Serve until the block ends; the repository is made in `folder`."""
    main, old = _repository(folder)
    files = {"/file.txt": b"from the web\n", "/deep/tree.tar.gz": archive({"one/two.txt": b"2\n"}), "/app.tar.gz": archive(APP)}
    handler = type("Handler", (_Handler,), {"files": files, "repository": str(folder / ".git")})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Web(f"127.0.0.1:{server.server_port}", main, old)
        finally:
            server.shutdown()


def archive(files: dict[str, bytes]) -> bytes:
    """A compressed tar archive, the same bytes for the same files."""
    return gzip.compress(tar(files), mtime=0)


def _repository(folder: Path) -> tuple[str, str]:
    identity = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", "a"), ("EMAIL", "a@b"), ("DATE", DATE))
    }

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=folder, env={**os.environ, **identity}, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    git("init", "--quiet", "--initial-branch=main")
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    (folder / "sub").mkdir()
    (folder / "sub/inner.txt").write_text("inner\n")
    commits = []
    for text in ("old", "main"):
        (folder / "name.txt").write_text(f"{text}\n")
        git("add", ".")
        git("commit", "--quiet", "--message", text)
        commits.append(git("rev-parse", "HEAD"))
    git("branch", "old", commits[0])
    git("tag", "v1", commits[0])
    return commits[1], commits[0]
