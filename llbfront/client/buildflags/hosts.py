"""Read `--add-host`.

The functions for texts and those for typed values return fields of a BuildRequest.

Source: build/utils.go of docker/buildx.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable

from llbfront.errors import OptionError

HOST_GATEWAY = "host-gateway"


def read_hosts(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
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
