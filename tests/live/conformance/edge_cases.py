"""Rows of sharp corners that no other module has at hand."""

from __future__ import annotations

from tests.fsutil.trees import Dir, File, Hard, Link
from tests.live.conformance.row import (
    Fails,
    GraphCheck,
    HasFile,
    HasOp,
    Metadata,
    MetadataJson,
    NoFile,
    OnlyFiles,
    StepCount,
    WarningCount,
    row,
)

BOTH = {"platform": "linux/amd64,linux/arm64"}
DESCRIBED = {"requestid": "frontend.outline"}

ROWS = (
    row("#17", "a heredoc is expanded with a backslash as escape character", "# escape=`\nFROM scratch\nARG A=1\nCOPY <<E /x\n\\$A `$A\nE\n", HasFile("x", "$A `1\n")),
    row("#18", "blanks may precede the delimiter of a heredoc", "FROM alpine\nRUN cat << E > /x\na\nE\n", HasFile("x", "a\n")),
    row("#18", "blanks before a heredoc delimiter split words of COPY", "FROM scratch\nCOPY << E /x\na\nE\n", Fails('"/<<": not found', "2,3,4"), files={"E": ""}),
    row("#18", "a heredoc keeps its carriage returns", "FROM scratch\r\nCOPY <<E /x\r\na\r\nE\r\n", HasFile("x", "a\r\n")),
    row("#19", "an empty line does not separate a description from its stage", "# final is it\n\nFROM scratch AS final\n", Metadata("result.json", "is it"), options=DESCRIBED),
    row("#19", "an empty comment separates a description from its stage", "# final is it\n#\nFROM scratch AS final\n", MetadataJson("result.json", "description", None), options=DESCRIBED),
    row("#20", "a check directive ends at the first blank", "# check=skip=MaintainerDeprecated error=true\nFROM scratch\nMAINTAINER me\n", WarningCount(0)),
    row("#20 O5", "the check option does not end at a blank", "FROM scratch\nMAINTAINER me\n", WarningCount(1), options={"build-arg:BUILDKIT_DOCKERFILE_CHECK": "skip=MaintainerDeprecated error=true"}),
    row("#21", "only the first of several platforms is checked", "FROM scratch\nMAINTAINER me\n", WarningCount(1), options=BOTH),
    row("#22 S1", "the list of subrequests is incomplete", "FROM scratch\n", GraphCheck("nothing", lambda nodes: not nodes), Metadata("result.json", "frontend.outline"), Metadata("result.json", "frontend.targets"), options={"requestid": "frontend.subrequests.describe"}),
    row("#24 #25", "an SSH repository may also be a path in the context", "FROM scratch\nADD git@127.0.0.1:x/y.git /r\nCOPY a.txt /\n", Fails('no SSH key "default" forwarded from the client'), HasOp("source", "load build context", {"attrs": {"local.followpaths": '["a.txt","git@127.0.0.1:x/y.git"]'}})),
    row("#29 X14", "a named context replaces an image of its name without latest", "FROM busybox:latest\n", HasFile("in"), files={"sub/in": ""}, contexts={"busybox": "<context>/sub"}),
    row("#29 X14", "a named context for the platform takes precedence", "FROM busybox\n", OnlyFiles("two"), files={"a/one": "", "b/two": ""}, contexts={"busybox": "<context>/a", "busybox::linux/amd64": "<context>/b"}),
    row("#30 #49 X15", "an empty ignore file of a Dockerfile ignores nothing", "FROM scratch\nCOPY . /\n", OnlyFiles("Dockerfile Dockerfile.dockerignore .dockerignore a b"), files={"Dockerfile.dockerignore": "", ".dockerignore": "b\n", "a": "", "b": ""}),
    row("#49 X17", "an ignore file that is too large is an error", "FROM scratch\n", Fails("Dockerfile.dockerignore exceeds maximum allowed size of 16777216 bytes"), files={"Dockerfile.dockerignore": File(b"#" * 16_777_217)}),
    row("#31 X16", "an ignored file may be included again", "FROM scratch\nCOPY . /\n", OnlyFiles("keep/a keep/deep/b"), files={".dockerignore": "*\n!keep\nkeep/deep\n!keep/deep/b\n", "keep/a": "", "keep/deep/b": "", "keep/deep/c": "", "drop": ""}),
    row("#37 G31", "an error has its file and lines", "FROM alpine\nRUN true && \\\n  exit 9\n", Fails("exit code: 9", "2,3")),
    row("#32", "all mode bits of files and directories are kept", "FROM scratch\nCOPY . /\n", HasFile("s", mode=0o4755), HasFile("d", mode=0o1777), HasFile("l", link="s"), files={"s": File(mode=0o4755), "d": Dir(mode=0o1777), "l": Link("s")}),
    row("#33", "a hardlink to an ignored file has its contents", "FROM scratch\nCOPY . /\n", HasFile("b", "1"), NoFile("a"), HasFile("c", "1"), files={"a": "1", "b": Hard("a"), "c": Hard("a"), ".dockerignore": "a\n"}),
    row("#38 G32", "a frontend in the client gives the result of one in the engine", "FROM alpine AS a\nRUN echo 1 > /one\nFROM scratch\nCOPY --from=a /one /\n", HasFile("one", "1\n")),
    row("#47 #5", "up to 12 mounts on one target keep their order", "FROM alpine\nRUN --mount=type=tmpfs,target=/t --mount=type=cache,target=/t,id=b --mount=type=cache,target=/t,id=a --mount=type=cache,target=/s true\n", HasOp("exec", op={"mounts": [{"dest": "/"}, {"dest": "/s"}, {"mountType": "TMPFS"}, {"cacheOpt": {"ID": "/b"}}, {"cacheOpt": {"ID": "/a"}}]})),
    row("#39 O39", "caches are imported by the solves of a frontend", "FROM alpine\nRUN true\n", StepCount(r"importing cache manifest from .*/none:cache", 1), options={"cache-imports": '[{"Type":"registry","Attrs":{"ref":"<registry>/none:cache"}}]'}),
)  # fmt: skip
