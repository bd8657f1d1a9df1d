"""The token authority: keys that bind cached registry tokens to the sessions that may use them.

An engine binds a token to a public key that depends on a salt of the engine and a seed of this user for the registry. Another session
without that seed cannot use the token. With a token authority the engine asks the client for tokens; without one (PyNaCl is missing,
BUILDKIT_NO_CLIENT_TOKEN is set) it asks for the password and fetches the token itself.

Source: session/auth/authprovider (authprovider.go, tokenseed.go) of BuildKit.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import importlib.util
import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from llbfront.docker import config as docker_config
from llbfront.errors import ExportError, LlbfrontError, RpcError
from llbfront.files.locking import locked
from llbfront.files.reading import read_bytes
from llbfront.files.writing import write_file
from llbfront.foreign_json import JsonObject, parse_object
from llbfront.rpc.codes import Code

if TYPE_CHECKING:
    from nacl.signing import SigningKey

    from llbfront.session.credentials import CredentialStore

_SEEDS = ".token_seed"
_SEED_BYTES = 16
_unsaved: dict[tuple[str, str], bytes] = {}
_TRUE = {"1", "t", "T", "true", "TRUE", "True"}


def is_available() -> bool:
    """Return whether PyNaCl is installed, which makes the keys."""
    return importlib.util.find_spec("nacl") is not None


def public_key(store: CredentialStore, host: str, salt: bytes, environ: Mapping[str, str]) -> bytes:
    """Return the public key of this session for a registry. Raises: RpcError."""
    return bytes(_key(store, host, salt, environ).verify_key)


def sign(store: CredentialStore, host: str, salt: bytes, payload: bytes, environ: Mapping[str, str]) -> bytes:
    """Return the signature of a payload, followed by the payload. Raises: RpcError."""
    return bytes(_key(store, host, salt, environ).sign(payload))


def _key(store: CredentialStore, host: str, salt: bytes, environ: Mapping[str, str]) -> SigningKey:
    if not is_available():
        raise RpcError("no token authority without PyNaCl", code=Code.UNIMPLEMENTED)
    from nacl.signing import SigningKey

    return SigningKey(_key_seed(store, host, salt, environ))


def _key_seed(store: CredentialStore, host: str, salt: bytes, environ: Mapping[str, str]) -> bytes:
    """Return the seed of the key: of the host's own seed if there is a secret for it, else of the salt alone."""
    if environ.get("BUILDKIT_NO_CLIENT_TOKEN") in _TRUE:
        raise RpcError("client side tokens disabled", code=Code.UNAVAILABLE)
    try:
        credentials = store.find(host)
    except LlbfrontError as error:
        raise RpcError(str(error), code=Code.UNKNOWN) from None
    has_secret = bool(credentials.secret or credentials.registry_token)
    message = _host_seed(docker_config.directory(environ), host) if has_secret else b""
    return hmac.new(salt, message, hashlib.sha256).digest()


def _host_seed(directory: str, host: str) -> bytes:
    """Return the seed of a host. It is created at the first use, and kept in memory only if the directory cannot be written."""
    path = os.path.join(directory, _SEEDS)
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # without a lock where the directory cannot be written
            os.makedirs(directory, exist_ok=True)
            stack.enter_context(locked(f"{path}.lock"))
        seeds = _read(path)
        try:
            return base64.b64decode(seeds.entry(host).text("Seed") or "-", validate=True)
        except ValueError:
            seed = _unsaved.setdefault((path, host), os.urandom(_SEED_BYTES))
        members = {**seeds.members, host: {"Seed": base64.b64encode(seed).decode()}}
        with contextlib.suppress(ExportError):
            write_file(path, json.dumps(members, indent=2).encode(), mode=0o600)
        return seed


def _read(path: str) -> JsonObject:
    """Read the file of seeds, which is replaced when it is damaged."""
    try:
        return parse_object(read_bytes(path, limit_bytes=docker_config.MAX_BYTES))
    except (OSError, ValueError):
        return JsonObject({})
