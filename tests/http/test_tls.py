"""Servers behind TLS: which certificates are trusted, and where a redirect may lead."""

from __future__ import annotations

import contextlib
import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from llbfront.errors import HttpError
from llbfront.http.client import HttpClient
from tests.http.servers import Answer, serve

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

    from tests.http.servers import Question, Server

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Make a self-signed certificate for localhost; returns a file with it and its key."""
    place = tmp_path_factory.mktemp("tls")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    command = ["openssl", "req", "-x509", *key, "-keyout", "key.pem", "-out", "certificate.pem", *names]
    subprocess.run(command, cwd=place, check=True, capture_output=True)
    (place / "both.pem").write_bytes((place / "certificate.pem").read_bytes() + (place / "key.pem").read_bytes())
    return place / "both.pem"


@contextlib.contextmanager
def serve_tls(answer: Callable[[Question], Answer], certificate: pathlib.Path) -> Iterator[Server]:
    with serve(answer) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
        server.host = server.host.replace("127.0.0.1", "localhost")
        yield server


def get(url: str) -> int:
    client = HttpClient({})
    try:
        return client.request("GET", url, headers={"Authorization": "secret"}, max_bytes=1000).status
    finally:
        client.close()


def test_an_untrusted_certificate_is_refused(certificate: pathlib.Path) -> None:
    with serve_tls(lambda _: Answer(), certificate) as server, pytest.raises(HttpError, match="self-signed certificate"):
        get(f"https://{server.host}/")
    assert server.questions == []


@pytest.fixture
def trusted(certificate: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.parent / "certificate.pem"))
    return certificate


def test_certificates_of_the_environment_are_trusted(trusted: pathlib.Path) -> None:
    with serve_tls(lambda _: Answer(204), trusted) as server:
        assert get(f"https://{server.host}/") == 204
        with pytest.raises(HttpError, match="IP address mismatch"):
            get(f"https://{server.host.replace('localhost', '127.0.0.1')}/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_http_is_refused(trusted: pathlib.Path, status: int) -> None:
    with serve(lambda _: Answer()) as plain:
        answer = Answer(status, b"", {"Location": f"http://{plain.host}/"})
        with serve_tls(lambda _: answer, trusted) as server, pytest.raises(HttpError, match="redirects from https to http"):
            get(f"https://{server.host}/")
    assert plain.questions == []


def test_plain_http_where_tls_is_expected_is_one_line() -> None:
    with serve(lambda _: Answer()) as server, pytest.raises(HttpError) as caught:
        get(f"https://{server.host}/")
    assert str(caught.value).startswith(f"https://{server.host}: ")
    assert "\n" not in str(caught.value)
