"""Tokens are fetched as registries expect it; the token server here is a small web server."""

import http.server
import json
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from llbfront.errors import RpcError
from llbfront.http.client import HttpClient
from llbfront.pb import auth
from llbfront.session.auth import fetch as fetch_with
from llbfront.session.credentials import Credentials


def fetch(request: auth.FetchTokenRequest, credentials: Credentials) -> auth.FetchTokenResponse:
    return fetch_with(request, credentials, HttpClient({}))


Answer = Callable[[str, dict[str, list[str]], str | None], tuple[int, dict[str, Any]]]


class TokenServer:
    """Answers by `answer(method, arguments, authorization)` and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = lambda *_: (200, {"token": "t"})
        self.asked: list[tuple[str, dict[str, list[str]], str | None]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply(urllib.parse.urlsplit(self.path).query)

            def do_POST(self) -> None:
                self.reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def reply(self, text: str) -> None:
                question = (self.command, urllib.parse.parse_qs(text), self.headers.get("Authorization"))
                outer.asked.append(question)
                status, document = outer.answer(*question)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.realm = f"http://127.0.0.1:{self.http.server_port}/token"


@pytest.fixture
def server() -> Iterator[TokenServer]:
    running = TokenServer()
    thread = threading.Thread(target=running.http.serve_forever)
    thread.start()
    yield running
    running.http.shutdown()
    thread.join()
    running.http.server_close()


def request(server: TokenServer) -> auth.FetchTokenRequest:
    return auth.FetchTokenRequest(
        Host="r.example", Realm=server.realm, Service="r", Scopes=["repository:a:pull", "repository:b:push"]
    )


def test_without_credentials_the_token_is_anonymous(server: TokenServer) -> None:
    server.answer = lambda *_: (200, {"token": "t", "expires_in": 300, "issued_at": "2026-01-01T00:00:00Z"})
    got = fetch(request(server), Credentials())
    assert (got.Token, got.ExpiresIn, got.IssuedAt) == ("t", 300, 1767225600)
    assert server.asked == [("GET", {"service": ["r"], "scope": ["repository:a:pull", "repository:b:push"]}, None)]


def test_a_password_goes_by_post(server: TokenServer) -> None:
    server.answer = lambda *_: (200, {"access_token": "t"})
    assert fetch(request(server), Credentials("me", "pw")).Token == "t"
    method, form, authorization = server.asked[0]
    assert (method, authorization) == ("POST", None)
    assert form["grant_type"] == ["password"]
    assert form["username"] == ["me"]
    assert form["scope"] == ["repository:a:pull repository:b:push"]


def test_an_identity_token_is_a_refresh_token(server: TokenServer) -> None:
    fetch(request(server), Credentials(identity_token="id"))
    assert server.asked[0][1]["refresh_token"] == ["id"]


@pytest.mark.parametrize("status", [401, 404, 405])
def test_a_server_without_post_is_asked_by_get(server: TokenServer, status: int) -> None:
    server.answer = lambda method, *_: (status, {}) if method == "POST" else (200, {"token": "t"})
    assert fetch(request(server), Credentials("me", "pw")).Token == "t"
    assert [method for method, _, _ in server.asked] == ["POST", "GET"]
    assert server.asked[1][2] == "Basic bWU6cHc="


def test_a_server_that_is_unwell_is_asked_again(server: TokenServer) -> None:
    server.answer = lambda *_: (503, {}) if len(server.asked) < 2 else (200, {"token": "t"})
    assert fetch(request(server), Credentials()).Token == "t"


def test_a_refusal_names_the_host_and_no_secret(server: TokenServer) -> None:
    server.answer = lambda *_: (403, {})
    with pytest.raises(RpcError, match=r"r\.example: the token server answered 403") as caught:
        fetch(request(server), Credentials("me", "pw-secret"))
    assert "pw-secret" not in str(caught.value)


def test_a_registry_token_is_used_as_it_is(server: TokenServer) -> None:
    assert fetch(request(server), Credentials(registry_token="fixed")).Token == "fixed"
    assert server.asked == []
