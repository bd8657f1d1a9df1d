"""The time of a commit, read out of the object that git stores.

Enters: a commit object. Leaves: when it was committed, in the zone that the committer had.

Source: util/gitutil/gitobject of BuildKit.
"""

from __future__ import annotations

import re

from llbfront.convert.epoch import Epoch
from llbfront.errors import InvalidValue
from llbfront.oci.image import timestamp

_COMMITTER = rb"(?m)^committer .*<[^>]*> (-?[0-9]{1,18}) ([+-])([0-9]{2})([0-9]{2})$"  # compiled when there is a commit


def committed(commit: bytes) -> Epoch:
    """Read the committer's time. Raises InvalidValue."""
    match = re.search(_COMMITTER, commit.partition(b"\n\n")[0])
    if match is None:
        raise InvalidValue("invalid git object: no committer")
    seconds = int(match[1])
    offset_s = (int(match[3]) * 60 + int(match[4])) * 60 * (-1 if match[2] == b"-" else 1)
    if not offset_s:
        return Epoch.at(seconds)
    shifted = timestamp((seconds + offset_s) * 10**9).removesuffix("Z")
    return Epoch(seconds * 10**9, f"{shifted}{match[2].decode()}{match[3].decode()}:{match[4].decode()}")
