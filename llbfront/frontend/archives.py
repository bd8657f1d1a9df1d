"""Archives: whether bytes begin one, and the latest time of a file inside.

Enters: bytes of a file. Leaves: yes or no, or a time.

Source: util/archiveutil and archiveMaxTimeFromRef in frontend/dockerfile/dockerfile2llb/epoch.go of BuildKit.
"""

from __future__ import annotations

import io
import tarfile

_MAGIC = (b"BZh", b"\x1f\x8b\x08", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_SKIPPABLE = 0x184D2A50
_HEADER = 8
_NS = 10**9


def is_archive(head: bytes) -> bool:
    """Whether a file that begins so is an archive, packed or plain."""
    if head.startswith(_MAGIC):
        return True
    if len(head) >= _HEADER and int.from_bytes(head[:4], "little") & 0xFFFFFFF0 == _SKIPPABLE:
        return True
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def latest_time_ns(data: bytes) -> int | None:
    """The latest time of a regular file in an archive; None if there is none. Raises tarfile.TarError for no archive."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        times = [int(member.mtime * _NS) for member in archive if member.isreg()]
    return max(times, default=None)
