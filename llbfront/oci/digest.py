"""Content digests: bytes or a text → `sha256:<hex>` as a str.

Source: opencontainers/go-digest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from llbfront.errors import InvalidDigest

try:  # the same functions without OpenSSL, whose loading by hashlib would cost every start three milliseconds
    from _sha2 import sha256  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        from hashlib import sha256


_HEX_LENGTH = {"sha256": 64, "sha384": 96, "sha512": 128}
PATTERN = r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+"
"""Any digest, also of an unknown algorithm."""


_LARGE = 1 << 22


def of(*parts: bytes) -> str:
    """Return the sha256 digest of bytes, or of what several parts are together."""
    if len(parts) == 1 and len(parts[0]) < _LARGE:
        return f"sha256:{sha256(parts[0]).hexdigest()}"
    hashing = _openssl()()
    for part in parts:
        hashing.update(part)
    return f"sha256:{hashing.hexdigest()}"


def _openssl() -> Callable[[], Any]:
    """The sha256 of OpenSSL, four times as fast; loaded where there is so much to hash that its loading does not count."""
    from hashlib import sha256 as openssl

    return openssl


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
