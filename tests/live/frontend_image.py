"""The frontend image of this repository, for tests and benchmarks that build through it.

Enters: a client and an output. Leaves: what the engine says of the image.

Source: llbfront/kit/Dockerfile.
"""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING, Any

from llbfront.client import exporters
from llbfront.client.request import BuildRequest, parse_secret
from llbfront.kit.image import with_bill

if TYPE_CHECKING:
    from llbfront.client.build import Engine

ROOT = pathlib.Path(__file__).parents[2]
EPOCH = "1700000000"
AUTHORITIES = os.environ.get("PIP_CERT")


def make(client: Engine, output: str, *, no_cache: bool = False, platform: str = "") -> dict[str, Any]:
    """Build the image from this repository; return the metadata of its export."""
    request = BuildRequest(
        context=str(ROOT),
        file=str(ROOT / "llbfront/kit/Dockerfile"),
        platforms=(platform,) if platform else (),
        build_args={"SOURCE_DATE_EPOCH": EPOCH},
        secrets=(parse_secret(f"id=ca,src={AUTHORITIES}", environ={}),) if AUTHORITIES else (),
        outputs=(exporters.parse(f"{output},rewrite-timestamp=true"),),
        no_cache=no_cache,
    )
    result = client.run(request, frontend=with_bill)
    return dict(result.metadata)


def image(client: Engine, registry: str) -> str:
    """Push the image to a registry and return its name."""
    name = f"{registry}/llbfront:test"
    make(client, f"type=image,name={name},push=true")
    return name
