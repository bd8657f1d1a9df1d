"""Small web servers on loopback, for clients of registries and token servers."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@attrs.frozen
class Question:
    """A request as a server saw it."""

    method: str
    path: str
    authorization: str | None
    body: bytes


@attrs.frozen
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = attrs.field(factory=dict)


class Server:
    """Answers by `answer(question)` and keeps what it was asked."""

    def __init__(self, answer: Callable[[Question], Answer], host: str) -> None:
        self.answer = answer
        self.questions: list[Question] = []
        self.http = http.server.ThreadingHTTPServer((host, 0), self._handler())
        self.http.daemon_threads = True
        self.host = f"{host}:{self.http.server_port}"

    @property
    def passwords(self) -> list[Question]:
        """The questions that hold credentials."""
        return [question for question in self.questions if question.authorization or b"password" in question.body]

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                question = Question(self.command, self.path, self.headers.get("Authorization"), body)
                outer.questions.append(question)
                answer = outer.answer(question)
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body)

            def do_POST(self) -> None:
                self.do_GET()

            def do_HEAD(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextlib.contextmanager
def serve(answer: Callable[[Question], Answer], host: str = "127.0.0.1") -> Iterator[Server]:
    """Run a web server."""
    server = Server(answer, host)
    thread = threading.Thread(target=server.http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        thread.join()
        server.http.server_close()


@contextlib.contextmanager
def serve_bytes(write: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that reads the head of a request and then does as `write`; yields its host."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def answer(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                head = b""
                while b"\r\n\r\n" not in head and (data := connection.recv(65536)):
                    head += data
                write(connection)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while not ended.is_set():
                    threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
