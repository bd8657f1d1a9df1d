"""Rows of the graph: what is in ops and metadata, and how steps are named.

That digests and bytes are those of the reference is compared for every row of every module; these say what is in them.
"""

from __future__ import annotations

from llbfront import llb
from tests.live.conformance.layout import layout
from tests.live.conformance.row import ConfigHas, Fails, GraphBytes, GraphCheck, HasFile, HasOp, HasStep, OnlyFiles, StepCount, row

MADE = llb.scratch().file(llb.Mkfile("/made", b"by hand"))
ALL = "FROM alpine AS a\nARG A=1\nCOPY a.txt /\nRUN --mount=target=/in,rw --network=none true\nFROM scratch\nCOPY --link --from=a /a.txt /\n"
PAD = "FROM alpine\n" + "".join(f"RUN echo {number} >> /x\n" for number in range(10))

ROWS = (
    row("L1 L9 #1 #2 #41", "the digest of an op equals the golden one", "FROM scratch\nWORKDIR /app\n", GraphCheck("the digest", lambda nodes: [node.digest for node in nodes] == ["sha256:5f4833fdb01140e6ec0fb6267307e1b537a3332d079c071dc1b0006fc7d2de87"]), options={"platform": "linux/amd64"}),
    row("L2", "each op is there once, inputs first", ALL, GraphCheck("the order", lambda nodes: all(edge.number < node.number for node in nodes for edge in node.edges) and len({node.digest for node in nodes}) == len(nodes))),
    row("L3", "ops have descriptions and the capabilities that they need", ALL, GraphCheck("capabilities", lambda nodes: {"exec.meta.base", "exec.meta.network", "exec.mount.bind"} <= set(next(node for node in nodes if node.kind == "exec").meta.caps))),
    row("L3 O27", "ops may ignore the cache", "FROM alpine\nRUN true\n", GraphCheck("the mark", lambda nodes: [node.meta.ignore_cache for node in nodes if node.kind == "exec"] == [True]), options={"no-cache": ""}),
    row("L4 #2", "only execs and images have a platform", ALL, GraphCheck("the platforms", lambda nodes: {(node.kind, node.platform is not None) for node in nodes} == {("source", True), ("source", False), ("file", False), ("exec", True)})),
    row("L4 #2", "an exec has its platform in the normal form", "FROM alpine\nRUN true\n", GraphCheck("the variant", lambda nodes: {node.platform for node in nodes} == {"linux/amd64"})),
    row("L5", "ops have source lines", "FROM alpine\n\nRUN a=1 \\\n  true\n", GraphCheck("the lines", lambda nodes: [node.lines for node in nodes] == ["Dockerfile:1", "Dockerfile:3,4"] or [node.lines for node in nodes] == ["Dockerfile:1", "Dockerfile:3-4"])),
    row("L6", "scratch is an empty graph", "FROM scratch\nENV A=1\n", GraphCheck("nothing", lambda nodes: nodes == ()), OnlyFiles("")),
    row("L7", "an error of a step has its place, since the engine knows the digests", "FROM alpine\nRUN true\nRUN false\n", Fails("exit code: 1", "3")),
    row("L10 L20", "an image is a source", "FROM busybox:1\n", GraphCheck("the image", lambda nodes: nodes[0].identifier.startswith("docker-image://docker.io/library/busybox:1@sha256:"))),
    row("L10 L20 O27", "an image may have resolve mode pull", "FROM busybox:1\n", HasOp("source", op={"attrs": {"image.resolvemode": "pull"}}), options={"image-resolve-mode": "pull"}),
    row("L11 O30 O35", "an exec has hostname, limits and working directory", "FROM alpine\nWORKDIR /w\nUSER 1\nRUN hostname > /tmp/x; ulimit -n >> /tmp/x; grep -c a.example /etc/hosts >> /tmp/x; pwd >> /tmp/x\n",
        HasFile("tmp/x", "h\n100\n1\n/w\n"), HasOp("exec", op={"meta": {"cwd": "/w", "user": "1", "hostname": "h", "removeMountStubsRecursive": True}}),
        options={"hostname": "h", "add-hosts": "a.example=10.0.0.1", "ulimit": "nofile=100:200"}),
    row("L12 #5", "secrets and sockets follow the mounts", "FROM alpine\nRUN --mount=type=ssh --mount=type=secret,id=s --mount=type=cache,target=/z --mount=target=/a true\n", HasOp("exec", op={"mounts": [{"dest": "/"}, {"dest": "/a", "readonly": True}, {"dest": "/z", "mountType": "CACHE"}, {"mountType": "SECRET"}, {"mountType": "SSH"}]})),
    row("L12 #48", "a mount may have a selector", "FROM alpine\nRUN --mount=source=dir,target=/d ls /d > /x\n", HasFile("x", "c.txt\nd.md\nsub\n"), HasOp("exec", op={"mounts": [{}, {"selector": "/dir"}]})),
    row("L13", "several sources are several actions of one op", "FROM scratch\nCOPY a.txt b.txt /x/\n", GraphCheck("the actions", lambda nodes: [len(node.op["actions"]) for node in nodes if node.kind == "file"] == [2])),
    row("#4", "capabilities without a name in the engine are not asked for", "FROM alpine\nCOPY --chmod=u+x a.txt /\nRUN true\n", GraphCheck("the capabilities", lambda nodes: not {cap for node in nodes for cap in node.meta.caps if "removemountstubs" in cap or "modestr" in cap})),
    row("L8 X7 O40", "a graph that the frontend is given is a base", "FROM base\nCOPY a.txt /\n", OnlyFiles("a.txt made"), HasFile("made", "by hand"), options={"context:base": "input:base"}, inputs={"base": MADE}),
    row("L8 X7", "a graph may be the context", "FROM scratch\nCOPY . /\n", OnlyFiles("made"), inputs={"context": MADE}),
    row("L6 X7 G6", "an empty graph is not an input", "FROM scratch\n", Fails("failed to get frontend inputs: invalid nil input definition to definition op"), inputs={"context": llb.scratch()}),
    row("L22 X10", "an image may be that of a layout", "FROM laid\nCOPY --from=laid /in /out\n", OnlyFiles("in out"), ConfigHas("config/Env", "LAID=1"), GraphCheck("the source", lambda nodes: nodes[0].identifier.startswith("oci-layout://") and nodes[0].op["attrs"]["oci.store"] == "laid"), files=layout(), contexts={"laid": "oci-layout://<context>"}),
    row("L13 #3", "all file ops need the same capability", "FROM scratch\nCOPY --chmod=u+x --exclude=b --parents a.txt /x/\n", GraphCheck("the capability", lambda nodes: [set(node.meta.caps) for node in nodes if node.kind == "file"] == [{"file.base"}])),
    row("L13", "a copy has no time of its own", "FROM scratch\nCOPY a.txt /x\n", HasOp("file", op={"actions": [{"copy": {"timestamp": "-1", "createDestPath": True, "allowWildcard": True}}]}), options={"build-arg:SOURCE_DATE_EPOCH": "5"}),
    row("L14 C8", "a linked copy is merged", "FROM alpine\nCOPY --link a.txt /x\n", GraphCheck("the merge", lambda nodes: nodes[-1].kind == "merge" and len(nodes[-1].edges) == 2)),
    row("L23 X1", "a context is a source of the session", "FROM scratch\nCOPY . /\n", HasOp("source", "[internal] load build context", {"identifier": "local://context", "attrs": {"local.sharedkeyhint": "context"}})),
    row("L23 X16", "a context source has the ignore rules as exclusions", "FROM scratch\nCOPY . /\n", HasOp("source", op={"attrs": {"local.excludepatterns": '["*.md","!a.md"]'}}), OnlyFiles(".dockerignore Dockerfile a.md"), files={"a.md": "", "b.md": "", ".dockerignore": "*.md\n!a.md\n"}),
    row("L24 #26", "a repository is named without scheme and user", "FROM scratch\nADD http://<web>/repo.git#v1:sub /r\n", GraphCheck("the name", lambda nodes: nodes[0].identifier.startswith("git://127.0.0.1:") and nodes[0].identifier.endswith("/repo.git#v1:sub")), HasOp("source", op={"attrs": {"git.authheadersecret": "GIT_AUTH_HEADER", "git.authtokensecret": "GIT_AUTH_TOKEN"}})),
    row("L24 X3", "a commit is a checksum", "FROM scratch\nADD http://<web>/repo.git?ref=v1&checksum=<old> /r\n", GraphCheck("the checksum", lambda nodes: len(nodes[0].op["attrs"]["git.checksum"]) == 40)),
    row("L25", "an HTTP source has a file name and an optional checksum", "FROM scratch\nADD http://<web>/file.txt /x\n", HasOp("source", op={"attrs": {"http.filename": "file.txt"}})),
    row("#1", "an op without constraints has an empty constraints message", "FROM scratch\nCOPY a.txt /\n", GraphBytes(b'Z\x00"'), GraphBytes(b"Z\x00\x1a")),
    row("#42 N1", "an empty value is set", "FROM scratch\nADD http://<web>/file.txt /x\n", GraphBytes(b"\n\x20com.docker.dockerfile.v1.command\x12\x00")),
    # Names
    row("N1", "step numbers are padded to the width of the last one", PAD, HasStep("[ 2/11] RUN echo 0 >> /x"), HasStep("[11/11] RUN echo 9 >> /x")),
    row("N1", "a stage without a name has its number", "FROM scratch AS a\nCOPY a.txt /\nFROM scratch\nCOPY --from=a / /\n", HasStep("[a 1/1] COPY a.txt /"), HasStep("[stage-1 1/1] COPY --from=a / /")),
    row("N1", "several platforms are in the names", "FROM scratch\nCOPY a.txt /\n", HasStep("[linux/amd64 1/1] COPY a.txt /"), HasStep("[linux/arm64 1/1] COPY a.txt /"), options={"platform": "linux/amd64,linux/arm64"}),
    row("N1 A10", "the name of a base of another platform has both platforms", "FROM --platform=$BUILDPLATFORM alpine AS b\nARG TARGETARCH\nRUN uname -m > /x\nFROM scratch\nCOPY --from=b /x /\n", HasStep("[linux/amd64->arm64 b 2/2] RUN uname -m > /x"), options={"platform": "linux/arm64,linux/amd64"}),
    row("N1", "metadata instructions are not steps", "FROM scratch\nENV A=1\nCOPY a.txt /\nCMD x\nCOPY b.txt /\n", HasStep("[1/2] COPY a.txt /"), HasStep("[2/2] COPY b.txt /")),
    row("N1 #43", "an image that is copied from makes step names include the stage", "FROM scratch\nCOPY --from=busybox:1 /etc/group /\n", HasStep("[stage-0 1/1] COPY --from=busybox:1 /etc/group /")),
    row("N2", "a step name has expanded variables and an upper-case instruction", "FROM scratch\nARG A=a.txt\ncopy $A /x\n", HasStep("[1/1] COPY a.txt /x")),
    row("N2", "a step name has the first line of a heredoc", "FROM alpine\nRUN <<A cat > /x\nlong line of text that goes on\nA\nCOPY <<B <<C /to/\nB\nC\n", StepCount(r"\[2/3\] RUN <<A cat > /x.*", 1), HasStep("[3/3] COPY <<B <<C /to/")),
    row("N3", "names of internal steps say what is loaded", "FROM scratch\nCOPY a.txt /\nCOPY <<E /\nE\n", HasStep("[internal] load build definition from Dockerfile"), HasStep("[internal] load .dockerignore"), HasStep("[internal] load build context"), HasStep("[internal] preparing inline document")),
    row("N3 X11", "the step of a named context begins with its name", "FROM scratch\nCOPY --from=other a.txt /\n", HasStep("[context other] load .dockerignore"), HasStep("[context other] load from client"), contexts={"other": "<context>/dir"}, files={"dir/a.txt": "1"}),
    row("N3 X8", "the image step of a named context begins with its name", "FROM mine\n", StepCount(r"\[context mine\] .*busybox.*", 2), contexts={"mine": "docker-image://busybox:1"}),
    row("N6", "the two steps of a linked copy are one group", "FROM alpine\nCOPY --link a.txt /x\n", GraphCheck("the group", lambda nodes: len({node.meta.progress_group.id for node in nodes if node.kind in {"file", "merge"}}) == 1 and {node.kind: node.meta.progress_group.weak for node in nodes if node.meta.progress_group} == {"file": True, "merge": False})),
    row("N7 X5 O20", "a step without a name is described by its op", "FROM scratch\n", HasStep("copy /context /"), HasStep("[internal] load remote build context"), HasFile("a.txt", "of the web\n"), options={"context": "http://<web>/app.tar.gz"}),
)  # fmt: skip
