"""Git sources: what each form means, and what is none. The meanings were taken from the reference's behaviour."""

import pytest

from llbfront.dockerfile2llb import git_ref
from llbfront.dockerfile2llb.git_ref import GitSource, NotGit
from llbfront.errors import InvalidValue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://h/o/r.git", GitSource("https://h/o/r.git")),
        ("https://h/o/r.git#v1", GitSource("https://h/o/r.git", ref="v1")),
        ("https://h/o/r.git#v1:sub/../dir/", GitSource("https://h/o/r.git", ref="v1", subdir="dir")),
        ("https://h/o/r.git?branch=x&subdir=a//b", GitSource("https://h/o/r.git", ref="refs/heads/x", subdir="a//b")),
        ("https://h/o/r.git?tag=refs/tags/v2", GitSource("https://h/o/r.git", ref="refs/tags/v2")),
        ("https://h/o/r.git?commit=abc", GitSource("https://h/o/r.git", checksum="abc")),
        ("https://u:p@h:8443/o/r.git", GitSource("https://u:p@h:8443/o/r.git")),
        ("git://h/r?keep-git-dir", GitSource("git://h/r", keep_git_dir=True)),
        ("git@h:o/r.git#main:sub", GitSource("git@h:o/r.git", ref="main", subdir="sub")),
        ("ssh://git@h:2222/o/r?submodules=0", GitSource("ssh://git@h:2222/o/r", submodules=False)),
        ("https://h/o/r.git?", GitSource("https://h/o/r.git?")),
        ("https://h/o/r.git?tag=v1&branch=%b", GitSource("https://h/o/r.git", ref="refs/tags/v1")),
        ("github.com/o/r#b", GitSource("github.com/o/r", ref="b", looks_local=True)),
        ("git://h/r?mtime=commit&fetch-by-commit", GitSource("git://h/r", mtime="commit", fetch_by_commit=True)),
    ],
)
def test_a_source_is_read(text: str, expected: GitSource) -> None:
    assert git_ref.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a/b",
        "./github.com/x",
        "https://h/x.tgz",
        "https://h/r.git/x",
        "ftp://h/r.git",
        "bad:user@h:o/r",
        "http://h:x/r.git",
        "https://h[x/r.git",
    ],
)
def test_other_texts_are_not_git_sources(text: str) -> None:
    with pytest.raises(NotGit):
        git_ref.parse(text)


@pytest.mark.parametrize(
    "query",
    ["ref=", "x=1", "ref=a&ref=b", "tag=a&branch=b", "mtime=now", "keep-git-dir=maybe", "submodules=x", "subdir="],
)
def test_a_wrong_query_is_an_error(query: str) -> None:
    with pytest.raises(InvalidValue) as error:
        git_ref.parse(f"https://h/r.git?{query}")
    assert not isinstance(error.value, NotGit)


@pytest.mark.parametrize(
    ("text", "is_http"),
    [("http://h/x", True), ("https://h/r.git", False), ("https://h/r.git?x=1", True), ("ftp://h/x", False), ("h/x", False)],
)
def test_a_plain_url_is_not_a_git_source(text: str, is_http: bool) -> None:
    assert git_ref.is_http(text) is is_http
