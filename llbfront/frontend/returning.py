"""What a frontend sends back at the end: its result, or the error that it failed with, typed so that a client can show the place.

Enters: a Returned or an exception. Leaves: a message for Return.

Source: client.Run in frontend/gateway/grpcclient/client.go, util/grpcerrors and solver/errdefs of BuildKit.
"""

from __future__ import annotations

import binascii
import json

from llbfront.errors import Cancelled, LlbfrontError, RpcError
from llbfront.frontend.forwarding import MissingFrontendCap
from llbfront.frontend.gateway import GatewayReference, ranges, source_info
from llbfront.frontend.subrequests import UnsupportedSubrequest
from llbfront.pb import gateway
from llbfront.transport import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from llbfront.frontend.bridge import Attestation, Reference, Returned
    from llbfront.llb.caps import Caps
    from llbfront.text import Span

_TYPES = "github.com/moby/buildkit/"
_CANCELLED, _UNKNOWN, _UNIMPLEMENTED, _INTERNAL = 1, 2, 12, 13
_CODES = (
    (MissingFrontendCap, _UNIMPLEMENTED),
    (UnsupportedSubrequest, _UNIMPLEMENTED),
    (Cancelled, _CANCELLED),
    (LlbfrontError, _UNKNOWN),
)


def encode_result(returned: Returned, caps: Caps) -> Any:
    """The message that returns a result; an engine that knows references only by id gets them so."""
    has_messages = caps.supports("proto.refarray")
    refs = {key: _ref(ref) for key, ref in (returned.refs or {}).items()}
    if returned.refs is None:
        ref = _ref(returned.ref)
        held: dict[str, Any] = {"ref": ref} if has_messages else {"refDeprecated": ref.id}
    elif has_messages:
        held = {"refs": gateway.RefMap(refs=refs)}
    else:
        held = {"refsDeprecated": gateway.RefMapDeprecated(refs={key: ref.id for key, ref in refs.items()})}
    attestations = {key: gateway.Attestations(attestation=map(_attestation, each)) for key, each in returned.attestations.items()}
    return gateway.ReturnRequest(result=gateway.Result(**held, metadata=returned.metadata, attestations=attestations))


def _ref(ref: Reference | None) -> Any:
    if not isinstance(ref, GatewayReference):
        return gateway.Ref()
    return gateway.Ref(id=ref.id, **{"def": ref.definition})


def _attestation(attestation: Attestation) -> Any:
    return gateway.Attestation(
        kind=gateway.Bundle if attestation.kind == "bundle" else gateway.InToto,
        metadata=attestation.metadata,
        ref=_ref(attestation.ref),
        path=attestation.path,
        inTotoPredicateType=attestation.predicate_type,
        inTotoSubjects=attestation.subjects,
    )


def encode_error(error: Exception) -> Any:
    """The message that returns an error, with all details that are known of it."""
    text = _message(error).encode(errors="replace").decode()  # a binary Dockerfile says words that are no text
    return gateway.ReturnRequest(error=status.status_of(_code(error), text, _details(error)))


def _code(error: Exception) -> int:
    if isinstance(error, RpcError):
        return error.code
    return next((code for kind, code in _CODES if isinstance(error, kind)), _INTERNAL)


def _message(error: Exception) -> str:
    if not isinstance(error, LlbfrontError):
        return f"internal error of llbfront: {type(error).__name__}: {error}"
    return error.reading + error.line


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
    """A place as Go writes it in JSON: zero members left out, bytes in base64."""
    info = source_info(span)
    text: dict[str, Any] = {"filename": info.filename, "data": _base64(info.data), "language": info.language}
    if info.HasField("definition"):
        encoded = [_base64(op) for op in getattr(info.definition, "def")]
        text["definition"] = {"def": encoded}
    places = [{"start": {"line": part.start.line}, "end": {"line": part.end.line}} for part in ranges(span)]
    return json.dumps({"info": {key: value for key, value in text.items() if value}, "ranges": places}).encode()
