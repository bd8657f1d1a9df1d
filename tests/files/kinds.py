"""Things of every kind that a path may lead to, and programs at the other end of pipes."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextlib.contextmanager
def written(path: Path, data: bytes) -> Iterator[Path]:
    """Make a named pipe that another thread writes `data` to."""
    os.mkfifo(path)
    thread = threading.Thread(target=path.write_bytes, args=(data,), daemon=True)
    thread.start()
    yield path
    thread.join(5)


@contextlib.contextmanager
def read(path: Path) -> Iterator[list[bytes]]:
    """Make a named pipe that another thread reads to its end; the list holds what it read after the block."""
    os.mkfifo(path)
    contents: list[bytes] = []
    thread = threading.Thread(target=lambda: contents.append(path.read_bytes()), daemon=True)
    thread.start()
    yield contents
    thread.join(5)


@contextlib.contextmanager
def pipe(data: bytes) -> Iterator[str]:
    """Give the path of the reading end of a pipe that holds `data`, as a shell does for `<(…)`."""
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    yield f"/dev/fd/{reading}"
    os.close(reading)


def make_socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    return path


def make_loop(path: Path) -> Path:
    path.symlink_to(path)
    return path


def make_directory(path: Path) -> Path:
    path.mkdir()
    return path


def make_dangling(path: Path) -> Path:
    path.symlink_to("nowhere/x")
    return path


def make_below_a_file(path: Path) -> Path:
    path.touch()
    return path / "below"


# What nothing can be read from, and mostly nothing written to either, with the reason.
UNUSABLE: dict[str, tuple[Callable[[Path], str | Path], str]] = {
    "absent": (lambda path: path / "it", "no such file or directory"),
    "directory": (make_directory, "it is a directory"),
    "socket": (make_socket, "it is a socket"),
    "dangling": (make_dangling, "no such file or directory"),
    "loop": (make_loop, "too many levels of symbolic links"),
    "below a loop": (lambda path: make_loop(path) / "x", "too many levels of symbolic links"),
    "below a file": (make_below_a_file, "not a directory"),
    "nul": (lambda path: f"{path}\0", "its name is not a valid path"),
    "long name": (lambda path: path.with_name("x" * 300), "file name too long"),
    "long path": (lambda path: str(path) + "/x" * 3000, "file name too long"),
    "closed": (lambda _: "/dev/fd/999", "it is closed"),
}
