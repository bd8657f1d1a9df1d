"""Write a file that the user names: a regular file appears when it is complete, anything else is written to as it is.

A regular file is written to the same directory under a temporary name and renamed when it is complete; symlinks are followed. After a
failure nothing of it is left. Where its directory does not allow that (it is read-only, or the file is a mount point) an existing file
is overwritten. A pipe, a character device or an open descriptor cannot be replaced and receives the content as it comes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import stat
import time
from typing import TYPE_CHECKING

from llbfront.errors import ExportError, OptionError
from llbfront.files.paths import (
    STANDARD_STREAM,
    STDOUT_PATH,
    descriptor_of,
    identity,
    is_null_device,
    is_special,
    open_existing,
    reason,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Self

READER_PATIENCE_S = 10.0
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_EXISTING = os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC
_DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_NO_TMPFILE = frozenset((errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT))  # not known by the file system or the kernel
_IRREPLACEABLE = frozenset((errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY))
_PIECE_BYTES = 1024 * 1024
_POLL_S = 0.02


def write_file(path: str | os.PathLike[str], data: bytes, *, mode: int = 0o666) -> None:
    """Write a file, whole or not at all. Raises: ExportError."""
    with open_output(path, mode=mode) as output:
        output.write(data)
        output.commit()


def open_output(path: str | os.PathLike[str], *, mode: int = 0o666) -> Output:
    """Begin to write a file. An existing regular file keeps its permissions, a new one gets `mode`.

    A named pipe is given 10 seconds until a program opens it for reading.

    Raises:
        ExportError: nothing can be written there.
    """
    path = os.fspath(path)
    try:
        if is_special(path):
            return Output(path, _open_special(path))
        place = _Place(path)
        try:
            return Output(path, place.create(mode), place)
        except OSError as error:
            if error.errno not in _IRREPLACEABLE or not place.is_taken:
                raise
            return Output(path, os.open(path, _EXISTING))
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from None


class Output:
    """A file being written. Leaving a `with` block without `commit` abandons it.

    Raises (everywhere): ExportError naming the path and the reason.
    """

    def __init__(self, path: str, fd: int, place: _Place | None = None) -> None:
        self.path = path
        self._fd = fd
        self._place = place

    def write(self, data: bytes) -> None:
        """Add to the content."""
        view = memoryview(data)
        try:
            while view:
                view = view[_write(self._fd, view) :]
        except OSError as error:
            raise unwritable(self.path, error) from error

    def write_ready(self, data: memoryview) -> int:
        """Write as much as can be taken without waiting, and return how much that was: 0 if a reader has to read first."""
        if self._place is None and not _is_ready(self._fd):
            return 0
        try:
            return os.write(self._fd, data if self._place else data[: select.PIPE_BUF])
        except BlockingIOError:
            return 0
        except OSError as error:
            raise unwritable(self.path, error) from error

    def fileno(self) -> int:
        """Return the open descriptor, to wait for its reader."""
        return self._fd

    def commit(self) -> None:
        """Close the file; a regular one appears under its name."""
        try:
            self._close()
            if self._place is not None:
                self._place.fill()
        except OSError as error:
            raise unwritable(self.path, error) from error
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close the file; a regular one is removed, unless it was committed."""
        with contextlib.suppress(OSError):
            self._close()
        if self._place is not None:
            self._place.clear()

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abandon()


class _Place:
    """Where a regular file is to appear: a name in a directory, which is held open."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._permissions = _permissions_of(path)
        directory, self._name = os.path.split(os.path.realpath(path))
        if path.endswith("/") or not self._name:
            raise IsADirectoryError(errno.EISDIR, "it is a directory")
        self._temporary = temporary_name()
        self._directory_fd = os.open(directory, _DIRECTORY)

    @property
    def is_taken(self) -> bool:
        """Whether a file is there already."""
        return self._permissions is not None

    def create(self, mode: int) -> int:
        """Return the descriptor of the temporary file."""
        fd = -1
        try:
            fd = os.open(self._temporary, _NEW, mode, dir_fd=self._directory_fd)
            if self._permissions is not None:
                os.fchmod(fd, self._permissions)
        except OSError:
            if fd >= 0:
                os.close(fd)
            self.clear()
            raise
        return fd

    def fill(self) -> None:
        """Rename the temporary file to its final name."""
        try:
            os.replace(self._temporary, self._name, src_dir_fd=self._directory_fd, dst_dir_fd=self._directory_fd)
        except OSError as error:
            if error.errno not in _IRREPLACEABLE or not self.is_taken:
                raise
            self._overwrite()

    def _overwrite(self) -> None:
        source = os.open(self._temporary, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._directory_fd)
        try:
            with Output(self._path, os.open(self._path, _EXISTING)) as output:
                while data := os.read(source, _PIECE_BYTES):
                    output.write(data)
                output.commit()
        finally:
            os.close(source)

    def clear(self) -> None:
        """Remove the temporary file, if it is still there, and let go of the directory."""
        fd, self._directory_fd = self._directory_fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.unlink(self._temporary, dir_fd=fd)
            os.close(fd)


class Destination:
    """A file that is checked now and written later, such as the result file of a long build. Use it in a `with` block.

    What cannot be replaced is opened now, so that its reader sees an end whatever becomes of the build.

    Raises:
        ExportError: nothing can be written there.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._stream = open_output(path) if is_special(path) else None
        if self._stream is None:
            check_output(path)

    def remove_stale(self) -> None:
        """Remove a regular file that an earlier run left. Raises: ExportError."""
        if self._stream is None:
            try:
                _remove(os.path.realpath(self.path))
            except OSError as error:
                raise ExportError(f"cannot remove {self.path}: {reason(error)}") from None

    def write(self, data: bytes) -> None:
        """Write the file, whole or not at all. Raises: ExportError."""
        output, self._stream = self._stream or open_output(self.path), None
        with output:
            output.write(data)
            output.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._stream is not None:
            self._stream.abandon()


def refuse_same_output(outputs: Iterable[tuple[str | None, str]]) -> None:
    """Refuse pairs of a path, or `-` for standard output, and what is written there, if two of them lead to the same file.

    Raises:
        OptionError: naming both.
    """
    writers: dict[object, str] = {}
    for path, what in outputs:
        if path is None or is_null_device(path):
            continue
        place = identity(STDOUT_PATH if path == STANDARD_STREAM else path)
        if place in writers:
            shown = "standard output" if path == STANDARD_STREAM else path
            first = "two outputs" if writers[place] == what else f"{writers[place]} and {what}"
            raise OptionError(f"{first} cannot both be written to {shown}")
        writers[place] = what


def check_output(path: str) -> None:
    """Refuse a path where no file can be made. The file is not opened. Raises: ExportError."""
    try:
        _permissions_of(path)
        directory = os.path.dirname(os.path.realpath(path))
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from None
    if path.endswith("/"):
        raise ExportError(f"cannot write {path}: it is a directory")
    if not os.path.isdir(directory):
        raise ExportError(f"cannot write {path}: there is no directory {directory}")
    if descriptor_of(path) is None and not os.access(path, os.W_OK) and (fault := new_file_fault(directory)):
        raise ExportError(f"cannot write {path}: {fault}")


def new_file_fault(directory: str) -> str | None:
    """Return why no file can be made in a directory, None if one can. What is made to find out is removed again."""
    if not os.access(directory, os.W_OK | os.X_OK):
        return f"permission denied in {directory}"
    try:
        os.close(
            os.open(directory, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        )  # without a name, so the directory stays as it is
    except OSError as error:
        if error.errno not in _NO_TMPFILE:
            return f"no file can be made in {directory} ({reason(error)})"
    else:
        return None
    probe = os.path.join(directory, temporary_name())
    try:
        os.mkdir(probe)
        os.rmdir(probe)
    except FileNotFoundError:  # as /proc says
        return f"no file can be made in {directory}"
    except OSError as error:
        return f"no file can be made in {directory} ({reason(error)})"
    return None


def unwritable(path: str, error: OSError | ValueError) -> ExportError:
    """Return the error that says why a file cannot be written."""
    return ExportError(f"cannot write {path}: {reason(error)}")


def temporary_name() -> str:
    """Return a name for a file that is being written; it is short, since the name of the file may have any length."""
    return f".tmp.{os.urandom(8).hex()}"


def _permissions_of(path: str) -> int | None:
    """Return the permissions of a regular file, None for a path where nothing is. Raises: OSError, ValueError."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    return stat.S_IMODE(mode)


def _remove(path: str) -> None:
    """Remove a file, or make it empty where it cannot be removed. Raises: OSError."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno not in _IRREPLACEABLE:
            raise
        os.truncate(path, 0)


def _open_special(path: str) -> int:
    deadline = time.monotonic() + READER_PATIENCE_S
    while True:
        try:
            return open_existing(path, os.O_WRONLY)
        except OSError as error:
            if error.errno != errno.ENXIO or not stat.S_ISFIFO(os.stat(path).st_mode):
                raise
            if time.monotonic() > deadline:
                text = f"no program opened the pipe for reading within {READER_PATIENCE_S:g} s"
                raise TimeoutError(errno.ETIMEDOUT, text) from None
            time.sleep(_POLL_S)


def _is_ready(fd: int) -> bool:
    """Return whether `select.PIPE_BUF` bytes can be written, or an error is to be had, without waiting."""
    waiting = select.poll()
    waiting.register(fd, select.POLLOUT)
    return bool(waiting.poll(0))


def _write(fd: int, data: memoryview) -> int:
    """Write to a descriptor that may be in non-blocking mode."""
    while True:
        try:
            return os.write(fd, data)
        except BlockingIOError:
            waiting = select.poll()
            waiting.register(fd, select.POLLOUT)
            waiting.poll()
