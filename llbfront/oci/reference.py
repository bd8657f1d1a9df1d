"""Image references: what people type → Reference with a full name, and back in the full or the familiar form.

Source: distribution/reference v0.6.0.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Reference:
    """An image of a registry. `str()` gives the full form `domain/path[:tag][@digest]`."""

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """`domain/path`."""
        return f"{self.domain}/{self.path}"

    @property
    def familiar(self) -> str:
        """The shortest form: without `docker.io/` and `library/`; tag and digest are kept."""
        raise NotImplementedError

    @property
    def familiar_name(self) -> str:
        """The shortest form of the name alone."""
        raise NotImplementedError

    def with_default_tag(self) -> Reference:
        """Add `latest` if there is neither a tag nor a digest."""
        raise NotImplementedError

    def with_digest(self, digest: str) -> Reference:
        """Add or replace the digest; the tag stays."""
        raise NotImplementedError


def parse(text: str) -> Reference:
    """Parse a reference, adding `docker.io` and `library` where they are left out; no tag is added.

    Raises: InvalidReference.
    """
    raise NotImplementedError
