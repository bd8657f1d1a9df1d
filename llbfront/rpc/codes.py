"""gRPC status codes, and the codes for other protocols' errors and Python exceptions.

Source: google.golang.org/grpc/codes; gRPC over HTTP/2 (doc/PROTOCOL-HTTP2.md and doc/http-grpc-status-mapping.md of gRPC).
"""

from __future__ import annotations

import enum

from llbfront.errors import Cancelled, LlbfrontError, RpcError
from llbfront.http2 import frames


class Code(enum.IntEnum):
    """The codes with which a call can end."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


_OF_HTTP2_ERROR = {
    frames.REFUSED_STREAM: Code.UNAVAILABLE,
    frames.CANCEL: Code.CANCELLED,
    frames.ENHANCE_YOUR_CALM: Code.RESOURCE_EXHAUSTED,
    frames.INADEQUATE_SECURITY: Code.PERMISSION_DENIED,
}
_OF_HTTP_STATUS = {
    "400": Code.INTERNAL,
    "401": Code.UNAUTHENTICATED,
    "403": Code.PERMISSION_DENIED,
    "404": Code.UNIMPLEMENTED,
    "429": Code.UNAVAILABLE,
    "502": Code.UNAVAILABLE,
    "503": Code.UNAVAILABLE,
    "504": Code.UNAVAILABLE,
}
_OF_EXCEPTION: tuple[tuple[type[BaseException], Code], ...] = (
    (Cancelled, Code.CANCELLED),
    (LlbfrontError, Code.UNKNOWN),
)


def of_http2_error(error_code: int) -> Code:
    """Return the code of a stream that was reset with an HTTP/2 error code."""
    return _OF_HTTP2_ERROR.get(error_code, Code.INTERNAL)


def of_http_status(status: str) -> Code:
    """Return the code of a response with an HTTP status other than 200 and without a gRPC status."""
    return _OF_HTTP_STATUS.get(status, Code.UNKNOWN)


def of_exception(error: BaseException) -> int:
    """Return the code of an exception: its own for an RpcError, CANCELLED for Cancelled, UNKNOWN for other LlbfrontErrors, else INTERNAL."""
    if isinstance(error, RpcError):
        return error.code
    return next((code for kind, code in _OF_EXCEPTION if isinstance(error, kind)), Code.INTERNAL)
