"""Image configs from the OCI layouts that named contexts name, for conversions without an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from llbfront.client.layers.sources import DirectoryBlobs, digest_image
from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
from llbfront.errors import LlbfrontError
from llbfront.oci import reference

if TYPE_CHECKING:
    from llbfront.frontend.bridge import ImageRequest


class LayoutImages:
    """The images of OCI layouts, by the names of their stores. A layout that cannot be read knows no image."""

    def __init__(self, layouts: Mapping[str, str]) -> None:
        self._layouts = layouts

    def find(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError | None]:
        """Return an image for each request, None for those of other places."""
        return [self._find(request) for request in requests]

    def _find(self, request: ImageRequest) -> ResolvedImage | None:
        path = self._layouts.get(request.store[1]) if request.store else None
        digest = reference.parse(request.ref).digest
        if path is None or not digest:
            return None
        try:
            return ResolvedImage(request.ref, digest, digest_image(path, DirectoryBlobs(path), digest, request.platform).config)
        except LlbfrontError:
            return None
