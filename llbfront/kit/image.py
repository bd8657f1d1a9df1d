"""Build the frontend image with its SBOM, as `python -m llbfront.cli.image` does. Other builders make the same image without an SBOM.

Source: frontend/attestations/sbom/sbom.go of BuildKit, the attestation storage format of its documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.frontend.bridge import Attestation
from llbfront.frontend.build import build
from llbfront.frontend.results import PLATFORMS, platform_ids
from llbfront.frontend.sbom import SPDX
from llbfront.pb import gateway_pb2 as gateway

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Bridge, Reference, Returned

STAGE, FILE = "bill", "sbom.spdx.json"


def with_sbom(bridge: Bridge) -> Returned:
    """Build the target, then the stage with the SBOM, and attach the SBOM to the image."""
    result = build(bridge)
    options, bridge.options = bridge.options, {**bridge.options, "target": STAGE}
    try:
        sboms = _by_platform(build(bridge))
    finally:
        bridge.options = options
    return attrs.evolve(result, attestations={key: (_attestation(ref),) for key, ref in sboms.items()})


def _attestation(sbom: Reference | None) -> Attestation:
    about = gateway.InTotoSubject(kind=gateway.Self)
    return Attestation("in-toto", sbom, path=FILE, predicate_type=SPDX, metadata={"reason": b"sbom"}, subjects=(about,))


def _by_platform(returned: Returned) -> Mapping[str, Reference | None]:
    if returned.refs is not None:
        return returned.refs
    (key,) = platform_ids(returned.metadata[PLATFORMS])
    return {key: returned.ref}
