"""Create the result of a build: image configs, platforms and times as metadata, one set for each platform.

Source: frontend/dockerui/build.go, client.Run in frontend/gateway/grpcclient/client.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from llbfront.foreign_json import parse_object
from llbfront.frontend.bridge import Returned
from llbfront.frontend.gateway import GatewayReference
from llbfront.gostd.json import OrderedObject, marshal_text
from llbfront.oci import image as images
from llbfront.oci import platform as platforms
from llbfront.pb import gateway_pb2 as gateway

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.emit import Result, SbomTargets
    from llbfront.dockerfile2llb.epoch import Epoch
    from llbfront.frontend.bridge import Attestation, Reference
    from llbfront.llb.caps import Caps
    from llbfront.llb.state import State
    from llbfront.oci.image import Image
    from llbfront.oci.platform import Platform

    Converted: TypeAlias = "Result | Outcome"
    """A converted Dockerfile, or the outcome of a frontend that makes graphs itself."""

CONFIG = "containerimage.config"
BASE_CONFIG = "containerimage.base.config"
EPOCH = "source.date.epoch"
PLATFORMS = "refs.platforms"


@attrs.frozen(eq=False)
class Outcome:
    """The result of a frontend for one platform: the graph, the image config, and what a scanner examines in addition to the result."""

    state: State
    image: Image
    platform: Platform
    sbom: SbomTargets
    original: Image | None = attrs.field(default=None, kw_only=True)
    epoch: Epoch | None = attrs.field(default=None, kw_only=True)


def platform_id(platform: Platform | None) -> str:
    """Return the key of a result. Parity: without a requested platform it is the platform that the frontend runs on."""
    return str((platform or platforms.default()).normalized())


def platform_ids(text: bytes) -> list[str]:
    """Return the ids of the platforms that a result's metadata lists. Raises: InvalidJson."""
    return [platform.text("ID") for platform in parse_object(text).objects("Platforms")]


def join_results(
    requested: Sequence[Platform | None], results: Sequence[Converted], refs: Sequence[Reference | None], *, is_map: bool
) -> Returned:
    """Join the results of all platforms."""
    metadata: dict[str, bytes] = {}
    exported = []
    for platform, result in zip(requested, results, strict=True):
        key = platform_id(platform)
        suffix = f"/{key}" if is_map else ""
        metadata[f"{CONFIG}{suffix}"] = images.write(result.image)
        if result.original is not None:
            metadata[f"{BASE_CONFIG}{suffix}"] = images.write(result.original)
        if result.epoch is not None:
            metadata[f"{EPOCH}{suffix}"] = str(result.epoch.seconds).encode()
        exported.append(OrderedObject(ID=key, Platform=_platform(platform or platforms.default(), result.image)))
    metadata[PLATFORMS] = marshal_text(OrderedObject(Platforms=exported)).encode()
    if is_map:
        keys = (platform_id(platform) for platform in requested)
        return Returned(refs=dict(zip(keys, refs, strict=True)), metadata=metadata)
    (ref,) = refs
    return Returned(ref, metadata=metadata)


def _platform(platform: Platform, image: Image) -> OrderedObject:
    """Return a platform as JSON. A Windows platform without version or features gets the image's."""
    platform = platform.normalized()
    if platform.os == "windows" and image.os == "windows":
        platform = attrs.evolve(
            platform,
            os_version=platform.os_version or image.os_version,
            os_features=platform.os_features or image.os_features or (),
        ).normalized()
    fields = OrderedObject(architecture=platform.architecture, os=platform.os)
    optional = {"os.version": platform.os_version, "os.features": list(platform.os_features), "variant": platform.variant}
    fields.update((key, value) for key, value in optional.items() if value)
    return fields


def encode_result(returned: Returned, caps: Caps) -> Any:
    """Return the message for a result. Old engines get references as ids."""
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
