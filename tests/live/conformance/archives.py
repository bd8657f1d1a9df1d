"""Rows of contexts that are one stream: over HTTP and on standard input, valid and broken, with the Dockerfile in it or separate.

What the engine cannot unpack is the file `context`, like an HTTP file that is not an archive; so a damaged archive may be built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fsutil.trees import File
from tests.live.conformance.broken import BROKEN, DOCKERFILE, PACKED, PLAIN, archive
from tests.live.conformance.row import Config, Fails, HasFile, OnlyFiles, Row, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.conformance.row import Expectation

APART = {"dockerfilekey": "dockerfile"}
NO_DOCKERFILE = Fails("failed to read dockerfile: open Dockerfile: no such file or directory")
BUILT = OnlyFiles("got/Dockerfile got/a.txt")
PACKAGE = OnlyFiles("got/context")

# What a broken archive is, what comes of it with its own Dockerfile, and with one apart.
CASES: tuple[tuple[str, str, Expectation, Expectation], ...] = (
    ("cut-behind.tar", "a tar that ends after the Dockerfile", Fails("read dockerfile: unexpected EOF"), Fails("unexpected EOF")),
    ("cut-header.tar", "a tar that ends in a header", Fails("read dockerfile: unexpected EOF"), Fails("unexpected EOF")),
    ("cut-inside.tar", "a tar that ends in the Dockerfile", Fails("read dockerfile: unexpected EOF"), Fails("unexpected EOF")),
    ("garbage.tar", "a tar with garbage after a file", Fails("read dockerfile: archive/tar: inv"), Fails("archive/tar: invalid tar h")),
    ("trailing.tar", "a tar with garbage after its end", BUILT, BUILT),
    ("cut.tar.gz", "a gzip that ends after the tar", BUILT, BUILT),
    ("cut-early.tar.gz", "a gzip that ends in its first block", NO_DOCKERFILE, PACKAGE),
    ("sum.tar.gz", "a gzip with a wrong checksum", BUILT, BUILT),
    ("damaged.tar.gz", "a gzip that is damaged in its middle", NO_DOCKERFILE, PACKAGE),
    ("text.gz", "a gzip of a Dockerfile", NO_DOCKERFILE, PACKAGE),
    ("nothing.gz", "a gzip of nothing", NO_DOCKERFILE, PACKAGE),
    ("only.gz", "the first three bytes of a gzip", NO_DOCKERFILE, PACKAGE),
    ("cut.tar.bz2", "a bzip2 that ends in its middle", NO_DOCKERFILE, PACKAGE),
    ("only.bz2", "the beginning of a bzip2", NO_DOCKERFILE, PACKAGE),
    ("only.xz", "the beginning of an xz", NO_DOCKERFILE, PACKAGE),
    ("only.zst", "the beginning of a zstd", NO_DOCKERFILE, PACKAGE),
    ("no-dockerfile.tar", "a tar without a Dockerfile", NO_DOCKERFILE, OnlyFiles("got/a.txt")),
    ("directory.tar", "a tar with a directory named Dockerfile", Fails("open Dockerfile: not a regular file"), OnlyFiles("")),
    ("link.tar", "a tar with a symlink outside of it", NO_DOCKERFILE, HasFile("got/Dockerfile", link="../../../etc/passwd")),
    ("climbing.tar", "a tar with a name outside of it", BUILT, BUILT),
)  # fmt: skip
PIPED = ("cut-behind.tar", "garbage.tar", "cut-early.tar.gz", "sum.tar.gz", "link.tar")


def broken() -> Iterator[Row]:
    for name, title, inside, apart in CASES:
        at = {"context": f"<files>/{name}"}
        yield row("X5", f"{title}, over HTTP", "", inside, options=at)
        yield row("X5", f"{title}, over HTTP with a local Dockerfile", DOCKERFILE, apart, options={**at, **APART})
        if name in PIPED:
            yield row("X6", f"{title}, on standard input", "", inside, stdin=BROKEN[name])
            yield row(
                "X6", f"{title}, on standard input with a local Dockerfile", DOCKERFILE, apart, stdin=BROKEN[name], options=APART
            )


ROWS = (
    *broken(),
    row("X5", "an empty HTTP response is an empty Dockerfile", "", Fails("the Dockerfile cannot be empty"), options={"context": "<files>/empty"}),
    row("X5", "an empty HTTP Dockerfile has no context", DOCKERFILE, Fails("open context: no such file or directory"), options={"context": "<files>/empty", **APART}),
    row("X5", "blocks of zeros are not an archive", "", Fails("unknown instruction: ", "1"), options={"context": "<files>/zeros.tar"}, differs_in_wording=True),
    row("X6", "a tar on standard input is the context", "", BUILT, stdin=PLAIN),
    row("X6", "a gzip tar on standard input is the context", "", BUILT, stdin=PACKED),
    row("X6 O22", "filename selects a file of a tar on standard input", "", OnlyFiles("a"), stdin=archive(("sub/other", b"FROM scratch\nCOPY a /\n"), ("a", b"")), options={"filename": "sub/other"}),
    row("X6 O22", "a local Dockerfile with a tar on standard input", b"FROM scratch\nCOPY a.txt /b\n", OnlyFiles("b"), stdin=PLAIN, options=APART),
    row("X6 O20", "contextsubdir selects a directory of a tar on standard input", b"FROM scratch\nCOPY . /\n", OnlyFiles("one"), stdin=archive(("sub/one", b"1")), options={"contextsubdir": "sub", **APART}),
    row("X6 X15", "the ignore file of a tar on standard input is not read", "", OnlyFiles("Dockerfile .dockerignore"), stdin=archive(("Dockerfile", b"FROM scratch\nCOPY . /\n"), (".dockerignore", b"*\n"))),
    row("X6", "other standard input is the Dockerfile", "", Config("config/Labels", {"a": "1"}), stdin=b"FROM scratch\nLABEL a=1\n"),
    row("X6", "a Dockerfile on standard input has an empty context", "", Fails('"/a.txt": not found', "2"), stdin=b"FROM scratch\nCOPY a.txt /\n"),
    row("X6 P17", "errors of a Dockerfile on standard input have lines", "", Fails("unknown instruction: CPOY", "2"), stdin=b"FROM scratch\nCPOY\n"),
    row("X6", "empty standard input is an error", "", Fails("the Dockerfile cannot be empty"), stdin=b""),
    row("C3", "ADD of a tar that ends in its middle", "FROM scratch\nADD cut-behind.tar /\n", Fails("unexpected EOF", "2"), files={"cut-behind.tar": File(BROKEN["cut-behind.tar"])}),
    row("C3", "ADD of a tar with garbage after a file", "FROM scratch\nADD garbage.tar /\n", Fails("invalid tar header", "2"), files={"garbage.tar": File(BROKEN["garbage.tar"])}),
    row("C3", "ADD of a text file with the suffix .gz", "FROM scratch\nADD only.gz /\n", OnlyFiles("only.gz"), files={"only.gz": File(BROKEN["only.gz"])}),
    row("C3", "ADD of a gzip file that is not a tar", "FROM scratch\nADD text.gz /\n", OnlyFiles("text.gz"), files={"text.gz": File(BROKEN["text.gz"])}),
    row("C3", "ADD of a gzip with a wrong checksum", "FROM scratch\nADD sum.tar.gz /\n", OnlyFiles("Dockerfile a.txt"), files={"sum.tar.gz": File(BROKEN["sum.tar.gz"])}),
    row("C3 C4", "ADD of a broken HTTP tar", "FROM scratch\nADD --unpack=true <files>/cut-behind.tar /\n", Fails("unexpected EOF", "2")),
)  # fmt: skip
