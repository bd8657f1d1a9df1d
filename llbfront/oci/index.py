"""Look manifests up in an image index: by name or tag, or for a platform.

Source: the OCI image specification (image-index.md, annotations.md); client/ociindex of BuildKit; containerd/platforms for the choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llbfront.errors import InvalidJson
from llbfront.oci import platform as platforms
from llbfront.oci.digest import PATTERN
from llbfront.oci.platform import Platform

if TYPE_CHECKING:
    from llbfront.foreign_json import JsonObject

OCI_INDEX, OCI_MANIFEST = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"
INDEX_TYPES = (OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFEST_TYPES = (OCI_MANIFEST, "application/vnd.docker.distribution.manifest.v2+json")
IMAGE_NAME = "io.containerd.image.name"
REF_NAME = "org.opencontainers.image.ref.name"


def digest_of(descriptor: JsonObject) -> str:
    """Return the digest of a descriptor. Raises: InvalidJson."""
    digest = descriptor.text("digest")
    if not re.fullmatch(PATTERN, digest):
        raise InvalidJson(f"{descriptor.where or 'the descriptor'} has no digest")
    return digest


def descriptors_of(index: JsonObject) -> tuple[JsonObject, ...]:
    """Return the descriptors of the manifests of an index. Raises: InvalidJson for one without a digest or with bad annotations."""
    if "manifests" not in index.members:
        raise InvalidJson("it has no manifests")
    descriptors = index.objects("manifests")
    for descriptor in descriptors:
        digest_of(descriptor)
        descriptor.text_map("annotations")
    return descriptors


def find_by_name(descriptors: Sequence[JsonObject], name: str) -> JsonObject | None:
    """Return the first descriptor with an image name, else the first one with a tag of that name."""
    for key in (IMAGE_NAME, REF_NAME):
        for descriptor in descriptors:
            if descriptor.text_map("annotations").get(key) == name:
                return descriptor
    return None


def tags_of(descriptors: Sequence[JsonObject]) -> list[str]:
    """Return the tags in an index, sorted."""
    return sorted({tag for descriptor in descriptors if (tag := descriptor.text_map("annotations").get(REF_NAME))})


def find_for_platform(descriptors: Sequence[JsonObject], platform: Platform) -> JsonObject | None:
    """Return the best descriptor for a machine of a platform, the first of equally good ones; None if none runs there."""
    matcher = platforms.only(platform.normalized())
    best: tuple[Platform, JsonObject] | None = None
    for descriptor in descriptors:
        candidate = _platform(descriptor.object("platform"))
        if matcher.matches(candidate) and (best is None or matcher.prefers(candidate, best[0])):
            best = candidate, descriptor
    return None if best is None else best[1]


def _platform(value: JsonObject) -> Platform:
    os_version, os_features = value.text("os.version"), value.texts("os.features")
    return Platform(value.text("os"), value.text("architecture"), value.text("variant"), os_version, os_features).normalized()


def name_annotations(name: str) -> dict[str, str]:
    """Return the annotations of a manifest with an image name. The tag is cut off the name as containerd does."""
    return {IMAGE_NAME: name, REF_NAME: _tag_of(name)}


def _tag_of(name: str) -> str:
    """Return the tag or `@digest` of an image name; a name without a slash is its own tag."""
    head, slash, last = name.rpartition("/")
    cut = min((i for i in (last.find(":"), last.find("@")) if i >= 0), default=-1)
    if not slash or not head or cut < 0:
        return name if not slash else ""
    return last[cut + 1 :] if last[cut] == ":" else last[cut:]


def insert(manifests: list[dict[str, Any]], descriptor: JsonObject, annotations: Mapping[str, str]) -> None:
    """Add a manifest in the place of those that have the same name and tag."""
    entry = dict(descriptor.members)
    if annotations:
        entry["annotations"] = {**descriptor.text_map("annotations"), **annotations}
        replaced = _name_and_tag(annotations)
        manifests[:] = [other for other in manifests if _name_and_tag(other.get("annotations") or {}) != replaced]
    manifests.append(entry)


def _name_and_tag(annotations: Mapping[str, str]) -> tuple[str, str]:
    return annotations.get(IMAGE_NAME, ""), annotations.get(REF_NAME, "")
