"""A registry that has every image: any name exists, without layers, for most platforms or for one.

`given` holds image configs by reference. An engine is configured to use the registry in the place of others.

Source: the distribution specification, the image index and manifest of the OCI image specification.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import attrs

from llbfront.engine import config

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
PLATFORMS: tuple[dict[str, str], ...] = (
    {"os": "linux", "architecture": "amd64"},
    {"os": "linux", "architecture": "arm64"},
    {"os": "linux", "architecture": "arm", "variant": "v7"},
    {"os": "linux", "architecture": "386"},
    {"os": "linux", "architecture": "ppc64le"},
    {"os": "linux", "architecture": "s390x"},
    {"os": "windows", "architecture": "amd64", "os.version": "10.0.20348.1"},
)
ALONE = 7  # one name of so many is an image of one platform only


@attrs.frozen
class EveryImage:
    """The registry while it runs."""

    registries: tuple[config.Registry, ...]
    images: dict[str, Any]


@contextlib.contextmanager
def serve(hosts: Iterable[str]) -> Iterator[EveryImage]:
    """Serve on loopback while a block runs."""
    served: dict[str, Any] = {}

    class Bound(_Answers):
        images = served
        blobs: dict[str, tuple[str, bytes]] = {}  # noqa: RUF012  one for each registry, shared by its requests

    with _Server(("127.0.0.1", 0), Bound) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            here = f"127.0.0.1:{server.server_port}"
            stands_for = tuple(config.Registry(host, mirrors=(here,)) for host in dict.fromkeys(("docker.io", *hosts)))
            yield EveryImage((*stands_for, config.Registry(here, is_http=True)), served)
        finally:
            server.shutdown()


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of engines that hang up."""


class _Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    images: dict[str, Any]
    blobs: dict[str, tuple[str, bytes]]

    def do_GET(self) -> None:
        """The version, a manifest by tag or digest, a blob."""
        url = urlsplit(self.path)
        name, _, rest = url.path.removeprefix("/v2/").rpartition("/")
        if not name:
            self._answer(200, "application/json", b"{}")
            return
        host = parse_qs(url.query).get("ns", [""])[0]
        digest = rest
        if not rest.startswith("sha256:"):
            digest = self._image(f"{host}/{name.removesuffix('/manifests')}:{rest}")
        self._answer(200, *self.blobs[digest]) if digest in self.blobs else self._answer(404, "application/json", b"{}")

    do_HEAD = do_GET  # noqa: N815  the name is the base class's

    def _image(self, ref: str) -> str:
        """Make the image of a reference; return its digest."""
        if (entry := self.images.get(ref)) is not None:
            return self._keep(MANIFEST, _manifest(self._keep(CONFIG, entry), entry))
        number = int(hashlib.sha256(ref.encode()).hexdigest(), 16)
        if number % ALONE == 0:
            return self._single(PLATFORMS[number // ALONE % len(PLATFORMS)])
        entries = []
        for platform in PLATFORMS:
            digest = self._single(platform)
            entries.append({"mediaType": MANIFEST, "digest": digest, "size": len(self.blobs[digest][1]), "platform": platform})
        return self._keep(INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})

    def _single(self, platform: dict[str, str]) -> str:
        layer = f"sha256:{hashlib.sha256(b'').hexdigest()}"
        config = {**platform, "config": {"Env": ["PATH=/usr/bin:/bin"]}, "rootfs": {"type": "layers", "diff_ids": [layer]}}
        return self._keep(MANIFEST, _manifest(self._keep(CONFIG, config), config))

    def _keep(self, kind: str, value: Any) -> str:
        data = json.dumps(value).encode()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blobs[digest] = kind, data
        return digest

    def _answer(self, status: int, kind: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if status == 200:
            self.send_header("Docker-Content-Digest", f"sha256:{hashlib.sha256(data).hexdigest()}")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
        """Keep quiet."""


def _manifest(config_digest: str, config_value: Any) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": config_digest, "size": len(json.dumps(config_value).encode())},
        "layers": [
            {"mediaType": LAYER, "digest": digest, "size": 0} for digest in config_value.get("rootfs", {}).get("diff_ids") or ()
        ],
    }
