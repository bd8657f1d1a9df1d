"""What a frontend sends back at the end of a build that succeeded.

Enters: a Returned. Leaves: a message for Return.

Source: client.Run in frontend/gateway/grpcclient/client.go of BuildKit.
"""

from __future__ import annotations

from llbfront.frontend.gateway import GatewayReference
from llbfront.pb import gateway

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from llbfront.frontend.bridge import Attestation, Reference, Returned
    from llbfront.llb.caps import Caps


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
