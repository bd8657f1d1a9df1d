"""Read `--add-host`.

The functions for strings and those for typed values return fields of a BuildRequest.

Source: build/utils.go of docker/buildx.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from typing import Any

from llbfront import arguments
from llbfront.errors import OptionError

HOST_GATEWAY = "host-gateway"


def parse_hosts(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Read `HOST=ADDRESS` or `HOST:ADDRESS`; an address may be in brackets, or `host-gateway`.

    After a comma follows another address of the host, or another host.
    """
    return tuple(pair for text in texts for pair in _hosts(text))


def _hosts(text: str) -> Iterable[tuple[str, str]]:
    host = ""
    for item in text.split(","):
        address = _bare(item)
        if not (host and (address == HOST_GATEWAY or _is_address(address))):
            host, separator, address = item.partition("=" if "=" in item else ":")
            if not (host and separator and address):
                raise OptionError(f"invalid host {text!r}: it is not HOST=ADDRESS")
        yield host_entry(host, address, shown=repr(text))


def host_entry(host: str, address: str, *, shown: str) -> tuple[str, str]:
    """Return a host and its address, which may be in brackets. Raises: OptionError if it is not an address."""
    bare = _bare(address)
    if not host or "=" in host or "," in host:
        raise OptionError(f"invalid host {shown}: it is not HOST=ADDRESS")
    if bare != HOST_GATEWAY and not _is_address(bare):
        raise OptionError(f"invalid host {shown}: {bare!r} is not an IP address", hint=f"use an IP address or {HOST_GATEWAY}")
    return host, bare


def _bare(address: str) -> str:
    return address[1:-1] if len(address) > 2 and address[0] == "[" and address[-1] == "]" else address


def _is_address(text: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        return True
    return False


def convert_hosts(value: Any, name: str) -> tuple[tuple[str, str], ...]:
    """Return the hosts of an argument: a mapping of names to one or several addresses, or strings `HOST=ADDRESS`."""
    if not isinstance(value, Mapping):
        return parse_hosts(arguments.items(value, name, "a mapping of names to addresses or strings HOST=ADDRESS", _host_text))
    return tuple(
        host_entry(arguments.text(host, f"a name in {name}"), part, shown=repr(f"{host}={address}"))
        for host, item in value.items()
        for address in _addresses(item, f"{name}[{host!r}]")
        for part in address.split(",")
    )


def _host_text(value: Any, name: str) -> str:
    if isinstance(value, tuple) and len(value) == 2:
        return f"{arguments.text(value[0], name)}={arguments.text(value[1], name)}"
    return arguments.text(value, name)


def _addresses(value: Any, name: str) -> tuple[str, ...]:
    if isinstance(value, str) or hasattr(value, "packed"):
        return (_address(value, name),)
    return arguments.items(value, name, "an address or a list of addresses", _address)


def _address(value: Any, name: str) -> str:
    return str(value) if hasattr(value, "packed") else arguments.text(value, name)  # `packed`: a value of the module ipaddress
