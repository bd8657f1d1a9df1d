"""A token server like that of Docker Hub: anybody may pull, USER with PASSWORD may push too.

It answers GET with basic authentication and the OAuth2 form with signed tokens. `requests` lists who requested which scope.

Source: the token authentication specification of the distribution registry (scope, jwt, oauth2).
"""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import os
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import attrs

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

USER, PASSWORD = "ali", "open-sesame"
SERVICE, ISSUER = "llbfront-registry", "llbfront-tokens"


@attrs.frozen
class TokenServer:
    """A token server that runs. `asked` grows by (account, scope) with each token that is given."""

    realm: str
    certificate: pathlib.Path
    requests: list[tuple[str, str]]


@contextlib.contextmanager
def run(directory: pathlib.Path) -> Iterator[TokenServer]:
    """Run a token server on loopback while a block runs, with a key of its own in `directory`."""
    key, certificate = directory / "token.key", directory / "token.crt"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={ISSUER}", "-days", "2"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    requests: list[tuple[str, str]] = []

    class Bound(_Answers):
        signer = _Signer(key, certificate)
        log = requests

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bound) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield TokenServer(f"http://127.0.0.1:{server.server_port}/token", certificate, requests)
        finally:
            server.shutdown()
            thread.join()


class _Signer:
    """Makes tokens that the registry believes: the certificate goes with each."""

    def __init__(self, key: pathlib.Path, certificate: pathlib.Path) -> None:
        lines = certificate.read_text().split("-----BEGIN CERTIFICATE-----")[1].split("-----END")[0]
        self._key = key
        self._chain = ["".join(lines.split())]

    def token(self, account: str, access: list[dict[str, Any]]) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER, "sub": account, "aud": SERVICE, "exp": now + 300, "nbf": now - 10, "iat": now,
            "jti": os.urandom(8).hex(), "access": access,
        }  # fmt: skip
        signed = b".".join(_text(part) for part in ({"typ": "JWT", "alg": "RS256", "x5c": self._chain}, claims))
        command = ["openssl", "dgst", "-sha256", "-sign", str(self._key)]
        signature = subprocess.run(command, input=signed, capture_output=True, check=True).stdout
        return (signed + b"." + _base64(signature)).decode()


class _Answers(http.server.BaseHTTPRequestHandler):
    signer: _Signer
    log: list[tuple[str, str]]

    def do_GET(self) -> None:
        """A token for `scope`; without credentials the one that anybody gets."""
        query = parse_qs(urlsplit(self.path).query)
        word = self.headers.get("Authorization", "")
        if not word:
            self._give("", query.get("scope", []))
        elif word == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
            self._give(USER, query.get("scope", []))
        else:
            self._refuse()

    def do_POST(self) -> None:
        """The OAuth2 form; the refresh token that it gives is the password again."""
        query = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())
        secret = query.get("refresh_token" if query.get("grant_type") == ["refresh_token"] else "password", [""])[0]
        if secret == PASSWORD and query.get("username", [USER]) == [USER]:
            self._give(USER, " ".join(query.get("scope", [])).split())
        else:
            self._refuse()

    def _give(self, account: str, scopes: list[str]) -> None:
        access = []
        for scope in " ".join(scopes).split():
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            self.log.append((account, scope))
            allowed = [action for action in actions.split(",") if account or action == "pull"]
            access.append({"type": kind, "name": name, "actions": allowed})
        token = self.signer.token(account, access)
        self._answer(200, {"token": token, "access_token": token, "expires_in": 300, "scope": " ".join(scopes)})

    def _refuse(self) -> None:
        self._answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "incorrect username or password"}]})

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Keep quiet."""


def _text(value: dict[str, Any]) -> bytes:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
