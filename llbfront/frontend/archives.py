"""The latest time of a file inside an archive, which is the epoch of a source that tells none of its own.

Enters: bytes of an archive. Leaves: a time. Loaded when such a source is met.

Source: archiveMaxTimeFromRef in frontend/dockerfile/dockerfile2llb/epoch.go of BuildKit.
"""

from __future__ import annotations

import io
import tarfile

_NS = 10**9


def latest_time_ns(data: bytes) -> int | None:
    """The latest time of a regular file in an archive; None if there is none, or no archive."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            times = [int(member.mtime * _NS) for member in archive if member.isreg()]
    except tarfile.TarError:
        return None
    return max(times, default=None)
