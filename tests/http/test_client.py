"""The HTTP client: what is sent where, and what becomes of odd answers."""

from __future__ import annotations

import itertools
import re
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.errors import HttpError
from llbfront.http import client as clients
from llbfront.http.client import HttpClient, origin_of
from tests.http.servers import Answer, serve, serve_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.http.servers import Question, Server

SECRET = "Basic not-for-others"
FORM = b"username=ann&password=not-for-others"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(clients, "LAST_PAUSE_S", 0.08)


def get(url: str, *, max_bytes: int = 1000, **options: Any) -> Any:
    client = HttpClient({})
    try:
        return client.request("GET", url, headers={"Authorization": SECRET}, max_bytes=max_bytes, **options)
    finally:
        client.close()


def post(url: str) -> Any:
    client = HttpClient({})
    try:
        return client.request("POST", url, headers={"Content-Type": "x"}, body=FORM, max_bytes=1000)
    finally:
        client.close()


def redirect(status: int, location: str) -> Callable[[Question], Answer]:
    def answer(question: Question) -> Answer:
        if question.path.startswith("/end"):
            return Answer(200, b"here")
        return Answer(status, b"", {"Location": location})

    return answer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["http://{other}/end", "//{other}/end", "http://user:pass@{other}/end", "http://{port}/end"])
def test_a_password_does_not_follow_to_another_server(status: int, place: str) -> None:
    with serve(lambda _: Answer(200, b"there"), "127.0.0.2") as other, serve(lambda _: Answer(200, b"there")) as port:
        with serve(redirect(status, place.format(other=other.host, port=port.host))) as first:
            assert get(f"http://{first.host}/").body == b"there"
        assert [question.authorization for question in first.questions] == [SECRET]
        assert [question.authorization for question in other.questions + port.questions] == [None]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["/end", "end?x=1", "http://{host}/end", "HTTP://{host}/end", "http://user:pass@{host}/end#part"])
def test_it_follows_on_the_same_server(status: int, place: str) -> None:
    with serve(lambda _: Answer()) as server:
        server.answer = redirect(status, place.format(host=server.host))
        assert get(f"http://{server.host}/").body == b"here"
    assert [question.authorization for question in server.questions] == [SECRET, SECRET]


def test_it_does_not_come_back_after_another_server() -> None:
    with serve(lambda _: Answer()) as first, serve(lambda _: Answer(), "127.0.0.2") as second:
        first.answer = redirect(302, f"http://{second.host}/back")
        second.answer = lambda _: Answer(302, b"", {"Location": f"http://{first.host}/end"})
        assert get(f"http://{first.host}/").body == b"here"
    assert [question.authorization for question in first.questions] == [SECRET, None]


@pytest.mark.parametrize("status", [307, 308])
def test_a_form_is_not_sent_to_another_server(status: int) -> None:
    with (
        serve(lambda _: Answer(200, b"there"), "127.0.0.2") as other,
        serve(redirect(status, f"http://{other.host}/end")) as first,
        pytest.raises(HttpError, match=r"redirects a request with credentials to http://127\.0\.0\.2"),
    ):
        post(f"http://{first.host}/")
    assert other.questions == []


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_form_becomes_a_question_without_one(status: int) -> None:
    with serve(lambda _: Answer(200, b"there"), "127.0.0.2") as other, serve(redirect(status, f"http://{other.host}/end")) as first:
        assert post(f"http://{first.host}/").body == b"there"
    assert [(question.method, question.body) for question in other.questions] == [("GET", b"")]


@pytest.mark.parametrize("status", [307, 308])
def test_a_form_is_sent_again_on_the_same_server(status: int) -> None:
    with serve(redirect(status, "/end")) as server:
        assert post(f"http://{server.host}/").body == b"here"
    assert [(question.method, question.body) for question in server.questions] == [("POST", FORM), ("POST", FORM)]


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("/", "redirects too often"),
        ("http://127.0.0.1:99999/", "redirects to an invalid address"),
        ("http://127.0.0.1:port/", "redirects to an invalid address"),
        ("http://[::1/", "redirects to an invalid address"),
        ("http:///nowhere", "redirects too often"),
        ("ftp://127.0.0.1/", "redirects to an invalid address"),
        ("file:///etc/passwd", "redirects to an invalid address"),
        ("http://127.0.0.1:0/", "redirects to an invalid address"),
    ],
)
def test_odd_redirects_are_one_line(location: str, message: str) -> None:
    with serve(lambda _: Answer(302, b"", {"Location": location})) as server, pytest.raises(HttpError, match=message) as caught:
        get(f"http://{server.host}/")
    assert "\n" not in str(caught.value)


def test_https_is_never_left_for_http() -> None:
    response = clients.HttpResponse(302, "", {}, b"", origin_of("https://r.example/"))
    request = clients._Request("GET", "https://r.example/", {"Authorization": SECRET}, None, 1, 0)
    with pytest.raises(HttpError, match="https://r.example redirects from https to http"):
        clients._redirected(request, response, "http://r.example/end")
    upgraded = clients._redirected(
        clients._Request("GET", "http://r.example/", {"authorization": SECRET}, None, 1, 0),
        clients.HttpResponse(302, "", {}, b"", origin_of("http://r.example/")),
        "https://r.example/",
    )
    assert upgraded.headers == {}


@pytest.mark.parametrize(
    "url",
    ["", "r.example", "/path", "ftp://r.example/", "http://", "http://r.example:99999/", "http://r.example:x/", "http://[::1/"],
)
def test_an_invalid_address(url: str) -> None:
    with pytest.raises(HttpError):
        get(url)


ANSWERS: dict[bytes, str] = {
    b"": "it closed the connection",
    b"nonsense\r\n\r\n": "its answer is not valid HTTP",
    b"HTTP/1.1\r\n\r\n": "its answer is not valid HTTP",
    b"HTTP/1.1 abc OK\r\n\r\n": "its answer is not valid HTTP",
    b"HTTP/1.1 99999 OK\r\n\r\n": "its answer is not valid HTTP",
    b"\xff\xfe\x00\r\n": "its answer is not valid HTTP",
    b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n": "its answer is not valid HTTP",
    b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n": "its answer is not valid HTTP",
    b"HTTP/1.1 " + b"2" * 70_000: "its answer is not valid HTTP",
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort": "its answer is incomplete",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnumber\r\nx": "its answer is (broken|incomplete)",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab": "its answer is (broken|incomplete)",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n": "its answer is (broken|incomplete)",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000: "its answer has more than 1000 bytes",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"100\r\n" + b"x" * 256 + b"\r\n": "incomplete",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"100\r\n" + b"x" * 256 + b"\r\n") * 10: "more than 1000 bytes",
}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: repr(answer[:50]))
def test_odd_answers_are_one_line_that_names_the_server(answer: bytes) -> None:
    with serve_bytes(lambda connection: connection.sendall(answer)) as host, pytest.raises(HttpError) as caught:
        get(f"http://{host}/with?token=in-the-path")
    text = str(caught.value)
    assert text.startswith(f"http://{host}: ")
    assert re.search(ANSWERS[answer], text)
    assert "\n" not in text
    assert "in-the-path" not in text


def test_a_length_that_is_not_a_number_is_ignored() -> None:
    with serve_bytes(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nbody")) as host:
        assert get(f"http://{host}/").body == b"body"


def trickle(piece: bytes) -> Callable[[socket.socket], None]:
    def write(connection: socket.socket) -> None:
        for _ in range(100):
            connection.sendall(piece)
            time.sleep(0.1)

    return write


@pytest.mark.parametrize(
    "write",
    [
        lambda connection: time.sleep(10),
        trickle(b"H"),
        trickle(b"HTTP/1.1 100 Continue\r\n\r\n"),
        lambda connection: (connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: "), trickle(b"x")(connection)),
        lambda connection: (connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"), trickle(b"x")(connection)),
        lambda connection: (
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            trickle(b"1\r\nx\r\n")(connection),
        ),
        lambda connection: (
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            trickle(b"1")(connection),
        ),
    ],
    ids=["nothing", "status line", "continue", "header", "body", "chunks", "chunk size"],
)
def test_a_server_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch, write: Callable[[socket.socket], None]) -> None:
    monkeypatch.setattr(clients, "DEADLINE_S", 1.0)
    begun = time.monotonic()
    with serve_bytes(write) as host, pytest.raises(HttpError, match="it did not answer in time"):
        get(f"http://{host}/")
    assert time.monotonic() - begun < 5


def test_closing_ends_a_request_at_once() -> None:
    client = HttpClient({})
    with serve_bytes(lambda _: time.sleep(10)) as host:
        threading.Timer(0.3, client.close).start()
        begun = time.monotonic()
        with pytest.raises(HttpError, match="cancelled"):
            client.request("GET", f"http://{host}/", headers={}, max_bytes=10)
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(("failures", "status", "requests"), [(1, 200, 2), (3, 200, 4), (9, 503, 4)])
def test_a_server_that_fails_is_asked_again(failures: int, status: int, requests: int) -> None:
    numbers = itertools.count()
    with serve(lambda _: Answer(503 if next(numbers) < failures else 200)) as server:
        assert get(f"http://{server.host}/").status == status
    assert len(server.questions) == requests


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
def test_a_refusal_is_an_answer(status: int) -> None:
    with serve(lambda _: Answer(status, b"no")) as server:
        assert get(f"http://{server.host}/").status == status
    assert len(server.questions) == 1


def test_a_broken_connection_is_tried_again_and_a_refused_one_not() -> None:
    begun: list[int] = []

    def write(connection: socket.socket) -> None:
        begun.append(1)
        if len(begun) > 1:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with serve_bytes(write) as host:
        assert get(f"http://{host}/").body == b"ok"
    with pytest.raises(HttpError, match="connection refused") as caught:
        get(f"http://{host}/")
    assert not caught.value.is_temporary


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(HttpError, match="its name cannot be resolved"):
        get("http://no-such-host.invalid/")


def proxied(environ: dict[str, str], url: str) -> tuple[int, Server]:
    with serve(lambda _: Answer(299, b"")) as proxy:
        variables = {name: value.format(proxy=proxy.host) for name, value in environ.items()}
        client = HttpClient(variables)
        try:
            return client.request("GET", url, headers={"Authorization": SECRET}, max_bytes=10).status, proxy
        finally:
            client.close()


@pytest.mark.parametrize("value", ["http://{proxy}", "{proxy}", "http://user:pw@{proxy}"])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_a_proxy_is_used(name: str, value: str) -> None:
    status, proxy = proxied({name: value}, "http://registry.invalid/path")
    assert status == 299
    assert [question.path for question in proxy.questions] == ["http://registry.invalid/path"]


def test_a_proxy_that_is_not_an_address_is_not_quoted() -> None:
    with pytest.raises(HttpError, match="the proxy in the environment is not") as caught:
        HttpClient({"HTTP_PROXY": "socks5://user:secret@h:1"}).request("GET", "http://r.invalid/", headers={}, max_bytes=1)
    assert "secret" not in str(caught.value)


def test_nothing_shows_a_secret() -> None:
    request = clients._Request("GET", "http://r/?token=secret", {"Authorization": "secret"}, b"secret", 1, 0)
    response = clients.HttpResponse(200, "OK", {"Location": "secret"}, b"secret", origin_of("http://r/"))
    assert "secret" not in repr(request) + repr(response)
