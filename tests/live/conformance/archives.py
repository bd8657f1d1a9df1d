"""Rows of contexts that are one stream: from the web and from standard input, whole and broken, with the Dockerfile in it or apart.

What the engine cannot unpack is the file `context`, like an HTTP file that is not an archive; so a damaged archive may be built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fsutil.trees import File
from tests.live.conformance.broken import BROKEN, DOCKERFILE, PACKED, PLAIN, archive
from tests.live.conformance.row import Fails, Holds, Is, Only, Row, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.conformance.row import Expectation

APART = {"dockerfilekey": "dockerfile"}
NO_DOCKERFILE = Fails("failed to read dockerfile: open Dockerfile: no such file or directory")
BUILT = Only("got/Dockerfile got/a.txt")
PACKAGE = Only("got/context")

# What a broken archive is, what comes of it with its own Dockerfile, and with one apart.
CASES: tuple[tuple[str, str, Expectation, Expectation], ...] = (
    ("cut-behind.tar", "a tar that ends behind the Dockerfile", Fails("read dockerfile: unexpected EOF"), Fails("unexpected EOF")),
    ("cut-header.tar", "a tar that ends in a header", Fails("read dockerfile: unexpected EOF"), Fails("unexpected EOF")),
    ("cut-inside.tar", "a tar that ends in the Dockerfile", Fails("read dockerfile: unexpected EOF"), Fails("unexpected EOF")),
    ("garbage.tar", "a tar with garbage behind a file", Fails("read dockerfile: archive/tar: inv"), Fails("archive/tar: invalid tar h")),
    ("trailing.tar", "a tar with garbage behind its end", BUILT, BUILT),
    ("cut.tar.gz", "a gzip that ends behind the tar", BUILT, BUILT),
    ("cut-early.tar.gz", "a gzip that ends in its first block", NO_DOCKERFILE, PACKAGE),
    ("sum.tar.gz", "a gzip whose checksum is another", BUILT, BUILT),
    ("damaged.tar.gz", "a gzip that is damaged in its middle", NO_DOCKERFILE, PACKAGE),
    ("text.gz", "a gzip of a Dockerfile", NO_DOCKERFILE, PACKAGE),
    ("nothing.gz", "a gzip of nothing", NO_DOCKERFILE, PACKAGE),
    ("only.gz", "three bytes of gzip", NO_DOCKERFILE, PACKAGE),
    ("cut.tar.bz2", "a bzip2 that ends in its middle", NO_DOCKERFILE, PACKAGE),
    ("only.bz2", "the beginning of a bzip2", NO_DOCKERFILE, PACKAGE),
    ("only.xz", "the beginning of an xz", NO_DOCKERFILE, PACKAGE),
    ("only.zst", "the beginning of a zstd", NO_DOCKERFILE, PACKAGE),
    ("no-dockerfile.tar", "a tar without a Dockerfile", NO_DOCKERFILE, Only("got/a.txt")),
    ("directory.tar", "a tar with a directory of that name", Fails("open Dockerfile: not a regular file"), Only("")),
    ("link.tar", "a tar with a link out of it", NO_DOCKERFILE, Holds("got/Dockerfile", link="../../../etc/passwd")),
    ("climbing.tar", "a tar with a name that climbs out", BUILT, BUILT),
)  # fmt: skip
PIPED = ("cut-behind.tar", "garbage.tar", "cut-early.tar.gz", "sum.tar.gz", "link.tar")


def broken() -> Iterator[Row]:
    for name, says, inside, apart in CASES:
        at = {"context": f"<files>/{name}"}
        yield row("X5", f"{says}, from the web", "", inside, options=at)
        yield row("X5", f"{says}, from the web beside a Dockerfile", DOCKERFILE, apart, options={**at, **APART})
        if name in PIPED:
            yield row("X6", f"{says}, on standard input", "", inside, stdin=BROKEN[name])
            yield row("X6", f"{says}, on standard input beside a Dockerfile", DOCKERFILE, apart, stdin=BROKEN[name], options=APART)


ROWS = (
    *broken(),
    row("X5", "an empty body from the web is an empty Dockerfile", "", Fails("the Dockerfile cannot be empty"), options={"context": "<files>/empty"}),
    row("X5", "and no context beside one", DOCKERFILE, Fails("open context: no such file or directory"), options={"context": "<files>/empty", **APART}),
    row("X5", "blocks of zeros are not an archive", "", Fails("unknown instruction: ", "1"), options={"context": "<files>/zeros.tar"}, has_own_words=True),
    row("X6", "a tar on standard input is the context", "", BUILT, stdin=PLAIN),
    row("X6", "one packed by gzip", "", BUILT, stdin=PACKED),
    row("X6 O22", "another file of it is the Dockerfile", "", Only("a"), stdin=archive(("sub/other", b"FROM scratch\nCOPY a /\n"), ("a", b"")), options={"filename": "sub/other"}),
    row("X6 O22", "a Dockerfile beside it", b"FROM scratch\nCOPY a.txt /b\n", Only("b"), stdin=PLAIN, options=APART),
    row("X6 O20", "a directory of it is the context", b"FROM scratch\nCOPY . /\n", Only("one"), stdin=archive(("sub/one", b"1")), options={"contextsubdir": "sub", **APART}),
    row("X6 X15", "its ignore file is not read", "", Only("Dockerfile .dockerignore"), stdin=archive(("Dockerfile", b"FROM scratch\nCOPY . /\n"), (".dockerignore", b"*\n"))),
    row("X6", "anything else is the Dockerfile", "", Is("config/Labels", {"a": "1"}), stdin=b"FROM scratch\nLABEL a=1\n"),
    row("X6", "whose context is empty", "", Fails('"/a.txt": not found', "2"), stdin=b"FROM scratch\nCOPY a.txt /\n"),
    row("X6 P17", "and whose errors have their places", "", Fails("unknown instruction: CPOY", "2"), stdin=b"FROM scratch\nCPOY\n"),
    row("X6", "nothing on standard input", "", Fails("the Dockerfile cannot be empty"), stdin=b""),
    row("C3", "ADD of a tar that ends in its middle", "FROM scratch\nADD cut-behind.tar /\n", Fails("unexpected EOF", "2"), files={"cut-behind.tar": File(BROKEN["cut-behind.tar"])}),
    row("C3", "ADD of a tar with garbage behind a file", "FROM scratch\nADD garbage.tar /\n", Fails("invalid tar header", "2"), files={"garbage.tar": File(BROKEN["garbage.tar"])}),
    row("C3", "ADD of a gzip that is none", "FROM scratch\nADD only.gz /\n", Only("only.gz"), files={"only.gz": File(BROKEN["only.gz"])}),
    row("C3", "ADD of a gzip of no tar", "FROM scratch\nADD text.gz /\n", Only("text.gz"), files={"text.gz": File(BROKEN["text.gz"])}),
    row("C3", "ADD of a gzip whose checksum is another", "FROM scratch\nADD sum.tar.gz /\n", Only("Dockerfile a.txt"), files={"sum.tar.gz": File(BROKEN["sum.tar.gz"])}),
    row("C3 C4", "ADD of a broken tar from the web", "FROM scratch\nADD --unpack=true <files>/cut-behind.tar /\n", Fails("unexpected EOF", "2")),
)  # fmt: skip
