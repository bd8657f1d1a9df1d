"""gRPC without I/O: messages in their length-prefixed frames, and the headers of requests and responses.

Source: gRPC over HTTP/2 (doc/PROTOCOL-HTTP2.md of gRPC).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llbfront.errors import RpcError
from llbfront.rpc import status
from llbfront.rpc.codes import Code

if TYPE_CHECKING:
    from llbfront.http2.headers import Field
    from llbfront.rpc.calls import Encoded, Metadata

MESSAGE_BYTES = 16 * 1024 * 1024

_PREFIX_BYTES = 5  # one that says whether the message is compressed, four of its length
_COPIED_BYTES = 2048

USER_AGENT = "llbfront"


def _prefix(size: int) -> bytes:
    return size.to_bytes(_PREFIX_BYTES, "big")


def framed(encoded: Encoded) -> tuple[list[bytes | memoryview], int]:
    """Return one message with its prefix, in parts, and the length of it all."""
    if isinstance(encoded, bytes):
        size = len(encoded)
        prefix = _prefix(size)
        return ([prefix + encoded] if size < _COPIED_BYTES else [prefix, encoded]), size + _PREFIX_BYTES
    parts = [_octets(encoded)] if isinstance(encoded, memoryview) else [_octets(part) for part in encoded if len(part)]
    size = sum(map(len, parts))
    return [_prefix(size), *parts], size + _PREFIX_BYTES


def framed_all(messages: Sequence[Encoded]) -> tuple[list[bytes | memoryview], int]:
    """Return many messages with their prefixes, short ones joined, and the length of it all."""
    parts: list[bytes | memoryview] = []
    short: list[bytes] = []
    total = 0
    for encoded in messages:
        if isinstance(encoded, bytes) and len(encoded) < _COPIED_BYTES:
            short += (_prefix(len(encoded)), encoded)
            total += len(encoded) + _PREFIX_BYTES
            continue
        if short:
            parts.append(b"".join(short))
            short.clear()
        more, size = framed(encoded)
        parts += more
        total += size
    if short:
        parts.append(b"".join(short))
    return parts, total


def _octets(part: bytes | memoryview) -> bytes | memoryview:
    return part.cast("B") if isinstance(part, memoryview) and (part.ndim != 1 or part.itemsize != 1) else part


class Messages:
    """Cuts the body of one stream into messages, which may straddle frames in any way."""

    __slots__ = ("_have", "_need", "_parts")

    def __init__(self) -> None:
        self._parts: list[memoryview] = []
        self._have = 0
        self._need = _PREFIX_BYTES

    @property
    def partial(self) -> bool:
        """A message has begun and not ended."""
        return self._have > 0

    def feed(self, data: memoryview) -> list[bytes]:
        """Add a piece of the body; return the messages that it completes. Raises: RpcError; the call must end then."""
        messages: list[bytes] = []
        if self._have:
            self._parts.append(data)
            self._have += len(data)
            if self._have < self._need:
                return messages
            data = memoryview(b"".join(self._parts))
            self._parts.clear()
            self._have = 0
        position, end = 0, len(data)
        self._need = _PREFIX_BYTES
        while end - position >= _PREFIX_BYTES:
            size = int.from_bytes(data[position : position + _PREFIX_BYTES], "big")
            if size >> 32:
                raise RpcError("a compressed message, although no compression was agreed", code=Code.INTERNAL)
            if size > MESSAGE_BYTES:
                raise RpcError(f"a message of {size} bytes is larger than {MESSAGE_BYTES}", code=Code.RESOURCE_EXHAUSTED)
            start = position + _PREFIX_BYTES
            if end - start < size:
                self._need = size + _PREFIX_BYTES
                break
            position = start + size
            messages.append(bytes(data[start:position]))
        if position < end:
            self._parts.append(data[position:])
            self._have = end - position
        return messages


def request_fields(path: str, *, authority: str, metadata: Metadata, timeout_s: float | None, scheme: str = "http") -> list[Field]:
    fields = [
        (":method", "POST"),
        (":scheme", scheme),
        (":path", path),
        (":authority", authority),
        ("content-type", "application/grpc"),
        ("user-agent", USER_AGENT),
        ("te", "trailers"),
    ]
    if timeout_s is not None:
        fields.append(("grpc-timeout", status.encode_timeout(timeout_s)))
    return [*fields, *metadata]


def response_fields(metadata: Metadata = ()) -> list[Field]:
    return [(":status", "200"), ("content-type", "application/grpc"), *metadata]
