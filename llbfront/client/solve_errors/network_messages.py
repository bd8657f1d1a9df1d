"""Explain why an engine could not fetch something over its network: an image of a registry, a file of the web, a repository.

The hints hold for every engine: a docker engine, a buildkitd, and the private one, whose settings `llbfront engine config` changes.

Source: the messages of Go's net, net/http and crypto/x509, of containerd's resolver, and of git.
"""

from __future__ import annotations

import re

from llbfront.errors import InvalidReference
from llbfront.oci import reference
from llbfront.setting_names import setting

UNREACHABLE = re.compile(
    r"no such host|server misbehaving|failure in name resolution|Could not resolve host|connection refused|no route to host"
    r"|network is unreachable|connection timed out|i/o timeout|TLS handshake timeout|Client\.Timeout exceeded|Failed to connect to"
)
PLAIN_HTTP = re.compile(r"server gave HTTP response to HTTPS client|first record does not look like a TLS handshake")
UNTRUSTED = re.compile(r"failed to verify certificate|x509: |SSL certificate problem")
_HUB, _HUB_HOSTS = "docker.io", frozenset(("registry-1.docker.io", "auth.docker.io", "index.docker.io"))
_REQUEST = re.compile(r'https?://([^/\s"]++)/(?:v2/|token)[^\s"?]*+(?:\?(?:[^\s"&]*+&)*?ns=([^\s"&]++))?')
_IMAGE = re.compile(r"^(\S+?): failed to (?:resolve source metadata for|do request|authorize)")
_LOOPBACK = re.compile(r"(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?\Z")
_PRIVATE = "for the private engine llbfront engine config"


def unreachable(message: str, address: str = "") -> str | None:
    """Return a hint for a message that `UNREACHABLE` matches, None if it is not about a registry or an address.

    Args:
        message: what the engine says.
        address: that of the source that failed, if it is on the web or a repository.
    """
    if address:
        return "the engine fetches it over its own network: check the address, and whether the engine reaches it"
    host = _registry(message)
    if host is None:
        return None
    image = _image(message)
    stand_in = f"use something else in its place: {_stand_in(image)}" if image else ""
    if _LOOPBACK.match(host):
        reason = f"{host} is a port of the machine or container of the engine: check that a registry listens there"
        return f"{reason}, or {stand_in}" if stand_in else reason
    ways = [f"the engine cannot reach {host}: check its network and proxy"]
    if image or "failed to resolve source metadata for " in message:
        ways.append(f"give it a mirror ({_PRIVATE} --mirror {host}=MIRROR)")
    return ", or ".join(filter(None, [", ".join(ways), stand_in]))


def plain_http(message: str) -> str | None:
    """Return a hint for a message that `PLAIN_HTTP` matches."""
    host = _registry(message)
    return host and f"the registry speaks plain HTTP: allow that in the settings of the engine ({_PRIVATE} --http {host})"


def untrusted(message: str) -> str | None:
    """Return a hint for a message that `UNTRUSTED` matches."""
    host = _registry(message)
    return host and f"the engine does not trust {host}: give it the authority of its certificate ({_PRIVATE} --ca {host}=FILE)"


def _registry(message: str) -> str | None:
    """Return the host of the registry that a message is about; for a mirror, the host that it stands for."""
    request = _REQUEST.search(message)
    if request is None:
        return None
    host = request[2] or request[1]
    return _HUB if host in _HUB_HOSTS else host


def _image(message: str) -> str | None:
    """Return the name by which a context can replace the image that a message is about."""
    match = _IMAGE.match(message)
    if match is None:
        return None
    try:
        return reference.parse(match[1]).familiar.removesuffix(":latest")
    except InvalidReference:
        return None


def _stand_in(image: str) -> str:
    return setting("build_contexts", f"{image}=DIR or {image}=docker-image://OTHER")
