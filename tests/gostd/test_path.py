"""path.Clean and path.Join."""

import pytest

from llbfront.gostd.path import clean, join


@pytest.mark.parametrize(
    ("path", "expected"),
    [("", "."), (".", "."), ("/", "/"), ("//", "/"), ("a//b/", "a/b"), ("../a/..", ".."), ("/../a", "/a"), ("a/../..", "..")],
)
def test_clean(path: str, expected: str) -> None:
    assert clean(path) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), ""),
        (("", ""), ""),
        (("a", "b"), "a/b"),
        (("/", "a"), "/a"),
        (("a", "", "../b"), "b"),
        (("a", "/b/"), "a/b"),
        (("..", "a"), "../a"),
    ],
)
def test_join(parts: tuple[str, ...], expected: str) -> None:
    assert join(*parts) == expected
