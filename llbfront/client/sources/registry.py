"""Look image configs up in registries, over HTTP and with docker's credentials.

Only manifests and configs are read, no layers. Everything fetched by digest is checked against it. Mirrors are for engines.

Source: the OCI distribution specification; remotes/docker of containerd for logging in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
from llbfront.errors import ContextError, HttpError, InvalidJson, LlbfrontError
from llbfront.foreign_json import JsonObject, parse_object
from llbfront.http.client import DEADLINE_S, HttpClient, HttpResponse, origin_of
from llbfront.oci import digest as digests
from llbfront.oci import platform as platforms
from llbfront.oci import reference
from llbfront.oci.index import INDEX_TYPES, MANIFEST_TYPES, find_for_platform
from llbfront.pb import auth_pb2 as auth_messages
from llbfront.session import auth
from llbfront.session.credentials import Credentials, CredentialStore

if TYPE_CHECKING:
    from llbfront.frontend.bridge import ImageRequest
    from llbfront.oci.reference import Reference

HUB, HUB_HOST = "docker.io", "registry-1.docker.io"
LIMIT_BYTES = 8 << 20
BLOB_LIMIT_BYTES = 4 << 30
BLOB_DEADLINE_S = 3600.0
OK, UNAUTHORIZED, MISSING = 200, 401, 404
_LOOPBACK = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?\Z")
_SCHEME = re.compile(r"(?<![^,\s])(basic|bearer)(?=\s|,|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'(?<![a-z])([a-z]++)=(?:"([^"]*)"|([^\s,"]+))', re.IGNORECASE)


class RegistryImages:
    """Image configs as registries have them. What was fetched once is kept."""

    def __init__(self, credentials: CredentialStore | None = None, *, http: HttpClient | None = None) -> None:
        self._credentials = credentials or CredentialStore()
        self._http = http or HttpClient()
        self._logins: dict[tuple[str, str], str] = {}
        self._kept: dict[str, bytes] = {}

    def find(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError | None]:
        return [self._find_image(request) for request in requests]

    def _find_image(self, request: ImageRequest) -> ResolvedImage | LlbfrontError:
        try:
            return self._look_up(request)
        except InvalidJson as error:
            return ContextError(f"failed to resolve source metadata for {request.ref}: its manifest is invalid: {error.message}")
        except LlbfrontError as error:
            return ContextError(f"failed to resolve source metadata for {request.ref}: {error.message}", hint=error.hint)

    def _look_up(self, request: ImageRequest) -> ResolvedImage:
        ref = reference.parse(request.ref)
        data = self.manifest(ref, ref.digest or ref.tag or "latest")
        digest = ref.digest or digests.of(data)
        manifest = parse_object(data)
        if "manifests" in manifest.members:
            platform = (request.platform or platforms.default()).normalized()
            descriptor = find_for_platform(manifest.objects("manifests"), platform)
            if descriptor is None:
                raise ContextError(f"no match for platform in manifest: {platform}")
            manifest = parse_object(self.manifest(ref, _digest(descriptor)))
        config_digest = _digest(manifest.object("config"))
        config = self._get(ref, f"blobs/{config_digest}", accept="*/*")
        return ResolvedImage(request.ref, digest, _checked(config, config_digest))

    def manifest(self, ref: Reference, name: str) -> bytes:
        """Return a manifest or an index by its tag or digest. Raises: ContextError."""
        data = self._get(ref, f"manifests/{name}", accept=", ".join((*INDEX_TYPES, *MANIFEST_TYPES)))
        return _checked(data, digests.parse(name)) if ":" in name else data

    def blob(self, ref: Reference, digest: str, *, size_bytes: int = 0) -> bytes:
        """Return a blob, of any size if that is 0; it is not kept. Raises: ContextError."""
        max_bytes = min(size_bytes or BLOB_LIMIT_BYTES, BLOB_LIMIT_BYTES)
        data = self._fetch(_url(ref, f"blobs/{digest}"), ref, "*/*", max_bytes=max_bytes, deadline_s=BLOB_DEADLINE_S)
        return _checked(data, digests.parse(digest))

    def _get(self, ref: Reference, path: str, *, accept: str) -> bytes:
        url = _url(ref, path)
        if url not in self._kept:
            self._kept[url] = self._fetch(url, ref, accept, max_bytes=LIMIT_BYTES)
        return self._kept[url]

    def _fetch(self, url: str, ref: Reference, accept: str, *, max_bytes: int, deadline_s: float = DEADLINE_S) -> bytes:
        response = self._request(url, ref, accept, max_bytes, deadline_s)
        if response.status == UNAUTHORIZED and response.origin == origin_of(url):
            self._log_in(ref, url, response.headers.get("WWW-Authenticate", ""))
            response = self._request(url, ref, accept, max_bytes, deadline_s)
        if response.status == OK:
            return response.body
        if response.status == UNAUTHORIZED and response.origin == origin_of(url):
            raise ContextError(f"authentication failed at {ref.domain}")
        if response.status == MISSING:
            raise ContextError("not found")
        raise ContextError(f"{response.origin} answered {response.status} {response.reason}".rstrip())

    def _request(self, url: str, ref: Reference, accept: str, max_bytes: int, deadline_s: float) -> HttpResponse:
        headers = {"Accept": accept, "User-Agent": auth.CLIENT_ID}
        if login := self._logins.get((ref.domain, ref.path)):
            headers["Authorization"] = login
        try:
            return self._http.request("GET", url, headers=headers, max_bytes=max_bytes, deadline_s=deadline_s)
        except HttpError as error:
            raise ContextError(error.message, hint=error.hint) from None

    def _log_in(self, ref: Reference, url: str, header: str) -> None:
        """Keep the `Authorization` that the registry requires. Raises: LlbfrontError; no message holds a secret."""
        challenges = parse_challenges(header)
        credentials = self._credentials.find(ref.domain)
        if "bearer" in challenges:
            self._logins[ref.domain, ref.path] = f"Bearer {self._token(ref, url, challenges['bearer'], credentials)}"
        elif "basic" in challenges and credentials.secret:
            self._logins[ref.domain, ref.path] = auth.basic(credentials)["Authorization"]
        else:
            raise ContextError(f"{ref.domain} requires authentication, and docker's config has no credentials for it")

    def _token(self, ref: Reference, url: str, challenge: dict[str, str], credentials: Credentials) -> str:
        """Fetch a token. The password is not sent over http to the token server of a registry that speaks https."""
        realm = challenge.get("realm", "")
        try:
            is_downgrade = origin_of(url).scheme == "https" and origin_of(realm).scheme == "http"
        except HttpError as error:
            raise ContextError(f"{ref.domain} names a token server with an invalid address ({error.message})") from None
        request = auth_messages.FetchTokenRequest(
            Host=ref.domain,
            Realm=realm,
            Service=challenge.get("service", ""),
            Scopes=[challenge.get("scope") or f"repository:{ref.path}:pull"],
        )
        allowed = Credentials(registry_token=credentials.registry_token) if is_downgrade else credentials
        return auth.fetch(request, allowed, self._http).Token


def _url(ref: Reference, path: str) -> str:
    host = HUB_HOST if ref.domain == HUB else ref.domain
    return f"{'http' if _LOOPBACK.match(host) else 'https'}://{host}/v2/{ref.path}/{path}"


def parse_challenges(header: str) -> dict[str, dict[str, str]]:
    """Return the parameters of the Basic and Bearer challenges of a WWW-Authenticate header, by scheme in lower case."""
    masked = re.sub(r'"[^"]*"', lambda text: '"' + "_" * (len(text[0]) - 2) + '"', header)
    starts = [*_SCHEME.finditer(masked)]
    ends = [*(match.start() for match in starts[1:]), len(header)]
    return {
        match[1].lower(): {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(header[match.end() : end])}
        for match, end in zip(starts, ends, strict=False)
    }


def _checked(data: bytes, digest: str) -> bytes:
    algorithm, _, encoded = digest.partition(":")
    if hashlib.new(algorithm, data).hexdigest() != encoded:
        raise ContextError(f"digest mismatch: the registry gave other content for {digest}")
    return data


def _digest(descriptor: JsonObject) -> str:
    """Return the digest of a descriptor. Raises: InvalidJson."""
    text = descriptor.text("digest")
    if not text:
        raise InvalidJson(f"{descriptor.where} has no digest")
    return digests.parse(text)
