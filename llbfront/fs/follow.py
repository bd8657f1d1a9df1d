"""Paths that somebody names → those paths and all that their symlinks lead to, so that a filtered transfer holds what they need.

The last name may be a wildcard; targets stay inside the root: an absolute one starts there, and `..` ends there.

Source: followlinks.go of fsutil.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from llbfront.fs import globs
from llbfront.fs.patterns import clean


def follow(root: str, paths: Sequence[str]) -> tuple[str, ...] | None:
    """Return the include patterns that `paths` stand for, sorted, without those below another; None if one is the root itself."""
    found: set[str] = set()
    pending = [clean("./" + path) for path in reversed(paths)]
    while pending:
        more = _resolve(root, pending.pop(), found)
        pending.extend(reversed(more))
    return without_nested(sorted(found, key=os.fsencode))


def without_nested(paths: Iterable[str]) -> tuple[str, ...] | None:
    """Drop paths that lie below the one before; None if one is the root itself."""
    kept: list[str] = []
    for path in paths:
        if path == ".":
            return None
        if path.startswith((kept[-1] if kept else "") + "/"):
            continue
        kept.append(path)
    return tuple(kept)


def _resolve(root: str, path: str, found: set[str]) -> list[str]:
    """Walk one path down to its first symlink or its end, note how far that was; return what the symlink leads to."""
    path = clean(path)
    if path.startswith("../") or path == "..":
        found.add(path)  # it matches nothing
        return []
    names = path.split("/")
    current = ""
    for i, name in enumerate(names):
        current = f"{current}/{name}" if current else name
        targets = _targets(root, current)
        rest = names[i + 1 :]
        if rest and targets is None:
            continue
        if current in found:
            return []
        found.add(current)
        return ["/".join((target, *rest)) for target in targets or ()]  # their `..` are gone by now
    return []


def _targets(root: str, path: str) -> list[str] | None:
    """Return where the symlink or the symlinks at `path` lead, relative to the root; None if there is none, or it is no symlink."""
    parent, _, name = path.rpartition("/")
    if not globs.has_wildcard(name):
        target = _readlink(root, path)
        return None if target is None else [target]
    try:
        names = sorted(os.listdir(os.path.join(root, parent)))
    except (FileNotFoundError, NotADirectoryError):
        return None
    found = [_readlink(root, f"{parent}/{other}" if parent else other) for other in names if _matches(name, other)]
    return [target for target in found if target is not None] or None


def _matches(pattern: str, name: str) -> bool:
    try:
        return globs.match(pattern, name)
    except ValueError:
        return False


def _readlink(root: str, path: str) -> str | None:
    try:
        link = os.readlink(f"{root}/{path}")
    except OSError:  # no symlink, or nothing there
        return None
    joined = link if link.startswith("/") else "/" + path.rpartition("/")[0] + "/" + link
    return clean(joined).lstrip("/") or "."
