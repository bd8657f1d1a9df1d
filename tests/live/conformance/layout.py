"""An OCI layout as files of a context: one image on nothing, with a file `in` and a variable.

Source: image-layout.md of the OCI image specification.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

from tests.fsutil.trees import File
from tests.live.conformance.web import archive

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "application/vnd.oci.image."
INSIDE = archive({"in": b"laid\n"})


def layout() -> dict[str, File]:
    """The files of the layout; its image has the tag latest."""
    layer = INSIDE
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": ["LAID=1"]},
        "rootfs": {"type": "layers", "diff_ids": [_digest(gzip.decompress(layer))]},
        "history": [{"created_by": "hand"}],
    }
    blobs = {"config": _json(config), "layer": layer}
    manifest = {
        "schemaVersion": 2,
        "config": _described("config.v1+json", blobs["config"]),
        "layers": [_described("layer.v1.tar+gzip", layer)],
    }
    blobs["manifest"] = _json(manifest)
    index = {"schemaVersion": 2, "manifests": [_described("manifest.v1+json", blobs["manifest"])]}
    files = {f"blobs/sha256/{_digest(blob).removeprefix('sha256:')}": File(blob) for blob in blobs.values()}
    return {**files, "index.json": File(_json(index)), "oci-layout": File(b'{"imageLayoutVersion": "1.0.0"}')}


def _described(kind: str, blob: bytes) -> Mapping[str, Any]:
    return {"mediaType": KIND + kind, "digest": _digest(blob), "size": len(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


LAYER = _digest(INSIDE)


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document).encode()
