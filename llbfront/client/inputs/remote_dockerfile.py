"""Fetch a Dockerfile that `-f` names by its web address.

Source: createTempDockerfileFromURL in build/url.go of docker/buildx, which has the engine fetch it; here this machine does.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

from llbfront.errors import ContextError, HttpError
from llbfront.http.client import HttpClient
from llbfront.printable import hide_credentials
from llbfront.setting_names import setting

HTTP = ("http://", "https://")
GIT = ("git://", "ssh://", "git@")
MAX_BYTES = 2 * 1024 * 1024
_RAW_HINT = "give the address of the raw file"


def is_url(path: str) -> bool:
    """Return whether `-f` names a web address and not a file."""
    return path.startswith(HTTP)


def refuse_git(path: str) -> None:
    """Refuse a git repository as the place of a Dockerfile. Raises: ContextError."""
    if path.startswith(GIT):
        hint = f"use the repository as the build context, and set {setting('file')} to the path in it"
        raise ContextError(f"cannot read the Dockerfile {path}: only files and http addresses can be read", hint=hint)


def fetch(url: str, environ: Mapping[str, str] | None = None) -> bytes:
    """Fetch a Dockerfile, following redirects.

    Args:
        url: an http or https URL; its user and password are sent to its server only.
        environ: the environment, which may name proxies.

    Raises:
        ContextError: there is no such file, the server cannot be reached, or what it sends is not a Dockerfile.
    """
    address, authorization = _without_credentials(url)
    shown = f"cannot read the Dockerfile {address.partition('?')[0]}"  # a query may hold a token
    headers = {"Accept-Encoding": "identity", "User-Agent": "llbfront", **authorization}
    client = HttpClient(environ)
    try:
        response = client.request("GET", address, headers=headers, max_bytes=MAX_BYTES)
    except HttpError as error:
        is_named = error.server == "{0.scheme}://{0.netloc}".format(urlsplit(address))
        reason = error.reason if is_named else error.message
        raise ContextError(f"{shown}: {reason}", hint=error.hint) from None
    finally:
        client.close()
    if response.status != 200:
        raise ContextError(f"{shown}: the server answered {response.status} {response.reason}".rstrip())
    if response.body.lstrip()[:1] == b"<":
        raise ContextError(f"{shown}: the server sent a web page", hint=_RAW_HINT)
    if b"\0" in response.body:
        raise ContextError(f"{shown}: the server sent a file that is not text", hint=_RAW_HINT)
    return response.body


def _without_credentials(url: str) -> tuple[str, dict[str, str]]:
    """Split a URL into its address and the header that its user and password become."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ContextError(f"cannot read the Dockerfile {hide_credentials(url)}: the address is invalid") from None
    credentials, at, host = parts.netloc.rpartition("@")
    address = urlunsplit(parts._replace(netloc=host, fragment=""))
    if not at:
        return address, {}
    user, _, password = credentials.partition(":")
    encoded = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return address, {"Authorization": f"Basic {encoded}"}
