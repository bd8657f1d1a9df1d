"""Recognise files that are not text in UTF-8 by their first bytes: archives, and text as some editors and shells of Windows write it."""

from __future__ import annotations

import attrs


@attrs.frozen
class OtherFormat:
    """What a file is instead of text in UTF-8, as the end of a sentence, and what to do about it."""

    name: str
    hint: str | None = None


_BLOCK = 512  # the size of a block of a tar
_TAR = (b"ustar\x0000", b"ustar  \0")
_TAR_PLACE = slice(257, 265)
_UTF16, _UTF32 = (OtherFormat(f"text in UTF-{bits}, not in UTF-8", "save it in UTF-8") for bits in (16, 32))
_TAR_ARCHIVE = OtherFormat("a tar archive")
_EMPTY_TAR = OtherFormat("an empty tar archive, or holds only NUL bytes")
_LEADS = (
    (b"\xff\xfe\0\0", _UTF32),  # it begins with the mark of UTF-16, so it is looked for first
    (b"\0\0\xfe\xff", _UTF32),
    (b"\xff\xfe", _UTF16),
    (b"\xfe\xff", _UTF16),
    (b"PK\x03\x04", OtherFormat("a zip archive")),
    (b"\x1f\x8b", OtherFormat("compressed by gzip")),
    (b"\xfd7zXZ\0", OtherFormat("compressed by xz")),
    (b"\x28\xb5\x2f\xfd", OtherFormat("compressed by zstd")),
)


def other_format(data: bytes) -> OtherFormat | None:
    """Return what bytes are instead of text in UTF-8; None if nothing is known.

    >>> other_format("FROM scratch".encode("utf-16")).name
    'text in UTF-16, not in UTF-8'
    """
    for lead, kind in _LEADS:
        if data.startswith(lead):
            return kind
    if data[_TAR_PLACE] in _TAR:
        return _TAR_ARCHIVE
    if len(data) >= _BLOCK and not any(data[:_BLOCK]):
        return _EMPTY_TAR
    return _UTF16 if _is_wide(data[:_BLOCK]) else None


def _is_wide(head: bytes) -> bool:
    """Return whether every second byte is NUL and no other, as in ASCII text in UTF-16 without a byte order mark."""
    head = head[: len(head) // 2 * 2]
    first, second = head[::2], head[1::2]
    return len(head) >= len("FROM") * 2 and ((not any(first) and all(second)) or (not any(second) and all(first)))
