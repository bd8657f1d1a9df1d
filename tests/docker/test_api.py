"""The HTTP API of a docker engine, against answers as one gives them."""

import contextlib
import pathlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from llbfront.docker import heartbeat
from llbfront.docker.api import DockerApi
from llbfront.errors import ConnectError, TransportError
from tests.engine import peers


@contextlib.contextmanager
def engine(path: pathlib.Path, status: str, body: bytes, *, until: bytes = b"\r\n\r\n") -> Iterator[bytearray]:
    """Answer one request once `until` was read; yields what was read."""
    received = bytearray()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while until not in received:
                    received.extend(connection.recv(65536))
                head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body)

        thread = threading.Thread(target=serve)
        thread.start()
        yield received
        thread.join()


def test_an_archive_goes_in_chunks(tmp_path: pathlib.Path) -> None:
    body = b'{"stream":"Loaded image: a:1\\n"}\r\n'
    with engine(tmp_path / "sock", "200 OK", body, until=b"\r\n0\r\n\r\n") as received:
        DockerApi(f"docker://{tmp_path}/sock").load_images(iter([b"one", b"three"]))
    assert received.startswith(b"POST /images/load?quiet=1 HTTP/1.1\r\n")
    assert received.endswith(b"\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        ("200 OK", b'{"stream":"Loading"}\n{"errorDetail":{"message":"no space\\nleft"},"error":"no space"}\n', "no space left"),
        ("200 OK", b'{"error":"no space"}\n', "no space"),
        ("500 Internal Server Error", b'{"message":"invalid archive"}', "invalid archive"),
        ("403 Forbidden", b"<html>not for you</html>", "<html>not for you</html>"),
        ("503 Service Unavailable", b"", "HTTP 503 Service Unavailable"),
        ("200 OK", b"nonsense\n", "does not answer /images/load"),
    ],
)
def test_the_reason_of_a_failure_is_one_line(tmp_path: pathlib.Path, status: str, body: bytes, message: str) -> None:
    with engine(tmp_path / "sock", status, body, until=b"\r\n0\r\n\r\n"), pytest.raises(TransportError) as caught:
        DockerApi(f"docker://{tmp_path}/sock").load_images(iter([b"one"]))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_answer_before_the_end_of_the_archive_counts(tmp_path: pathlib.Path) -> None:
    endless = iter(lambda: b"x" * 65536, b"")
    with (
        engine(tmp_path / "sock", "500 Internal Server Error", b'{"message":"disk full"}'),
        pytest.raises(TransportError) as caught,
    ):
        DockerApi(f"docker://{tmp_path}/sock").load_images(endless)
    assert "disk full" in str(caught.value)


def test_the_digest_of_what_was_pushed(tmp_path: pathlib.Path) -> None:
    body = b'{"status":"Pushed","id":"1"}\n{"progressDetail":{},"aux":{"Tag":"1","Digest":"sha256:ab","Size":5}}\n'
    with engine(tmp_path / "sock", "200 OK", body) as received:
        assert DockerApi(f"docker://{tmp_path}/sock").push("r.test/a", "1", login="e30=") == "sha256:ab"
    assert received.startswith(b"POST /images/r.test/a/push?tag=1 HTTP/1.1\r\n")
    assert b"X-Registry-Auth: e30=\r\n" in received


@pytest.mark.parametrize(
    ("status", "has"), [('[["driver-type","io.containerd.snapshotter.v1"]]', True), ("null", False), ("[]", False)]
)
def test_who_keeps_the_images(tmp_path: pathlib.Path, status: str, has: bool) -> None:
    with engine(tmp_path / "sock", "200 OK", f'{{"DriverStatus":{status}}}'.encode()):
        assert DockerApi(f"docker://{tmp_path}/sock").has_containerd_store() is has


ODD = [
    b"", b"null", b"[]", b"1", b"{", b"\xff\xfe", b"[" * 100_000, b'{"Version": 5}', b'{"Version": null}', b'{"DriverStatus": {"a": 1}}',
    b'{"DriverStatus": [1]}', b'{"DriverStatus": "x"}', b'{"message": []}', b'{"error": 5}', b'{"error": {}}', b'{"errorDetail": "x"}',
    b'{"errorDetail": {"message": 1}}', b'{"aux": []}', b'{"aux": {"Digest": 1}}', b'{"aux": null}',
]  # fmt: skip


@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
@pytest.mark.parametrize("body", ODD, ids=lambda body: repr(body[:30]))
@pytest.mark.parametrize("call", ["version", "has_containerd_store", "push", "load"])
def test_odd_answers_are_one_line(tmp_path: pathlib.Path, status: str, body: bytes, call: str) -> None:
    with engine(tmp_path / "sock", status, body):
        api = DockerApi(f"docker://{tmp_path}/sock")
        calls: dict[str, Callable[[], object]] = {
            "version": api.version,
            "has_containerd_store": api.has_containerd_store,
            "push": lambda: api.push("r.test/a", "1", login="e30="),
            "load": lambda: api.load_images(iter([b"one"])),
        }
        try:
            calls[call]()
        except TransportError as error:
            text = str(error)
        else:
            text = ""
    assert "\n" not in text
    assert bool(text) or status == "200 OK"


def test_an_engine_that_says_nothing_is_given_up(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llbfront.docker.api.ANSWER_TIMEOUT_S", 0.3)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "sock"))
        listener.listen()
        with pytest.raises(TransportError, match="does not answer /info"):
            DockerApi(f"docker://{tmp_path}/sock").has_containerd_store()


def test_no_engine_at_the_address(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConnectError, match="cannot connect"):
        DockerApi(f"docker://{tmp_path}/sock").has_containerd_store()


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "ASK_AFTER_S", 0.1)
    monkeypatch.setattr(heartbeat, "ANSWER_S", 0.3)


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_engine_that_freezes_is_noticed(tmp_path: pathlib.Path, answer: bytes) -> None:
    accepted = threading.Event()

    def serve(connection: socket.socket) -> None:
        if accepted.is_set():  # the ping
            return
        accepted.set()
        connection.recv(4096)
        connection.sendall(answer)

    with peers.accepting(f"{tmp_path}/sock", serve), pytest.raises(TransportError, match="does not answer$"):
        DockerApi(f"docker://{tmp_path}/sock").load_images(iter([b"one"]))


@pytest.mark.usefixtures("short_waits")
def test_an_engine_that_freezes_while_it_is_sent_an_image_is_noticed(tmp_path: pathlib.Path) -> None:
    with peers.accepting(f"{tmp_path}/sock", lambda _: None), pytest.raises(TransportError, match="does not answer$"):
        DockerApi(f"docker://{tmp_path}/sock").load_images(bytes(1 << 20) for _ in range(1000))


@pytest.mark.usefixtures("short_waits")
def test_an_engine_that_takes_long_but_answers_pings_is_waited_for(tmp_path: pathlib.Path) -> None:
    def serve(connection: socket.socket) -> None:
        is_ping = b"/_ping" in connection.recv(4096)
        threading.Event().wait(0 if is_ping else 1.5)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"stream":"ok"}\n')

    with peers.accepting(f"{tmp_path}/sock", serve):
        DockerApi(f"docker://{tmp_path}/sock").load_images(iter([b"one"]))
