"""Ignore files: their patterns, and the line of a pattern that is malformed."""

import pytest

from llbfront.errors import ContextError
from llbfront.frontend.ignorefile import IgnoreFile
from llbfront.fsutil.errors import MalformedPattern


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"[", ".dockerignore:1"),
        (b"a\nsub/[a\n", ".dockerignore:2"),
        (b"a\r\n\r\nsub/[a\r\n", ".dockerignore:3"),
        (b"\xef\xbb\xbf# c\n[\n", ".dockerignore:2"),
        (b"a\n!\n", ".dockerignore:2"),
        (b"a\n ! \n", ".dockerignore:2"),
        (b"a\n!b[\n", ".dockerignore:2"),
        (b"a\n/x/../[-]\n", ".dockerignore:2"),
        (b"a\x0cb\x85c\xe2\x80\xa8\n[\n", ".dockerignore:2"),
        (b"\n\n\n\\\n", ".dockerignore:4"),
        (b"ok\n[a\n[a\n", ".dockerignore:2"),
        (b"caf\xe9\n[\xff]\n", ".dockerignore:2"),
    ],
)
def test_a_malformed_pattern_has_its_line(data: bytes, place: str) -> None:
    with pytest.raises(MalformedPattern) as caught:
        IgnoreFile.parse(data).matcher()
    assert str(caught.value.span) == place
    assert str(caught.value).startswith(f"{place}: ")


def test_the_file_is_named() -> None:
    with pytest.raises(MalformedPattern, match=r"^app.Dockerfile.dockerignore:1: syntax error in pattern \(the pattern is \[\)$"):
        IgnoreFile.parse(b"[", "app.Dockerfile.dockerignore").matcher()


def test_a_long_line_has_its_number_and_no_excerpt() -> None:
    with pytest.raises(ContextError, match=r"^\.dockerignore:2: failed parsing \.dockerignore: ") as caught:
        IgnoreFile.parse(b"a\n" + b"x" * 70_000)
    assert caught.value.explanation() == []


def test_a_pattern_from_elsewhere_has_no_line() -> None:
    file = IgnoreFile.parse(b"a\nb\n")
    assert file.span(MalformedPattern("c", "no", number=1)) is None
    assert file.span(MalformedPattern("b", "no", number=7)) is None
    assert str(file.span(MalformedPattern("b", "no", number=1))) == ".dockerignore:2"
