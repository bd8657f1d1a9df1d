"""Find the latest time of a file in an archive. It is the epoch of a source that has no time.

Source: archiveMaxTimeFromRef in frontend/dockerfile/dockerfile2llb/epoch.go of BuildKit.
"""

from __future__ import annotations

import io
import tarfile

from llbfront.errors import InvalidValue
from llbfront.fsutil.tar_errors import DamagedTar, damaged_is_one_error
from llbfront.gostd.strconv import parse_int, quote

_NS = 10**9


def latest_time_ns(data: bytes) -> int | None:
    """Return the latest time of a regular file or hard link in an archive; None if there is none, or if it is not an archive."""
    try:
        with damaged_is_one_error(), tarfile.open(fileobj=io.BytesIO(data)) as archive:
            times = [_time_ns(member) for member in archive if member.isreg() or member.islnk()]
    except (DamagedTar, InvalidValue):
        return None
    return max(times, default=None)


def _time_ns(member: tarfile.TarInfo) -> int:
    """Return the exact time from the headers. The attribute of the member is a float, which is not exact."""
    text = member.pax_headers.get("mtime")
    if text is None:
        return int(member.mtime) * _NS
    whole, _, rest = text.partition(".")
    seconds = parse_int(whole)
    if seconds is None or rest.strip("0123456789"):
        raise InvalidValue(f"invalid time {quote(text)}")
    fraction = int(rest[:9].ljust(9, "0"))
    return seconds * _NS + (-fraction if whole.startswith("-") else fraction)
