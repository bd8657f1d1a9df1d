"""Connect to the HTTP API of a docker engine, through SSH or TLS where its address says so.

Source: cli/connhelper and the TLS flags of the docker CLI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.connhelper import sockets

if TYPE_CHECKING:
    from llbfront.connhelper.address import Address

_PORT, _TLS_PORT = 2375, 2376


def dial_docker(address: Address, *, timeout_s: float) -> sockets.Link:
    """Connect to the HTTP API of a docker engine, through SSH or TLS where its address says so. Raises: ConnectError."""
    if address.scheme == "docker":
        return sockets.Link(sockets.dial_unix(address.path, timeout_s=timeout_s))
    if address.scheme == "docker+ssh":
        from llbfront.connhelper import command

        return command.start(command.command_of(address))
    if "certs" not in address.query:
        return sockets.Link(sockets.dial_tcp(address.host, address.port or _PORT, timeout_s=timeout_s))
    from llbfront.connhelper import tls

    port = address.port or _TLS_PORT
    context = tls.context(address.query["certs"], verify=address.query.get("verify") != "no")
    return sockets.Link(tls.dial(address.host, port, context, timeout_s=timeout_s))
