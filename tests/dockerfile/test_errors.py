"""Errors of Dockerfiles: the lines that they name and their words, as in the table tests/data/dockerfile/errors.txt."""

import pytest

from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import stages
from llbfront.errors import DockerfileError
from llbfront.text import Source
from tests.dockerfile.reading import errors


@pytest.mark.parametrize(("text", "expected"), [pytest.param(text, expected, id=title) for title, text, expected in errors()])
def test_table(text: bytes, expected: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        stages(parse(Source("Dockerfile", text)))
    error = caught.value
    assert error.span is not None
    assert error.span.source == Source("Dockerfile", text)
    places = "".join(f"{part.start}-{part.end} " for part in error.span.ranges)
    hint = f" ({error.hint})" if error.hint else ""
    assert f"{places}{error.message}{hint}" == expected


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
