"""Sizes of the files that a frontend reads itself."""

import pathlib

import pytest

import llbfront
from llbfront.errors import ContextError
from llbfront.frontend.files import LIMIT


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.dockerignore", ".dockerignore"])
def test_a_file_of_this_machine_may_not_be_larger_than_one_of_an_engine(tmp_path: pathlib.Path, name: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (tmp_path / name).write_bytes(b"#" * (LIMIT + 1))
    with pytest.raises(ContextError, match=f"{name} exceeds maximum allowed size of 16777216 bytes"):
        llbfront.convert(tmp_path)
