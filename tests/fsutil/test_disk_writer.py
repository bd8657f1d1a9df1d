"""Trees that are received: whatever fails, however deep they are, nothing half-written is left."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import subprocess
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.errors import ExportError
from llbfront.files.paths import make_directories
from llbfront.fsutil.disk_writer import DiskWriter
from llbfront.fsutil.stat import DIRECTORY, Stat
from llbfront.session.export import DIFF_COPY, DirectoryTarget, Export
from tests.fsutil.trees import File, Link, build
from tests.session.calls import Peer
from tests.session.test_export import send_tree

if TYPE_CHECKING:
    from pathlib import Path

DEEP = 1500  # more than Python's recursion limit, and than the descriptors a process may have


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A directory for deep trees, which Python's own functions cannot remove afterwards."""
    path = tmp_path / "deep"
    path.mkdir()
    yield path
    subprocess.run(["rm", "-rf", path], check=True)


def directory(path: bytes) -> Stat:
    return Stat(path, mode=DIRECTORY | 0o755)


def chain(levels: int) -> list[bytes]:
    return [b"/".join([b"d"] * level) for level in range(1, levels + 1)]


def leftovers(root: Path) -> list[str]:
    """Temporary names anywhere below a directory, of any depth."""
    names: list[str] = []
    left = [os.open(root, os.O_RDONLY)]
    while left:
        fd = left.pop()
        for name in os.listdir(fd):
            names += [name] if ".tmp." in name else []
            if os.path.isdir(f"/proc/self/fd/{fd}/{name}"):
                left.append(os.open(name, os.O_RDONLY, dir_fd=fd))
        os.close(fd)
    return names


def descriptors() -> int:
    gc.collect()  # of what other tests left
    return len(os.listdir("/proc/self/fd"))


def write_deep(root: Path) -> None:
    tree = DiskWriter(str(root))
    for path in chain(DEEP):
        tree.make(directory(path))
    file = tree.file(Stat(chain(DEEP)[-1] + b"/f", mode=0o644))
    file.write(b"content")
    file.commit()
    tree.finish()


def test_a_tree_of_1500_levels_is_written_and_replaced(deep: Path) -> None:
    before = descriptors()
    write_deep(deep)
    mirror = DiskWriter(str(deep), mirror=True)
    mirror.finish()
    assert os.listdir(deep) == []
    assert descriptors() <= before


def test_a_deep_tree_gives_way_to_a_file(deep: Path) -> None:
    write_deep(deep)
    tree = DiskWriter(str(deep))
    file = tree.file(Stat(b"d", mode=0o644))
    file.write(b"content")
    file.commit()
    tree.finish()
    assert (deep / "d").read_bytes() == b"content"


def test_a_file_1500_levels_deep_is_abandoned(deep: Path) -> None:
    before = descriptors()
    tree = DiskWriter(str(deep))
    for path in chain(DEEP):
        tree.make(directory(path))
    file = tree.file(Stat(chain(DEEP)[-1] + b"/f", mode=0o644))
    file.write(b"content")
    for path in (b"e%d" % number for number in range(100)):  # the deep directory is no longer held open
        tree.make(directory(path))
    file.abandon()
    tree.close()
    assert leftovers(deep) == []
    assert descriptors() == before


def test_removing_does_not_follow_symlinks(tmp_path: Path) -> None:
    outside = build(tmp_path / "outside", {"kept": File(b"kept")})
    out = build(tmp_path / "out", {"old/a/b": Link(str(outside)), "old/c": File()})
    DiskWriter(str(out), mirror=True).finish()
    assert os.listdir(out) == []
    assert (outside / "kept").read_bytes() == b"kept"


@pytest.mark.parametrize("name", [b"a\0b", b"d/a\0b"])
@pytest.mark.parametrize("kind", ["file", "directory", "symlink", "hardlink"])
def test_a_nul_in_a_name_is_refused(tmp_path: Path, name: bytes, kind: str) -> None:
    (tmp_path / "f").write_bytes(b"")
    tree = DiskWriter(str(tmp_path))
    tree.make(directory(b"d"))
    before = descriptors()

    def write() -> None:
        if kind == "file":
            file = tree.file(Stat(name, mode=0o644))
            file.write(b"content")
            file.commit()
        elif kind == "hardlink":
            tree.link_later(Stat(name, mode=0o644, linkname=b"f"))
            tree.finish()
        else:
            tree.make(directory(name) if kind == "directory" else Stat(name, mode=1 << 27 | 0o777, linkname=b"x"))

    with pytest.raises(ExportError, match="cannot be written: its name is not a valid path"):
        write()
    assert leftovers(tmp_path) == []
    tree.close()
    assert descriptors() <= before


ERRORS = [OSError(errno.ENOSPC, "No space left on device"), ValueError("embedded null byte"), MemoryError(), RecursionError()]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("call", ["write", "open", "dup", "fchmod", "utime", "close", "rename", "symlink", "mkdir"])
def test_nothing_is_left_whatever_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: Exception) -> None:
    source = build(tmp_path / "source", {"d/f": File(b"x" * 100_000), "g": File(b"y"), "l": Link("g")})
    export = Export({0: DirectoryTarget(str(tmp_path / "out"))})
    peer = Peer(export.services(), DIFF_COPY)
    with monkeypatch.context() as patch:
        patch.setattr("llbfront.fsutil.disk_writer.os", Failing(call, error))
        with contextlib.suppress(MemoryError, RecursionError):  # these end the call a level above
            assert send_tree(peer, source)[0] != 0
    peer.handler.on_cancel()
    assert leftovers(tmp_path / "out") == []
    assert [path for path in open_paths() if path.startswith(f"{tmp_path}/out")] == []


def open_paths() -> list[str]:
    """What the descriptors of this process lead to."""
    paths = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            paths.append(os.readlink(f"/proc/self/fd/{name}"))
    return paths


class Failing:
    """The module `os`, one function of which fails; `close` fails once, when it has done its work."""

    def __init__(self, call: str, error: Exception) -> None:
        self._call, self._error = call, error
        self._has_failed = False

    def __getattr__(self, name: str) -> Any:
        function = getattr(os, name)
        return self._failing(function) if name == self._call else function

    def _failing(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def fail(*arguments: Any, **options: Any) -> None:
            if self._call == "close":
                function(*arguments, **options)
                if self._has_failed:
                    return
            self._has_failed = True
            raise self._error

        return fail


def test_directories_are_made_however_deep(deep: Path) -> None:
    with contextlib.chdir(deep):
        make_directories("/".join(["d"] * DEEP))
        make_directories("/".join(["d"] * DEEP))
    assert os.listdir(deep) == ["d"]
    DiskWriter(str(deep), mirror=True).finish()
    assert os.listdir(deep) == []


@pytest.mark.parametrize("path", ["file/below", "a\0b", "x" * 300])
def test_directories_that_cannot_be_made(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError, match="cannot be written"):
        DiskWriter(f"{tmp_path}/{path}")
