"""Dockerfiles from web addresses: what is taken, and what is refused in one line."""

from __future__ import annotations

import pathlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from llbfront.cli.main import main
from llbfront.client.inputs.contexts import gather
from llbfront.client.inputs.remote_dockerfile import MAX_BYTES, fetch
from llbfront.errors import ContextError

TEXT = b"FROM scratch\nCOPY Dockerfile /\n"
ANSWERS: dict[str, tuple[int, bytes]] = {
    "/Dockerfile": (200, TEXT),
    "/empty": (200, b""),
    "/largest": (200, b"#" * MAX_BYTES),
    "/huge": (200, b"#" * (MAX_BYTES + 1)),
    "/page": (200, b"\n <!DOCTYPE html><html></html>"),
    "/graph": (200, b'{"ops": []}'),
    "/binary": (200, b"\x7fELF\0\0"),
    "/forbidden": (403, b"no"),
}


class Handler(BaseHTTPRequestHandler):
    authorizations: ClassVar[list[str | None]]
    other: str

    def do_GET(self) -> None:
        type(self).authorizations.append(self.headers.get("Authorization"))
        redirects = {"/moved": "/Dockerfile", "/loop": "/loop", "/elsewhere": f"{self.other}/Dockerfile", "/relative": "Dockerfile"}
        path = self.path.partition("?")[0]
        if path in redirects:
            self.send_response(302)
            self.send_header("Location", redirects[path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        status, body = ANSWERS.get(path, (404, b"nothing here"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, type[Handler]]]:
    class Recording(Handler):
        authorizations: ClassVar[list[str | None]] = []

    handler: type[Handler] = Recording
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running, ThreadingHTTPServer(("127.0.0.1", 0), handler) as other:
        handler.other = f"http://127.0.0.1:{other.server_port}"
        threads = [threading.Thread(target=each.serve_forever, args=(0.01,)) for each in (running, other)]
        for thread in threads:
            thread.start()
        yield f"http://127.0.0.1:{running.server_port}", handler
        for each in (running, other):
            each.shutdown()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("path", ["/Dockerfile", "/moved", "/elsewhere", "/relative", "/Dockerfile?token=x", "/Dockerfile#part"])
def test_a_file_is_fetched_through_redirects(server: tuple[str, type[Handler]], path: str) -> None:
    assert fetch(server[0] + path, {}) == TEXT


@pytest.mark.parametrize(("path", "size"), [("/empty", 0), ("/largest", MAX_BYTES)])
def test_any_size_up_to_the_limit(server: tuple[str, type[Handler]], path: str, size: int) -> None:
    assert len(fetch(server[0] + path, {})) == size


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/none", "the server answered 404 Not Found"),
        ("/forbidden", "the server answered 403 Forbidden"),
        ("/loop", "redirects too often"),
        ("/huge", f"its answer has more than {MAX_BYTES} bytes"),
        ("/page", "the server sent a web page (give the address of the raw file)"),
        ("/binary", "the server sent a file that is not text"),
        ("/none?token=secret", "/none: the server answered 404"),
    ],
)
def test_invalid_dockerfile_is_one_line(server: tuple[str, type[Handler]], path: str, message: str) -> None:
    with pytest.raises(ContextError) as refused:
        fetch(server[0] + path, {})
    text = str(refused.value)
    assert f"cannot read the Dockerfile {server[0]}{path.partition('?')[0]}: " in text and message in text
    assert "\n" not in text and "secret" not in text


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:1/x", "connection refused"),
        ("http://", "not an http or https address"),
        ("http://[::1", "the address is invalid"),
        ("http://127.0.0.1:99999/x", "invalid"),
    ],
)
def test_bad_addresses_are_refused(url: str, message: str) -> None:
    with pytest.raises(ContextError, match=message):
        fetch(url, {})


def test_a_password_is_sent_to_its_server_only(server: tuple[str, type[Handler]]) -> None:
    url, handler = server
    with_password = url.replace("http://", "http://me:p%40ss@")
    assert fetch(f"{with_password}/elsewhere", {}) == TEXT
    assert handler.authorizations == ["Basic bWU6cEBzcw==", None]
    with pytest.raises(ContextError) as refused:
        fetch(f"{with_password}/none", {})
    assert "p%40ss" not in str(refused.value) and "p@ss" not in str(refused.value)


def test_the_directory_stays_the_context(server: tuple[str, type[Handler]], tmp_path: pathlib.Path) -> None:
    inputs = gather(str(tmp_path), dockerfile=f"{server[0]}/Dockerfile", environ={})
    assert inputs.directories["context"] == str(tmp_path)
    assert inputs.read("dockerfile", inputs.options["filename"]) == TEXT
    inputs.close()


@pytest.mark.parametrize("place", ["git://h/r.git", "ssh://git@h/r.git", "git@github.com:a/b.git"])
def test_git_repositories_are_contexts(place: str, tmp_path: pathlib.Path) -> None:
    with pytest.raises(ContextError, match="use the repository as the build context"):
        gather(str(tmp_path), dockerfile=place)


def test_a_file_of_such_a_name_is_read(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "git@home").write_bytes(TEXT)
    assert gather(".", dockerfile="git@home").options["filename"] == "git@home"


def test_commands_without_an_engine_fetch_too(
    server: tuple[str, type[Handler]], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM other\n")
    assert main(["llb", "-f", f"{server[0]}/Dockerfile", str(tmp_path)]) == 0
    assert "COPY Dockerfile /" in capsys.readouterr().out
    assert main(["check", "-f", f"{server[0]}/none", str(tmp_path)]) == 2
    assert "404 Not Found" in capsys.readouterr().err


def test_an_invalid_address_hides_its_password() -> None:
    with pytest.raises(ContextError, match=r"http://\*\*\*@\[::1/x: the address is invalid") as caught:
        fetch("http://user:SEKRIT@[::1/x?token=SEKRIT")
    assert "SEKRIT" not in str(caught.value)


@pytest.mark.parametrize("command", ["check", "stages", "inputs", "llb", "outline", "targets"])
def test_a_graph_from_an_address_is_named_by_it(
    server: tuple[str, type[Handler]], command: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = server[0].replace("//", "//user:password@")
    assert main([command, "-f", f"{address}/graph?token=x", str(tmp_path)]) == 2
    assert f"{server[0].replace('//', '//***@')}/graph is a saved graph, not a Dockerfile" in capsys.readouterr().err
