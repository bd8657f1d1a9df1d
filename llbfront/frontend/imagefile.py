"""Image configs from a mapping or a JSON file.

The file is one object, by reference in any spelling: {"golang:1.24": {"digest": "sha256:…", "config": {an OCI image config}}}. The
digest is optional; an entry may also be a bare image config, or a list with one entry for each platform.

Source: the image config of the OCI image specification.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llbfront import arguments
from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
from llbfront.errors import InvalidDigest, InvalidJson, InvalidReference, InvalidValue, LlbfrontError, OptionError
from llbfront.foreign_json import parse_json
from llbfront.oci import digest as digests
from llbfront.oci import image as images
from llbfront.oci import platform as platforms
from llbfront.oci import reference
from llbfront.oci.platform import Platform

if TYPE_CHECKING:
    from llbfront.frontend.bridge import ImageRequest

_BARE = frozenset(("architecture", "os", "rootfs"))


class GivenImages:
    """Configs by reference. Raises: OptionError for an invalid entry."""

    def __init__(self, configs: Mapping[str, Any]) -> None:
        if not isinstance(configs, Mapping):
            raise arguments.refuse("images", "a mapping of image configs by reference", configs)
        self._entries: dict[str, list[tuple[Platform, ResolvedImage]]] = {}
        for ref, value in configs.items():
            name = _normal(arguments.text(ref, "a name in images"))
            entries = value if isinstance(value, (list, tuple)) else [value]
            self._entries.setdefault(name, []).extend(_entry(name, entry) for entry in entries)

    def find(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError | None]:
        return [self._find(request) for request in requests]

    def _find(self, request: ImageRequest) -> ResolvedImage | LlbfrontError | None:
        entries = self._entries.get(request.ref, ())
        requested = (request.platform or platforms.default()).normalized()
        exact = [image for platform, image in entries if platform == requested]
        if not exact and len(entries) == 1:  # an image of one platform is found for any platform, as on registries
            exact = [image for _, image in entries]
        if exact:
            return exact[0]
        if entries:
            return LlbfrontError(f"no config is given of the image {request.ref} for {requested}")
        return None


def read(data: bytes, *, name: str) -> GivenImages:
    """Read a file of image configs; `name` is for messages. Raises OptionError."""
    try:
        value = parse_json(data)
    except InvalidJson as error:
        raise OptionError(f"{name} is not a file of image configs: {error.message}") from None
    if not isinstance(value, dict):
        raise OptionError(f"{name} is not a file of image configs: it holds no object of references")
    try:
        return GivenImages(value)
    except OptionError as error:
        raise OptionError(f"{name}: {error.message}") from None


def write(resolved: Mapping[tuple[str, str], ResolvedImage]) -> str:
    """Write what was found as such a file, sorted; ends with a newline."""
    entries: dict[str, list[Any]] = {}
    for (ref, _), image in sorted(resolved.items()):
        entry = {"digest": image.digest, "config": parse_json(image.config)}
        kept = entries.setdefault(ref, [])
        if entry not in kept:
            kept.append(entry)
    value = {ref: kept[0] if len(kept) == 1 else kept for ref, kept in entries.items()}
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _normal(ref: str) -> str:
    try:
        return str(reference.parse(ref).with_default_tag())
    except InvalidReference as error:
        raise OptionError(f"{ref!r} is not an image reference: {error.message}") from None


def _digest(ref: str, value: Any) -> str:
    try:
        return digests.parse(value) if value else ""
    except (InvalidDigest, AttributeError):
        raise OptionError(f"the digest of {ref} is invalid") from None


def _entry(ref: str, value: Any) -> tuple[Platform, ResolvedImage]:
    digest = reference.parse(ref).digest or ""
    if isinstance(value, (bytes, str)):
        config = value.encode(errors="replace") if isinstance(value, str) else value
    elif isinstance(value, dict):
        is_bare = "digest" not in value and not _BARE.isdisjoint(value)
        digest = _digest(ref, value.get("digest") or digest)
        config = json.dumps(value if is_bare else value.get("config")).encode()
    else:
        raise OptionError(f"the config of {ref} is not an object")
    try:
        image = images.read(config)
    except InvalidValue as error:
        raise OptionError(f"the config of {ref} cannot be read: {error.message}") from None
    platform = Platform(image.os, image.architecture, image.variant, image.os_version, image.os_features or ())
    return platform.normalized(), ResolvedImage(ref, digest, config)
