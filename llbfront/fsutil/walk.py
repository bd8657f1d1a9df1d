"""Walk a directory: the stats of entries that pass the filters, in wire order: parents first, names by their bytes, without the root.

A directory that does not match is reported only when something below it does, right before that. Directories in which nothing can
match are not entered.

Source: fs.go, filter.go and stat_unix.go of fsutil.
"""

from __future__ import annotations

import errno
import os
import stat as posix
from collections.abc import Iterator, Sequence
from operator import attrgetter

import attrs

from llbfront.errors import ContextError
from llbfront.files.paths import real_path
from llbfront.fsutil.errors import UnreadablePath
from llbfront.fsutil.follow import follow, without_nested
from llbfront.fsutil.patterns import Matcher, Parent
from llbfront.fsutil.stat import DIRECTORY, TYPE_BITS, Stat, go_mode

_BY_NAME = attrgetter("name")
_GONE = (FileNotFoundError, NotADirectoryError)


def walk(
    root: str,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    follow_paths: Sequence[str] = (),
    owner: tuple[int, int] | None = None,
    reads_all: bool = True,
) -> Iterator[Stat]:
    """Yield the entries below `root`, lazily.

    include, exclude: patterns; without `include` everything passes.
    follow_paths: paths to include together with what their symlinks lead to.
    owner: the uid and gid to tell instead of the real ones.
    reads_all: whether to read owners, times, inodes and extended attributes, too, which takes a third of the time.

    Raises: InvalidValue for a malformed pattern; ContextError if the root is not a directory or something in it cannot be read.
    """
    real = real_path(root)
    if not os.path.isdir(real):
        raise ContextError(f"{root} is not a directory" if os.path.lexists(root) else f"{root} does not exist")
    included: tuple[str, ...] = tuple(include)
    if follow_paths:
        followed = follow(real, follow_paths)
        if followed is not None:
            included = without_nested([*included, *followed]) or ()
    reader = _Reader(owner, reads_all=reads_all)
    top = os.fsencode(real)
    if not included and not exclude:
        return _walk_all(top, reader)
    return _walk_filtered(top, reader, _Filter(Matcher(included) if included else None, Matcher(exclude) if exclude else None))


class _Reader:
    """Makes stats of directory entries; remembers inodes, to find hardlinks."""

    def __init__(self, owner: tuple[int, int] | None, *, reads_all: bool = True) -> None:
        self.owner = owner
        self.reads_all = reads_all
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
            size_bytes = 0 if bits & DIRECTORY else info.st_size
            if self.reads_all:
                uid, gid = self.owner or (info.st_uid, info.st_gid)
                stat = Stat(path, bits, uid, gid, size_bytes, info.st_mtime_ns)
                stat.inode, stat.ctime_ns = info.st_ino, info.st_ctime_ns
            else:
                stat = Stat(path, bits, 0, 0, size_bytes)
            if (bits & TYPE_BITS or info.st_nlink > 1) and not bits & DIRECTORY:
                self._read_rare(entry, info, stat)
            if self.reads_all and info.st_dev not in self.without_xattrs:
                stat.xattrs = self._xattrs(entry.path, info.st_dev)
        except _GONE:
            return None
        except OSError as error:
            raise UnreadablePath(_text(path), error) from error
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


def _entries(directory: bytes, path: bytes) -> list[os.DirEntry[bytes]]:
    """Return the entries of a directory by name; none if it has vanished. Raises: UnreadablePath."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=_BY_NAME)
    except _GONE:
        return []
    except OSError as error:
        raise UnreadablePath(_text(path), error) from error


def _walk_all(top: bytes, reader: _Reader) -> Iterator[Stat]:
    levels = [(iter(_entries(top, b"")), b"")]
    while levels:
        entries, prefix = levels[-1]
        for entry in entries:
            path = prefix + entry.name
            stat = reader.read(entry, path)
            if stat is None:
                continue
            yield stat
            if stat.mode & DIRECTORY:
                levels.append((iter(_entries(entry.path, path)), path + b"/"))
                break
        else:
            levels.pop()


@attrs.define
class _Level:
    """A directory being walked: the entries left, whether it was reported, and what its entries inherit.

    include, exclude: match results of the directory; None for a list without patterns.
    """

    entry: os.DirEntry[bytes] | None
    prefix: bytes
    include: Parent | None
    exclude: Parent | None
    is_reported: bool = True
    entries: Iterator[os.DirEntry[bytes]] = attrs.field(factory=lambda: iter(()))


@attrs.frozen
class _Filter:
    """The patterns of a walk. Without patterns to include everything is included."""

    include: Matcher | None
    exclude: Matcher | None

    def root(self) -> _Level:
        include = None if self.include is None else self.include.root
        return _Level(None, b"", include, None if self.exclude is None else self.exclude.root)

    def apply(self, entry: os.DirEntry[bytes], level: _Level, *, is_directory: bool) -> tuple[bool, _Level | None]:
        """Return whether an entry passes; return what its own entries inherit if it is a directory that has to be entered."""
        name = _text(entry.name)
        passes, include, exclude = True, None, None
        if self.include is not None and level.include is not None:
            passes, numbers, state = self.include.match(name, level.include)
            if is_directory:
                path = level.include.prefix + name
                if not passes and not self.include.may_match_below(path):
                    return False, None
                include = Parent(path + "/", passes, numbers, state["/"])
        if self.exclude is not None and level.exclude is not None:
            excluded, numbers, state = self.exclude.match(name, level.exclude)
            if is_directory:
                path = level.exclude.prefix + name
                if excluded and not self.exclude.may_be_included_again_below(path):
                    return False, None
                exclude = Parent(path + "/", excluded, numbers, state["/"])
            passes = passes and not excluded
        return passes, _Level(entry, level.prefix + entry.name + b"/", include, exclude, passes) if is_directory else None

    def may_include(self, level: _Level) -> bool:
        """Return whether something in a directory may pass, so that the directory has to be readable."""
        include, exclude = level.include, level.exclude
        if self.include is not None and include is not None and not include.matched and not self.include.may_change_below(include):
            return False
        return self.exclude is None or exclude is None or not exclude.matched or self.exclude.may_change_below(exclude)


def _walk_filtered(top: bytes, reader: _Reader, patterns: _Filter) -> Iterator[Stat]:
    root = patterns.root()
    root.entries = iter(_entries(top, b""))
    levels = [root]
    while levels:
        level = levels[-1]
        for entry in level.entries:
            passes, below = patterns.apply(entry, level, is_directory=entry.is_dir(follow_symlinks=False))
            if passes:
                stat = reader.read(entry, level.prefix + entry.name)
                if stat is None:
                    continue
                yield from _unreported(levels, reader)
                yield stat
                if not stat.is_directory:
                    continue
            if below is not None:
                below.entries = iter(_wanted_entries(entry.path, below, patterns))
                levels.append(below)
                break
        else:
            levels.pop()


def _wanted_entries(path: bytes, level: _Level, patterns: _Filter) -> list[os.DirEntry[bytes]]:
    """Return the entries of a directory, none if it may not be read and nothing in it would pass."""
    try:
        return _entries(path, level.prefix[:-1])
    except UnreadablePath as error:
        if isinstance(error.__cause__, PermissionError) and not patterns.may_include(level):
            return []
        raise


def _unreported(levels: list[_Level], reader: _Reader) -> Iterator[Stat]:
    for level in levels:
        if not level.is_reported and level.entry is not None:
            level.is_reported = True
            stat = reader.read(level.entry, level.prefix[:-1])
            if stat is not None:
                yield stat


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
