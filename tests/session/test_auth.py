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
from llbfront.pb import auth_pb2 as auth
from llbfront.session.auth import fetch as fetch_with
from llbfront.session.credentials import Credentials
from tests.http.servers import Answer, Question, serve


def fetch(request: auth.FetchTokenRequest, credentials: Credentials) -> auth.FetchTokenResponse:
    return fetch_with(request, credentials, HttpClient({}))


Reply = Callable[[str, dict[str, list[str]], str | None], tuple[int, dict[str, Any]]]


class TokenServer:
    """Answers by `answer(method, arguments, authorization)` and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Reply = lambda *_: (200, {"token": "t"})
        self.requests: list[tuple[str, dict[str, list[str]], str | None]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply(urllib.parse.urlsplit(self.path).query)

            def do_POST(self) -> None:
                self.reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def reply(self, text: str) -> None:
                question = (self.command, urllib.parse.parse_qs(text), self.headers.get("Authorization"))
                outer.requests.append(question)
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
    token = fetch(request(server), Credentials())
    assert (token.Token, token.ExpiresIn, token.IssuedAt) == ("t", 300, 1767225600)
    assert server.requests == [("GET", {"service": ["r"], "scope": ["repository:a:pull", "repository:b:push"]}, None)]


def test_a_password_goes_by_post(server: TokenServer) -> None:
    server.answer = lambda *_: (200, {"access_token": "t"})
    assert fetch(request(server), Credentials("me", "pw")).Token == "t"
    method, form, authorization = server.requests[0]
    assert (method, authorization) == ("POST", None)
    assert form["grant_type"] == ["password"]
    assert form["username"] == ["me"]
    assert form["scope"] == ["repository:a:pull repository:b:push"]


def test_an_identity_token_is_a_refresh_token(server: TokenServer) -> None:
    fetch(request(server), Credentials(identity_token="id"))
    assert server.requests[0][1]["refresh_token"] == ["id"]


@pytest.mark.parametrize("status", [401, 404, 405])
def test_a_server_without_post_is_asked_by_get(server: TokenServer, status: int) -> None:
    server.answer = lambda method, *_: (status, {}) if method == "POST" else (200, {"token": "t"})
    assert fetch(request(server), Credentials("me", "pw")).Token == "t"
    assert [method for method, _, _ in server.requests] == ["POST", "GET"]
    assert server.requests[1][2] == "Basic bWU6cHc="


def test_a_server_that_is_unwell_is_asked_again(server: TokenServer) -> None:
    server.answer = lambda *_: (503, {}) if len(server.requests) < 2 else (200, {"token": "t"})
    assert fetch(request(server), Credentials()).Token == "t"


def test_a_refusal_names_the_host_and_no_secret(server: TokenServer) -> None:
    server.answer = lambda *_: (403, {})
    with pytest.raises(RpcError, match=r"r\.example: the token server answered 403") as caught:
        fetch(request(server), Credentials("me", "pw-secret"))
    assert "pw-secret" not in str(caught.value)


ODD: dict[bytes, str] = {
    b"": "it is empty",
    b"null": "it has no token",
    b"[]": "it is not an object",
    b"{}": "it has no token",
    b"\xff\xfe{}": "it is not JSON",
    b'{"token": null}': "it has no token",
    b'{"token": ["secret"]}': "token is not a string",
    b'{"token": {"secret": 1}}': "token is not a string",
    b'{"token": "secret\\nline"}': "characters that no HTTP header can have",
    b'{"token": "secret\\ud800"}': "characters that no HTTP header can have",
    b'{"token": "sec ret"}': "characters that no HTTP header can have",
    b'{"token": "t", "expires_in": "abc"}': "expires_in is not a 64-bit integer",
    b'{"token": "t", "expires_in": 1e400}': "expires_in is not a 64-bit integer",
    b'{"token": "t", "expires_in": 99999999999999999999}': "expires_in is not a 64-bit integer",
    b'{"token": "t", "expires_in": [1]}': "expires_in is not a 64-bit integer",
    b'{"token": "t", "expires_in": true}': "expires_in is not a 64-bit integer",
    b'{"token": NaN}': "it is not JSON",
    b"[" * 100_000: "it is nested too deep",
    b'{"a":' * 300 + b"1" + b"}" * 300: "it is nested too deep",
    b"1" * 10_000: "it is not JSON",
    b'{"token": "' + b"x" * (2 << 20) + b'"}': "its answer has more than",
}


@pytest.mark.parametrize("body", ODD, ids=lambda body: repr(body[:40]))
@pytest.mark.parametrize("credentials", [Credentials(), Credentials("me", "pw-secret")])
def test_an_odd_answer_is_one_line_that_names_the_host(body: bytes, credentials: Credentials) -> None:
    with serve(lambda _: Answer(200, body)) as odd, pytest.raises(RpcError) as caught:
        fetch(auth.FetchTokenRequest(Host="r.example", Realm=f"http://{odd.host}/token"), credentials)
    text = str(caught.value)
    assert "r.example" in text
    assert ODD[body] in text
    assert "\n" not in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"token": "t", "access_token": "a"}', ("a", 60, 0)),
        (b'{"TOKEN": "t", "Expires_In": 7}', ("t", 7, 0)),
        (b'{"token": "t", "expires_in": null, "issued_at": null}', ("t", 60, 0)),
        (b'{"token": "t", "expires_in": 300.0}', ("t", 300, 0)),
        (b'{"token": "t", "issued_at": "yesterday"}', ("t", 60, 0)),
        (b'{"token": "t", "issued_at": "0001-01-01T00:00:00+23:59"}', ("t", 60, 0)),
        (b'{"token": "t", "issued_at": "0001-01-01T00:00:00Z"}', ("t", 60, 0)),
        (b'{"token": "t", "issued_at": 5}', ("t", 60, 0)),
        (b'{"token": "t"} trailing', ("t", 60, 0)),
    ],
)
def test_an_answer_that_docker_takes(body: bytes, expected: tuple[str, int, int]) -> None:
    with serve(lambda _: Answer(200, body)) as token_server:
        token = fetch(auth.FetchTokenRequest(Host="r.example", Realm=f"http://{token_server.host}/token"), Credentials())
    assert (token.Token, token.ExpiresIn, token.IssuedAt) == expected


@pytest.mark.parametrize(
    "realm",
    [
        "",
        "r.example/token",
        "ftp://r.example/",
        "http://",
        "https://r.example:99999/",
        "https://r.example:x/",
        "http://[::1/",
        "\n",
    ],
)
def test_a_token_server_without_an_address(realm: str) -> None:
    with pytest.raises(RpcError, match=r"cannot fetch a token for r\.example: ") as caught:
        fetch(auth.FetchTokenRequest(Host="r.example", Realm=realm), Credentials("me", "pw-secret"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("credentials", [Credentials("me", "pw-secret"), Credentials(identity_token="pw-secret")])
@pytest.mark.parametrize("has_post", [True, False])
def test_a_password_does_not_follow_a_redirect_of_the_token_server(status: int, credentials: Credentials, has_post: bool) -> None:
    def answer(question: Question) -> Answer:
        if question.method == "POST" and not has_post:
            return Answer(404)
        return Answer(status, b"", {"Location": f"http://{other.host}/token"})

    with (
        serve(lambda _: Answer(404), "127.0.0.2") as other,
        serve(answer) as first,
        pytest.raises(RpcError) as caught,
    ):
        fetch(auth.FetchTokenRequest(Host="r.example", Realm=f"http://{first.host}/token"), credentials)
    assert any(question.authorization or b"pw-secret" in question.body for question in first.questions)
    assert "pw-secret" not in str(caught.value)
    assert all(question.authorization is None and b"pw-secret" not in question.body for question in other.questions)


def test_a_registry_token_is_used_as_it_is(server: TokenServer) -> None:
    assert fetch(request(server), Credentials(registry_token="fixed")).Token == "fixed"
    assert server.requests == []
