"""Write received entries to a directory on disk, each file whole or absent.

A file is written to the same directory under a temporary name and renamed when it is complete. Nothing is ever reached through a symlink
below the root: every directory is opened from its parent. Modes and times of directories, hardlinks and removals come last.

Source: rootdiskwriter.go of fsutil.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat as posix
from collections.abc import Callable
from typing import TYPE_CHECKING

from llbfront.errors import ExportError
from llbfront.files.paths import make_directories, reason
from llbfront.fsutil import stat as wire

if TYPE_CHECKING:
    from llbfront.fsutil.stat import Stat

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_DIRECTORIES = 64


class DiskWriter:
    """The directory that is written.

    mirror: remove what was not received. Otherwise what is there stays, and what is received replaces entries of its name.
    keep_owner: give entries the uid and gid received, which takes privileges.

    Raises (everywhere): ExportError naming the path and the reason.
    """

    def __init__(self, root: str, *, mirror: bool = False, keep_owner: bool = False) -> None:
        self.root = root
        self._mirror = mirror
        self._keep_owner = keep_owner
        self._received: dict[bytes, set[bytes]] = {b"": set()}
        self._directories: list[Stat] = []
        self._links: list[Stat] = []
        self._fds: dict[bytes, int] = {}
        try:
            make_directories(root, mode=0o700)
            self._root_fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise ExportError(f"{root} cannot be written: {reason(error)}") from error

    def make(self, stat: Stat) -> None:
        """Make a directory, a symlink, a pipe or a device."""
        self.expect(stat)
        if stat.is_directory:
            self._directories.append(stat)
            self._trying(stat.path, lambda: self._make_directory(stat.path))
        else:
            self._trying(stat.path, lambda: self._replace(stat, lambda name, fd: self._make_special(stat, name, fd)))

    def link_later(self, stat: Stat) -> None:
        """Make a hardlink once all files are complete."""
        self.expect(stat)
        self._links.append(stat)

    def expect(self, stat: Stat) -> None:
        """Note that an entry belongs to the tree."""
        if self._mirror:
            parent, _, name = stat.path.rpartition(b"/")
            self._received[parent].add(name)
            if stat.is_directory:
                self._received[stat.path] = set()

    def file(self, stat: Stat) -> File:
        """Return the file to be, which is absent until it is committed."""
        return File(self, stat)

    def finish(self) -> None:
        """Make the hardlinks, remove what does not belong, set modes and times of directories, then close."""
        for stat in self._links:
            self._trying(stat.path, lambda stat=stat: self._replace(stat, lambda name, fd: self._link(stat, name, fd)))  # type: ignore[misc]  # bound at once
        for directory, names in self._received.items() if self._mirror else ():
            self._trying(directory, lambda directory=directory, names=names: self._remove_others(directory, names))  # type: ignore[misc]
        for stat in reversed(self._directories):
            self._trying(stat.path, lambda stat=stat: self._set_metadata(self._fd(stat.path), stat))  # type: ignore[misc]
        self.close()

    def close(self) -> None:
        """Close all directories."""
        for fd in self._fds.values():
            os.close(fd)
        self._fds.clear()
        if self._root_fd >= 0:
            os.close(self._root_fd)
            self._root_fd = -1

    def _trying(self, path: bytes, action: Callable[[], None]) -> None:
        try:
            action()
        except (OSError, ValueError) as error:
            raise self.failure(path, error) from error

    def failure(self, path: bytes, error: OSError | ValueError) -> ExportError:
        """Return why an entry cannot be written; a ValueError is what Python raises for a NUL in a name."""
        where = os.path.join(self.root, os.fsdecode(path))
        hint = "if it is a device, only root can make it" if getattr(error, "errno", None) == errno.EPERM else None
        return ExportError(f"{where} cannot be written: {reason(error)}", hint=hint)

    def _fd(self, path: bytes) -> int:
        """Return a descriptor of a directory below the root, opened name by name and never through a symlink."""
        missing = []
        while path and path not in self._fds:
            missing.append(path)
            path = path.rpartition(b"/")[0]
        fd = self._root_fd
        if path:
            fd = self._fds[path] = self._fds.pop(path)  # the one used last is the last to go
        for below in reversed(missing):
            fd = os.open(below.rpartition(b"/")[2], _DIRECTORY, dir_fd=fd)
            if len(self._fds) >= _OPEN_DIRECTORIES:
                os.close(self._fds.pop(next(iter(self._fds))))
            self._fds[below] = fd
        return fd

    def parent(self, path: bytes) -> tuple[int, bytes]:
        """Return the descriptor of the directory of `path`, and its name in there."""
        directory, _, name = path.rpartition(b"/")
        return self._fd(directory), name

    def _make_directory(self, path: bytes) -> None:
        fd, name = self.parent(path)
        try:
            os.mkdir(name, 0o700, dir_fd=fd)
        except FileExistsError:
            mode = os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode
            if not posix.S_ISDIR(mode):
                os.unlink(name, dir_fd=fd)
                os.mkdir(name, 0o700, dir_fd=fd)
            elif mode & 0o700 != 0o700:
                os.fchmod(self._fd(path), mode & 0o7777 | 0o700)

    def _replace(self, stat: Stat, make: Callable[[bytes, int], None]) -> None:
        """Have an entry made under a temporary name, then put it in its place."""
        fd, name = self.parent(stat.path)
        temporary = temporary_name()
        try:
            make(temporary, fd)
            self.put(temporary, name, fd)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=fd)
            raise

    def put(self, temporary: bytes, name: bytes, fd: int) -> None:
        """Rename `made` to `name`; a directory of that name gives way."""
        try:
            os.rename(temporary, name, src_dir_fd=fd, dst_dir_fd=fd)
        except IsADirectoryError:
            _remove(name, fd)
            os.rename(temporary, name, src_dir_fd=fd, dst_dir_fd=fd)

    def _make_special(self, stat: Stat, name: bytes, fd: int) -> None:
        if stat.is_symlink:
            os.symlink(stat.linkname, name, dir_fd=fd)
        elif stat.mode & wire.NAMED_PIPE:
            os.mkfifo(name, 0o600, dir_fd=fd)
        else:
            kind = posix.S_IFCHR if stat.mode & wire.CHAR_DEVICE else posix.S_IFBLK
            os.mknod(name, kind | 0o600, os.makedev(stat.devmajor, stat.devminor), dir_fd=fd)
        if self._keep_owner:
            os.chown(name, stat.uid, stat.gid, dir_fd=fd, follow_symlinks=False)
        if not stat.is_symlink:
            os.chmod(name, wire.permissions(stat.mode), dir_fd=fd)  # created above under a random name
        os.utime(name, ns=(stat.mtime_ns, stat.mtime_ns), dir_fd=fd, follow_symlinks=False)

    def _link(self, stat: Stat, name: bytes, fd: int) -> None:
        source_fd, source = self.parent(stat.linkname)
        os.link(source, name, src_dir_fd=source_fd, dst_dir_fd=fd, follow_symlinks=False)

    def _set_metadata(self, fd: int, stat: Stat) -> None:
        if self._keep_owner:
            os.fchown(fd, stat.uid, stat.gid)
        set_xattrs(fd, stat)
        os.fchmod(fd, wire.permissions(stat.mode))
        os.utime(fd, ns=(stat.mtime_ns, stat.mtime_ns))

    def complete(self, fd: int, stat: Stat) -> None:
        """Set mode, owner, times and attributes of a written file."""
        self._set_metadata(fd, stat)

    def _remove_others(self, directory: bytes, names: set[bytes]) -> None:
        fd = self._fd(directory)
        for name in os.listdir(fd):
            if os.fsencode(name) not in names:
                _remove(os.fsencode(name), fd)


class File:
    """One file being written under a temporary name, in a directory that it holds open."""

    __slots__ = ("_directory_fd", "_fd", "_name", "_stat", "_tree")

    def __init__(self, tree: DiskWriter, stat: Stat) -> None:
        self._tree = tree
        self._stat = stat
        self._fd = self._directory_fd = -1
        self._name = b""

    def write(self, data: bytes) -> None:
        try:
            self._open()
            view = memoryview(data)
            while view:
                view = view[os.write(self._fd, view) :]
        except (OSError, ValueError) as error:
            raise self._tree.failure(self._stat.path, error) from error

    def commit(self) -> None:
        """Rename the complete file to its final name. After a failure nothing of it is left."""
        try:
            self._open()
            self._tree.complete(self._fd, self._stat)
            fd, self._fd = self._fd, -1
            os.close(fd)
            self._tree.put(self._name, self._stat.path.rpartition(b"/")[2], self._directory_fd)
            self._name = b""
        except (OSError, ValueError) as error:
            raise self._tree.failure(self._stat.path, error) from error
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close the file, and remove it unless it was committed."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)
        name, self._name = self._name, b""
        directory_fd, self._directory_fd = self._directory_fd, -1
        if directory_fd >= 0:
            with contextlib.suppress(OSError):
                if name:
                    os.unlink(name, dir_fd=directory_fd)
            os.close(directory_fd)

    def _open(self) -> None:
        if self._fd < 0:
            self._directory_fd = os.dup(self._tree.parent(self._stat.path)[0])
            name = temporary_name()
            self._fd = os.open(name, _NEW, 0o600, dir_fd=self._directory_fd)
            self._name = name


def temporary_name() -> bytes:
    return b".tmp." + os.urandom(8).hex().encode()


def set_xattrs(fd: int, stat: Stat) -> None:
    """Set extended attributes as far as the file system and our rights allow, as BuildKit does."""
    for key, value in (stat.xattrs or {}).items():
        try:
            os.setxattr(fd, key, value)
        except OSError:
            continue


def _remove(name: bytes, parent: int) -> None:
    """Remove an entry with all that is below it, without following symlinks."""
    try:
        os.unlink(name, dir_fd=parent)
    except IsADirectoryError:
        _remove_directory(name, parent)


def _remove_directory(name: bytes, parent: int) -> None:
    """Remove a directory of any depth with one descriptor at a time: down by name, up by `..`, whose identity is compared."""
    fd = os.open(name, _DIRECTORY, dir_fd=parent)
    above: list[tuple[bytes, list[bytes], tuple[int, int]]] = []
    try:
        names = _names(fd)
        while names or above:
            if names:
                below = names.pop()
                try:
                    os.unlink(below, dir_fd=fd)
                except IsADirectoryError:
                    above.append((below, names, _identity(fd)))
                    fd = _moved(fd, below)
                    names = _names(fd)
            else:
                below, names, identity = above.pop()
                fd = _moved(fd, b"..")
                if _identity(fd) != identity:
                    raise OSError(errno.EBUSY, "a directory was moved while it was removed")
                os.rmdir(below, dir_fd=fd)
    finally:
        os.close(fd)
    os.rmdir(name, dir_fd=parent)


def _names(fd: int) -> list[bytes]:
    return [os.fsencode(name) for name in os.listdir(fd)]


def _identity(fd: int) -> tuple[int, int]:
    info = os.fstat(fd)
    return info.st_dev, info.st_ino


def _moved(fd: int, name: bytes) -> int:
    """Open a directory from another one, which is closed."""
    moved = os.open(name, _DIRECTORY, dir_fd=fd)
    os.close(fd)
    return moved
