"""EXPOSE: ports, one by one or in ranges, of which an address and a host port may stand in front.

Enters: expanded words. Leaves: `port/protocol` texts in the draft, and findings about what should not be said.

Source: frontend/dockerfile/dockerfile2llb/convert_expose.go of BuildKit.
"""

from __future__ import annotations

import _socket as socket  # the functions without the classes, which take 3 ms to load

from llbfront.convert.gotext import parse_int, plain_list
from llbfront.errors import DockerfileError, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbfront.convert.building import Building
    from llbfront.convert.expand import Expanded
    from llbfront.dockerfile.instructions import Expose

_PROTOCOLS = ("tcp", "udp", "sctp")
_HIGHEST = 65535


def expose(building: Building, _step: Expanded, instruction: Expose) -> None:
    """EXPOSE."""
    found = [port for word in instruction.ports for port in _ports(building, instruction, word)]
    building.draft.add_ports(found)
    building.draft.commit(f"EXPOSE {plain_list(found)}")


def _ports(building: Building, instruction: Expose, word: str) -> list[str]:
    address, host_port, rest = _parts(word)
    port, _, protocol = rest.partition("/")
    if not port:
        raise DockerfileError(f"invalid port: {quote(word)}: no port specified")
    protocol = protocol or "tcp"
    if protocol.lower() not in _PROTOCOLS:
        raise DockerfileError(f"invalid port: {quote(word)}: invalid proto: {protocol}", hint=f"one of {', '.join(_PROTOCOLS)}")
    if protocol != protocol.lower():
        building.find("ExposeProtoCasing", instruction, word)
    if address or host_port:
        building.find("ExposeInvalidFormat", instruction, word)
    _check_address(address)
    first, last = _range(port, "containerPort")
    if host_port:
        first_outside, last_outside = _range(host_port, "hostPort")
        if last - first != last_outside - first_outside and last != first:
            raise DockerfileError(
                f"invalid ranges specified for container and host Ports: {port} and {host_port}", hint="they differ in length"
            )
    behind = f"/{protocol.lower()}"
    return [f"{number}{behind}" for number in range(first, last + 1)]


def _parts(word: str) -> tuple[str, str, str]:
    """Split `[address:][host port:]port`; all colons but the last two belong to the address."""
    front, _, port = word.rpartition(":")
    address, _, host_port = front.rpartition(":")
    return address, host_port, port


def _check_address(address: str) -> None:
    bare = _without_brackets(address) if address.startswith("[") else address
    if not bare:
        return
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, bare)
        except (OSError, ValueError):
            continue
        return
    raise DockerfileError(f"invalid IP address: {bare}")


def _without_brackets(address: str) -> str:
    end = address.find("]")
    if end < 0:
        wrong = "missing ']' in address"
    elif rest := address[end + 1 :]:
        wrong = "too many colons in address" if rest.startswith(":") else "missing port in address"
    elif "[" in address[1:]:
        wrong = "unexpected '[' in address"
    else:
        return address[1:end]
    raise DockerfileError(f"invalid IP address {address}: address {address}:: {wrong}")


def _range(text: str, what: str) -> tuple[int, int]:
    start, dash, end = text.partition("-")
    first = parse_int(start)
    last = first if not dash or start == end else parse_int(end)
    if first is None or last is None or not 0 <= first <= last <= _HIGHEST:
        hint = "blanks part ports" if "," in text else f"a number up to {_HIGHEST}, or a range such as 80-89"
        raise DockerfileError(f"invalid {what}: {text}", hint=hint)
    return first, last
