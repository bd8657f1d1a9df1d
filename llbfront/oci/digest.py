"""Content digests: bytes or a text → `sha256:<hex>` as a str.

Source: opencontainers/go-digest.
"""

from __future__ import annotations

import hashlib
import re

from llbfront.errors import InvalidDigest

_HEX_LENGTH = {"sha256": 64, "sha384": 96, "sha512": 128}
_ANY = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
_HEX = re.compile(r"[a-f0-9]+")


def of(data: bytes) -> str:
    """Return the sha256 digest of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def parse(text: str) -> str:
    """Return `text` if it is a digest of a known algorithm.

    Raises: InvalidDigest.
    """
    algorithm, colon, encoded = text.partition(":")
    if not algorithm or not colon or not encoded:
        raise InvalidDigest(f"invalid digest {text!r}: want algorithm:hex")
    length = _HEX_LENGTH.get(algorithm)
    if length is None:
        kind = "unsupported algorithm" if _ANY.fullmatch(text) else "want algorithm:hex"
        raise InvalidDigest(f"invalid digest {text!r}: {kind}")
    if len(encoded) != length or not _HEX.fullmatch(encoded):
        raise InvalidDigest(f"invalid digest {text!r}: {algorithm} takes {length} lower-case hex digits")
    return text
