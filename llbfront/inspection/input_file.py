"""A file that a step of a build reads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from llbfront.fsutil.stat import Stat

_PERMISSIONS = 0o777


@attrs.frozen
class InputFile:
    """A file that a step reads.

    Attributes:
        path: relative to the context.
        size_bytes: the size of its content.
        mode: its permission bits.
        link: where a symlink points, None for other files.
    """

    path: str
    size_bytes: int
    mode: int
    link: str | None = None

    @classmethod
    def of(cls, stat: Stat) -> InputFile:
        """Read an entry of a transfer."""
        link = os.fsdecode(stat.linkname) if stat.is_symlink else None
        return cls(os.fsdecode(stat.path), stat.size_bytes, stat.mode & _PERMISSIONS, link)
