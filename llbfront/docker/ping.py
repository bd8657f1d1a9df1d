"""Ping a docker engine.

Source: Docker Engine API, route /_ping.
"""

from __future__ import annotations

from llbfront.connhelper.sockets import Link, exchange

_PING = b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"


def ping(link: Link, *, timeout_s: float) -> str:
    """Return the status line of the answer, such as `HTTP/1.1 200 OK`; empty if it is not HTTP. The connection is closed.

    Raises:
        OSError: the connection broke; TimeoutError after `timeout_s`.
    """
    head = exchange(link, _PING, timeout_s=timeout_s, is_enough=lambda data: b"\n" in data)
    return head.partition(b"\r\n")[0].decode("latin-1") if head.startswith(b"HTTP/1.") else ""


def is_ok(status: str) -> bool:
    """Return whether a status line has the code 200."""
    return status.split(" ")[1:2] == ["200"]
