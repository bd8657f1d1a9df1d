"""filepath.Match: each row is a pattern, a name and the answer of Go; None is ErrBadPattern."""

import pytest

from llbfront.errors import InvalidValue
from llbfront.gostd.filepath import has_wildcards, match


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "abc", True),
        ("*", "a/b", False),
        ("a*", "a", True),
        ("a*c*e", "abcde", True),
        ("a*c", "abcd", False),
        ("*x", "xxy", False),
        ("*/b", "a/b", True),
        ("[*]", "*", True),
        ("[a-]", "a", None),
        ("a[", "a", None),
        ("a[", "ab", None),
        ("b*[", "a", False),
        ("[\\]]", "]", True),
        ("", "", True),
        ("", "a", False),
        ("*a*b*c*d*", "xaxbxcxdx", True),
        ("*??", "€", True),
        ("?", "😀", True),
        ("??", "😀", False),
        ("\\*a", "*a", True),
        ("é?", "éa", True),
        ("[à-ü]", "é", True),
        ("[\udcff]", "a", None),
        ("?", "\udcff", True),
        ("[^a]", "/", True),
        ("\\*", "*", True),
    ],
)
def test_match(pattern: str, name: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(InvalidValue):
            match(pattern, name)
    else:
        assert match(pattern, name) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a/b", False), ("*", True), ("a?", True), ("[a]", True), ("\\*", False), ("\\\\*", True), ("a\\", False), ("]", False)],
)
def test_has_wildcards(path: str, expected: bool) -> None:
    assert has_wildcards(path) is expected
