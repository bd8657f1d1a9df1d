"""Where content comes from: paths, URLs, git remotes, stages; and names of images.

Source: features.md sections 1.3 (C1 to C12) and 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.generator import words
from tests.differential.generator.dice import Table

if TYPE_CHECKING:
    from tests.differential.generator.draft import Draft

SHA = "0123456789abcdef0123456789abcdef01234567"
DIGEST = "sha256:" + "5e" * 32

PATHS = Table(
    (8, "", lambda d: d.pick(("a", "b.txt", "src", "x.tar", "dir/file", "go.mod", "é.txt", "a=b"))),
    (3, "C2 directory", lambda d: d.pick(("src/", "b/", "dir/sub/", "./", "."))),
    (1, "C2 root", lambda d: d.pick(("/", "./", "..", ".", "/."))),
    (1, "C2 climbs", lambda d: d.pick(("../up", "a/../b", "/../x", "./../y/.", "a//b", "x/./y"))),
    (1, "C2 absolute", lambda d: d.pick(("/abs/file", "/etc/", "//twice"))),
    (2, "C2 wildcard", lambda d: d.pick(("*.txt", "src/*", "a?b", "w[0-9]", "**/x", "dir/**/y", "a\\*b"))),
    (1.5, "C2 expanded path", lambda d: f"{d.choose(words.EXPANSIONS)}/{d.pick(('f', '', 'g/'))}"),
    (0.5, "C2 quoted path", lambda d: d.pick(('"q"', "'r'", '"s$A"'))),
)
PARENTS_PATHS = Table(
    (4, "C9 parents", lambda d: d.choose(PATHS)),
    (2, "C9 pivot", lambda d: d.pick(("a/./b/c", "./x/./y", "/a/./b", "src/./*.txt", "a/././b", "x/./", "/./z"))),
)
DESTINATIONS = Table(
    (5, "", lambda d: d.pick(("/app", "/app/", "/", "/dst/x", "/usr/local/bin/"))),
    (3, "C11 relative destination", lambda d: d.pick(("out", "out/", "a/b", "../up", "x/../y/"))),
    (2, "C11 dot destination", lambda d: d.pick((".", "./", "/app/.", "./.", "/.", "..", "out/."))),
    (1, "C11 expanded destination", lambda d: f"/{d.choose(words.EXPANSIONS)}/"),
    (0.5, "C11 expanded destination", lambda d: str(d.choose(words.WORDS)).replace(" ", "")),
)
URLS = Table(
    (3, "C4 url", lambda d: d.pick(("https://h/x.tgz", "http://h.example/a/b.txt", "https://h/dir/", "https://h:8443/p/q.zip"))),
    (1, "C4 url without name", lambda d: d.pick(("https://h", "https://h/", "http://h/?x=1", "https://h/a/../"))),
    (
        1,
        "C4 url with query",
        lambda d: d.pick(("https://h/x?y=z", "https://h/a%20b.txt", "https://h/x.git?ref=a#b", "https://h/x#frag")),
    ),
    (1, "C4 url expanded", lambda d: f"https://h/{d.choose(words.EXPANSIONS)}.tgz"),
    (
        0.7,
        "C4 url odd",
        lambda d: d.pick(("https://h/é.bin", "https://h/x/..", "https://h//y", "https://[::1]/z", "https://u:p@h/s")),
    ),
)
QUERIES = Table(
    (2, "X3 ref", "ref=v1"),
    (1, "X3 tag", "tag=v2"),
    (1, "X3 branch", "branch=main"),
    (2, "X3 subdir", lambda d: d.pick(("subdir=sub", "subdir=/a/../b", "subdir=x//y"))),
    (1, "X3 checksum", "checksum=" + SHA),
    (1, "X3 commit", "commit=" + SHA[:12]),
    (1, "X3 keep-git-dir", lambda d: d.pick(("keep-git-dir", "keep-git-dir=1", "keep-git-dir=false", "keep-git-dir="))),
    (1, "X3 submodules", lambda d: d.pick(("submodules=0", "submodules=false", "submodules", "submodules=true"))),
    (1, "X3 mtime", lambda d: d.pick(("mtime=checkout", "mtime=commit"))),
    (1, "X3 fetch-by-commit", lambda d: d.pick(("ref=" + SHA + "&fetch-by-commit", "fetch-by-commit=true&ref=" + SHA))),
)
BAD_QUERIES = ("ref=", "unknown=1", "ref=a&ref=b", "ref=a&tag=b", "submodules=maybe", "mtime=x", "checksum=zz", "fetch-by-commit=x")


def queries(d: Draft) -> str:
    """One to three query keys; a conflict of them now and then."""
    if d.chance(0.04):
        return "?" + d.pick(BAD_QUERIES)
    chosen = d.some(1, 2, lambda: str(d.choose(QUERIES)))
    if {text.split("=")[0] for text in chosen} == {"checksum", "commit"}:
        chosen.pop()  # which of the two counts is a matter of chance in the reference
    return "?" + "&".join(chosen)


REMOTES = Table(
    (4, "X2 https git", lambda d: d.pick(("https://github.com/o/r.git", "https://h.example/a/b.git", "https://h:8443/r.git"))),
    (1, "X2 http git", "http://h/r.git"),
    (1, "X2 git protocol", lambda d: d.pick(("git://h/r", "git://h/o/r.git"))),
    (1, "X2 ssh git", lambda d: d.pick(("ssh://git@h.example/o/r.git", "ssh://h.example:2222/r"))),
    (1, "X2 scp git", lambda d: d.pick(("git@h.example:o/r.git", "me@h.example:r"))),
    (1, "X2 github.com", lambda d: d.pick(("github.com/o/r", "github.com/o/r.git"))),
    (0.5, "X2 git with user", lambda d: d.pick(("https://u:p@h/r.git", "https://u@h/r.git"))),
)
GIT = Table(
    (3, "", lambda d: d.choose(REMOTES)),
    (2, "X2 fragment ref", lambda d: f"{d.choose(REMOTES)}#{d.pick(('main', 'v1.0', SHA, 'refs/heads/x', 'feature/y'))}"),
    (
        2,
        "X2 fragment subdir",
        lambda d: f"{d.choose(REMOTES)}#{d.pick(('main', '', 'v1'))}:{d.pick(('sub', '/a/../b', 'x/y/', '.'))}",
    ),
    (4, "X3 query", lambda d: f"{d.choose(REMOTES)}{queries(d)}"),
    (1, "X3 query and fragment", lambda d: f"{d.choose(REMOTES)}{queries(d)}#{d.pick(('main', ':sub'))}"),
)

IMAGES = ("alpine", "busybox:1", "golang:1.22-alpine", "docker.io/library/debian:bookworm", "ghcr.io/o/i:t", "localhost:5000/x/y")
REFERENCES = Table(
    (10, "I1 image", lambda d: d.pick(IMAGES)),
    (6, "I1 scratch", "scratch"),
    (2, "I1 digest", lambda d: f"{d.pick(('node', 'ghcr.io/o/i', 'q.io/z:tag'))}@{DIGEST}"),
    (0.1, "", lambda d: d.pick(("UPPER/case", "a b", "bad:tag:tag", "x@sha256:12", "-dash", "a//b", DIGEST))),
)
