"""Detect the kind of an archive from its first bytes, as the engine's frontend does.

Source: frontend/dockerui/context.go (DetectArchiveType) and util/archive of BuildKit; archive/tar of Go.
"""

from __future__ import annotations

HEAD_BYTES = 1024  # what must be looked at

_MAGIC = {"gzip": b"\x1f\x8b\x08", "bzip2": b"BZh", "xz": b"\xfd7zXZ\0", "zstd": b"\x28\xb5\x2f\xfd"}
_BLOCK = 512
_CHECKSUM = slice(148, 156)
_TYPE = 156
# Headers that only describe the next one (PAX, long names of GNU), which begins beyond HEAD_BYTES.
_PREFACES = frozenset(b"xLK")
_NUMBERS = (slice(100, 108), slice(108, 116), slice(116, 124), slice(124, 136), slice(136, 148))
_SIZE = slice(124, 136)
_MAGIC_PLACE = slice(257, 265)
_WITH_DEVICES = {b"ustar\0" + b"00", b"ustar  \0"}
_DEVICES = (slice(329, 337), slice(337, 345))
_GLOBAL_HEADER = ord("g")  # of PAX


def sniff(head: bytes) -> str | None:
    """Return `gzip`, `bzip2`, `xz`, `zstd` or `tar` for the head of an archive, None for anything else.

    >>> sniff(b"FROM scratch") is None
    True
    """
    head = head[:HEAD_BYTES]
    for kind, magic in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if len(head) >= 8 and int.from_bytes(head[:4], "little") & 0xFFFFFFF0 == 0x184D2A50:  # a skippable frame
        return "zstd"
    return "tar" if _is_tar(head) else None


def _is_tar(head: bytes) -> bool:
    """Return whether a reader of archives finds a first member in `head`."""
    if len(head) < _BLOCK or not any(head[:_BLOCK]):
        return False
    block = head[:_BLOCK]
    checksum = _number(block[_CHECKSUM])
    blank = block[: _CHECKSUM.start] + b" " * 8 + block[_CHECKSUM.stop :]
    signed = sum(octet - 256 if octet > 127 else octet for octet in blank)
    if checksum is None or checksum not in {sum(blank), signed}:
        return False
    numbers = _NUMBERS + (_DEVICES if block[_MAGIC_PLACE] in _WITH_DEVICES else ())
    if block[_TYPE] in _PREFACES or any(_number(block[where]) is None for where in numbers):
        return False
    return block[_TYPE] != _GLOBAL_HEADER or _BLOCK + (_number(block[_SIZE]) or 0) <= len(head)


def _number(field: bytes) -> int | None:
    """Read an octal number, or one in base 256."""
    if field and field[0] & 0x80:
        return int.from_bytes(bytes((field[0] & 0x7F,)) + field[1:], "big")
    text = field.strip(b" \0").split(b"\0", 1)[0]
    if not text:
        return 0
    return int(text, 8) if all(0x30 <= octet <= 0x37 for octet in text) else None
