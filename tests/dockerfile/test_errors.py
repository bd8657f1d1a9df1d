"""Errors of the text as a whole; tests/data/wrong.txt has those of instructions."""

import pytest

from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import stages
from llbfront.errors import DockerfileError
from llbfront.text import Source


def test_one_line_for_people() -> None:
    with pytest.raises(DockerfileError) as caught:
        stages(parse(Source("app.Dockerfile", b"FROM a\nRNU x\n")))
    assert str(caught.value) == "app.Dockerfile:2: unknown instruction: RNU (did you mean RUN?)"


def test_an_empty_file_has_an_error_of_its_own() -> None:
    with pytest.raises(DockerfileError, match="the Dockerfile cannot be empty"):
        parse(Source("Dockerfile", b""))


@pytest.mark.parametrize(("length", "is_read"), [(65_535, True), (65_536, False)])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_has_at_most_65535_bytes(length: int, is_read: bool, end: bytes) -> None:
    text = b"FROM a\nRUN " + b"x" * (length - 4) + end
    if is_read:
        assert len(parse(Source("Dockerfile", text)).statements) == 2
        return
    with pytest.raises(DockerfileError, match="Dockerfile:1: dockerfile line greater than max allowed size of 65535"):
        parse(Source("Dockerfile", text))


def test_letters_beyond_ascii_count_by_their_bytes() -> None:
    with pytest.raises(DockerfileError, match="greater than max"):
        parse(Source("Dockerfile", "FROM a\n# {}\n".format("é" * 32_768).encode()))
