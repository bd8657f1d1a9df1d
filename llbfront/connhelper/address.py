"""Parse and check addresses of engines: `unix://…`, `tcp://…`, `docker-container://…` and the like.

`docker:///var/run/docker.sock`, `docker+tcp://host:port` and `docker+ssh://user@host` name the engine inside a docker daemon;
`tcp://host:port?certs=DIR` and `docker+tcp://host:port?certs=DIR` name engines that use TLS, where DIR has ca.pem, cert.pem and key.pem,
those that are needed.

Source: client/client.go and client/connhelper/* of BuildKit.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from urllib import parse as url

import attrs

from llbfront.arguments import path_fault
from llbfront.errors import AddressError
from llbfront.printable import has_control_characters
from llbfront.rpc.tls import Tls
from llbfront.suggestions import nearest


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

    @property
    def is_docker(self) -> bool:
        """Whether it names a docker engine, whose BuildKit is reached by upgrading the connection."""
        return self.scheme in {"docker", "docker+tcp", "docker+ssh"}


def certificates_in(directory: str, server_name: str | None = None) -> Tls:
    """Return the certificate files of a directory, by the names that buildctl knows. Raises: AddressError if there are none."""
    names = (("ca.pem", "ca.crt"), ("cert.pem", "tls.crt"), ("key.pem", "tls.key"))
    ca, cert, key = (_first_file(directory, alternatives) for alternatives in names)
    if not (ca or cert or key):
        raise AddressError(f"there are no certificates in {directory}", hint="name them ca.pem, cert.pem and key.pem")
    return Tls(ca, cert, key, server_name)


def _first_file(directory: str, names: Sequence[str]) -> str | None:
    paths = (os.path.join(directory, name) for name in names)
    return next((path for path in paths if os.path.exists(path)), None)


@attrs.frozen
class _Scheme:
    required_part: str
    options: frozenset[str] = frozenset()


DEFAULT_PORT = 1234  # of buildkitd over TCP
_SCHEMES = {
    "unix": _Scheme("path"),
    "tcp": _Scheme("host", frozenset({"certs", "servername"})),
    "docker-container": _Scheme("host", frozenset({"context"})),
    "podman-container": _Scheme("host"),
    "nerdctl-container": _Scheme("host", frozenset({"namespace"})),
    "kube-pod": _Scheme("host", frozenset({"context", "namespace", "container"})),
    "ssh": _Scheme("host"),
    "docker": _Scheme("path"),
    "docker+tcp": _Scheme("host", frozenset({"certs", "verify"})),
    "docker+ssh": _Scheme("host"),
}


# The programs that reach an engine, by scheme.
PROGRAMS = {
    "ssh": "ssh",
    "docker+ssh": "ssh",
    "docker-container": "docker",
    "podman-container": "podman",
    "nerdctl-container": "nerdctl",
    "kube-pod": "kubectl",
}
# Schemes that are easily confused with supported ones, and the right one.
_OTHER_SCHEMES = {
    "npipe": "named pipes exist only on Windows: use unix:// or tcp://",
    "http": "did you mean tcp://{rest}?",
    "https": "did you mean tcp://{rest}?certs=DIR?",
    "tls": "did you mean tcp://{rest}?certs=DIR?",
    "tcp+tls": "did you mean tcp://{rest}?certs=DIR?",
    "docker+unix": "did you mean docker://{rest}?",
    "docker+http": "did you mean docker+tcp://{rest}?",
    "pod": "did you mean kube-pod://{rest}?",
    "kubernetes": "did you mean kube-pod://POD?",
    "podman": "did you mean podman-container://{rest}?",
    "nerdctl": "did you mean nerdctl-container://{rest}?",
    "container": "did you mean docker-container://{rest}?",
}


def parse_address(text: str) -> Address:
    """Return the parts of an address. Raises: AddressError with a hint."""
    _refuse_unsafe(text, text)
    scheme, separator, rest = text.partition("://")
    if not separator:
        raise _not_an_address(text, hint=_address_hint(text))
    scheme = scheme.lower()
    if scheme not in _SCHEMES:
        near = nearest(scheme, _SCHEMES)
        guess = f"did you mean {near}://{rest}?" if near else f"one of {', '.join(_SCHEMES)}"
        hint = _OTHER_SCHEMES.get(scheme, guess).replace("{rest}", rest)
        raise AddressError(f"unknown scheme {scheme}:// in the address of an engine", hint=hint)
    address = Address(text, scheme, path=rest) if scheme in {"unix", "docker"} else _parse_url(text, scheme)
    known = _SCHEMES[scheme]
    if scheme == "docker" and _is_name(rest):
        raise _not_an_address(text, "docker:// takes the path of a socket", hint=_docker_hint(rest))
    if not getattr(address, known.required_part):
        raise AddressError(f"{text!r} has no {known.required_part}", reason=f"it has no {known.required_part}")
    for name in address.query:
        if name not in known.options:
            raise AddressError(f"{text!r}: unknown option {name}", reason=f"unknown option {name}")
    for value in (address.host, address.user, *address.query.values()):
        _refuse_unsafe(text, value)
        if value.startswith("-"):  # it would become an option of the helper program
            raise AddressError(f"{text!r}: {value!r} cannot be a name", reason=f"{value!r} cannot be a name")
    return address


def _not_an_address(text: str, detail: str = "", *, hint: str | None = None) -> AddressError:
    reason = f"not an address of an engine{f': {detail}' if detail else ''}"
    return AddressError(f"{text!r} is {reason}", reason=reason, hint=hint)


def _is_name(rest: str) -> bool:
    """Return whether the text after docker:// is a name and not the path of a socket."""
    return bool(rest) and "/" not in rest and not os.path.exists(rest)


def _docker_hint(name: str) -> str:
    scheme = "docker+tcp" if name.rpartition(":")[2].isdecimal() else "docker-container"
    return f"did you mean {scheme}://{name}?"


def _refuse_unsafe(text: str, part: str) -> None:
    """Refuse control characters, which a socket, a host and a helper program cannot take, also percent-encoded ones."""
    fault = "it contains a control character" if has_control_characters(part) else path_fault(part)
    if fault:
        raise _not_an_address(text, fault)


def _refuse_host(text: str, host: str) -> None:
    """Refuse an invalid host name, such as one with a label of more than 63 characters."""
    try:
        host.encode("idna")
    except UnicodeError:
        raise _not_an_address(text, f"{host!r} is not a valid host name") from None


def _address_hint(text: str) -> str:
    """Return a hint for an address without a scheme."""
    if text.startswith(("/", "@", ".")):
        return f"did you mean unix://{text}?"
    for scheme in _SCHEMES:
        if text.startswith(f"{scheme}:"):
            return f"did you mean {scheme}://{text.partition(':')[2].lstrip('/') if scheme != 'unix' else text.partition(':')[2]}?"
    host, separator, port = text.rpartition(":")
    if separator and host and port.isdecimal():
        return f"did you mean tcp://{text}?"
    others = ", ".join(f"{scheme}://" for scheme in _SCHEMES if scheme not in {"unix", "tcp"})
    return f"use unix://PATH, tcp://HOST:PORT, or one of {others}"


def _parse_url(text: str, scheme: str) -> Address:
    try:
        parts = url.urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _not_an_address(text, str(error)) from error
    if parts.password is not None:
        raise AddressError(f"a password in the address of an engine ({scheme}://{parts.hostname}) is not supported")
    host = (
        parts.netloc.rpartition("@")[2].removesuffix(f":{port}").strip("[]")
        if scheme not in {"tcp", "docker+tcp"}
        else parts.hostname or ""
    )
    query = {name: values[-1] for name, values in url.parse_qs(parts.query, keep_blank_values=True).items()}
    if scheme in {"tcp", "docker+tcp"}:
        _refuse_host(text, host)
    return Address(text, scheme, host=host, port=port, user=url.unquote(parts.username or ""), path=parts.path, query=query)


_LOGS = {
    "docker-container": "docker logs {host}",
    "podman-container": "podman logs {host}",
    "nerdctl-container": "nerdctl logs {host}",
    "kube-pod": "kubectl logs {host}",
    "ssh": "see the log of buildkitd on {host}",
    "docker+ssh": "see the log of the docker engine on {host}",
    "docker": "see the log of the docker engine",
    "docker+tcp": "see the log of the docker engine on {host}",
    "tcp": "see the log of buildkitd on {host}",
    "unix": "see the log of buildkitd; that of the private engine: llbfront engine logs",
}


def log_hint(address: Address) -> str:
    """Return where the log of an engine is."""
    return _LOGS[address.scheme].format(host=address.host)
