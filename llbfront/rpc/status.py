"""The status of a call: convert trailers and HTTP/2 error codes to RpcError with typed details, and back.

Source: gRPC over HTTP/2 (doc/PROTOCOL-HTTP2.md of gRPC), google/rpc/status.proto.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from google.protobuf.any_pb2 import Any
from google.rpc.status_pb2 import Status

from llbfront.errors import ProtocolError, RpcError
from llbfront.rpc import codes
from llbfront.rpc.codes import Code
from llbfront.rpc.method import parse_message

if TYPE_CHECKING:
    from llbfront.http2.headers import Field
    from llbfront.rpc.calls import Metadata

DETAILS_KEY = "grpc-status-details-bin"
_UNESCAPED = frozenset(chr(octet) for octet in range(0x20, 0x7F)) - {"%"}


class NotGrpc(RpcError):
    """A server answered a call with plain HTTP instead of gRPC."""

    def __init__(self, status: str) -> None:
        super().__init__(f"HTTP status {status} instead of a gRPC answer", code=codes.of_http_status(status))


def of_reset(code: int, message: str, *, lost: bool) -> RpcError:
    """Return the status of a stream that was reset with an HTTP/2 code, or (`lost`) whose connection was lost."""
    return RpcError(message, code=Code.UNAVAILABLE if lost else codes.of_http2_error(code))


def of_http(status: str) -> RpcError:
    """Return the status of a plain HTTP response."""
    return NotGrpc(status)


def of_trailer(fields: Sequence[Field]) -> RpcError | None:
    """Return the error in a trailer; None for OK."""
    named = dict(fields)
    text = named.get("grpc-status")
    if text is None:
        return RpcError("the answer ended without a status", code=Code.UNKNOWN)
    code = int(text) if text.isdecimal() and len(text) < 4 else Code.UNKNOWN
    if code == Code.OK:
        return None
    return RpcError(
        unescape(named.get("grpc-message", "")) or f"gRPC status {text} without a message",
        code=code,
        details=_details(named.get(DETAILS_KEY)),
    )


def to_trailer(code: int, message: str, details: Sequence[tuple[str, bytes]]) -> list[Field]:
    """Return a trailer with a code, a message and typed details."""
    fields = [("grpc-status", str(code))]
    if message:
        fields.append(("grpc-message", escape(message)))
    if details:
        fields.append((DETAILS_KEY, encode_binary(status_of(code, message, details).SerializeToString())))
    return fields


def status_of(code: int, message: str, details: Iterable[tuple[str, bytes]]) -> Status:
    """Return a google.rpc.Status with typed details."""
    packed = [Any(type_url=type_url, value=value) for type_url, value in details]
    return Status(code=code, message=message, details=packed)


def _details(text: str | None) -> list[tuple[str, bytes]]:
    try:
        return [] if text is None else details_of(decode_binary(text))
    except ValueError:
        return []


def details_of(encoded: bytes) -> list[tuple[str, bytes]]:
    """Return the typed details of an encoded google.rpc.Status; empty if it is not one."""
    try:
        status = parse_message(Status, encoded)
    except ProtocolError:  # the details are an extra
        return []
    return [(detail.type_url, detail.value) for detail in status.details]


def metadata_of(fields: Sequence[Field]) -> Metadata:
    """Return the fields that are metadata of the application."""
    return tuple(field for field in fields if not field[0].startswith((":", "grpc-")) and field[0] not in {"content-type", "te"})


def decode_binary(text: str) -> bytes:
    """Decode a metadata value whose key ends in -bin. Raises: ValueError."""
    return binascii.a2b_base64(text + "=" * (-len(text) % 4))


def encode_binary(value: bytes) -> str:
    return binascii.b2a_base64(value, newline=False).rstrip(b"=").decode()


def escape(message: str) -> str:
    """Percent-encode what a header cannot hold."""
    if _UNESCAPED.issuperset(message):
        return message
    return "".join(chr(octet) if chr(octet) in _UNESCAPED else f"%{octet:02X}" for octet in message.encode("utf-8", "replace"))


def unescape(text: str) -> str:
    """Undo `escape`; what is not percent-encoded UTF-8 is kept as well as possible."""
    if "%" not in text:
        return text
    first, *rest = text.encode("latin-1", "replace").split(b"%")
    out = bytearray(first)
    for piece in rest:
        try:
            out.append(int(piece[:2].decode("ascii"), 16))
            out += piece[2:]
        except ValueError:
            out += b"%" + piece
    return out.decode("utf-8", "replace")


def encode_timeout(timeout_s: float) -> str:
    milliseconds = max(1, int(timeout_s * 1000))
    return f"{milliseconds}m" if milliseconds < 100_000_000 else f"{min(milliseconds // 1000, 99_999_999)}S"


_UNITS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


def decode_timeout(text: str) -> float | None:
    """Seconds of a grpc-timeout header; None if it is not one."""
    if not 2 <= len(text) <= 9 or text[-1] not in _UNITS or not text[:-1].isdecimal():
        return None
    return int(text[:-1]) * _UNITS[text[-1]]
