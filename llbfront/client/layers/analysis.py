"""Analyse the layers of an image: the files and bytes that each adds, hides and wastes.

A layer hides files of the layers below by replacing or removing them. Their bytes stay in the image: they are wasted.

Source: layer.md of the OCI image specification.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.client.layers.layer_files import entries
from llbfront.client.layers.open_image import open_image
from llbfront.errors import ContextError
from llbfront.errors.llbfront_error import explained
from llbfront.oci import image as images
from llbfront.oci import platform as platforms
from llbfront.oci.platform import Platform

if TYPE_CHECKING:
    import os
    import tarfile

    from llbfront.client.layers.sources import ImageSource, LayerSource
    from llbfront.oci.image import Image
    from llbfront.session.credentials import Notice

ADDED_BY_EXPORTER = "buildkit.exporter"
WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"


@attrs.frozen
class Layer:
    """A layer of an image.

    Attributes:
        digest: its digest in the registry or layout, or its path in a tar of `docker save`.
        diff_id: the digest of its unpacked content.
        instruction: the instruction that made it, empty if the image does not say.
        size_bytes: its size as it is stored.
        content_bytes: the size of its files.
        files: how many files, links and directories it has.
        replaced: how many files of the layers below it replaces.
        removed: how many files of the layers below it removes.
        hidden_bytes: the size of those.
        wasted_bytes: the size of its files that layers above hide.
        is_absent: the content is elsewhere, since registries need not have a foreign layer; all but `size_bytes` is then unknown.
    """

    digest: str
    diff_id: str
    instruction: str
    size_bytes: int
    content_bytes: int
    files: int
    replaced: int
    removed: int
    hidden_bytes: int
    wasted_bytes: int
    is_absent: bool = False


@attrs.frozen
class ImageLayers:
    """An image and its layers, the lowest first. `paths` are the sizes of the files that a container of the image sees."""

    name: str
    layers: tuple[Layer, ...]
    paths: dict[str, int] = attrs.field(repr=False)

    @property
    def size_bytes(self) -> int:
        return sum(layer.size_bytes for layer in self.layers)

    @property
    def content_bytes(self) -> int:
        return sum(layer.content_bytes for layer in self.layers)

    @property
    def wasted_bytes(self) -> int:
        return sum(layer.wasted_bytes for layer in self.layers)

    @property
    def visible_bytes(self) -> int:
        return sum(self.paths.values())


@attrs.frozen
class LayersComparison:
    """Two images side by side. `shared` are the layers that both have; sizes of directories are those that containers see."""

    first: ImageLayers
    second: ImageLayers
    shared: tuple[Layer, ...]
    directories: tuple[tuple[str, int, int], ...]


DIRECTORY_DEPTH = 2


def compare_layers(
    first: str | os.PathLike[str], second: str | os.PathLike[str], platform: str | Platform | None = None
) -> LayersComparison:
    """Compare the layers and files of two images.

    Args:
        first: an image, as for `read_layers`.
        second: the other one.
        platform: the platform of both images, by default that of this machine.

    Raises:
        ContextError: there is no such image, or it cannot be read.
    """
    return compare(read_layers(first, platform), read_layers(second, platform))


def compare(first_layers: ImageLayers, second_layers: ImageLayers) -> LayersComparison:
    """Compare two images that were read."""
    known = {layer.diff_id for layer in second_layers.layers}
    shared = tuple(layer for layer in first_layers.layers if layer.diff_id and layer.diff_id in known)
    sizes = _directory_sizes(first_layers), _directory_sizes(second_layers)
    names = sorted({*sizes[0], *sizes[1]}, key=lambda name: (-abs(sizes[0][name] - sizes[1][name]), name))
    return LayersComparison(first_layers, second_layers, shared, tuple((name, sizes[0][name], sizes[1][name]) for name in names))


def _directory_sizes(image: ImageLayers) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for path, size_bytes in image.paths.items():
        sizes["/" + "/".join(path.split("/")[:-1][:DIRECTORY_DEPTH])] += size_bytes
    return sizes


@attrs.define
class _File:
    """A file in the merged tree: its size, and the number of the layer that has it."""

    size_bytes: int
    layer: int
    is_directory: bool


@attrs.define
class _Counts:
    content_bytes: int = 0
    files: int = 0
    replaced: int = 0
    removed: int = 0
    hidden_bytes: int = 0
    wasted_bytes: int = 0
    is_absent: bool = False


class _Tree:
    """The merged files of layers, by path."""

    def __init__(self) -> None:
        self.files: dict[str, _File] = {}
        self.children: dict[str, set[str]] = {"": set()}
        self.counts: list[_Counts] = []

    def add_absent_layer(self) -> None:
        """Add a top layer whose files are not known."""
        self.counts.append(_Counts(is_absent=True))

    def add_layer(self, entries: Iterator[tarfile.TarInfo]) -> None:
        """Add a top layer."""
        self.counts.append(_Counts())
        for entry in entries:
            path = posixpath.normpath(f"/{entry.name}").strip("/")
            parent, _, name = path.rpartition("/")
            if name == OPAQUE:
                for child in list(self.children.get(parent, ())):
                    self._hide(f"{parent}/{child}".lstrip("/"), is_removal=True)
            elif name.startswith(WHITEOUT):
                self._hide(f"{parent}/{name.removeprefix(WHITEOUT)}".lstrip("/"), is_removal=True)
            elif path not in {"", "."}:
                self._add(path, entry)

    def _add(self, path: str, entry: tarfile.TarInfo) -> None:
        counts, number = self.counts[-1], len(self.counts) - 1
        size = entry.size if entry.isreg() else 0
        counts.files += 1
        counts.content_bytes += size
        old = self.files.get(path)
        if old is not None and not (old.is_directory and entry.isdir()):
            self._hide(path, is_removal=False)
        self.files[path] = _File(size, number, entry.isdir())
        while path:
            parent, _, name = path.rpartition("/")
            siblings = self.children.setdefault(parent, set())
            if name in siblings:
                return  # so are the directories above
            siblings.add(name)
            path = parent

    def _hide(self, path: str, *, is_removal: bool) -> None:
        """Remove a path and everything below it from the tree if it belongs to a lower layer."""
        if is_removal and self._is_new(path):
            return  # whiteouts are about lower layers
        self.children.get(path.rpartition("/")[0], set()).discard(path.rpartition("/")[2])
        for hidden in self._hidden_below(path):
            self._count_hidden(hidden, is_removal=is_removal or hidden != path)

    def _is_new(self, path: str) -> bool:
        """Return whether the present layer has added a path."""
        file = self.files.get(path)
        return file is not None and file.layer == len(self.counts) - 1

    def _hidden_below(self, path: str) -> list[str]:
        """Remove a path and everything below it of lower layers from the tree of names; return the paths."""
        hidden, pending = [], [path]
        while pending:
            here = pending.pop()
            hidden.append(here)
            below = (f"{here}/{child}" for child in self.children.pop(here, ()))
            pending += [child for child in below if not self._is_new(child)]
        return hidden

    def _count_hidden(self, path: str, *, is_removal: bool) -> None:
        counts, number = self.counts[-1], len(self.counts) - 1
        old = self.files.pop(path, None)
        if old is None:
            return
        self.counts[old.layer].wasted_bytes += old.size_bytes
        if old.layer != number:
            counts.hidden_bytes += old.size_bytes
            counts.removed += is_removal
            counts.replaced += not is_removal


def read_layers(image: str | os.PathLike[str], platform: str | Platform | None = None) -> ImageLayers:
    """Return the layers of an image: what each adds, hides and wastes.

    Args:
        image: a name in a registry, a directory with an OCI layout, or a tar of one or of `docker save`. `:TAG` after a path chooses an image.
        platform: the platform of the image, by default that of this machine.

    Raises:
        ContextError: there is no such image, or it cannot be read.
    """
    return layers_of(image, platform)


def layers_of(
    image: str | os.PathLike[str], platform: str | Platform | None = None, *, notify: Callable[[Notice], None] | None = None
) -> ImageLayers:
    """Read the layers of an image as `read_layers`; `notify` is called with problems of registry credentials."""
    with explained():
        return _read_layers(arguments.path(image, "image"), _platform(platform), notify)


def _platform(value: str | Platform | None) -> Platform | None:
    return platforms.parse(value) if isinstance(value, str) else value


def _read_layers(image: str, platform: Platform | None, notify: Callable[[Notice], None] | None) -> ImageLayers:
    tree = _Tree()
    with open_image(image, platform, notify) as source:
        for layer in source.layers:
            _add_layer(tree, source, layer)
    config = images.read(source.config)
    if platform is not None:
        _check_platform(image, config, platform)
    instructions = _instructions(config)
    layers = tuple(
        Layer(
            digest=layer.name,
            diff_id=_at(config.diff_ids or (), number),
            instruction=instruction(_at(instructions, number) if len(instructions) == len(source.layers) else ""),
            size_bytes=layer.size_bytes,
            **attrs.asdict(counts),
        )
        for number, (layer, counts) in enumerate(zip(source.layers, tree.counts, strict=True))
    )
    return ImageLayers(image, layers, {path: file.size_bytes for path, file in tree.files.items() if not file.is_directory})


def _check_platform(name: str, config: Image, platform: Platform) -> None:
    """Refuse the only image of a file if it is for another platform than the one that was asked for. Raises: ContextError."""
    actual = Platform(config.os, config.architecture, config.variant).normalized()
    if config.os and config.architecture and not platforms.only(platform).matches(actual):
        raise ContextError(f"{name} is an image for {actual}, not for {platform}")


def _instructions(config: Image) -> list[str]:
    """Return the instructions of the layers.

    If a base image has no history, BuildKit adds an entry for each of its layers at the end. So the known instructions belong to the last
    layers.
    """
    steps = [step for step in config.history or () if not step.empty_layer]
    known = ["".join(step.created_by) for step in steps if not step.comment.startswith(ADDED_BY_EXPORTER)]
    return [""] * (len(steps) - len(known)) + known


def _at(texts: Sequence[str], number: int) -> str:
    return texts[number] if number < len(texts) else ""


def _add_layer(tree: _Tree, source: ImageSource, layer: LayerSource) -> None:
    """Read a layer. A foreign one that is not there is no error: the place that it is fetched from is not asked."""
    try:
        file = source.open_layer(layer)
    except ContextError:
        if not layer.is_foreign:
            raise
        tree.add_absent_layer()
        return
    with file:
        tree.add_layer(entries(file, f"the layer {layer.name} of {source.name}", layer.media_type))


def instruction(created_by: str) -> str:
    """Return the instruction of a history entry: without what builders add to it."""
    text = created_by.removesuffix(" # buildkit").strip()
    if text.startswith("/bin/sh -c #(nop)"):
        return text.removeprefix("/bin/sh -c #(nop)").strip()
    words = text.split(" ")
    if words[0] == "RUN" and words[1:2] and words[1].startswith("|") and words[1][1:].isdigit():
        rest = text.split("/bin/sh -c ", 1)
        text = f"RUN {rest[1]}" if len(rest) > 1 else text
    text = text.replace("RUN /bin/sh -c ", "RUN ", 1)
    return f"RUN {text.removeprefix('/bin/sh -c ')}" if text.startswith("/bin/sh -c ") else text
