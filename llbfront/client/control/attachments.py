"""The attachments of a build record: attestations, and the index, manifests and configs of images.

Source: allAttachments in commands/history/inspect.go of docker/buildx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.client.control.history import Attachment
from llbfront.errors import ContextError, InvalidJson
from llbfront.foreign_json import parse_object

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llbfront.client.control.history import BuildRecord
    from llbfront.foreign_json import JsonObject

INDEX_TYPES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFEST_TYPES = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
CONFIG_TYPES = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")
SHORT_TYPES = {
    "index": INDEX_TYPES,
    "manifest": MANIFEST_TYPES,
    "image": CONFIG_TYPES,
    "provenance": ("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"),
    "sbom": ("https://spdx.dev/Document",),
}


def all_attachments(record: BuildRecord, read_blob: Callable[[str], bytes]) -> list[Attachment]:
    """Return the attachments of a record, with the manifests and configs of the images among them."""
    listed: dict[str, Attachment] = {}
    waiting = list(reversed(record.attachments))
    while waiting:
        attachment = waiting.pop()
        if attachment.digest not in listed:
            listed[attachment.digest] = attachment
            waiting += reversed(_children(attachment, read_blob))
    return list(listed.values())


def select(attachments: Sequence[Attachment], kind: str, platform: str) -> list[Attachment]:
    """Return the attachments of a type (`provenance`, `sbom`, `index`, `manifest`, `image`, or the full one) and a platform; empty for any."""
    kinds = SHORT_TYPES.get(kind, (kind,))
    return [
        attachment for attachment in attachments if (not kind or attachment.type in kinds) and platform in {"", attachment.platform}
    ]


def _children(attachment: Attachment, read_blob: Callable[[str], bytes]) -> list[Attachment]:
    if attachment.media_type in INDEX_TYPES + MANIFEST_TYPES:
        data = read_blob(attachment.digest)
        try:
            return _described(attachment, parse_object(data))
        except InvalidJson as error:
            raise ContextError(f"cannot read {attachment.media_type} {attachment.digest}: {error.message}") from None
    return []


def _described(attachment: Attachment, document: JsonObject) -> list[Attachment]:
    """Return what an index or a manifest describes. Raises: InvalidJson."""
    if attachment.media_type in INDEX_TYPES:
        return [_attachment(manifest, _platform(manifest.object("platform"))) for manifest in document.objects("manifests")]
    return [_attachment(document.object("config"), attachment.platform)]


def _attachment(descriptor: JsonObject, platform: str) -> Attachment:
    media_type = descriptor.text("mediaType")
    return Attachment(media_type, descriptor.text("digest"), descriptor.integer("size"), platform, media_type)


def _platform(value: JsonObject) -> str:
    parts = (value.text("os"), value.text("architecture"), value.text("variant"))
    return "" if parts[0] == "unknown" else "/".join(filter(None, parts))
