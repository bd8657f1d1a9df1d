"""Build the frontend image of this repository, for tests and benchmarks that build through it.

Its Debian packages are downloaded once and kept in the cache of the tests, as a build cache for other engines.

Source: llbfront/kit/Dockerfile.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.client.buildflags import caches, exporters
from llbfront.client.buildflags.secrets import parse_secret
from llbfront.client.request.build_request import BuildRequest
from llbfront.kit.image import with_sbom
from tests.support.bases.packages import cache

if TYPE_CHECKING:
    from llbfront.client.engine import Engine

ROOT = pathlib.Path(__file__).parents[2]
RECIPE = ROOT / "llbfront/kit/Dockerfile"
DOWNLOADED = "debian"  # the stage that nothing is downloaded after
EPOCH = "1700000000"
AUTHORITIES = os.environ.get("PIP_CERT")


def make(client: Engine, output: str, *, anew: tuple[str, ...] = (), no_cache: bool = False, platform: str = "") -> dict[str, Any]:
    """Build the image from this repository; return the metadata of its export. anew: stages that are built again."""
    kept = cache() / f"frontend-{hashlib.sha256(RECIPE.read_bytes()).hexdigest()[:12]}-{platform.replace('/', '-') or 'here'}"
    request = BuildRequest(
        context=str(ROOT),
        file=str(RECIPE),
        platforms=(platform,) if platform else (),
        build_args={"SOURCE_DATE_EPOCH": EPOCH},
        secrets=(parse_secret(f"id=ca,src={AUTHORITIES}", environ={}),) if AUTHORITIES else (),
        cache_from=caches.parse_caches([f"type=local,src={kept}"] if kept.exists() else [], option="cache-from", environ={}),
    )
    image_request = attrs.evolve(
        request, outputs=(exporters.parse_export(f"{output},rewrite-timestamp=true"),), no_cache=no_cache, no_cache_filter=anew
    )
    result = client.run(image_request, frontend=with_sbom)
    if not kept.exists():
        aside = kept.with_suffix(f".{os.getpid()}")
        keeping = caches.parse_caches([f"type=local,dest={aside},mode=max"], option="cache-to", environ={})
        client.run(attrs.evolve(request, target=DOWNLOADED, cache_to=keeping))
        shutil.move(aside, kept)
    return dict(result.metadata)


def image(client: Engine, registry: str) -> str:
    """Push the image to a registry and return its name."""
    name = f"{registry}/llbfront:test"
    make(client, f"type=image,name={name},push=true")
    return name
