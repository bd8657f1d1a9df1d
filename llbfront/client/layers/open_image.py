"""Open an image by what a user writes: a directory, a tar, or a name in a registry."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from llbfront.client.layers.sources import DirectoryBlobs, ImageSource, TarBlobs, layout_image, tar_image
from llbfront.errors import ContextError, InvalidJson
from llbfront.errors.llbfront_error import joined_hints
from llbfront.files.near_paths import near_path_hint
from llbfront.files.paths import STANDARD_STREAM, STDIN_PATH, reason, refuse_kind

if TYPE_CHECKING:
    from llbfront.oci.platform import Platform
    from llbfront.session.credentials import Notice


@contextlib.contextmanager
def open_image(
    name: str, platform: Platform | None = None, notify: Callable[[Notice], None] | None = None
) -> Iterator[ImageSource]:
    """Open an image: `name` is a directory with an OCI layout, a tar, `-` for one on standard input, or a name in a registry.

    `:TAG` after a directory or a tar chooses one of several images.

    Raises:
        ContextError: there is no such image, or it cannot be read.
    """
    path, tag = _split_tag(name)
    with contextlib.ExitStack() as stack:
        try:
            if os.path.isdir(path):
                source = layout_image(name, DirectoryBlobs(path), tag, platform)
            elif name != STANDARD_STREAM and os.path.exists(path) and stat.S_ISCHR(os.stat(path).st_mode):
                raise ContextError(f"cannot read {path}: it is a device")
            elif name == STANDARD_STREAM or os.path.exists(path):
                tar = TarBlobs(STDIN_PATH if name == STANDARD_STREAM else path)
                source = tar_image(name, stack.enter_context(tar), tag, platform)
            elif name.startswith((".", "/")):
                raise ContextError(f"cannot read {path}: {_why_missing(path)}", hint=near_path_hint(path))
            else:
                from llbfront.client.layers.registry_source import open_registry_image  # loads HTTP, which files do not need

                try:
                    source = open_registry_image(name, platform, notify)
                except ContextError as error:
                    if _names_registry(name):
                        raise
                    said = error.message.removeprefix(f"cannot read the image {name}: ")
                    message = f"no file or directory is called {name}, and no image of that name can be read: {said}"
                    raise error.evolve(message=message, hint=joined_hints(near_path_hint(path), error.hint)) from None
        except InvalidJson as error:
            raise ContextError(f"{name} is not an image: {error.message}") from None
        yield source


def _why_missing(path: str) -> str:
    """Return why nothing can be read at a path."""
    try:
        refuse_kind(path)
    except (OSError, ValueError) as error:
        return reason(error)
    return "no such file or directory"


def _names_registry(name: str) -> bool:
    """Return whether a name begins with the host of a registry, so that no file is meant."""
    host, slash, _ = name.partition("/")
    return bool(slash) and (host == "localhost" or "." in host or ":" in host)


def _split_tag(name: str) -> tuple[str, str]:
    if os.path.exists(name):
        return name, ""
    path, colon, tag = name.rpartition(":")
    return (path, tag) if colon and os.path.exists(path) else (name, "")
