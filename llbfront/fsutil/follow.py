"""Resolve the symlinks of paths, so that a filtered transfer holds what the paths lead to.

Each name of a path may be a wildcard. Targets stay inside the root: an absolute one starts there, and `..` ends there. What cannot be
read is left to the walk, which knows whether it is needed.

Source: followlinks.go of fsutil.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from llbfront.gostd import filepath
from llbfront.gostd.path import clean

_MAX_LINKS = 255
"""As many symlinks as an engine follows for one path."""
_ESCAPED = r"(?s)\\(.)"
_SPECIAL = r"[*?\[\\]"


def follow(root: str, paths: Sequence[str]) -> tuple[str, ...] | None:
    """Return the include patterns for `paths`, sorted, without those below another; None if one is the root itself."""
    resolver = _Resolver(root)
    for path in paths:
        resolver.add(path)
    return without_nested(sorted(resolver.patterns, key=os.fsencode))


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


@attrs.frozen
class _Step:
    """A place on the way along a path.

    path: the directory that was reached. pattern: the names that led there, some of them wildcards. names: what is left.
    links: how many symlinks were followed.
    """

    path: str
    pattern: str
    names: tuple[str, ...]
    links: int


class _Resolver:
    """Follows paths; `patterns` are the ends of all paths and the symlinks on the way."""

    def __init__(self, root: str) -> None:
        self.patterns: set[str] = set()
        self._root = root
        self._targets: set[str] = set()

    def add(self, path: str) -> None:
        """Follow one path."""
        pending = self._start(clean("./" + path), 0)
        while pending:
            step = pending.pop()
            if step.links <= _MAX_LINKS:  # beyond it the engine fails, if it needs the path
                pending.extend(self._follow(step))

    def _start(self, path: str, links: int) -> list[_Step]:
        names = tuple(path.split("/"))
        if names[0] in {"..", "."}:  # the first matches nothing, the second is the root
            self.patterns.add(path)
            return []
        return [_Step("", "", names, links)]

    def _follow(self, step: _Step) -> Iterator[_Step]:
        """Go one name further.

        The remembered state of a symlink includes the names after it, since several paths may lead through the same symlink.
        """
        name, *rest = step.names
        pattern = _join(step.pattern, name)
        if not rest or filepath.has_wildcards(name):
            self.patterns.add("/".join((pattern, *rest)))
        for path, link in self._entries(step.path, name):
            if link is None:
                if rest:
                    yield _Step(path, pattern, tuple(rest), step.links)
                continue
            self.patterns.add(pattern)
            target = clean("/".join((link, *rest)))
            if target not in self._targets:
                self._targets.add(target)
                yield from self._start(target, step.links + 1)

    def _entries(self, directory: str, name: str) -> Iterator[tuple[str, str | None]]:
        """Return the paths that match one component of a path, and the targets of those that are symlinks."""
        if not filepath.has_wildcards(name):
            path = _join(directory, re.sub(_ESCAPED, r"\1", name))
            yield path, self._readlink(path)
            return
        try:
            with os.scandir(os.path.join(self._root, directory)) as entries:
                matching = [entry for entry in entries if _matches(name, entry.name)]
        except OSError:
            return
        for entry in matching:
            path = _join(directory, entry.name)
            if entry.is_symlink():
                yield path, self._readlink(path)
            elif entry.is_dir(follow_symlinks=False):
                yield path, None

    def _readlink(self, path: str) -> str | None:
        """Return where a symlink leads, relative to the root and as a pattern; None if `path` is none."""
        try:
            link = os.readlink(f"{self._root}/{path}")
        except (OSError, ValueError):  # no symlink, nothing there, or a name with a NUL byte
            return None
        joined = link if link.startswith("/") else "/" + path.rpartition("/")[0] + "/" + link
        return re.sub(_SPECIAL, r"\\\g<0>", clean(joined).lstrip("/")) or "."


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name


def _matches(pattern: str, name: str) -> bool:
    try:
        return filepath.match(pattern, name)
    except ValueError:
        return False
