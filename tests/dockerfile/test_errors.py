"""Errors of the text as a whole; tests/data/error_messages.txt has those of instructions."""

import pytest

from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import parse_stages
from llbfront.errors import DockerfileError
from llbfront.source import Source


def test_one_line_for_people() -> None:
    with pytest.raises(DockerfileError) as caught:
        parse_stages(parse(Source("app.Dockerfile", b"FROM a\nRNU x\n")))
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


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        ("RUN x", "Dockerfile:2: dockerfile line greater"),
        ("RUN x \\\\", "Dockerfile:2: dockerfile line greater"),
        ("RUN x \\", "Dockerfile:3: dockerfile line greater"),
        ("RUN x \\\nENV", "Dockerfile:3: ENV must have two arguments"),
        ("RUN x <<E", "Dockerfile:2: unterminated heredoc"),
    ],
)
def test_the_place_of_a_line_that_is_too_long(begin: str, said: str) -> None:
    """A line that continues another is read as far as it may be long, and then as an instruction of its own."""
    text = f"{begin} {'x' * 70_000}" if begin.endswith("ENV") else f"{begin}\n{'x' * 70_000}"
    with pytest.raises(DockerfileError) as caught:
        parse(Source("Dockerfile", f"FROM a\n{text}\n".encode()))
    assert str(caught.value).startswith(said)
