"""Choose the error for a connection to an engine that is lost during a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.errors import ConnectError, TransportError
from llbfront.rpc.codes import Code
from llbfront.rpc.status import NotGrpc

if TYPE_CHECKING:
    from llbfront.errors import RpcError
    from llbfront.rpc.channel import Channel


def lost_engine(channel: Channel, error: RpcError, *, when: str = "in mid-build") -> TransportError | None:
    """Return the error of an engine that was never reached, fell silent or went away; None if it answered the call with `error`.

    `when` says what it left unfinished.
    """
    if isinstance(error, NotGrpc):
        cause = f"an HTTP/2 server that is not an engine answers with {error.message}"
        return ConnectError(f"no engine at {channel.address}: {cause}", hint="is it the right address?")
    if error.code != Code.UNAVAILABLE or error.details:
        return None
    if not channel.has_answered:
        return ConnectError(f"no engine at {channel.address}: {error.message} before it answered anything", hint="is it an engine?")
    if channel.is_silent:
        return TransportError(error.message, hint="it may be suspended or overloaded, or the network is down")
    return TransportError(f"the engine went away {when}: {error.message}", hint=channel.log_hint)
