"""Which Go is taken."""

import pathlib

import pytest

from llbfront.engine import toolchain


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go1.26.8", (1, 26, 8)),
        ("go1.27", (1, 27, 0)),
        ("go1.27rc1", (1, 27, 0)),
        ("go1.26.8-X:nodwarf5", (1, 26, 8)),
        (" go1.9 \n", (1, 9, 0)),
        ("devel +abc", None),
        ("", None),
    ],
)
def test_versions(text: str, version: toolchain.Version | None) -> None:
    assert toolchain.parse_version(text) == version


def go_that_says(directory: pathlib.Path, name: str, script: str) -> str:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_the_first_that_is_new_enough(tmp_path: pathlib.Path) -> None:
    gos = [
        str(tmp_path / "absent"),
        go_that_says(tmp_path, "broken", "exit 1"),
        go_that_says(tmp_path, "old", "echo go1.19.8"),
        go_that_says(tmp_path, "enough", "echo go1.26.8; test $GOTOOLCHAIN = local"),
        go_that_says(tmp_path, "newer", "echo go1.27.0"),
    ]
    newest = toolchain.find((1, 26, 8), places=iter(gos))
    assert newest is not None
    assert newest.go == str(tmp_path / "enough")
    assert toolchain.find((1, 28, 0), places=iter(gos)) is None
