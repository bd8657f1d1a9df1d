"""Outputs replace regular files whole, go through symlinks, and are written into everything else as it is."""

from __future__ import annotations

import errno
import os
import pathlib
import stat
import subprocess
import sys
import tempfile

import pytest

from llbfront.errors import ExportError
from llbfront.files import writing
from llbfront.files.writing import Destination, open_output, write_file
from tests.files import kinds

ROOT = pathlib.Path(__file__).parents[2]


def test_a_file_is_made_and_replaced_with_its_permissions(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    write_file(path, b"one")
    assert path.read_bytes() == b"one"
    path.chmod(0o600)
    inode = path.stat().st_ino
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_ino != inode
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("target", ["there", "new", "sub/new"])
def test_a_symlink_is_followed(tmp_path: pathlib.Path, target: str) -> None:
    (tmp_path / "there").write_bytes(b"old")
    (tmp_path / "sub").mkdir()
    link = tmp_path / "link"
    link.symlink_to(target)
    write_file(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / target).read_bytes() == b"new"


def test_a_named_pipe_is_written_to(tmp_path: pathlib.Path) -> None:
    with kinds.read(tmp_path / "pipe") as contents:
        write_file(tmp_path / "pipe", b"x" * 300_000)
    assert contents == [b"x" * 300_000]
    assert (tmp_path / "pipe").is_fifo()


def test_a_named_pipe_without_a_reader_is_given_up(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "READER_PATIENCE_S", 0.1)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ExportError, match="no program opened the pipe for reading within 0.1 s"):
        write_file(tmp_path / "pipe", b"text")
    assert (tmp_path / "pipe").is_fifo()


def test_an_open_descriptor_is_written_to() -> None:
    reading_end, writing_end = os.pipe()
    write_file(f"/dev/fd/{writing_end}", b"text")
    os.close(writing_end)
    assert os.read(reading_end, 100) == b"text"
    os.close(reading_end)


def test_an_open_file_is_written_at_its_position(tmp_path: pathlib.Path) -> None:
    with (tmp_path / "log").open("wb", buffering=0) as log:
        log.write(b"before ")
        write_file(f"/dev/fd/{log.fileno()}", b"text")
    assert (tmp_path / "log").read_bytes() == b"before text"


def test_a_reader_that_goes_away_is_an_error() -> None:
    reading_end, writing_end = os.pipe()
    os.close(reading_end)
    with pytest.raises(ExportError, match="its reader has gone away"):
        write_file(f"/dev/fd/{writing_end}", b"text")
    os.close(writing_end)


def test_a_full_device_is_an_error() -> None:
    with pytest.raises(ExportError, match="cannot write /dev/full: no space left on device"):
        write_file("/dev/full", b"text")
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


@pytest.mark.parametrize("name", [*kinds.UNUSABLE, "slash"])
def test_what_cannot_be_written_is_one_clear_error(tmp_path: pathlib.Path, name: str) -> None:
    make, reason = kinds.UNUSABLE.get(name, (lambda path: f"{path}/", "it is a directory"))
    path = str(make(tmp_path / "it"))
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(ExportError) as caught:
        write_file(path, b"text")
    assert str(caught.value).endswith(f": {reason}")
    assert sorted(os.listdir(tmp_path)) == before
    with pytest.raises(ExportError):
        Destination(path)


def test_names_may_be_as_long_as_the_file_system_allows(tmp_path: pathlib.Path) -> None:
    write_file(tmp_path / ("é" * 127), b"text")
    assert os.listdir(tmp_path) == ["é" * 127]


def test_an_output_that_is_abandoned_leaves_what_was_there(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with open_output(tmp_path / "file") as output:
        output.write(b"half")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_full_file_system_leaves_nothing(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_fd: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(ExportError, match="no space left on device"):
        write_file(tmp_path / "file", b"text")
    assert os.listdir(tmp_path) == []


@pytest.fixture
def frozen(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A file whose directory allows no changes, for root, too."""
    path = tmp_path / "file"
    path.write_bytes(b"what was there, which is longer")

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(os, "unlink", refuse)
    return path


def test_a_file_that_cannot_be_replaced_is_overwritten(frozen: pathlib.Path) -> None:
    inode = frozen.stat().st_ino
    write_file(frozen, b"text")
    assert frozen.read_bytes() == b"text"
    assert frozen.stat().st_ino == inode


def test_a_stale_file_that_cannot_be_removed_is_emptied(frozen: pathlib.Path) -> None:
    with Destination(str(frozen)) as place:
        place.remove_stale()
        assert frozen.read_bytes() == b""


def test_a_file_in_a_directory_without_permissions_is_overwritten() -> None:
    script = (
        "import os, sys\n"
        "from llbfront.files.writing import Destination, write_file\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "with Destination(sys.argv[1]) as place: place.remove_stale(); place.write(b'new')\n"
        "try: write_file(sys.argv[1] + '2', b'')\n"
        "except Exception as error: print(error)\n"
    )
    with tempfile.TemporaryDirectory() as directory:  # that of pytest is closed to other users
        path = pathlib.Path(directory, "file")
        path.write_bytes(b"old")
        path.chmod(0o666)
        path.parent.chmod(0o555)
        done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=False, cwd=ROOT)
        path.parent.chmod(0o755)
        assert done.stdout == f"cannot write {path}2: permission denied\n", done.stderr
        assert path.read_bytes() == b"new"


def test_stale_regular_files_are_removed_and_other_kinds_kept(tmp_path: pathlib.Path) -> None:
    (tmp_path / "old").write_bytes(b"old")
    (tmp_path / "link").symlink_to("old")
    with Destination(str(tmp_path / "link")) as place:
        place.remove_stale()
        assert (tmp_path / "link").is_symlink()
        assert not (tmp_path / "old").exists()
        place.remove_stale()
        place.write(b"new")
    assert (tmp_path / "old").read_bytes() == b"new"
    with Destination("/dev/null") as place:
        place.remove_stale()
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_the_reader_of_a_pipe_sees_its_end_though_nothing_is_written(tmp_path: pathlib.Path) -> None:
    with kinds.read(tmp_path / "pipe") as contents, Destination(str(tmp_path / "pipe")):
        pass
    assert contents == [b""]
