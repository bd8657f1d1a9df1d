"""Calls of the Control service, with errors in words of llbfront."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from llbfront.client.solve_errors.lost_engine import lost_engine
from llbfront.errors import OptionError, ProtocolError, RpcError, TransportError
from llbfront.printable import without_status_codes
from llbfront.rpc.codes import Code
from llbfront.rpc.event_loop import Aborted

if TYPE_CHECKING:
    from llbfront.rpc.channel import Channel
    from llbfront.rpc.method import Method, RequestT, ResponseT

# What BuildKit says about a filter that it cannot read.
_BAD_FILTER = re.compile(
    r"failed to parse \w+ filters.*?: (.*)|(?:failed to )?parse filter.*?: (.*)|.*(filters: parse error.*)", re.DOTALL
)


def call(channel: Channel, method: Method[RequestT, ResponseT], request: RequestT) -> ResponseT:
    """Make a call that has one answer. Raises: OptionError, RpcError, TransportError."""
    with call_errors(channel, method):
        return channel.unary(method, request)


def stream(channel: Channel, method: Method[RequestT, ResponseT], request: RequestT) -> Iterator[ResponseT]:
    """Make a call that has any number of answers, and yield them as they come. Leaving the loop ends the call."""
    with call_errors(channel, method):
        started = channel.start(method)
        started.send(request)
        started.close_send()
        try:
            yield from started.messages()
        except (KeyboardInterrupt, GeneratorExit, Aborted):
            started.cancel()
            channel.flush()
            raise


@contextlib.contextmanager
def call_errors(channel: Channel, method: Method[RequestT, ResponseT]) -> Iterator[None]:
    """Raise an error that says what to do in place of the bare status of a call."""
    name = method.path.rpartition("/")[2]
    try:
        yield
    except RpcError as error:
        raise _explained(channel, name, error) from None
    except ProtocolError as error:
        raise TransportError(f"the engine at {channel.address} answers {name} with what cannot be read: {error.message}") from None


def _explained(channel: Channel, name: str, error: RpcError) -> Exception:
    if lost := lost_engine(channel, error, when="in mid-answer"):
        return lost
    if error.code == Code.UNIMPLEMENTED:
        return OptionError(f"the engine at {channel.address} has no call {name}", hint="it needs a newer BuildKit")
    if match := _BAD_FILTER.fullmatch(error.message):
        return OptionError(f"the engine cannot read the filter: {next(filter(None, match.groups()))}")
    if error.code == Code.NOT_FOUND:
        return OptionError(f"the engine does not have it: {error.message}")
    message = f"the engine at {channel.address} fails to answer {name}: {without_status_codes(error.message)}"
    return RpcError(message, code=error.code, details=error.details)
