"""Image configs straight from registries: references → manifests and configs, over HTTP, with docker's credentials.

Only manifests and configs are read, no layers. Everything fetched by digest is checked against it. Mirrors are for engines.

Source: the OCI distribution specification; remotes/docker of containerd for logging in.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llbfront.dockerfile2llb.bases import ImageFound
from llbfront.errors import ContextError, LlbfrontError
from llbfront.oci import digest as digests
from llbfront.oci import platform as platforms
from llbfront.oci import reference
from llbfront.oci.platform import Platform
from llbfront.pb import auth as auth_messages
from llbfront.session import auth
from llbfront.session.credentials import CredentialStore

if TYPE_CHECKING:
    from llbfront.frontend.bridge import ImageRequest
    from llbfront.oci.reference import Reference

HUB, HUB_HOST = "docker.io", "registry-1.docker.io"
INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
LIMIT_BYTES = 8 << 20
TIMEOUT_S = 30.0
UNAUTHORIZED, MISSING = 401, 404
_LOOPBACK = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?\Z")
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


class RegistryImages:
    """Image configs as registries have them. What was fetched once is kept."""

    def __init__(self, credentials: CredentialStore | None = None) -> None:
        self._credentials = credentials or CredentialStore()
        self._logins: dict[tuple[str, str], str] = {}
        self._kept: dict[str, bytes] = {}

    def find(self, requests: Sequence[ImageRequest]) -> list[ImageFound | LlbfrontError | None]:
        return [self._one(request) for request in requests]

    def _one(self, request: ImageRequest) -> ImageFound | LlbfrontError:
        try:
            return self._look_up(request)
        except LlbfrontError as error:
            return ContextError(f"failed to resolve source metadata for {request.ref}: {error.message}")

    def _look_up(self, request: ImageRequest) -> ImageFound:
        ref = reference.parse(request.ref)
        data = self._manifest(ref, ref.digest or ref.tag or "latest")
        digest = ref.digest or digests.of(data)
        value = _object(data)
        if "manifests" in value:
            chosen = _chosen(value["manifests"], (request.platform or platforms.default()).normalized())
            value = _object(self._manifest(ref, chosen))
        try:
            config_digest = str(value["config"]["digest"])
        except (KeyError, TypeError):
            raise ContextError("its manifest has no config") from None
        config = self._get(ref, f"blobs/{digests.parse(config_digest)}", accept="*/*")
        return ImageFound(request.ref, digest, _checked(config, config_digest))

    def _manifest(self, ref: Reference, name: str) -> bytes:
        data = self._get(ref, f"manifests/{name}", accept=", ".join((*INDEXES, *MANIFESTS)))
        return _checked(data, name) if ":" in name else data

    def _get(self, ref: Reference, path: str, *, accept: str) -> bytes:
        host = HUB_HOST if ref.domain == HUB else ref.domain
        url = f"{'http' if _LOOPBACK.match(host) else 'https'}://{host}/v2/{ref.path}/{path}"
        if url not in self._kept:
            self._kept[url] = self._fetch(url, ref, accept)
        return self._kept[url]

    def _fetch(self, url: str, ref: Reference, accept: str) -> bytes:
        for attempt in range(2):
            headers = {"Accept": accept, "User-Agent": auth.CLIENT_ID}
            if login := self._logins.get((ref.domain, ref.path)):
                headers["Authorization"] = login
            try:
                with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S) as response:  # noqa: S310
                    return _limited(response.read(LIMIT_BYTES + 1))
            except urllib.error.HTTPError as error:
                with error:
                    if error.code == UNAUTHORIZED and not attempt:
                        self._log_in(ref, error.headers.get("WWW-Authenticate", ""))
                        continue
                    reason = "not found" if error.code == MISSING else f"{ref.domain} answered {error.code} {error.reason}"
                    raise ContextError(reason) from None
            except (OSError, ValueError) as error:
                raise ContextError(f"{ref.domain} cannot be reached: {getattr(error, 'reason', error)}") from None
        raise ContextError(f"{ref.domain} does not let us in")

    def _log_in(self, ref: Reference, challenge: str) -> None:
        """Find what the registry wants to see. Raises LlbfrontError; no message holds a secret."""
        scheme, _, rest = challenge.partition(" ")
        credentials = self._credentials.find(ref.domain)
        if scheme.lower() == "basic" and credentials.secret:
            import base64

            pair = base64.b64encode(f"{credentials.login}:{credentials.secret}".encode()).decode()
            self._logins[ref.domain, ref.path] = f"Basic {pair}"
        elif scheme.lower() == "bearer":
            asked = dict(_PARAMETER.findall(rest))
            request = auth_messages.FetchTokenRequest(
                Host=ref.domain,
                Realm=asked.get("realm", ""),
                Service=asked.get("service", ""),
                Scopes=[asked.get("scope") or f"repository:{ref.path}:pull"],
            )
            self._logins[ref.domain, ref.path] = f"Bearer {auth.fetch(request, credentials).Token}"
        else:
            raise ContextError(f"{ref.domain} wants credentials, and docker's config has none for it")


def _limited(data: bytes) -> bytes:
    if len(data) > LIMIT_BYTES:
        raise ContextError(f"a manifest or config has more than {LIMIT_BYTES} bytes")
    return data


def _checked(data: bytes, digest: str) -> bytes:
    if digest.startswith("sha256:") and digests.of(data) != digest:
        raise ContextError(f"the registry gave other content for {digest}")
    return data


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ContextError("its manifest is not JSON")
    return value


def _chosen(entries: Any, wanted: Platform) -> str:
    """The digest of the best manifest of an index for a platform."""
    match = platforms.only(wanted)
    best: tuple[Platform, str] | None = None
    for entry in entries:
        told = entry.get("platform") or {}
        made = Platform(
            told.get("os", ""), told.get("architecture", ""), told.get("variant", ""), told.get("os.version", ""),
            tuple(told.get("os.features") or ()),
        ).normalized()  # fmt: skip
        if match.matches(made) and (best is None or match.prefers(made, best[0])):
            best = (made, str(entry["digest"]))
    if best is None:
        raise ContextError(f"no match for platform in manifest: {wanted}")
    return best[1]
