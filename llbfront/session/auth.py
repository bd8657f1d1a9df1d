"""Registry credentials and tokens for the engine: the Auth service of a session.

The engine asks by the host of a registry. It gets a token that was fetched here from the registry's own token server, or, where a
registry requires a password with every request, the user and the password that docker has for that host. All of it may block and runs in
threads.

Source: session/auth/authprovider of BuildKit, core/remotes/docker/auth of containerd.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from llbfront.errors import HttpError, InvalidJson, LlbfrontError, RpcError
from llbfront.foreign_json import JsonObject, parse_object
from llbfront.optional_packages import install_command
from llbfront.pb import auth_pb2 as auth
from llbfront.rpc.codes import Code
from llbfront.rpc.services.auth import AuthMethods
from llbfront.rpc.unary import unary_handler
from llbfront.session.credentials import Credentials, CredentialStore, Notice

if TYPE_CHECKING:
    from types import ModuleType

    from llbfront.http.client import HttpClient, HttpResponse
    from llbfront.rpc.calls import ServerCall, Services

CLIENT_ID = "buildkit-client"
DEFAULT_EXPIRATION_S = 60
MAX_ANSWER_BYTES = 1 << 20
# A token server that does not know the POST form answers with one of these.
NO_POST_STATUS = {401, 404, 405}
_VISIBLE_ASCII = r"[\x21-\x7e]+"


class AuthService:
    """Serves the credentials of a store to the engine. `close` ends what is under way."""

    def __init__(self, store: CredentialStore, *, environ: Mapping[str, str] | None = None) -> None:
        self.store = store
        self._environ = os.environ if environ is None else environ
        self._clients: set[HttpClient] = set()
        self._is_closed = False

    def services(self) -> Services:
        service = AuthMethods
        return {
            service.Credentials.path: unary_handler(service.Credentials, self._credentials, in_thread=True),
            service.FetchToken.path: unary_handler(service.FetchToken, self._fetch_token, in_thread=True),
            service.GetTokenAuthority.path: unary_handler(service.GetTokenAuthority, self._get_authority, in_thread=True),
            service.VerifyTokenAuthority.path: unary_handler(service.VerifyTokenAuthority, self._verify_authority, in_thread=True),
        }

    def close(self) -> None:
        """End helpers and requests that are under way, since the build has ended."""
        self._is_closed = True
        self.store.close()
        for client in tuple(self._clients):
            client.close()

    def _credentials(self, request: auth.CredentialsRequest, _: ServerCall) -> auth.CredentialsResponse:
        credentials = find(self.store, request.Host)
        if credentials.registry_token and not _token_authority().is_available():
            self.store.notify(
                Notice(request.Host, f"the registrytoken for {request.Host} is not used without PyNaCl: {install_command('nacl')}")
            )
        return auth.CredentialsResponse(Username=credentials.login, Secret=credentials.secret)

    def _fetch_token(self, request: auth.FetchTokenRequest, _: ServerCall) -> auth.FetchTokenResponse:
        from llbfront.http.client import HttpClient

        credentials = find(self.store, request.Host)
        client = HttpClient(self._environ)
        self._clients.add(client)
        try:
            if self._is_closed:
                client.close()
            return fetch(request, credentials, client)
        finally:
            self._clients.discard(client)
            client.close()

    def _get_authority(self, request: auth.GetTokenAuthorityRequest, _: ServerCall) -> auth.GetTokenAuthorityResponse:
        return auth.GetTokenAuthorityResponse(
            PublicKey=_token_authority().public_key(self.store, request.Host, request.Salt, self._environ)
        )

    def _verify_authority(self, request: auth.VerifyTokenAuthorityRequest, _: ServerCall) -> auth.VerifyTokenAuthorityResponse:
        signed = _token_authority().sign(self.store, request.Host, request.Salt, request.Payload, self._environ)
        return auth.VerifyTokenAuthorityResponse(Signed=signed)


def _token_authority() -> ModuleType:
    from llbfront.session import token_authority  # hashes and key files, which a build without registries does not need

    return token_authority


def find(store: CredentialStore, host: str) -> Credentials:
    """Look credentials up for an engine. Raises: RpcError."""
    try:
        return store.find(host)
    except LlbfrontError as error:
        raise RpcError(str(error), code=Code.PERMISSION_DENIED) from None


def fetch(request: auth.FetchTokenRequest, credentials: Credentials, client: HttpClient) -> auth.FetchTokenResponse:
    """Request a token from the registry's token server: by OAuth with credentials, else by the older GET.

    Raises:
        RpcError: PERMISSION_DENIED with the server's status, UNAVAILABLE when it could not be reached.
    """
    if credentials.registry_token:
        return auth.FetchTokenResponse(Token=credentials.registry_token, ExpiresIn=DEFAULT_EXPIRATION_S)
    try:
        response = _ask(request, credentials, client)
        if not 200 <= response.status < 300:
            reason = f"failed to fetch a token for {request.Host}: the token server answered {response.status}"
            raise RpcError(reason, code=Code.UNAVAILABLE if response.status >= 500 else Code.PERMISSION_DENIED)
        return _token(parse_object(response.body, ignore_rest=True))
    except HttpError as error:
        code = Code.UNAVAILABLE if error.is_temporary else Code.PERMISSION_DENIED
        raise RpcError(f"cannot fetch a token for {request.Host}: {error.message}", code=code) from None
    except InvalidJson as error:
        raise RpcError(
            f"the token server of {request.Host} gave an invalid answer: {error.message}", code=Code.PERMISSION_DENIED
        ) from None


def _ask(request: auth.FetchTokenRequest, credentials: Credentials, client: HttpClient) -> HttpResponse:
    if not credentials.secret:
        return _by_get(request, credentials, client)
    response = _by_post(request, credentials, client)
    return _by_get(request, credentials, client) if response.status in NO_POST_STATUS else response


def _by_post(request: auth.FetchTokenRequest, credentials: Credentials, client: HttpClient) -> HttpResponse:
    grant = (
        {"grant_type": "password", "username": credentials.login, "password": credentials.secret}
        if credentials.login
        else {"grant_type": "refresh_token", "refresh_token": credentials.secret}
    )
    form = {"client_id": request.ClientID or CLIENT_ID, "service": request.Service, "scope": " ".join(request.Scopes), **grant}
    headers = {"User-Agent": CLIENT_ID, "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return client.request("POST", request.Realm, headers=headers, body=urlencode(form).encode(), max_bytes=MAX_ANSWER_BYTES)


def _by_get(request: auth.FetchTokenRequest, credentials: Credentials, client: HttpClient) -> HttpResponse:
    query = [("service", request.Service)] if request.Service else []
    query += [("scope", scope) for scope in request.Scopes]
    separator = "&" if "?" in request.Realm else "?"
    headers = {"User-Agent": CLIENT_ID, **basic(credentials)}
    return client.request("GET", f"{request.Realm}{separator}{urlencode(query)}", headers=headers, max_bytes=MAX_ANSWER_BYTES)


def basic(credentials: Credentials) -> dict[str, str]:
    """Return the header that logs in with a password; nothing without one."""
    if not credentials.secret:
        return {}
    pair = f"{credentials.login}:{credentials.secret}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _token(answer: JsonObject) -> auth.FetchTokenResponse:
    """Read the answer of a token server. Raises: InvalidJson."""
    token = answer.text("access_token") or answer.text("token")
    if not token:
        raise InvalidJson("it has no token")
    if not re.fullmatch(_VISIBLE_ASCII, token):
        raise InvalidJson("its token has characters that no HTTP header can have")
    expires_s = answer.integer("expires_in") or DEFAULT_EXPIRATION_S
    return auth.FetchTokenResponse(Token=token, ExpiresIn=expires_s, IssuedAt=_seconds(answer.get("issued_at")))


def _seconds(text: object) -> int:
    """Read an RFC 3339 time as seconds since 1970; 0 when it is none, or the year 1 that Go writes for no time."""
    if not isinstance(text, str):
        return 0
    try:
        return max(0, int(datetime.fromisoformat(text).timestamp()))
    except (ValueError, OverflowError):
        return 0
