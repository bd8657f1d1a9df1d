"""An address of an engine → a connected Channel.

Only what the scheme needs is loaded: sockets and helper programs carry our own HTTP/2, TCP goes through grpcio.

Source: client/client.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from llbfront.errors import AddressError, TransportError
from llbfront.transport.address import Address, Tls, parse

if TYPE_CHECKING:
    from llbfront.transport.channel import Channel
    from llbfront.transport.loop import Loop
    from llbfront.transport.stream import StreamChannel

CONNECT_TIMEOUT_S = 20.0


def connect(text: str, *, tls: Tls | None = None, loop: Loop | None = None, timeout_s: float = CONNECT_TIMEOUT_S) -> Channel:
    """Connect to the engine at an address.

    Raises AddressError if it is none, ConnectError if nobody answers. For TCP and helper programs that may show only at the first call.
    """
    address = parse(text)
    if tls is not None and address.scheme != "tcp":
        raise AddressError(f"TLS is for tcp:// addresses, not for {address.scheme}://")
    return _CONNECT[address.scheme](address, tls, loop, timeout_s)


def greeted(text: str, *, timeout_s: float) -> Channel | None:
    """Connect to a unix socket if whoever listens there greets in HTTP/2; None if not, or if the address is another."""
    if not text.startswith("unix://"):
        return None
    try:
        channel = _connect_unix(parse(text), None, None, timeout_s)
    except TransportError:
        return None
    if channel.is_greeted(timeout_s):
        return channel
    channel.close()
    return None


def _connect_unix(address: Address, tls: Tls | None, loop: Loop | None, timeout_s: float) -> StreamChannel:
    del tls
    from llbfront.transport.sockets import dial_unix
    from llbfront.transport.stream import Pipes, StreamChannel

    fd = dial_unix(address.path, timeout_s=timeout_s).detach()
    return StreamChannel(Pipes(fd, fd), loop=loop)


def _connect_network(address: Address, tls: Tls | None, loop: Loop | None, timeout_s: float) -> Channel:
    del timeout_s
    from llbfront.transport.network import GrpcChannel

    host = f"[{address.host}]" if ":" in address.host else address.host
    return GrpcChannel(f"{host}:{address.port or 1234}", tls=tls, loop=loop)


def _connect_program(address: Address, tls: Tls | None, loop: Loop | None, timeout_s: float) -> Channel:
    del tls, timeout_s
    from llbfront.transport.program import connect_program

    return connect_program(address, loop)


def _connect_docker(address: Address, tls: Tls | None, loop: Loop | None, timeout_s: float) -> Channel:
    del tls
    from llbfront.transport.upgrade import connect_docker

    return connect_docker(address, loop, timeout_s=timeout_s)


_CONNECT: dict[str, Callable[[Address, Tls | None, Loop | None, float], Channel]] = {
    "unix": _connect_unix,
    "tcp": _connect_network,
    "docker-container": _connect_program,
    "podman-container": _connect_program,
    "nerdctl-container": _connect_program,
    "kube-pod": _connect_program,
    "ssh": _connect_program,
    "docker": _connect_docker,
    "docker+tcp": _connect_docker,
    "docker+ssh": _connect_docker,
}
