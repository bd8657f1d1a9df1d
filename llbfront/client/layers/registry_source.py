"""An image in a registry, to read its layers. A layer is fetched when it is read, and kept in memory only until the next one.

Source: the OCI distribution specification.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from llbfront.client.layers.sources import ImageSource, image_manifest, layers_of
from llbfront.client.sources.registry import RegistryImages
from llbfront.errors import ContextError, InvalidJson, LlbfrontError
from llbfront.foreign_json import parse_object
from llbfront.oci import reference
from llbfront.oci.index import descriptors_of, digest_of
from llbfront.session.credentials import CredentialStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llbfront.oci.platform import Platform
    from llbfront.oci.reference import Reference
    from llbfront.session.credentials import Notice


class RegistryBlobs:
    """The blobs of a repository."""

    def __init__(self, images: RegistryImages, ref: Reference, sizes: Mapping[str, int]) -> None:
        """Keep the sizes that the manifest states; a larger blob is refused."""
        self._images, self._ref, self._sizes = images, ref, sizes

    def open(self, name: str) -> BinaryIO:
        try:
            return io.BytesIO(self._images.blob(self._ref, name, size_bytes=self._sizes.get(name, 0)))
        except LlbfrontError as error:
            raise ContextError(f"cannot read {name}: {error.message}", hint=error.hint) from None


def open_registry_image(name: str, platform: Platform | None, notify: Callable[[Notice], None] | None = None) -> ImageSource:
    """Find an image by its name; `notify` is called with problems of credentials. Raises: ContextError, InvalidReference."""
    ref = reference.parse(name)
    images = RegistryImages(CredentialStore(notify=notify) if notify else None)
    try:
        document = parse_object(images.manifest(ref, ref.digest or ref.tag or "latest"))
        if "manifests" in document.members:
            document = image_manifest(
                name,
                descriptors_of(document),
                lambda descriptor: parse_object(images.manifest(ref, digest_of(descriptor))),
                platform,
            )
        layers = layers_of(document)
        blobs = RegistryBlobs(images, ref, {layer.name: layer.size_bytes for layer in layers})
        with blobs.open(digest_of(document.object("config"))) as config:
            return ImageSource(name, config.read(), layers, blobs)
    except InvalidJson as error:
        raise ContextError(f"cannot read the image {name}: its manifest is invalid: {error.message}") from None
    except LlbfrontError as error:
        raise ContextError(f"cannot read the image {name}: {error.message}", hint=error.hint) from None
