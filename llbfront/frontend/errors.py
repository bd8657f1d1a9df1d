"""Convert an error to the message that the engine gets, with typed details so that clients can show the place.

Source: client.Run in frontend/gateway/grpcclient/client.go, util/grpcerrors and solver/errdefs of BuildKit.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from llbfront.errors import LlbfrontError, RpcError
from llbfront.frontend.forwarding import MissingFrontendCap
from llbfront.frontend.gateway import ranges, source_info
from llbfront.frontend.subrequests.dispatch import UnsupportedSubrequest
from llbfront.pb import gateway_pb2 as gateway
from llbfront.rpc import codes, status

if TYPE_CHECKING:
    from llbfront.source import Span

_TYPES = "github.com/moby/buildkit/"


def encode_error(error: Exception) -> Any:
    """Return the message for an error, with all its typed details."""
    text = _message(error).encode(errors="replace").decode()  # the message may quote invalid UTF-8 of a Dockerfile
    return gateway.ReturnRequest(error=status.status_of(_code(error), text, _details(error)))


def _code(error: Exception) -> int:
    return codes.Code.UNIMPLEMENTED if isinstance(error, MissingFrontendCap) else codes.of_exception(error)


def _message(error: Exception) -> str:
    if not isinstance(error, LlbfrontError):
        return f"internal error of llbfront: {type(error).__name__}: {error}"
    return error.reading + error.text


def _details(error: Exception) -> Iterator[tuple[str, bytes]]:
    if isinstance(error, RpcError):
        yield from error.details
    if isinstance(error, MissingFrontendCap):
        yield f"{_TYPES}errdefs.FrontendCap+json", json.dumps({"name": error.cap}).encode()
    if isinstance(error, UnsupportedSubrequest):
        yield f"{_TYPES}errdefs.Subrequest+json", json.dumps({"name": error.name}).encode()
    if isinstance(error, LlbfrontError):
        for span in error.spans:
            yield f"{_TYPES}errdefs.Source+json", _source(span)


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()


def _source(span: Span) -> bytes:
    """Encode a span as Go's encoding/json does: without zero members, bytes in base64."""
    info = source_info(span)
    text: dict[str, Any] = {"filename": info.filename, "data": _base64(info.data), "language": info.language}
    if info.HasField("definition"):
        encoded = [_base64(op) for op in getattr(info.definition, "def")]
        text["definition"] = {"def": encoded}
    places = [{"start": {"line": part.start.line}, "end": {"line": part.end.line}} for part in ranges(span)]
    return json.dumps({"info": {key: value for key, value in text.items() if value}, "ranges": places}).encode()
