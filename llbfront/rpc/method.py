"""One gRPC method: its path, its message classes, and whether the server answers with a stream."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs
from google.protobuf.message import DecodeError, Message

from llbfront.errors import ProtocolError

MessageT = TypeVar("MessageT", bound=Message)
RequestT = TypeVar("RequestT", bound=Message)
ResponseT = TypeVar("ResponseT", bound=Message)


@attrs.frozen(eq=False)
class Method(Generic[RequestT, ResponseT]):
    """A method of a service.

    Attributes:
        path: what goes over the wire, such as `/moby.buildkit.v1.Control/Solve`.
        request, response: the protobuf classes of its messages.
        client_streaming, server_streaming: which sides send any number of messages.
    """

    path: str
    request: type[RequestT] = attrs.field(repr=False)
    response: type[ResponseT] = attrs.field(repr=False)
    client_streaming: bool = attrs.field(default=False, kw_only=True)
    server_streaming: bool = attrs.field(default=False, kw_only=True)


def parse_message(kind: type[MessageT], data: bytes) -> MessageT:
    """Read an encoded message. Raises: ProtocolError."""
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise ProtocolError(f"not a {kind.DESCRIPTOR.full_name}: {error}") from None
