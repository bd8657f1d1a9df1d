"""Push an image to a registry that speaks plain HTTP: blobs first, then the manifest under each tag.

Source: OCI distribution specification 1.1, pushing blobs monolithically and pushing manifests.
"""

from __future__ import annotations

import hashlib
import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Mapping, Sequence

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@attrs.frozen
class Layer:
    """A compressed layer in a file: its digest, and `diff_id`, the digest of what it unpacks to."""

    path: pathlib.Path
    digest: str
    diff_id: str
    size_bytes: int


def push(address: str, name: str, tags: Iterable[str], layers: Sequence[Layer], config: Mapping[str, Any]) -> str:
    """Push an image of one platform under some tags."""
    encoded = json.dumps({**config, "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]}}).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, _digest(encoded), len(encoded)),
            "layers": [_descriptor(LAYER, layer.digest, layer.size_bytes) for layer in layers],
        }
    ).encode()
    connection = http.client.HTTPConnection(address)
    try:
        missing = [tag for tag in tags if not _has(connection, name, tag, _digest(manifest))]
        if not missing:
            return _digest(manifest)
        for layer in layers:
            _upload(connection, name, layer.digest, layer.path)
        _upload(connection, name, _digest(encoded), encoded)
        for tag in missing:
            _ask(connection, "PUT", f"/v2/{name}/manifests/{tag}", manifest, {"Content-Type": MANIFEST}, expected_status=201)
    finally:
        connection.close()
    return _digest(manifest)


def _has(connection: http.client.HTTPConnection, name: str, tag: str, digest: str) -> bool:
    """Whether a tag is there already. Writing it again would disturb those who read it from the same storage at this moment."""
    answer = _ask(connection, "HEAD", f"/v2/{name}/manifests/{tag}", None, {"Accept": MANIFEST})
    return answer.status == 200 and answer.getheader("Docker-Content-Digest") == digest


def _upload(connection: http.client.HTTPConnection, name: str, digest: str, blob: bytes | pathlib.Path) -> None:
    if _ask(connection, "HEAD", f"/v2/{name}/blobs/{digest}").status == 200:
        return
    session = _ask(connection, "POST", f"/v2/{name}/blobs/uploads/", b"", expected_status=202).getheader("Location", "")
    place = urlsplit(session)
    target = f"{place.path}?{place.query}&digest={digest}" if place.query else f"{place.path}?digest={digest}"
    headers = {"Content-Type": "application/octet-stream"}
    if isinstance(blob, bytes):
        _ask(connection, "PUT", target, blob, headers, expected_status=201)
        return
    with blob.open("rb") as file:
        _ask(connection, "PUT", target, file, {**headers, "Content-Length": str(blob.stat().st_size)}, expected_status=201)


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    *,
    expected_status: int | None = None,
) -> http.client.HTTPResponse:
    connection.request(method, target, body, dict(headers or {}))
    answer = connection.getresponse()
    text = answer.read()
    if expected_status is not None and answer.status != expected_status:
        raise RuntimeError(f"{method} {target}: {answer.status} {text[:300].decode(errors='replace')}")
    return answer


def _descriptor(media_type: str, digest: str, size_bytes: int) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest, "size": size_bytes}


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
