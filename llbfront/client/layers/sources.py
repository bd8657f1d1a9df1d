"""Images to read layers of: in a registry, in an OCI layout, in a tar of an OCI layout or of `docker save`.

Source: the OCI image layout specification; the image tarball of `docker save`.
"""

from __future__ import annotations

import contextlib
import os
import tarfile
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

import attrs

from llbfront.errors import ContextError, InvalidJson
from llbfront.files.paths import reason
from llbfront.files.reading import open_regular, spooled
from llbfront.foreign_json import JsonObject, as_object, parse_json, parse_object
from llbfront.fsutil.tar_errors import DamagedTar, damaged_is_one_error
from llbfront.oci import platform as platforms
from llbfront.oci.index import INDEX_TYPES, descriptors_of, digest_of, find_by_name, find_for_platform, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llbfront.oci.platform import Platform

INDEX, DOCKER_MANIFEST = "index.json", "manifest.json"
MANIFEST_LIMIT_BYTES = 8 << 20
INDEX_LEVELS = 8


@attrs.frozen
class LayerSource:
    """A layer to read.

    Attributes:
        name: its digest, or its path in a tar of `docker save`.
        size_bytes: its size as it is stored, compressed or not.
        media_type: its type, empty if it is not said.
    """

    name: str
    size_bytes: int
    media_type: str = ""

    @property
    def is_foreign(self) -> bool:
        """Whether registries need not have it."""
        return "nondistributable" in self.media_type or ".foreign." in self.media_type


def layers_of(manifest: JsonObject) -> tuple[LayerSource, ...]:
    """Return the layers of a manifest. Raises: InvalidJson."""
    return tuple(
        LayerSource(digest_of(layer), layer.integer("size"), layer.text("mediaType")) for layer in manifest.objects("layers")
    )


@attrs.frozen
class ImageSource:
    """An image to read: its config, its layers from the lowest up, and where they are."""

    name: str
    config: bytes
    layers: tuple[LayerSource, ...]
    blobs: Blobs

    def open_layer(self, layer: LayerSource) -> BinaryIO:
        """Open a layer for reading."""
        return self.blobs.open(layer.name)


class Blobs(Protocol):
    """A place with content by name."""

    def open(self, name: str) -> BinaryIO:
        """Open content for reading. Raises: ContextError."""


class DirectoryBlobs:
    """The files of an OCI layout in a directory."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def open(self, name: str) -> BinaryIO:
        path = os.path.join(self._directory, _path_of(name))
        try:
            return open_regular(path)
        except (OSError, ValueError) as error:
            raise ContextError(f"cannot read {path}: {reason(error)}") from None


class TarBlobs:
    """The files in a tar."""

    def __init__(self, path: str) -> None:
        self._path = path
        with contextlib.ExitStack() as stack:
            try:
                file = stack.enter_context(spooled(path))
            except (OSError, ValueError) as error:
                raise ContextError(f"cannot read {path}: {reason(error)}") from None
            try:
                with damaged_is_one_error():
                    self._archive = stack.enter_context(tarfile.open(fileobj=file))
                    self._entries: Mapping[str, tarfile.TarInfo] = {entry.name.removeprefix("./"): entry for entry in self._archive}
            except DamagedTar as error:
                hint = "an image is a name in a registry, a directory with an OCI layout, or a tar"
                raise ContextError(f"cannot read {path}: {error}", hint=hint) from None
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def has(self, name: str) -> bool:
        return name in self._entries

    def size_of(self, name: str) -> int:
        return self._entries[name].size if name in self._entries else 0

    def open(self, name: str) -> BinaryIO:
        entry = self._entries.get(_path_of(name))
        if entry is not None and entry.issym():  # docker save links equal layers
            entry = self._entries.get(os.path.normpath(os.path.join(os.path.dirname(entry.name), entry.linkname)))
        try:
            file = self._archive.extractfile(entry) if entry else None
        except (KeyError, RecursionError):  # a link to nothing, or to itself
            file = None
        if file is None:
            raise ContextError(f"{self._path} has no {_path_of(name)}")
        return file  # type: ignore[return-value]  # it has all methods of a binary file


def _path_of(name: str) -> str:
    """Return the path in a layout of a digest; other names are paths."""
    algorithm, colon, encoded = name.partition(":")
    return f"blobs/{algorithm}/{encoded}" if colon else name


def _read(blobs: Blobs, name: str) -> bytes:
    try:
        with blobs.open(name) as file, damaged_is_one_error():
            return file.read(MANIFEST_LIMIT_BYTES)
    except DamagedTar as error:
        raise ContextError(f"cannot read {name}: {error}") from None


def layout_image(name: str, blobs: Blobs, tag: str, platform: Platform | None) -> ImageSource:
    descriptors = descriptors_of(parse_object(_read(blobs, INDEX)))
    if tag:
        named = find_by_name(descriptors, tag)
        if named is None:
            raise ContextError(f"{name} has no tag {tag}", hint=f"it has {', '.join(tags_of(descriptors)) or 'none'}")
        descriptors = (named,)
    return _chosen_image(name, blobs, descriptors, platform)


def digest_image(name: str, blobs: Blobs, digest: str, platform: Platform | None) -> ImageSource:
    """Return the image whose manifest or index has a digest. Raises: ContextError, InvalidJson."""
    return _chosen_image(name, blobs, (as_object({"digest": digest}),), platform)


def _chosen_image(name: str, blobs: Blobs, descriptors: Sequence[JsonObject], platform: Platform | None) -> ImageSource:
    manifest = image_manifest(name, descriptors, lambda descriptor: parse_object(_read(blobs, digest_of(descriptor))), platform)
    return ImageSource(name, _read(blobs, digest_of(manifest.object("config"))), layers_of(manifest), blobs)


def image_manifest(
    name: str, descriptors: Sequence[JsonObject], load: Callable[[JsonObject], JsonObject], platform: Platform | None
) -> JsonObject:
    """Return the manifest of an image for a platform, through a few levels of indexes. Raises: ContextError."""
    for _ in range(INDEX_LEVELS):
        different = list({digest_of(descriptor): descriptor for descriptor in descriptors}.values())
        if not different:
            raise ContextError(f"{name} lists no image")
        chosen = find_for_platform(different, platform or platforms.default()) if len(different) > 1 else different[0]
        if chosen is None:
            tags = tags_of(different)
            hint = f"name one with {name}:TAG, of {', '.join(tags)}" if tags else "name another one with --platform"
            raise ContextError(f"{name} has no image for {platform or platforms.default()}", hint=hint)
        document = load(chosen)
        if chosen.text("mediaType") not in INDEX_TYPES and "manifests" not in document.members:
            return document
        descriptors = descriptors_of(document)
    raise ContextError(f"{name} has indexes in indexes, more than {INDEX_LEVELS} levels deep")


def tar_image(name: str, blobs: TarBlobs, tag: str, platform: Platform | None) -> ImageSource:
    if blobs.has(INDEX):
        return layout_image(name, blobs, tag, platform)
    if not blobs.has(DOCKER_MANIFEST):
        raise ContextError(f"{name} holds no image: it has neither {INDEX} nor {DOCKER_MANIFEST}")
    images = parse_json(_read(blobs, DOCKER_MANIFEST))
    if not isinstance(images, list) or not images:
        raise InvalidJson(f"{DOCKER_MANIFEST} lists no image")
    image = _saved_image(name, [as_object(image) for image in images], tag)
    layers = tuple(LayerSource(path, blobs.size_of(path)) for path in image.texts("Layers"))
    return ImageSource(name, _read(blobs, image.text("Config")), layers, blobs)


def _saved_image(name: str, images: Sequence[JsonObject], tag: str) -> JsonObject:
    """Return the image with a tag from an archive of `docker save`, by default the first image."""
    tags = [tuple(text.rpartition(":")[2] for text in image.texts("RepoTags")) for image in images]
    for image, names in zip(images, tags, strict=True):
        if not tag or tag in names:
            return image
    known = ", ".join(tag for names in tags for tag in names)
    raise ContextError(f"{name} has no tag {tag}", hint=f"it has {known or 'none'}")
