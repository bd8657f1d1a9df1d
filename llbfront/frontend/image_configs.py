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
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.frontend.bridge import ImageRequest

_CONFIG_MEMBERS = frozenset(("architecture", "os", "rootfs"))  # one of them marks a bare image config
_ENTRY_MEMBERS = ("digest", "config")


class ImageConfigs:
    """Image configs by reference. Raises: OptionError for an invalid entry."""

    def __init__(self, configs: Mapping[str, Any]) -> None:
        if not isinstance(configs, Mapping):
            raise arguments.refuse("images", "a mapping of image configs by reference", configs)
        self._entries: dict[str, list[tuple[Platform, ResolvedImage]]] = {}
        for ref, value in configs.items():
            name = _normal(arguments.text(ref, "a name in images"))
            entries = value if isinstance(value, (list, tuple)) else [value]
            self._entries.setdefault(name, []).extend(_entry(name, entry) for entry in entries)

    def find(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError | None]:
        """Return an image for each request, None for a reference without an entry, an error if all entries are for other platforms."""
        return [self._find(request) for request in requests]

    def _find(self, request: ImageRequest) -> ResolvedImage | LlbfrontError | None:
        entries = self._entries.get(request.ref, ())
        requested = (request.platform or platforms.default()).normalized()
        by_platform = dict(reversed(entries))  # the first entry of a platform counts
        if requested in by_platform:
            return by_platform[requested]
        if len(entries) == 1:  # an image of one platform is found for any platform, as on registries
            return entries[0][1]
        if not entries:
            return None
        known = ", ".join(map(str, dict.fromkeys(platform for platform, _ in entries)))
        return LlbfrontError(f"the image configs have no entry for {request.ref} on {requested}", hint=f"they have {known}")


def parse_image_configs(data: bytes, *, name: str) -> ImageConfigs:
    """Parse a file of image configs; `name` is for messages. Raises: OptionError."""
    try:
        value = parse_json(data)
    except InvalidJson as error:
        raise OptionError(f"{name} is not a file of image configs: {error.message}") from None
    if not isinstance(value, dict):
        raise OptionError(f"{name} is not a file of image configs: it holds no object of references")
    try:
        return ImageConfigs(value)
    except OptionError as error:
        raise OptionError(f"{name}: {error.message}", hint=error.hint) from None


def encode_image_configs(resolved: Mapping[tuple[str, str], ResolvedImage]) -> bytes:
    """Encode images by reference and platform as such a file, sorted; it ends with a newline."""
    entries: dict[str, list[Any]] = {}
    for (ref, _), image in sorted(resolved.items()):
        entry = {"digest": image.digest, "config": parse_json(image.config)}
        same_ref = entries.setdefault(ref, [])
        if entry not in same_ref:
            same_ref.append(entry)
    value = {ref: each[0] if len(each) == 1 else each for ref, each in entries.items()}
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return text.encode(errors="surrogateescape")


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
    if isinstance(value, dict):
        digest = _digest(ref, value.get("digest") or digest)
        value = _config_of(ref, value)
    elif not isinstance(value, (bytes, str)):
        raise OptionError(f"the config of {ref} is not an object")
    try:
        config = value.encode() if isinstance(value, str) else value
        image = images.read(config)
    except UnicodeEncodeError:
        raise OptionError(f"the config of {ref} is not valid Unicode", hint="pass the bytes of the config") from None
    except InvalidValue as error:
        raise OptionError(f"the config of {ref} cannot be read: {error.message}") from None
    platform = Platform(image.os, image.architecture, image.variant, image.os_version, image.os_features or ())
    return platform.normalized(), ResolvedImage(ref, digest, config)


def _config_of(ref: str, entry: dict[str, Any]) -> bytes:
    """Return the config of an entry, or the entry itself if it is a bare config. Raises: OptionError for unknown members."""
    if "digest" not in entry and not _CONFIG_MEMBERS.isdisjoint(map(str.lower, entry)):
        return json.dumps(entry).encode()
    if unknown := [name for name in entry if name not in _ENTRY_MEMBERS]:
        hint = suggestion(unknown[0], _ENTRY_MEMBERS) or "use digest and config, or an image config with architecture and os"
        raise OptionError(f"the entry of {ref} has an unknown member {unknown[0]}", hint=hint)
    if entry.get("config") is None:
        raise OptionError(f"the entry of {ref} has no config", hint='such as {"digest": "sha256:…", "config": {…}}')
    return json.dumps(entry["config"]).encode()
