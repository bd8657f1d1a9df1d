"""Rows of build contexts: local, git, from the web, named, and their ignore files."""

from tests.fs.trees import File, Link
from tests.live.rows.row import Row, row
from tests.live.rows.seen import Fails, Graphs, Holds, Is, Lacks, Only, Op, Step

LIMIT = 16 << 20


def git(
    says: str, url: str, *sees: object, ids: str = "X2", dockerfile: str = "FROM scratch\nCOPY . /got/\n", **options: str
) -> Row:
    """A git context whose Dockerfile is local, so that a row says what it copies."""
    return row(ids, says, dockerfile, *sees, options={"context": url, "dockerfilekey": "dockerfile", **options})  # type: ignore[arg-type]


def ignored(says: str, patterns: str, kept: str, *, ids: str = "X16") -> Row:
    """What a copy of everything keeps of a small tree under these patterns."""
    files = {"a.txt": "a\n", "b.md": "b\n", "d/a.txt": "a\n", "d/e/a.txt": "a\n", "d/e/f.md": "f\n", "#c": "c\n"}
    return row(ids, says, "FROM scratch\nCOPY . /\n", Only(kept), files={**files, ".dockerignore": patterns})


ALL = "#c .dockerignore Dockerfile a.txt b.md d/a.txt d/e/a.txt d/e/f.md"

ROWS = (
    row(
        "X1 X18",
        "a local context is asked for what is copied, of this session",
        "FROM scratch\nCOPY a.txt dir /\n",
        Op("source", "[internal] load build context", {"identifier": "local://context"}),
        Graphs(
            "followpaths",
            lambda nodes: any(node.op.get("attrs", {}).get("local.followpaths") == '["a.txt","dir"]' for node in nodes),
        ),
        Only("a.txt c.txt d.md sub/e.txt"),
    ),
    row(
        "X1 C12",
        "a copy of everything asks for everything",
        "FROM scratch\nCOPY . /\nCOPY a.txt /\n",
        Graphs("no followpaths", lambda nodes: not any("local.followpaths" in node.op.get("attrs", {}) for node in nodes)),
    ),
    row(
        "X1",
        "the lower-case name will do",
        "",
        Only("a.txt"),
        files={"dockerfile": "FROM scratch\nCOPY a.txt /\n", "a.txt": "a\n", "Dockerfile/x": "a directory\n"},
    ),
    git("the default branch", "<git>", Holds("got/a.txt", "second\n"), Lacks("got/side.txt")),
    git("a branch", "<git>#side", Holds("got/side.txt", "side\n")),
    git("a tag", "<git>#v1", Holds("got/a.txt", "from the web\n")),
    git("a commit", "<git>#<commit>", Holds("got/a.txt", "second\n")),
    git("a directory", "<git>#main:sub", Only("got/Dockerfile got/b.txt")),
    git("a directory of the default branch", "<git>#:sub", Only("got/Dockerfile got/b.txt")),
    row("X2", "its own Dockerfile", "", Only("b"), options={"context": "<git>#:sub"}),
    git("a reference that is not there", "<git>#nowhere", Fails("nowhere")),
    git("a branch by query", "<git>?branch=side", Holds("got/side.txt", "side\n"), ids="X3"),
    git("a tag by query", "<git>?tag=v1", Holds("got/a.txt", "from the web\n"), ids="X3"),
    git("a reference by query", "<git>?ref=side", Holds("got/side.txt"), ids="X3"),
    git("a directory by query", "<git>?subdir=sub", Only("got/Dockerfile got/b.txt"), ids="X3"),
    git("the directory of git by query", "<git>?keep-git-dir", Holds("got/.git/HEAD"), ids="X3"),
    git(
        "the commit must be this one",
        "<git>?branch=main&checksum=<commit>",
        Holds("got/a.txt", "second\n"),
        Op("source", "git", {"attrs": {}}),
        ids="X3",
    ),
    git("the commit is another", "<git>?branch=side&checksum=<commit>", Fails("expected checksum to match"), ids="X3"),
    git("commit is another word for checksum", "<git>?branch=main&commit=<commit>", Holds("got/a.txt", "second\n"), ids="X3"),
    git(
        "no submodules",
        "<git>?submodules=false",
        Op("source", "load git source", {"attrs": {"git.skipsubmodules": "true"}}),
        ids="X3",
    ),
    git(
        "times of the commit",
        "<git>?mtime=commit",
        Op("source", "load git source", {"attrs": {"git.mtime": "commit"}}),
        ids="X3 #46",
    ),
    git("fetched by commit", "<git>?ref=<commit>&fetch-by-commit=true", Holds("got/a.txt", "second\n"), ids="X3"),
    git("an unknown key", "<git>?odd=1", Fails("odd"), ids="X3"),
    git("a key again", "<git>?ref=a&ref=b", Fails("ref"), ids="X3"),
    git("two that contradict each other", "<git>?branch=main&tag=v1", Fails("tag"), ids="X3"),
    git("a reference twice", "<git>?ref=main#side", Fails("ref"), ids="X3"),
    git("a key without a value", "<git>?subdir", Fails("subdir"), ids="X3"),
    git("a time of another kind", "<git>?mtime=odd", Fails("mtime"), ids="X3"),
    git(
        "secrets of git are always named",
        "<git>",
        Op(
            "source",
            "load git source",
            {"attrs": {"git.authtokensecret": "GIT_AUTH_TOKEN", "git.authheadersecret": "GIT_AUTH_HEADER"}},
        ),
        ids="X4 #26 L24",
    ),
    git(
        "the identifier has no scheme",
        "<git>#side:sub",
        Graphs(
            "git://127…",
            lambda nodes: any(
                n.identifier.startswith("git://127.0.0.1:") and n.identifier.endswith("/repo.git#side:sub") for n in nodes
            ),
        ),
        ids="#26 L24",
    ),
    row(
        "X5",
        "a tar from the web is the context",
        "",
        Holds("got/a.txt", "from the web\n"),
        options={"context": "<files>/context.tar"},
    ),
    row("X5", "one packed by gzip", "", Holds("got/a.txt", "from the web\n"), options={"context": "<files>/context.tar.gz"}),
    row("X5", "one packed by bzip2", "", Holds("got/a.txt", "from the web\n"), options={"context": "<files>/context.tar.bz2"}),
    row("X5", "one packed by xz", "", Holds("got/a.txt", "from the web\n"), options={"context": "<files>/context.tar.xz"}),
    row(
        "X5",
        "anything else from the web is the Dockerfile",
        "",
        Is("config/Labels", {"from": "web"}),
        options={"context": "<files>/plain"},
    ),
    row(
        "X5 P17",
        "whose errors are about the file context",
        "",
        Fails("unknown instruction: CPOY", "2"),
        options={"context": "<files>/wrong"},
    ),
    row("X5", "beside it there is nothing to copy", "", Fails('"/a.txt": not found'), options={"context": "<files>/Dockerfile"}),
    row("X5", "what is not there", "", Fails("failed to read downloaded context: "), options={"context": "<files>/nothing"}),
    row(
        "X5 O20",
        "a directory of an archive",
        "FROM scratch\nCOPY . /\n",
        Only("Dockerfile b.txt"),
        options={"context": "<files>/context.tar", "contextsubdir": "sub", "dockerfilekey": "dockerfile"},
    ),
    row(
        "X8",
        "an image as a named context",
        "FROM scratch\nCOPY --from=lib /etc/os-release /os\n",
        Holds("os"),
        contexts={"lib": "docker-image://alpine"},
    ),
    row(
        "X8",
        "its config, too, where it is a base",
        "FROM lib\nRUN echo $PATH > /p\n",
        Holds("p"),
        Step("[context lib] load metadata for alpine"),
        contexts={"lib": "docker-image://alpine"},
    ),
    row("X8", "the empty image", "FROM lib\nCOPY a.txt /\n", Only("a.txt"), contexts={"lib": "docker-image://scratch"}),
    row(
        "X8",
        "an image that is not there",
        "FROM lib\nCOPY a.txt /\n",
        Fails("alpine:nowhere"),
        contexts={"lib": "docker-image://alpine:nowhere"},
    ),
    row(
        "X8",
        "git as a named context",
        "FROM scratch\nCOPY --from=lib a.txt /\n",
        Holds("a.txt", "second\n"),
        contexts={"lib": "<git>"},
    ),
    row(
        "X8",
        "a branch and a directory",
        "FROM scratch\nCOPY --from=lib / /\n",
        Only("Dockerfile b.txt"),
        contexts={"lib": "<git>#side:sub"},
    ),
    row(
        "X8",
        "a file from the web, which is called context",
        "FROM scratch\nCOPY --from=lib context /x\n",
        Holds("x", "data\n"),
        options={"context:lib": "<files>/data.txt"},
    ),
    row(
        "X10",
        "an OCI layout without a digest",
        "FROM lib\n",
        Fails("has no digest"),
        options={"context:lib": "oci-layout://store"},
        has_own_words=True,
    ),
    row(
        "X11",
        "a named directory",
        "FROM scratch\nCOPY --from=lib f.txt /\n",
        Only("f.txt"),
        files={"lib/f.txt": "f\n"},
        contexts={"lib": "<context>/lib"},
    ),
    row(
        "X11 X15",
        "has its own ignore file",
        "FROM scratch\nCOPY --from=lib / /\n",
        Only(".dockerignore f.txt"),
        files={"lib/f.txt": "f\n", "lib/g.md": "g\n", "lib/.dockerignore": "*.md\n"},
        contexts={"lib": "<context>/lib"},
    ),
    row(
        "X11",
        "an input that was not given",
        "FROM scratch\nCOPY --from=lib f.txt /\n",
        Fails("invalid input none for lib"),
        options={"context:lib": "input:none"},
        has_own_words=True,
    ),
    row(
        "X14",
        "a named context replaces a stage",
        "FROM alpine:nowhere AS lib\nRUN exit 1\nFROM scratch\nCOPY --from=lib f.txt /\n",
        Only("f.txt"),
        files={"lib/f.txt": "f\n"},
        contexts={"lib": "<context>/lib"},
    ),
    row(
        "X14",
        "a base image",
        "FROM alpine:nowhere\nCOPY a.txt /b\n",
        Holds("f.txt", "f\n"),
        files={"lib/f.txt": "f\n", "a.txt": "a\n"},
        contexts={"alpine:nowhere": "<context>/lib"},
    ),
    row(
        "X14 #29",
        "under any spelling of its name",
        "FROM docker.io/library/thing:latest\nCOPY a.txt /b\n",
        Holds("f.txt"),
        files={"lib/f.txt": "f\n", "a.txt": "a\n"},
        contexts={"thing": "<context>/lib"},
    ),
    row(
        "X14",
        "what a mount is from",
        "FROM alpine\nRUN --mount=from=nothing.invalid/x,target=/in cp /in/f.txt /g\n",
        Holds("g", "f\n"),
        files={"lib/f.txt": "f\n"},
        contexts={"nothing.invalid/x": "<context>/lib"},
    ),
    row(
        "X14",
        "never scratch",
        "FROM scratch\nCOPY a.txt /\n",
        Only("a.txt"),
        files={"lib/f.txt": "f\n", "a.txt": "a\n"},
        contexts={"scratch": "<context>/lib"},
    ),
    row(
        "X14",
        "nor the context",
        "FROM scratch\nCOPY a.txt /\n",
        Only("a.txt"),
        files={"lib/f.txt": "f\n", "a.txt": "a\n"},
        options={"context:context": "docker-image://alpine"},
    ),
    row(
        "X15",
        "the ignore file of the Dockerfile is preferred",
        "FROM scratch\nCOPY . /\n",
        Only(".dockerignore Dockerfile Dockerfile.dockerignore b.md"),
        files={"a.txt": "a\n", "b.md": "b\n", ".dockerignore": "*.md\n", "Dockerfile.dockerignore": "*.txt\n"},
    ),
    row(
        "X15 #30 #49",
        "an empty one is one all the same",
        "FROM scratch\nCOPY . /\n",
        Holds("b.md"),
        Holds("a.txt"),
        files={"a.txt": "a\n", "b.md": "b\n", ".dockerignore": "*.md\n", "Dockerfile.dockerignore": ""},
    ),
    git("none is used in git", "<git>", Holds("got/a.txt"), ids="X15", dockerfile="FROM scratch\nCOPY . /got/\n"),
    ignored("names without a slash are those of the root", "a.txt", f"{ALL.replace(' a.txt', '', 1)}"),
    ignored("a star stops at a slash", "*.md", ALL.replace(" b.md", "")),
    ignored("two stars do not", "**/*.md", ALL.replace(" b.md", "").replace(" d/e/f.md", "")),
    ignored("two stars stand for no directory, too", "d/**/a.txt", ALL.replace(" d/a.txt", "").replace(" d/e/a.txt", "")),
    ignored("two stars at the end are everything below", "d/**", "#c .dockerignore Dockerfile a.txt b.md"),
    ignored("a question mark is one character", "?.txt", ALL.replace(" a.txt", "", 1)),
    ignored("a class of characters", "[a-b].*", ALL.replace(" a.txt", "", 1).replace(" b.md", "")),
    ignored("a directory takes all below it", "d", "#c .dockerignore Dockerfile a.txt b.md"),
    ignored("an exception below a directory", "d\n!d/e/a.txt", "#c .dockerignore Dockerfile a.txt b.md d/e/a.txt", ids="X16 #31"),
    ignored("the last pattern that matches decides", "!a.txt\na.txt", ALL.replace(" a.txt", "", 1)),
    ignored("a leading slash says nothing", "/d/e", ALL.replace(" d/e/a.txt", "").replace(" d/e/f.md", "")),
    ignored("paths are cleaned", "  ./d/../b.md  ", ALL.replace(" b.md", "")),
    ignored(
        "a comment begins in the first column only",
        "# c\n #c\nb.md",
        "#c .dockerignore Dockerfile a.txt d/a.txt d/e/a.txt d/e/f.md".replace("#c ", ""),
    ),
    ignored("a mark of byte order is no part of a pattern", "\ufeffb.md", ALL.replace(" b.md", "")),
    ignored("an empty line is nothing", "\n\nb.md\n\n", ALL.replace(" b.md", "")),
    row(
        "X16",
        "a lone exclamation mark",
        "FROM scratch\nCOPY . /\n",
        Fails('illegal exclusion pattern: "!"'),
        files={".dockerignore": "!\n"},
    ),
    row(
        "X16",
        "a pattern that is none",
        "FROM scratch\nCOPY . /\n",
        Fails("syntax error in pattern"),
        files={".dockerignore": "a[\n"},
    ),
    row(
        "X16",
        "a line that is too long",
        "FROM scratch\nCOPY . /\n",
        Fails("failed parsing .dockerignore: "),
        has_own_words=True,
        files={".dockerignore": "x" * 70_000},
    ),
    row(
        "X17",
        "a Dockerfile that is too large",
        b"FROM scratch\n" + b"#\n" * (LIMIT // 2),
        Fails(f"Dockerfile exceeds maximum allowed size of {LIMIT} bytes"),
    ),
    row(
        "X17 #49",
        "an ignore file that is too large",
        "FROM scratch\nCOPY . /\n",
        Fails(f".dockerignore exceeds maximum allowed size of {LIMIT} bytes"),
        files={".dockerignore": "#\n" * (LIMIT // 2 + 1)},
    ),
    row(
        "X17",
        "that of the Dockerfile",
        "FROM scratch\nCOPY . /\n",
        Fails(f"Dockerfile.dockerignore exceeds maximum allowed size of {LIMIT} bytes"),
        files={"Dockerfile.dockerignore": "#\n" * (LIMIT // 2 + 1)},
    ),
    row(
        "X18",
        "a named directory is asked for what is copied of it",
        "FROM scratch\nCOPY --from=lib f.txt /\n",
        Graphs(
            "followpaths", lambda nodes: any(node.op.get("attrs", {}).get("local.followpaths") == '["f.txt"]' for node in nodes)
        ),
        files={"lib/f.txt": "f\n", "lib/g.txt": "g\n"},
        contexts={"lib": "<context>/lib"},
    ),
    row(
        "X18 C2",
        "links lead to files that are asked for, too",
        "FROM scratch\nCOPY link /got\n",
        Holds("got", "real\n"),
        files={"link": Link("real"), "real": File(b"real\n")},
    ),
)
