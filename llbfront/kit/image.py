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


def with_bill(bridge: Bridge) -> Returned:
    """Build the target, then the stage of the bill, and attach the one to the other."""
    result = build(bridge)
    options, bridge.options = bridge.options, {**bridge.options, "target": STAGE}
    try:
        bills = _by_platform(build(bridge))
    finally:
        bridge.options = options
    return attrs.evolve(result, attestations={key: (_attestation(ref),) for key, ref in bills.items()})


def _attestation(bill: Reference | None) -> Attestation:
    about = gateway.InTotoSubject(kind=gateway.Self)
    return Attestation("in-toto", bill, path=FILE, predicate_type=SPDX, metadata={"reason": b"sbom"}, subjects=(about,))


def _by_platform(returned: Returned) -> Mapping[str, Reference | None]:
    if returned.refs is not None:
        return returned.refs
    (key,) = platform_ids(returned.metadata[PLATFORMS])
    return {key: returned.ref}
