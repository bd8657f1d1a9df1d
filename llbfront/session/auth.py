"""Registry credentials and tokens for the engine: its questions about a host → what docker knows, or a fresh token.

Enters: requests of the engine's resolver. Leaves: credentials, or a bearer token that was fetched from the registry's own token server.
All of it may block and runs in threads.

Source: session/auth/authprovider of BuildKit, core/remotes/docker/auth of containerd.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from llbfront.errors import LlbfrontError, RpcError
from llbfront.pb import auth
from llbfront.transport.channel import answering

if TYPE_CHECKING:
    from llbfront.session.credentials import Credentials, CredentialStore
    from llbfront.transport.channel import ServerCall, Services

CLIENT_ID = "buildkit-client"
DEFAULT_EXPIRATION_S = 60
REQUEST_TIMEOUT_S = 30.0
PATIENCE_S = 60.0
RETRIED_STATUS = {500, 502, 503, 504}
# A token server that does not know the POST form answers with one of these.
NO_POST_STATUS = {401, 404, 405}
PERMISSION_DENIED, UNAVAILABLE = 7, 14


def services(store: CredentialStore) -> Services:
    """Serve Credentials and FetchToken. Without the other two methods engines take their tokens from these."""

    def credentials(request: auth.CredentialsRequest, _: ServerCall) -> auth.CredentialsResponse:
        found = _found(store, request.Host)
        return auth.CredentialsResponse(Username=found.login, Secret=found.secret)

    def fetch_token(request: auth.FetchTokenRequest, _: ServerCall) -> auth.FetchTokenResponse:
        return fetch(request, _found(store, request.Host))

    return {
        auth.Auth.Credentials.path: answering(auth.Auth.Credentials, credentials, in_thread=True),
        auth.Auth.FetchToken.path: answering(auth.Auth.FetchToken, fetch_token, in_thread=True),
    }


def _found(store: CredentialStore, host: str) -> Credentials:
    try:
        return store.find(host)
    except LlbfrontError as error:
        raise RpcError(str(error), code=PERMISSION_DENIED) from None


def fetch(request: auth.FetchTokenRequest, credentials: Credentials) -> auth.FetchTokenResponse:
    """Ask the token server that the registry named: by OAuth with credentials, by the older GET where that is not known.

    Raises: RpcError; PERMISSION_DENIED with the server's status, UNAVAILABLE when it could not be reached for a minute.
    """
    if credentials.registry_token:
        return auth.FetchTokenResponse(Token=credentials.registry_token, ExpiresIn=DEFAULT_EXPIRATION_S)
    try:
        answer = _by_post(request, credentials) if credentials.secret else _by_get(request, credentials)
    except TokenRefused as error:
        if not credentials.secret or error.status not in NO_POST_STATUS:
            raise _denied(request, error) from None
        try:
            answer = _by_get(request, credentials)
        except TokenRefused as second:
            raise _denied(request, second) from None
    token = answer.get("token") or answer.get("access_token") or ""
    if not token:
        raise RpcError(f"the token server of {request.Host} gave no token", code=PERMISSION_DENIED)
    issued = _seconds(answer.get("issued_at"))
    return auth.FetchTokenResponse(Token=token, ExpiresIn=int(answer.get("expires_in") or DEFAULT_EXPIRATION_S), IssuedAt=issued)


class TokenRefused(Exception):
    """The token server answered with an HTTP status that is no success."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _denied(request: auth.FetchTokenRequest, error: TokenRefused) -> RpcError:
    return RpcError(f"failed to fetch a token for {request.Host}: the token server answered {error.status}", code=PERMISSION_DENIED)


def _by_post(request: auth.FetchTokenRequest, credentials: Credentials) -> dict[str, Any]:
    from urllib.parse import urlencode

    grant = (
        {"grant_type": "password", "username": credentials.login, "password": credentials.secret}
        if credentials.login
        else {"grant_type": "refresh_token", "refresh_token": credentials.secret}
    )
    form = {"client_id": request.ClientID or CLIENT_ID, "service": request.Service, "scope": " ".join(request.Scopes), **grant}
    return _ask(request.Realm, body=urlencode(form).encode())


def _by_get(request: auth.FetchTokenRequest, credentials: Credentials) -> dict[str, Any]:
    import base64
    from urllib.parse import urlencode

    query = [("service", request.Service)] if request.Service else []
    query += [("scope", scope) for scope in request.Scopes]
    headers = {}
    if credentials.secret:
        pair = f"{credentials.login}:{credentials.secret}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    separator = "&" if "?" in request.Realm else "?"
    return _ask(f"{request.Realm}{separator}{urlencode(query)}", headers=headers)


def _ask(url: str, *, body: bytes | None = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Send one request, again after 1, 2, 4 … seconds while the server is unwell."""
    import urllib.error
    import urllib.request

    if not url.startswith(("https://", "http://")):
        raise RpcError("the registry named a token server that is no web address", code=PERMISSION_DENIED)
    request = urllib.request.Request(url, data=body, headers={"User-Agent": CLIENT_ID, **(headers or {})})  # noqa: S310  checked above
    deadline, pause_s = time.monotonic() + PATIENCE_S, 1.0
    while True:
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT_S) as response:  # noqa: S310
                document = json.load(response)
                return document if isinstance(document, dict) else {}
        except urllib.error.HTTPError as error:
            error.close()
            if error.code not in RETRIED_STATUS:
                raise TokenRefused(error.code) from None
            reason = f"it answered {error.code}"
        except ValueError:
            raise RpcError("the token server's answer is not JSON", code=PERMISSION_DENIED) from None
        except OSError as error:
            reason = str(getattr(error, "reason", error))
        if time.monotonic() + pause_s > deadline:
            raise RpcError(f"the token server cannot be reached: {reason}", code=UNAVAILABLE)
        time.sleep(pause_s)
        pause_s *= 2


def _seconds(text: object) -> int:
    """Read an RFC 3339 time as seconds since 1970; 0 when it is none."""
    if not isinstance(text, str):
        return 0
    from datetime import datetime

    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return 0
