"""The interface of an engine for frontends. Requests that do not depend on each other are sent together.

Source: frontend/gateway/client/client.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from llbfront.errors import LlbfrontError

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
    from llbfront.frontend.options import CacheImport
    from llbfront.llb.caps import Caps
    from llbfront.llb.definition import Definition
    from llbfront.oci.platform import Platform
    from llbfront.source import Span


class NotAnImage(LlbfrontError):
    """A source policy made something else of an image; `identifier` is what."""

    def __init__(self, ref: str, identifier: str) -> None:
        super().__init__(f"ref mutated by policy to non-image: docker-image://{ref} -> {identifier}")
        self.identifier = identifier


@attrs.frozen(eq=False)
class ImageRequest:
    """An image whose config is asked for. `store` is the session and name of an OCI layout, None for a registry."""

    ref: str
    platform: Platform | None
    resolve_mode: str
    log_name: str
    store: tuple[str, str] | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """The values that the answer depends on."""
        return self.ref, self.platform, self.resolve_mode, self.store


@attrs.frozen(eq=False)
class SourceMeta:
    """Metadata of a source that is known before it is fetched: the commit object of git, or the time that a web server reports (ns).

    `checksum` is the commit of a git source, and the digest of a file from the web; None for other sources and from older engines.
    """

    commit: bytes | None = None
    last_modified_ns: int | None = None
    checksum: str | None = None


@attrs.frozen(eq=False)
class FrontendWarning:
    """A warning of a frontend about lines of a source. `digest` is the vertex that it belongs to."""

    digest: str
    text: str
    detail: str
    url: str
    span: Span


@attrs.frozen(eq=False)
class Attestation:
    """A statement about a result: the file at `path` in `ref`, or with kind `bundle` all files there."""

    kind: str
    ref: Reference | None
    path: str = ""
    predicate_type: str = ""
    metadata: Mapping[str, bytes] = attrs.field(factory=dict)
    subjects: Sequence[Any] = ()


@attrs.frozen(eq=False)
class Returned:
    """The result of a frontend: one ref, or with `refs` one per platform id, and metadata. A ref that is None is an empty file system."""

    ref: Reference | None = None
    refs: Mapping[str, Reference | None] | None = None
    metadata: Mapping[str, bytes] = attrs.field(factory=dict)
    attestations: Mapping[str, tuple[Attestation, ...]] = attrs.field(factory=dict)


class Reference(Protocol):
    """A result that is solved, or will be when it is read."""

    def read_file(self, path: str, *, limit: int) -> bytes:
        """Read the beginning of a file, up to `limit` bytes. Raises: LlbfrontError."""

    def size_of(self, path: str) -> int | None:
        """Return the size of a file in bytes, None if it is not known."""


class Bridge(Protocol):
    """An engine, for the length of one build."""

    options: Mapping[str, str]
    session_id: str
    caps: Caps
    llb_caps: Caps
    platforms: Sequence[Platform]

    def solve(
        self, definitions: Sequence[Definition], *, cache_imports: Sequence[CacheImport] = (), evaluate: bool = False
    ) -> list[Reference | None]:
        """Solve graphs, side by side. An empty one gives None."""

    def solve_frontend(self, name: str, options: Mapping[str, str], inputs: Mapping[str, Definition]) -> Returned:
        """Build with another frontend."""

    def resolve_images(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError]:
        """Look images up, side by side; each answer is a config or the error that hindered it."""

    def resolve_source(self, identifier: str, attributes: Mapping[str, str], *, log_name: str, with_commit: bool) -> SourceMeta:
        """Resolve the metadata of a source that is not an image."""

    def inputs(self) -> Mapping[str, Definition]:
        """Return the graphs that the build was given as inputs, by name."""

    def warn(self, digest: str, text: str, *, detail: str, url: str, span: Span) -> None:
        """Show a warning about a place in a source file."""

    def local_file(self, name: str, path: str) -> bytes | None:
        """Read a file of an offered directory without asking the engine. Raises: NotImplementedError where that cannot be done."""
