"""Addresses of engines: `unix://…`, `tcp://…`, `docker-container://…` and the like → their parts, checked.

`docker:///var/run/docker.sock`, `docker+tcp://host:port` and `docker+ssh://user@host` name the engine inside a docker daemon;
`docker+tcp://host:port?certs=DIR` one behind TLS, where DIR holds ca.pem, cert.pem and key.pem, those that are needed.

Source: client/client.go and client/connhelper/* of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from llbfront.errors import AddressError


@attrs.frozen
class Tls:
    """Files in PEM form that secure a TCP connection. Without `ca` the authorities of the system are trusted."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    server_name: str | None = None


@attrs.frozen
class Address:
    """A parsed address. `text` is what the user wrote, without a password."""

    text: str
    scheme: str
    host: str = ""
    port: int | None = None
    user: str = ""
    path: str = ""
    query: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class _Scheme:
    wants: str  # the part that must be there
    options: frozenset[str] = frozenset()


_SCHEMES = {
    "unix": _Scheme("path"),
    "tcp": _Scheme("host"),
    "docker-container": _Scheme("host", frozenset({"context"})),
    "podman-container": _Scheme("host"),
    "nerdctl-container": _Scheme("host", frozenset({"namespace"})),
    "kube-pod": _Scheme("host", frozenset({"context", "namespace", "container"})),
    "ssh": _Scheme("host"),
    "docker": _Scheme("path"),
    "docker+tcp": _Scheme("host", frozenset({"certs", "verify"})),
    "docker+ssh": _Scheme("host"),
}


def parse(text: str) -> Address:
    """Return the parts of an address. Raises AddressError with what is wrong and what would be right."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        hint = f"did you mean unix://{text}?" if text.startswith("/") else f"known: {', '.join(_SCHEMES)}"
        raise AddressError(f"{text!r} is not an address of an engine", hint=hint)
    if scheme == "npipe":
        raise AddressError("npipe:// addresses exist only on Windows", hint="use unix:// or tcp://")
    if scheme not in _SCHEMES:
        raise AddressError(f"unknown scheme {scheme}:// of an engine's address", hint=f"known: {', '.join(_SCHEMES)}")
    address = Address(text, scheme, path=rest) if scheme in {"unix", "docker"} else _parse_url(text, scheme)
    known = _SCHEMES[scheme]
    if not getattr(address, known.wants):
        raise AddressError(f"{text!r} names no {known.wants}")
    for name in address.query:
        if name not in known.options:
            raise AddressError(f"{text!r}: unknown option {name}")
    for value in (address.host, address.user, *address.query.values()):
        if value.startswith("-"):  # it would become an option of the helper program
            raise AddressError(f"{text!r}: {value!r} cannot be a name")
    return address


def _parse_url(text: str, scheme: str) -> Address:
    from urllib import parse as url

    try:
        parts = url.urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise AddressError(f"{text!r} is not an address: {error}") from error
    if parts.password is not None:
        raise AddressError(f"a password in the address of an engine ({scheme}://{parts.hostname}) is not supported")
    host = (
        parts.netloc.rpartition("@")[2].removesuffix(f":{port}").strip("[]")
        if scheme not in {"tcp", "docker+tcp"}
        else parts.hostname or ""
    )
    query = {name: values[-1] for name, values in url.parse_qs(parts.query, keep_blank_values=True).items()}
    return Address(text, scheme, host=host, port=port, user=url.unquote(parts.username or ""), path=parts.path, query=query)
