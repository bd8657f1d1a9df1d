"""Directory trees for tests: create one from a mapping of paths, and read one into a mapping."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@attrs.frozen
class Dir:
    mode: int = 0o755
    mtime_ns: int = 1_500_000_000_123_456_789


@attrs.frozen
class File:
    data: bytes = attrs.field(default=b"", repr=lambda data: f"<{len(data)} bytes>")
    mode: int = 0o644
    mtime_ns: int = 1_600_000_000_987_654_321
    xattrs: tuple[tuple[str, bytes], ...] = ()


@attrs.frozen
class Link:
    target: str


@attrs.frozen
class Hard:
    first: str


@attrs.frozen
class Pipe:
    mode: int = 0o600


Node = Dir | File | Link | Hard | Pipe


def build(root: Path, nodes: Mapping[str, Node]) -> Path:
    """Make a tree. Parents that are not named are made as they come."""
    root.mkdir(parents=True, exist_ok=True)
    for path, node in sorted(nodes.items(), key=lambda item: isinstance(item[1], Hard)):
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        match node:
            case Dir():
                place.mkdir(exist_ok=True)
            case File(data, mode, mtime_ns, xattrs):
                place.write_bytes(data)
                for key, value in xattrs:
                    os.setxattr(place, key, value)
                place.chmod(mode)
                os.utime(place, ns=(mtime_ns, mtime_ns))
            case Link(target):
                place.symlink_to(target)
            case Hard(first):
                os.link(root / first, place, follow_symlinks=False)
            case Pipe(mode):
                os.mkfifo(place)
                place.chmod(mode)
    for path, node in sorted(nodes.items(), reverse=True):
        if isinstance(node, Dir):
            (root / path).chmod(node.mode)
            os.utime(root / path, ns=(node.mtime_ns, node.mtime_ns))
    return root


def seen(root: Path, *, times: bool = True) -> dict[str, object]:
    """Return what a reader sees of each path: kind, mode, content or target, mtime, xattrs, and the first path of its inode."""
    entries: dict[str, object] = {}
    inodes: dict[int, str] = {}
    for place in sorted(root.rglob("*")):
        info = place.lstat()
        path = str(place.relative_to(root))
        content: object = None
        if place.is_symlink():
            content = place.readlink()
        elif stat.S_ISREG(info.st_mode):
            content = (place.read_bytes(), inodes.setdefault(info.st_ino, path))
        xattrs = {key: os.getxattr(place, key, follow_symlinks=False) for key in os.listxattr(place, follow_symlinks=False)}
        entries[path] = (oct(info.st_mode), content, info.st_mtime_ns if times else None, xattrs)
    return entries
