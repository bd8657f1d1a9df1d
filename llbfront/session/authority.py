"""Tokens that only this session may use: a salt of the engine → a public key, a payload → a signature.

An engine that caches registry tokens binds them to a key that depends on our credentials' seed, so that another session without them
cannot use its cache. Served beside `auth`, if PyNaCl is there; engines take UNIMPLEMENTED for "not bound".

Source: session/auth/authprovider (authprovider.go, tokenseed.go) of BuildKit.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from llbfront.errors import ExportError, LlbfrontError, RpcError
from llbfront.files.writing import write_file
from llbfront.pb import auth
from llbfront.session.credentials import config_directory
from llbfront.transport import status
from llbfront.transport.channel import answering

if TYPE_CHECKING:
    from llbfront.session.credentials import CredentialStore
    from llbfront.transport.channel import ServerCall, Services

_SEEDS = ".token_seed"
_SEED_BYTES = 16
_TRUE = {"1", "t", "T", "true", "TRUE", "True"}


def services(store: CredentialStore, *, environ: Mapping[str, str] | None = None) -> Services:
    """Serve GetTokenAuthority and VerifyTokenAuthority; nothing without PyNaCl."""
    try:
        from nacl.signing import SigningKey
    except ImportError:
        return {}
    variables = os.environ if environ is None else environ

    def key(host: str, salt: bytes) -> SigningKey:
        return SigningKey(_key_seed(store, host, salt, variables))

    def get(request: auth.GetTokenAuthorityRequest, _call: ServerCall) -> auth.GetTokenAuthorityResponse:
        return auth.GetTokenAuthorityResponse(PublicKey=bytes(key(request.Host, request.Salt).verify_key))

    def verify(request: auth.VerifyTokenAuthorityRequest, _call: ServerCall) -> auth.VerifyTokenAuthorityResponse:
        return auth.VerifyTokenAuthorityResponse(Signed=bytes(key(request.Host, request.Salt).sign(request.Payload)))

    service = auth.Auth
    return {
        service.GetTokenAuthority.path: answering(service.GetTokenAuthority, get, in_thread=True),
        service.VerifyTokenAuthority.path: answering(service.VerifyTokenAuthority, verify, in_thread=True),
    }


def _key_seed(store: CredentialStore, host: str, salt: bytes, environ: Mapping[str, str]) -> bytes:
    """Return the seed of the key: of the host's own seed if there is a secret for it, else of the salt alone."""
    if environ.get("BUILDKIT_NO_CLIENT_TOKEN") in _TRUE:
        raise RpcError("client side tokens disabled", code=status.UNAVAILABLE)
    try:
        has_secret = bool(store.find(host).secret)
    except LlbfrontError as error:
        raise RpcError(str(error), code=status.UNKNOWN) from None
    message = _host_seed(config_directory(environ), host) if has_secret else b""
    return hmac.new(salt, message, hashlib.sha256).digest()


def _host_seed(directory: str, host: str) -> bytes:
    """Return the seed kept for a host, made at the first use. A directory that cannot be written gives a seed of the day."""
    path = os.path.join(directory, _SEEDS)
    with _locked(directory):
        seeds = _read(path)
        try:
            return base64.b64decode(seeds[host]["Seed"], validate=True)
        except (KeyError, TypeError, ValueError):
            seed = os.urandom(_SEED_BYTES)
        seeds[host] = {"Seed": base64.b64encode(seed).decode()}
        with contextlib.suppress(ExportError):
            write_file(path, json.dumps(seeds, indent=2).encode(), mode=0o600)
        return seed


@contextlib.contextmanager
def _locked(directory: str) -> Iterator[None]:
    fd = -1
    try:
        with contextlib.suppress(OSError):
            os.makedirs(directory, exist_ok=True)
            fd = os.open(os.path.join(directory, f"{_SEEDS}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        if fd >= 0:
            os.close(fd)


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            seeds = json.load(file)
    except (OSError, ValueError):
        return {}
    return seeds if isinstance(seeds, dict) else {}
