"""Parse image references as people type them, and print them in the full or the familiar form.

    reference = [domain "/"] path [":" tag] ["@" digest]
    domain    = host [":" port]                             host = names joined by ".", or an IPv6 address in brackets
    path      = component {"/" component}                   component = a-z0-9 joined by ".", "_", "__" or dashes

Source: distribution/reference v0.6.0.
"""

from __future__ import annotations

import functools
import re

import attrs

from llbfront.errors import InvalidDigest, InvalidReference
from llbfront.oci import digest as digests

_PATH_LIMIT = 255
_HUB, _HUB_LEGACY, _OFFICIAL = "docker.io", "index.docker.io", "library/"

# The patterns are strings, so that they are compiled on first use and not on import. They accept the same strings as upstream's
# patterns, which have a group for each label of a domain and each component of a path.
_DOMAIN = r"(?:[a-zA-Z0-9]+(?:(?:-+|\.)[a-zA-Z0-9]+)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PATH = r"[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*"
_TAG = r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*[:][0-9a-fA-F]{32,}"
_REFERENCE = rf"(?:({_DOMAIN})/)?({_PATH})(?::({_TAG}))?(?:@({_DIGEST}))?"


class UppercaseName(InvalidReference):
    """A reference is invalid because the name of its repository has capital letters."""


@attrs.frozen
class Reference:
    """An image of a registry. `str()` gives the full form `domain/path[:tag][@digest]`."""

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """`domain/path`, or the path alone if the text before the first slash is not a valid domain."""
        return f"{self.domain}/{self.path}" if self.domain else self.path

    @property
    def familiar_name(self) -> str:
        """The shortest form of the name alone."""
        if self.domain != _HUB:
            return self.name
        short = self.path.removeprefix(_OFFICIAL)
        return self.path if "/" in short else short

    @property
    def familiar(self) -> str:
        """The shortest form: without `docker.io/` and `library/`; tag and digest are kept."""
        return self.familiar_name + self._suffix

    @property
    def _suffix(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def __repr__(self) -> str:
        return f"Reference({str(self)!r})"

    def __str__(self) -> str:
        return self.name + self._suffix

    def with_default_tag(self) -> Reference:
        """Add `latest` if there is neither a tag nor a digest."""
        return self if self.tag or self.digest else attrs.evolve(self, tag="latest")

    def with_tag(self, tag: str) -> Reference:
        """Add or replace the tag; the digest stays.

        Raises: InvalidReference.
        """
        if not re.fullmatch(_TAG, tag):
            raise InvalidReference(f"invalid tag {tag!r}")
        return attrs.evolve(self, tag=tag)

    def with_digest(self, digest: str) -> Reference:
        """Add or replace the digest; the tag stays.

        Raises: InvalidReference.
        """
        if not re.fullmatch(_DIGEST, digest):
            raise InvalidReference(f"invalid digest {digest!r}")
        return attrs.evolve(self, digest=digest)


@functools.lru_cache(maxsize=256)  # builds name the same images again and again
def parse(text: str) -> Reference:
    """Parse a reference, adding `docker.io` and `library` where they are left out; no tag is added.

    Raises: InvalidReference.
    """
    if re.fullmatch(r"[a-f0-9]{64}", text):
        raise InvalidReference(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
    domain, rest = _split_domain(text)
    name = rest.partition(":")[0]
    if name.lower() != name:
        raise UppercaseName(f"invalid reference format: repository name ({name}) must be lowercase")
    match = _match_reference(f"{domain}/{rest}")
    return Reference(match[1] or "", match[2], match[3], match[4])


def parse_plain(text: str) -> tuple[str, str]:
    """Parse a reference as it is typed, with nothing added, into its name and its digest, which may be empty.

    Raises: InvalidReference.
    """
    match = _match_reference(text)
    return Reference(match[1] or "", match[2]).name, match[4] or ""


def _match_reference(text: str) -> re.Match[str]:
    match = re.fullmatch(_REFERENCE, text)
    if match is None:
        if not text:
            raise InvalidReference("repository name must have at least one component")
        if re.fullmatch(_REFERENCE, text.lower()):
            raise UppercaseName("repository name must be lowercase")
        raise InvalidReference("invalid reference format")
    if len(match[2]) > _PATH_LIMIT:
        raise InvalidReference(f"repository name must not be more than {_PATH_LIMIT} characters")
    if match[4]:
        try:
            digests.parse(match[4])
        except InvalidDigest as error:
            raise InvalidReference(error.message) from error
    return match


def _split_domain(text: str) -> tuple[str, str]:
    """Split what people type; a first part is a domain if it looks like one, otherwise the image is on Docker Hub."""
    first, slash, rest = text.partition("/")
    if not slash:
        return _HUB, _OFFICIAL + text
    if first == _HUB_LEGACY:
        first = _HUB
    elif first != "localhost" and not set(".:") & set(first) and first.lower() == first:
        first, rest = _HUB, text
    return first, _OFFICIAL + rest if first == _HUB and "/" not in rest else rest
