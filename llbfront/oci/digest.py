"""Compute and parse content digests (`sha256:<hex>`).

Source: opencontainers/go-digest.
"""

from __future__ import annotations

import hashlib
import re

from llbfront.errors import InvalidDigest

_HEX_LENGTH = {"sha256": 64, "sha384": 96, "sha512": 128}
PATTERN = r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+"
"""Any digest, also of an unknown algorithm."""


def of(*parts: bytes) -> str:
    """Return the sha256 digest of the concatenation of some bytes."""
    hashing = hashlib.sha256()
    for part in parts:
        hashing.update(part)
    return f"sha256:{hashing.hexdigest()}"


def parse(text: str) -> str:
    """Return `text` if it is a digest of a known algorithm.

    Raises: InvalidDigest.
    """
    algorithm, colon, encoded = text.partition(":")
    if not algorithm or not colon or not encoded:
        raise InvalidDigest("invalid checksum digest format")
    length = _HEX_LENGTH.get(algorithm)
    if length is None:
        raise InvalidDigest("unsupported digest algorithm" if re.fullmatch(PATTERN, text) else "invalid checksum digest format")
    if len(encoded) != length:
        raise InvalidDigest("invalid checksum digest length")
    if not re.fullmatch("[a-f0-9]+", encoded):
        raise InvalidDigest("invalid checksum digest format")
    return text
