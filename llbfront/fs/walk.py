"""A directory → the stats of what passes the filters, in wire order: parents first, names by their bytes, the root itself not.

A directory that does not match is told about only when something below it does, right before that. Directories in which nothing can
match are not entered.

Source: fs.go, filter.go and stat_unix.go of fsutil.
"""

from __future__ import annotations

import errno
import os
import stat as posix
from collections.abc import Iterator, Sequence
from operator import attrgetter

from llbfront.errors import ContextError
from llbfront.fs.follow import follow, without_nested
from llbfront.fs.patterns import Matcher
from llbfront.fs.stat import DIRECTORY, TYPE_BITS, Stat, go_mode

_BY_NAME = attrgetter("name")
_GONE = (FileNotFoundError, NotADirectoryError)


def walk(
    root: str,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    follow_paths: Sequence[str] = (),
    owner: tuple[int, int] | None = None,
) -> Iterator[Stat]:
    """Yield the entries below `root`, lazily.

    include, exclude: patterns; without `include` everything passes.
    follow_paths: paths to include together with what their symlinks lead to.
    owner: the uid and gid to tell instead of the real ones.

    Raises: InvalidValue for a malformed pattern; ContextError if the root is no directory or something in it cannot be read.
    """
    real = os.path.realpath(root)
    if not os.path.isdir(real):
        raise ContextError(f"{root} is not a directory" if os.path.lexists(root) else f"{root} does not exist")
    included: tuple[str, ...] = tuple(include)
    if follow_paths:
        followed = follow(real, follow_paths)
        if followed is not None:
            included = without_nested([*included, *followed]) or ()
    reader = _Reader(owner)
    top = os.fsencode(real)
    if not included and not exclude:
        return _walk_all(top, reader)
    return _walk_filtered(top, reader, Matcher(included) if included else None, Matcher(exclude) if exclude else None)


class _Reader:
    """Makes stats of directory entries; knows the inodes that it has met, to tell hardlinks."""

    def __init__(self, owner: tuple[int, int] | None) -> None:
        self.owner = owner
        self.inodes: dict[tuple[int, int], bytes] = {}
        self.modes: dict[int, int] = {}
        self.without_xattrs: set[int] = set()

    def read(self, entry: os.DirEntry[bytes], path: bytes) -> Stat | None:
        """Return the stat of an entry, None if it has vanished."""
        try:
            info = entry.stat(follow_symlinks=False)
            mode = info.st_mode
            bits = self.modes.get(mode)
            if bits is None:
                bits = self.modes[mode] = go_mode(mode)
            uid, gid = self.owner or (info.st_uid, info.st_gid)
            stat = Stat(path, bits, uid, gid, 0 if bits & DIRECTORY else info.st_size, info.st_mtime_ns)
            if (bits & TYPE_BITS or info.st_nlink > 1) and not bits & DIRECTORY:
                self._read_rare(entry, info, stat)
            if info.st_dev not in self.without_xattrs:
                stat.xattrs = self._xattrs(entry.path, info.st_dev)
        except _GONE:
            return None
        except OSError as error:
            raise ContextError(f"{_text(entry.path)} cannot be read: {error.strerror}") from error
        return stat

    def _read_rare(self, entry: os.DirEntry[bytes], info: os.stat_result, stat: Stat) -> None:
        if posix.S_ISLNK(info.st_mode):
            stat.linkname = os.readlink(entry.path)
            return
        if posix.S_ISBLK(info.st_mode) or posix.S_ISCHR(info.st_mode):
            stat.devmajor, stat.devminor = os.major(info.st_rdev), os.minor(info.st_rdev)
        if info.st_nlink > 1:
            first = self.inodes.setdefault((info.st_dev, info.st_ino), stat.path)
            if first != stat.path:
                stat.linkname = first

    def _xattrs(self, path: bytes, device: int) -> dict[bytes, bytes] | None:
        try:
            names = os.listxattr(path, follow_symlinks=False)
        except OSError as error:
            if error.errno != errno.ENOTSUP:
                raise
            self.without_xattrs.add(device)
            return None
        return self._xattr_values(path, names) if names else None

    @staticmethod
    def _xattr_values(path: bytes, names: list[str]) -> dict[bytes, bytes] | None:
        values = {}
        for name in names:
            if not name.startswith("com.apple."):
                try:
                    values[os.fsencode(name)] = os.getxattr(path, name, follow_symlinks=False)
                except OSError:  # what may be listed but not read is left out
                    continue
        return values or None


def _entries(path: bytes) -> list[os.DirEntry[bytes]]:
    """Return the entries of a directory by name; none if it has vanished."""
    try:
        with os.scandir(path) as found:
            return sorted(found, key=_BY_NAME)
    except _GONE:
        return []


def _readable(path: bytes) -> list[os.DirEntry[bytes]]:
    try:
        return _entries(path)
    except OSError as error:
        raise ContextError(f"{_text(path)} cannot be read: {error.strerror}") from error


def _walk_all(top: bytes, reader: _Reader) -> Iterator[Stat]:
    levels = [(iter(_readable(top)), b"")]
    while levels:
        entries, prefix = levels[-1]
        for entry in entries:
            path = prefix + entry.name
            stat = reader.read(entry, path)
            if stat is None:
                continue
            yield stat
            if stat.mode & DIRECTORY:
                levels.append((iter(_readable(entry.path)), path + b"/"))
                break
        else:
            levels.pop()


class _Level:
    """A directory being walked: what is left of it, the match results for its entries, whether it was told about."""

    __slots__ = ("below_exclude", "below_include", "entries", "entry", "prefix", "told")

    def __init__(self, entry: os.DirEntry[bytes] | None, prefix: bytes, below_include: int, below_exclude: int) -> None:
        self.entry = entry
        self.prefix = prefix
        self.below_include = below_include
        self.below_exclude = below_exclude
        self.told = entry is None
        self.entries: Iterator[os.DirEntry[bytes]] = iter(())


def _walk_filtered(top: bytes, reader: _Reader, include: Matcher | None, exclude: Matcher | None) -> Iterator[Stat]:
    root = _Level(None, b"", 0, 0)
    root.entries = iter(_readable(top))
    levels = [root]
    while levels:
        level = levels[-1]
        for entry in level.entries:
            path = level.prefix + entry.name
            is_directory = entry.is_dir(follow_symlinks=False)
            passes, may_enter, bits = _filter(_text(path), level, is_directory, include, exclude)
            if passes:
                stat = reader.read(entry, path)
                if stat is None:
                    continue
                yield from _untold(levels, reader)
                yield stat
                is_directory = stat.is_directory
            if is_directory and may_enter:
                below = _Level(entry, path + b"/", *bits)
                below.told = passes
                below.entries = iter(_entries_below(entry.path, may_fail=not passes))
                levels.append(below)
                break
        else:
            levels.pop()


def _filter(
    path: str, level: _Level, is_directory: bool, include: Matcher | None, exclude: Matcher | None
) -> tuple[bool, bool, tuple[int, int]]:
    """Say whether `path` passes, whether something below it may, and the match results for what is below."""
    passes, below_include, below_exclude = True, 0, 0
    if include is not None:
        passes, below_include = include.match(path, level.below_include)
        if not passes and not (is_directory and include.may_match_below(path)):
            return False, False, (0, 0)
    if exclude is not None:
        excluded, below_exclude = exclude.match(path, level.below_exclude)
        if excluded:
            if not (is_directory and exclude.may_be_taken_back_below(path)):
                return False, False, (0, 0)
            passes = False
    return passes, True, (below_include, below_exclude)


def _entries_below(path: bytes, *, may_fail: bool) -> list[os.DirEntry[bytes]]:
    try:
        return _entries(path)
    except PermissionError as error:
        if may_fail:
            return []
        raise ContextError(f"{_text(path)} cannot be read: {error.strerror}") from error


def _untold(levels: list[_Level], reader: _Reader) -> Iterator[Stat]:
    for level in levels:
        if not level.told and level.entry is not None:
            level.told = True
            stat = reader.read(level.entry, level.prefix[:-1])
            if stat is not None:
                yield stat


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
