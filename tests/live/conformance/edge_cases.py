"""Rows of sharp corners that no other module has at hand."""

from __future__ import annotations

from tests.fsutil.trees import Dir, File, Hard, Link
from tests.live.conformance.row import Fails, Graphs, Holds, Json, Lacks, Only, Op, Steps, Told, Warned, row

BOTH = {"platform": "linux/amd64,linux/arm64"}
DESCRIBED = {"requestid": "frontend.outline"}

ROWS = (
    row("#17", "a heredoc is expanded with a backslash, whatever the escape character is", "# escape=`\nFROM scratch\nARG A=1\nCOPY <<E /x\n\\$A `$A\nE\n", Holds("x", "$A `1\n")),
    row("#18", "blanks may stand before the word of a heredoc", "FROM alpine\nRUN cat << E > /x\na\nE\n", Holds("x", "a\n")),
    row("#18", "words of COPY are split at them all the same", "FROM scratch\nCOPY << E /x\na\nE\n", Fails('"/<<": not found', "2,3,4"), files={"E": ""}),
    row("#18", "a heredoc keeps its carriage returns", "FROM scratch\r\nCOPY <<E /x\r\na\r\nE\r\n", Holds("x", "a\r\n")),
    row("#19", "an empty line does not part a description from its stage", "# final is it\n\nFROM scratch AS final\n", Told("result.json", "is it"), options=DESCRIBED),
    row("#19", "an empty comment does", "# final is it\n#\nFROM scratch AS final\n", Json("result.json", "description", None), options=DESCRIBED),
    row("#20", "checks end at the first blank", "# check=skip=MaintainerDeprecated error=true\nFROM scratch\nMAINTAINER me\n", Warned(0)),
    row("#20 O5", "checks of an option do not", "FROM scratch\nMAINTAINER me\n", Warned(1), options={"build-arg:BUILDKIT_DOCKERFILE_CHECK": "skip=MaintainerDeprecated error=true"}),
    row("#21", "only the first of several platforms is checked", "FROM scratch\nMAINTAINER me\n", Warned(1), options=BOTH),
    row("#22 S1", "what can be asked is told only in part", "FROM scratch\n", Graphs("nothing", lambda nodes: not nodes), Told("result.json", "frontend.outline"), Told("result.json", "frontend.targets"), options={"requestid": "frontend.subrequests.describe"}),
    row("#24 #25", "a repository over SSH is a path of the context, too", "FROM scratch\nADD git@127.0.0.1:x/y.git /r\nCOPY a.txt /\n", Fails('no SSH key "default" forwarded from the client'), Op("source", "load build context", {"attrs": {"local.followpaths": '["a.txt","git@127.0.0.1:x/y.git"]'}})),
    row("#29 X14", "a named context replaces an image of its name without latest", "FROM busybox:latest\n", Holds("in"), files={"sub/in": ""}, contexts={"busybox": "<context>/sub"}),
    row("#29 X14", "a named context of a platform comes first", "FROM busybox\n", Only("two"), files={"a/one": "", "b/two": ""}, contexts={"busybox": "<context>/a", "busybox::linux/amd64": "<context>/b"}),
    row("#30 #49 X15", "an empty ignore file of a Dockerfile leaves nothing out", "FROM scratch\nCOPY . /\n", Only("Dockerfile Dockerfile.dockerignore .dockerignore a b"), files={"Dockerfile.dockerignore": "", ".dockerignore": "b\n", "a": "", "b": ""}),
    row("#49 X17", "an ignore file that is too large is an error", "FROM scratch\n", Fails("Dockerfile.dockerignore exceeds maximum allowed size of 16777216 bytes"), files={"Dockerfile.dockerignore": File(b"#" * 16_777_217)}),
    row("#31 X16", "what is left out may be taken back", "FROM scratch\nCOPY . /\n", Only("keep/a keep/deep/b"), files={".dockerignore": "*\n!keep\nkeep/deep\n!keep/deep/b\n", "keep/a": "", "keep/deep/b": "", "keep/deep/c": "", "drop": ""}),
    row("#37 G31", "an error has the file and the lines that it is about", "FROM alpine\nRUN true && \\\n  exit 9\n", Fails("exit code: 9", "2,3")),
    row("#32", "modes of files and directories arrive with all their bits", "FROM scratch\nCOPY . /\n", Holds("s", mode=0o4755), Holds("d", mode=0o1777), Holds("l", link="s"), files={"s": File(mode=0o4755), "d": Dir(mode=0o1777), "l": Link("s")}),
    row("#33", "a second name of a file that is left out has its contents", "FROM scratch\nCOPY . /\n", Holds("b", "1"), Lacks("a"), Holds("c", "1"), files={"a": "1", "b": Hard("a"), "c": Hard("a"), ".dockerignore": "a\n"}),
    row("#38 G32", "a frontend of a client does what one of the engine does", "FROM alpine AS a\nRUN echo 1 > /one\nFROM scratch\nCOPY --from=a /one /\n", Holds("one", "1\n")),
    row("#47 #5", "a few mounts on one target keep their order", "FROM alpine\nRUN --mount=type=tmpfs,target=/t --mount=type=cache,target=/t,id=b --mount=type=cache,target=/t,id=a --mount=type=cache,target=/s true\n", Op("exec", op={"mounts": [{"dest": "/"}, {"dest": "/s"}, {"mountType": "TMPFS"}, {"cacheOpt": {"ID": "/b"}}, {"cacheOpt": {"ID": "/a"}}]})),
    row("#39 O39", "caches are imported by the solves of a frontend", "FROM alpine\nRUN true\n", Steps(r"importing cache manifest from .*/none:cache", 1), options={"cache-imports": '[{"Type":"registry","Attrs":{"ref":"<registry>/none:cache"}}]'}),
)  # fmt: skip
