"""Paths: absolute ones, ones without symlinks, and descriptors, also in a current directory that was removed."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable

import pytest

from llbfront.errors import ContextError
from llbfront.files.paths import absolute_path, descriptor_of, identity, is_regular, is_special, real_path

GONE = "the current directory does not exist any more"


@pytest.fixture
def _gone(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "gone"
    directory.mkdir()
    monkeypatch.chdir(directory)
    directory.rmdir()


@pytest.mark.parametrize("function", [absolute_path, real_path])
def test_paths_are_resolved(function: Callable[[str], str], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert function("a/../b") == str(tmp_path / "b")


def test_real_path_follows_symlinks(tmp_path: pathlib.Path) -> None:
    (tmp_path / "link").symlink_to("away")
    assert real_path(tmp_path / "link" / "x") == str(tmp_path / "away" / "x")
    assert absolute_path(tmp_path / "link") == str(tmp_path / "link")


@pytest.mark.usefixtures("_gone")
@pytest.mark.parametrize("function", [absolute_path, real_path])
@pytest.mark.parametrize("path", ["x", ".", "../x", pathlib.Path("x")])
def test_a_relative_path_in_a_removed_directory_is_one_error(function: Callable[[object], str], path: object) -> None:
    with pytest.raises(ContextError, match=f"^cannot find {path}: {GONE}$"):
        function(path)


@pytest.mark.usefixtures("_gone")
def test_absolute_paths_do_not_need_the_current_directory(tmp_path: pathlib.Path) -> None:
    assert (absolute_path(tmp_path), real_path(tmp_path)) == (str(tmp_path), os.path.realpath(tmp_path))
    assert descriptor_of("/dev/stdin") == 0


@pytest.mark.usefixtures("_gone")
def test_a_relative_path_in_a_removed_directory_names_no_file() -> None:
    assert descriptor_of("x") is None
    assert not is_regular("x")
    assert not is_special("x")
    assert identity("x") == "x"


def test_a_text_that_cannot_be_a_path_is_one_error() -> None:
    with pytest.raises(ContextError, match="its name is not a valid path"):
        real_path("a\0b")
