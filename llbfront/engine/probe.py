"""Find out whether an engine answers at an address, quickly and without side effects, else why not and what would help.

Two requests distinguish engines: an HTTP/2 preface, which buildkitd answers with its settings, and where HTTP/1 comes back instead (a
docker engine), whether it lets us upgrade to its BuildKit. Engines with helper programs are asked through the program.

Source: RFC 9113 section 3.4; the `/grpc` route of the Docker Engine API.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from llbfront.connhelper import dial_failure
from llbfront.connhelper.address import DEFAULT_PORT, PROGRAMS, Address, parse_address
from llbfront.connhelper.dial import ANSWER_TIMEOUT_S, SEARCH_TIMEOUT_S, dial
from llbfront.connhelper.dial_failure import DialFailure
from llbfront.connhelper.docker import dial_docker
from llbfront.connhelper.sockets import Link, dial_tcp, dial_unix, exchange
from llbfront.docker.ping import is_ok, ping
from llbfront.errors import AddressError, ConnectError

_SETTINGS_FRAME = b"\0\0\0\4\0\0\0\0\0"
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _SETTINGS_FRAME
_UPGRADE = b"POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n"


@attrs.frozen
class Answer:
    """An engine answered. `is_docker`: it is a docker engine, whose BuildKit is reached by upgrading the connection."""

    is_docker: bool = False


def probe(address: str, *, timeout_s: float = SEARCH_TIMEOUT_S) -> Answer | DialFailure:
    """Check whether an engine answers at an address. Helper programs and TLS get longer than `timeout_s`."""
    try:
        parsed = parse_address(address)
    except AddressError as error:
        return DialFailure(error.message, error.hint)
    if parsed.scheme in PROGRAMS or (parsed.scheme == "tcp" and "certs" in parsed.query):
        return _ask_connected(parsed, max(timeout_s, ANSWER_TIMEOUT_S))
    return _explained(lambda: _identify(parsed, timeout_s), parsed, timeout_s)


def probe_docker(address: str, *, timeout_s: float = SEARCH_TIMEOUT_S) -> Answer | DialFailure:
    """Check whether a docker engine answers a ping at an address, with or without BuildKit."""
    try:
        parsed = parse_address(address)
    except AddressError as error:
        return DialFailure(error.message, error.hint)
    if parsed.scheme in PROGRAMS:
        timeout_s = max(timeout_s, ANSWER_TIMEOUT_S)
    return _explained(lambda: _ping(parsed, timeout_s), parsed, timeout_s)


def _ask_connected(address: Address, timeout_s: float) -> Answer | DialFailure:
    try:
        dial(address.text, timeout_s=timeout_s).close()
    except ConnectError as error:
        return dial_failure.of_connect_error(error, address, timeout_s)
    except AddressError as error:
        return DialFailure(error.message, error.hint)
    return Answer(is_docker=address.is_docker)


def _explained(ask: Callable[[], Answer | DialFailure], address: Address, timeout_s: float) -> Answer | DialFailure:
    try:
        return ask()
    except TimeoutError:
        return dial_failure.of_timeout(timeout_s)
    except ConnectError as error:
        return dial_failure.of_connect_error(error, address, timeout_s)
    except AddressError as error:
        return DialFailure(error.message, error.hint)
    except OSError as error:
        return dial_failure.of_os_error(error, address)


def _identify(address: Address, timeout_s: float) -> Answer | DialFailure:
    first = _exchange(address, _PREFACE, timeout_s, lambda data: len(data) >= len(_SETTINGS_FRAME))
    if len(first) >= len(_SETTINGS_FRAME) and first[3] == _SETTINGS_FRAME[3]:
        return Answer()
    if not first.startswith(b"HTTP/1."):
        return dial_failure.of_answer(first, address)
    head = _exchange(address, _UPGRADE, timeout_s, lambda data: b"\r\n\r\n" in data)
    return Answer(is_docker=True) if head.split(b" ")[1:2] == [b"101"] else dial_failure.of_upgrade(head.decode("latin-1"))


def _ping(address: Address, timeout_s: float) -> Answer | DialFailure:
    status = ping(_dial(address, timeout_s), timeout_s=timeout_s)
    if is_ok(status):
        return Answer(is_docker=True)
    return DialFailure(f"something other than a docker engine listens there{f' ({status})' if status else ''}")


def _exchange(address: Address, request: bytes, timeout_s: float, is_enough: Callable[[bytes], bool]) -> bytes:
    """Send a request over a new connection and return the beginning of the answer."""
    return exchange(_dial(address, timeout_s), request, timeout_s=timeout_s, is_enough=is_enough)


def _dial(address: Address, timeout_s: float) -> Link:
    if address.scheme == "unix":
        return Link(dial_unix(address.path, timeout_s=timeout_s))
    if address.scheme == "tcp":
        return Link(dial_tcp(address.host, address.port or DEFAULT_PORT, timeout_s=timeout_s))
    return dial_docker(address, timeout_s=timeout_s)
