"""The entries of a transferred directory, and the entries that an op depends on.

An engine keys a step by the content of the paths that the step selects: the sources of a COPY, with wildcards, include and exclude
patterns, or the paths below a mount. Symlinks are followed inside the directory.

Source: cache/contenthash/checksum.go of BuildKit.
"""

from __future__ import annotations

import bisect
import functools
import heapq
import itertools
import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence

import attrs

from llbfront.errors import InvalidValue
from llbfront.fsutil.patterns import Matcher, Parent
from llbfront.fsutil.stat import DIRECTORY, Stat
from llbfront.gostd import filepath

_MAX_LINKS = 255
_ROOT_MODE = DIRECTORY | 0o755


@attrs.frozen
class Selector:
    """The paths that an op selects from an input.

    Attributes:
        path: an absolute path, or a pattern if `wildcard` is set.
        include: patterns relative to the path; without them everything below the path is selected.
        exclude: patterns relative to the path, of what is not selected.
        required: absolute paths that must be among what is selected, or above some of it.
    """

    path: str
    wildcard: bool = False
    follow_links: bool = True
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it selects a path with everything below it."""
        return not (self.wildcard or self.include or self.exclude)

    @property
    def prefix(self) -> str:
        """The relative path before the first wildcard."""
        path = self.path.strip("/")
        return _before_wildcards(path) if self.wildcard else path


EVERYTHING = Selector("/")


class Entries:
    """The entries of a directory in the order of a transfer: parents first, sorted by the bytes of their names."""

    def __init__(self, stats: Iterable[Stat]) -> None:
        self.stats = tuple(stats)

    @classmethod
    def sorted(cls, stats: Iterable[Stat]) -> Entries:
        """Return entries that several transfers brought, which may have run at the same time."""
        return cls(sorted(stats, key=_key))

    @functools.cached_property
    def _positions(self) -> dict[bytes, int]:
        return {stat.path: position for position, stat in enumerate(self.stats)}

    def get(self, path: bytes) -> Stat | None:
        """Return the entry of a relative path; the root itself has one, too."""
        if not path:
            return Stat(b"", _ROOT_MODE)
        position = self._positions.get(path)
        return None if position is None else self.stats[position]

    def without(self, patterns: Sequence[str]) -> Entries:
        """Return the entries that an ignore file with these patterns leaves."""
        ignored = Matcher(patterns)
        return Entries(stat for stat in self.stats if not ignored.matches(os.fsdecode(stat.path)))

    def with_files(self, paths: Iterable[bytes]) -> Entries:
        """Return the entries with empty files added, and the directories that hold them."""
        missing: dict[bytes, Stat] = {}
        for path in list(paths):
            if path not in self._positions:
                missing[path] = Stat(path, 0o644)
                for parent in _parents(path):
                    if parent not in self._positions:
                        missing[parent] = Stat(parent, _ROOT_MODE)
        if not missing:
            return self
        added = sorted(missing.values(), key=_key)
        return Entries(heapq.merge(self.stats, added, key=_key))

    def select(self, selectors: Iterable[Selector]) -> Sequence[Stat]:
        """Return the entries that selectors depend on, in order: files, symlinks that are followed, and directories."""
        return self.selection(selectors).of(self.stats)

    def selection(self, selectors: Iterable[Selector]) -> Selection:
        """Return what selectors depend on, and what they name that does not exist."""
        selection = Selection()
        for selector in selectors:
            if selector.is_plain:
                self.select_path(selector.path, selection, follow=selector.follow_links)
            else:
                _Filtered(self, selector, selection).run()
        return selection

    def below(self, path: bytes) -> range:
        """Return the positions of an entry and of everything below it."""
        if not path:
            return range(len(self.stats))
        start = self._positions[path]
        if not self.stats[start].mode & DIRECTORY:
            return range(start, start + 1)
        return range(start, bisect.bisect_left(self.stats, _wire(path) + b"\x01", lo=start, key=_key))

    def position(self, path: bytes) -> int:
        """Return the position of an entry that exists."""
        return self._positions[path]

    def resolve(self, path: str, *, follow: bool) -> tuple[bytes | None, list[int]]:
        """Follow the symlinks of a path; return what it leads to, None if that does not exist, and the symlinks that were followed.

        A symlink at the end of the path is only followed with `follow`.
        """
        names = [name for name in os.fsencode(path).split(b"/")[::-1] if name]
        here, links = b"", list[int]()
        while names:
            name = names.pop()
            step = posixpath.normpath(b"/" + here + b"/" + name).lstrip(b"/")
            stat = self.get(step)
            if stat is None:
                return None, links
            if not stat.is_symlink or (not names and not follow):
                here = step
                continue
            links.append(self._positions[step])
            if len(links) > _MAX_LINKS:
                return None, links
            names += stat.linkname.split(b"/")[::-1]
            here = b"" if stat.linkname.startswith(b"/") else here
        return here, links

    def select_path(self, path: str, selection: Selection, *, follow: bool) -> None:
        """Select a path with the symlinks on the way to it."""
        end, links = self.resolve(path, follow=follow)
        selection.add(links)
        if end is None:
            selection.missing.append(path)
        else:
            selection.add_range(self.below(end))


class Selection:
    """Positions of selected entries. A single range stays a range, so that a whole context is cheap.

    Attributes:
        missing: paths that the selectors name and that do not exist. An engine refuses them.
    """

    def __init__(self) -> None:
        self._ranges: list[range] = []
        self._positions: set[int] = set()
        self.missing: list[str] = []

    def add(self, positions: Iterable[int]) -> None:
        self._positions.update(positions)

    def add_range(self, positions: range) -> None:
        self._ranges.append(positions)

    def of(self, stats: Sequence[Stat]) -> Sequence[Stat]:
        longest = max(self._ranges, key=len, default=range(0))
        others = [positions for positions in self._ranges if positions is not longest]
        extra = {position for positions in (*others, self._positions) for position in positions if position not in longest}
        if not extra:
            return stats[longest.start : longest.stop]
        return [stats[position] for position in sorted(extra.union(longest))]


@attrs.define
class _Directory:
    """A directory that is being walked: its path, what its entries inherit, and whether it was selected."""

    path: str
    position: int
    include: Parent | None
    exclude: Parent | None
    is_selected: bool = False


_NOTHING = _Directory("", -1, None, None)


class _Filtered:
    """Select with wildcards and patterns.

    Patterns apply to paths relative to the first match of the wildcard. A directory is selected without its content, and only if something
    in it is selected.
    """

    def __init__(self, entries: Entries, selector: Selector, selection: Selection) -> None:
        self.entries, self.selector, self.selection = entries, selector, selection
        self.include = Matcher(selector.include) if selector.include else None
        self.exclude = Matcher(selector.exclude) if selector.exclude else None
        self.pattern = selector.path.strip("/")
        self.depth = None if "[" in self.pattern else self.pattern.count("/")
        self.parents: list[_Directory] = []
        self.required = list(selector.required)

    def run(self) -> None:
        """Walk what the selector may reach."""
        prefix = self.selector.prefix
        base, links = self.entries.resolve(prefix, follow=prefix != self.pattern)
        self.selection.add(links)
        if base is None:
            self.selection.missing += self.required or [self.selector.path]
            return
        matched = None if self.selector.wildcard else prefix
        for position in self.entries.below(base):
            stat = self.entries.stats[position]
            path = f"{prefix}/{os.fsdecode(stat.path[len(base) :].lstrip(b'/'))}".strip("/")
            matched = self._visit(position, path, matched, is_directory=bool(stat.mode & DIRECTORY))
        self.selection.missing += self.required

    def _visit(self, position: int, path: str, matched: str | None, *, is_directory: bool) -> str | None:
        """Look at one entry; return the path that patterns are relative to from here on."""
        while self.parents and not path.startswith(self.parents[-1].path + "/"):
            self.parents.pop()
        if self.selector.wildcard and not (matched is not None and _is_below(path, matched)):
            if not self._matches(path):
                return matched
            matched = path
        candidate = path[len(matched) :].lstrip("/") if matched is not None else path
        self._judge(position, path, candidate, is_directory=is_directory)
        return matched

    def _matches(self, path: str) -> bool:
        if self.depth is not None and path.count("/") != self.depth:
            return False
        try:
            return filepath.match(self.pattern, path)
        except InvalidValue:
            return False

    def _judge(self, position: int, path: str, candidate: str, *, is_directory: bool) -> None:
        parent = self.parents[-1] if self.parents else _NOTHING
        included, below_include = _match(self.include, candidate, parent.include)
        excluded, below_exclude = False, None
        if included and self.exclude is not None:
            excluded, below_exclude = _match(self.exclude, candidate, parent.exclude)
        elif self.exclude is not None and candidate and is_directory:
            below_exclude = self.exclude.unmatched(candidate)
        is_selected = included and not excluded
        if is_selected:
            self._select(position, path, is_link=not self.parents and self.selector.follow_links)
        if is_directory:
            self.parents.append(_Directory(path, position, below_include, below_exclude, is_selected))

    def _select(self, position: int, path: str, *, is_link: bool) -> None:
        if self.required:
            self.required = [each for each in self.required if not f"/{path}".startswith(each)]
        chosen = [parent for parent in self.parents if not parent.is_selected]
        for parent in chosen:
            parent.is_selected = True
        self.selection.add(parent.position for parent in chosen)
        self.selection.add([position])
        stat = self.entries.stats[position]
        if is_link and stat.is_symlink:
            self.entries.select_path(f"/{path}", self.selection, follow=True)


def _match(matcher: Matcher | None, path: str, parent: Parent | None) -> tuple[bool, Parent | None]:
    """Match a path with what its directory inherits; without patterns it matches."""
    if matcher is None:
        return True, None
    parent = parent or matcher.root
    matched, numbers, state = matcher.match(path[len(parent.prefix) :], parent)
    return matched, Parent(f"{path}/" if path else "", matched, numbers, state["/"] if path else parent.state)


def _before_wildcards(pattern: str) -> str:
    """Return the names of a pattern before the first one with a wildcard."""
    return "/".join(itertools.takewhile(lambda name: not filepath.has_wildcards(name), pattern.split("/")))


def _is_below(path: str, directory: str) -> bool:
    return not directory or path.startswith(directory + "/")


def _parents(path: bytes) -> Iterator[bytes]:
    while b"/" in path:
        path = path.rpartition(b"/")[0]
        yield path


def _wire(path: bytes) -> bytes:
    return path.replace(b"/", b"\0")


def _key(stat: Stat) -> bytes:
    return _wire(stat.path)
