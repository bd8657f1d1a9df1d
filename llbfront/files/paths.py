"""Find out what a path leads to: an open descriptor, a file that can be read only once, or something that is not a file.

Source: proc(5) and pipe(7) of Linux.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat

from llbfront.errors import ContextError

STDIN_FD, STDOUT_FD, STDERR_FD = 0, 1, 2
STDIN_PATH, STDOUT_PATH = "/dev/stdin", "/dev/stdout"
STANDARD_STREAM = "-"  # in place of a path: standard input, or standard output where something is written
_STANDARD = {STDIN_PATH: STDIN_FD, STDOUT_PATH: STDOUT_FD, "/dev/stderr": STDERR_FD}
_DESCRIPTOR = r"(?:/dev/fd|/proc/(self|thread-self|\d+)/fd)/(\d+)"
_LINK_LIMIT = 40
_REFUSED = {
    stat.S_IFDIR: (errno.EISDIR, "it is a directory"),
    stat.S_IFSOCK: (errno.ENXIO, "it is a socket"),
    stat.S_IFBLK: (errno.EINVAL, "it is a block device"),
}
_REASONS = {errno.EBADF: "it is closed", errno.EPIPE: "its reader has gone away"}


def absolute_path(path: str | os.PathLike[str]) -> str:
    """Return a path as an absolute one. Raises: ContextError if it is relative and the current directory was removed."""
    try:
        return os.path.abspath(os.fspath(path))
    except FileNotFoundError:
        raise _no_current_directory(path) from None


def real_path(path: str | os.PathLike[str]) -> str:
    """Return a path without symlinks. Raises: ContextError if it cannot be a path, or if `absolute_path` raises it."""
    try:
        return os.path.realpath(path)
    except FileNotFoundError:
        raise _no_current_directory(path) from None
    except ValueError as error:
        raise ContextError(f"cannot use the path {os.fspath(path)}: {reason(error)}") from None


def _no_current_directory(path: str | os.PathLike[str]) -> ContextError:
    return ContextError(f"cannot find {os.fspath(path)}: the current directory does not exist any more")


def descriptor_of(path: str | os.PathLike[str]) -> int | None:
    """Return the descriptor of this process that a path such as `/dev/stdin` or `/dev/fd/63` names, None for any other path.

    Symlinks are followed. Opening such a path again fails for sockets and for the pipes of other users.
    """
    try:
        name = os.path.abspath(os.fspath(path))
    except FileNotFoundError:  # the current directory was removed, so a relative path names nothing
        return None
    for _ in range(_LINK_LIMIT):
        if name in _STANDARD:
            return _STANDARD[name]
        match = re.fullmatch(_DESCRIPTOR, name)
        if match:
            return int(match[2]) if match[1] in {None, "self", "thread-self", str(os.getpid())} else None
        try:
            name = os.path.normpath(os.path.join(os.path.dirname(name), os.readlink(name)))
        except (OSError, ValueError):
            return None
    return None


def is_regular(path: str | os.PathLike[str]) -> bool:
    """Return whether a path leads to a regular file that can be opened as often as needed."""
    try:
        return descriptor_of(path) is None and stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def is_special(path: str | os.PathLike[str]) -> bool:
    """Return whether a path leads to something that exists and is neither a regular file nor a directory, such as a pipe."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return descriptor_of(path) is not None
    return descriptor_of(path) is not None or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def is_null_device(path: str | os.PathLike[str]) -> bool:
    """Return whether a path leads to /dev/null by its own name, which any number of readers and writers can share."""
    try:
        return descriptor_of(path) is None and os.path.realpath(path) == os.devnull
    except (OSError, ValueError):
        return False


def identity(path: str | os.PathLike[str]) -> tuple[int, int] | str:
    """Return what is equal for two paths that lead to the same file, whether it exists or not."""
    descriptor = descriptor_of(path)
    try:
        status = os.stat(path) if descriptor is None else os.fstat(descriptor)
    except (OSError, ValueError):
        return _real(path)
    return status.st_dev, status.st_ino


def _real(path: str | os.PathLike[str]) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return os.fspath(path)


def open_existing(path: str | os.PathLike[str], flags: int) -> int:
    """Open what a path leads to: a file, a pipe or a character device, or a copy of an open descriptor, which may be a socket, too.

    Nothing is waited for: a pipe is in non-blocking mode.

    Raises:
        OSError: it cannot be opened, or is a directory, a socket or a block device.
        ValueError: the name cannot be that of a file.
    """
    refuse_kind(path)
    descriptor = descriptor_of(path)
    if descriptor is not None:
        _refuse_access(descriptor, flags)
        return os.dup(descriptor)
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)


def make_directories(path: str, *, mode: int = 0o777) -> None:
    """Make a directory, with `mode`, and those above it. It may be thousands of levels deep, which `os.makedirs` cannot.

    Raises:
        OSError: one of them cannot be made.
        ValueError: the name cannot be that of a file.
    """
    missing = []
    above = path
    while above and not os.path.lexists(above):
        missing.append(above)
        above = os.path.dirname(above.rstrip("/"))
    for directory in reversed(missing):
        try:
            os.mkdir(directory, mode if directory == path else 0o777)
        except FileExistsError:
            if not os.path.isdir(directory):
                raise


def refuse_kind(path: str | os.PathLike[str]) -> None:
    """Raise OSError for a directory, a socket or a block device, which can be neither read nor written; nothing is opened."""
    descriptor = descriptor_of(path)
    kind = stat.S_IFMT((os.stat(path) if descriptor is None else os.fstat(descriptor)).st_mode)
    if kind in _REFUSED and not (kind == stat.S_IFSOCK and descriptor is not None):
        number, text = _REFUSED[kind]
        raise OSError(number, text)


def _refuse_access(descriptor: int, flags: int) -> None:
    access = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
    if access not in {flags & os.O_ACCMODE, os.O_RDWR}:
        if descriptor <= STDERR_FD and os.path.samestat(os.fstat(descriptor), os.stat(os.devnull)):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))  # what takes the place of a closed stream
        raise OSError(errno.EINVAL, f"it is not open for {'writing' if access == os.O_RDONLY else 'reading'}")


def reason(error: OSError | ValueError) -> str:
    """Return why a file cannot be used, as the end of a sentence."""
    if isinstance(error, OSError):
        return _REASONS.get(error.errno or 0) or (error.strerror or str(error)).lower()
    return "its name is not a valid path"
