"""Dockerfiles of the other live tests, which build them by one frontend: the same digests, configs and files through all three.

What those tests ask of the client is theirs; here only what a frontend decides is compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fsutil.trees import File, Hard, Link
from tests.live import (
    test_build,
    test_command,
    test_docker,
    test_engine_converter,
    test_exporters,
    test_flags,
    test_older_engines,
    test_scripting,
)
from tests.live.conformance.row import Fails, HasFile, HasWarning, NoFile, NoWarning, OnlyFiles, Row, row

if TYPE_CHECKING:
    from tests.live.conformance.row import Expectation
    from tests.live.conformance.scheduler import Outcomes

SOURCES = {"src/file": "from a file\n", "src/deep/file": "deep\n", "src/READ.md": "read\n", "archive.tar": File(b"\0" * 1024)}
LINT = {"requestid": "frontend.lint"}


def other(says: str, dockerfile: str, *sees: Expectation, **rest: object) -> Row:
    return row("elsewhere", says, dockerfile, *sees, **rest)  # type: ignore[arg-type]


def unnamed(dockerfile: str) -> str:
    """Without what no registry here has, and without linked copies, whose groups have random ids in the JSON of a graph."""
    return dockerfile.replace("# syntax=docker/dockerfile:1\n", "").replace("--link ", "")


ROWS = (
    other("build: a file is copied", "FROM scratch\nCOPY a.txt /dir/b.txt\n", HasFile("dir/b.txt", "a\n")),
    other("build: steps with an argument", test_build.WORK, HasFile("said", "hello you from /work\n"), options={"build-arg:WHO": "you"}),
    other("build: only the target", "FROM nowhere.invalid/x AS broken\nRUN false\nFROM alpine AS good\nRUN echo good > /g\nFROM broken\n", HasFile("g", "good\n"), options={"target": "good"}),
    other("build: a step with output that fails", "FROM alpine\nRUN true\nRUN echo last words; exit 7\n", Fails("exit code: 7", "3")),
    other("build: a file that is not there", "FROM scratch\n\nCOPY none /\n", Fails('"/none": not found', "3")),
    other("build: a target with a near one", "FROM scratch AS test\n", Fails('target stage "tset" could not be found'), options={"target": "tset"}),
    other("build: checks are errors", "# check=error=true\nFROM scratch\nMAINTAINER me\nCOPY a.txt /\n", Fails("lint violation found for rules: MaintainerDeprecated"), differs_in_wording=True),
    other("context: an ignore file", "FROM scratch\nCOPY . /\n", OnlyFiles("keep.txt keep.log src/deep/x.py"), files={**dict.fromkeys(("keep.txt", "drop.log", "keep.log", "node_modules/a/b.js", "src/deep/x.tmp", "src/deep/x.py"), "x"), ".dockerignore": "# not these\n*.log\n!keep.log\nnode_modules\n**/*.tmp\nDockerfile\n.dockerignore\n"}),
    other("context: links", "FROM scratch\nCOPY tree /tree\nCOPY link /followed\n", HasFile("followed", "text"), HasFile("tree/rel", link="file"), files={"tree/file": "text", "tree/rel": Link("file"), "tree/gone": Link("/nowhere"), "tree/hard": Hard("tree/file"), "link": Link("tree/file")}),
    other("context: names of all alphabets", "FROM scratch\nCOPY . /\n", HasFile("日本語"), HasFile("with space"), HasFile("a'b\"c"), files=dict.fromkeys(("naïve.txt", "日本語", "emoji 🐳", "with space", "a'b\"c", "-dash", "éé" * 40), "x")),
    other("context: many small files", "FROM scratch\nCOPY . /\n", HasFile("d7/f107", "x"), files={f"d{number % 20}/f{number}": "x" for number in range(500)}),
    other("context: named contexts", "FROM base AS b\nRUN cp /bin/cat /copied\nFROM scratch\nCOPY --from=src file /\nCOPY --from=b /copied /\n", OnlyFiles("file copied"), files={"src/file": "other"}, contexts={"src": "<context>/src", "base": "docker-image://debian"}),
    other("context: secrets", 'FROM alpine\nRUN --mount=type=secret,id=token --mount=type=secret,id=var,env=VAR test -n "$VAR" && wc -c < /run/secrets/token > /size\n', HasFile("size", "4\n"), secrets={"token": b"hush", "var": b"x"}),
    other("context: a secret that is not offered", "FROM alpine\nRUN --mount=type=secret,id=none,required true\n", Fails("none", "2"), secrets={"token": b"hush"}),
    other("docker: many kinds of instructions", test_docker.MULTI_STAGE, HasFile("said", "from a file\nhello world\n755\n"), files=SOURCES, secrets={"token": b"hush"}),
    other("older: many kinds of instructions", test_older_engines.DOCKERFILE, HasFile("said", "from a file\nhello world\n755\ndeep\nfile\ngreeting\nsaid\n"), files=SOURCES, secrets={"token": b"hush"}),
    other("exporters: a tree", test_exporters.TREE, HasFile("dir/program", "run", mode=0o4755)),
    other("flags: a file that differs at each build", test_flags.STAMP, HasFile("stamp")),
    other("flags: no network", "FROM alpine\nRUN cat /proc/net/dev | wc -l > /n\n", HasFile("n", "3\n"), options={"force-network-mode": "none"}),
    other("wire: several stages", "FROM alpine AS a\nRUN --mount=type=secret,id=token cat /etc/passwd; echo heard >&2\nFROM busybox\nARG UNSET\nWORKDIR rel\nCOPY dir /lib2\nCOPY --link --from=a /etc/passwd /p\nRUN echo $UNDEFINED\n", HasFile("p"), HasWarning("WorkdirRelativePath"), secrets={"token": b"x"}),
    *(other(f"command: {text.splitlines()[-1] if text else 'nothing'}", text, Fails(""), differs_in_wording=True, files={}) for text, _ in test_command.BAD_DOCKERFILES),
    *(other(f"scripting: {name}", text, NoWarning(), options=LINT) for name, text in test_scripting.CASES.items()),
    *(other(f"judge: {name}", unnamed(test_engine_converter.FILES[name]), NoFile("none"), options={"requestid": "frontend.convertllb"}, files={"a/b.txt": "b", "go.mod": "module x\n"}) for name in ("service", "heredocs", "legacy", "stages")),
)  # fmt: skip


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.title)
def test_a_dockerfile_of_another_test(case: Row, outcomes: Outcomes) -> None:
    built = outcomes[case.name].result()
    for frontend in ("image", "here"):
        assert not built[frontend].differences(
            built["engine"], is_here=frontend == "here", differs_in_wording=case.differs_in_wording
        ), frontend
    for expectation in case.expectations:
        expectation.check(built["engine"])
