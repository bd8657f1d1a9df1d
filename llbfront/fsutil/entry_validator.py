"""Check received entries: they come in wire order, each below a directory that was sent before, with clean paths inside the root.

Source: validator.go and hardlinks.go of fsutil.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.errors import ProtocolError

if TYPE_CHECKING:
    from llbfront.fsutil.stat import Stat

_NO_NAMES = frozenset((b"", b".", b".."))


class EntryValidator:
    """Checks the entries of one transfer, one after the other."""

    def __init__(self) -> None:
        self._open: list[tuple[bytes, bytes]] = [(b"", b"")]  # directory, its last entry
        self._files: set[bytes] = set()

    def check(self, stat: Stat) -> None:
        """Check the next entry. Raises: ProtocolError."""
        path = stat.path
        names = path.split(b"/")
        if not _NO_NAMES.isdisjoint(names) or b"\0" in path:
            raise ProtocolError(f"a bad path in the file transfer: {_shown(path)}")
        directory, name = b"/".join(names[:-1]), names[-1]
        while self._open and self._open[-1][0] != directory:
            self._open.pop()
        if not self._open:
            raise ProtocolError(f"{_shown(path)} is out of order in the file transfer")
        if self._open[-1][1] >= name:
            raise ProtocolError(f"{_shown(path)} is out of order in the file transfer")
        self._open[-1] = directory, name
        if stat.is_directory:
            self._open.append((path, b""))
        elif not stat.is_symlink:
            self._check_link(stat)

    def _check_link(self, stat: Stat) -> None:
        if not stat.linkname:
            self._files.add(stat.path)
        elif stat.linkname not in self._files:
            raise ProtocolError(f"{_shown(stat.path)} is a hardlink to {_shown(stat.linkname)}, which was not announced before")


def _shown(path: bytes) -> str:
    return repr(path.decode("utf-8", "replace"))
