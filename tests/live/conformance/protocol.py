"""Rows of the frontend protocol that a build shows, and of the questions instead of one."""

from tests.live.conformance.row import Fails, Graphs, Has, Holds, Is, Json, Only, Op, Raw, Step, Told, Warns, row

STAGES = """\
# syntax-free remarks
# VERSION is what is built
ARG VERSION=1
# base holds the tools
FROM alpine AS base
RUN --mount=type=secret,id=token,required --mount=type=ssh --mount=type=cache,target=/c true

# final is shipped
FROM --platform=linux/amd64 base AS final
# TARGET is told
ARG TARGET=x VERSION
ENV V=$VERSION
"""

ROWS = (
    row(
        "G1 G12 G5",
        "the engine is asked what it can do, and files are read of it",
        "FROM scratch\nCOPY a.txt /\n",
        Holds("a.txt", "a\n"),
    ),
    row(
        "G2 G20",
        "one result",
        "FROM scratch\nCOPY a.txt /\n",
        Told("refs.platforms", '"Platforms":[{'),
        Has("history/created_by", "COPY a.txt / # buildkit"),
    ),
    row(
        "G21",
        "a result for each platform",
        "FROM scratch\nARG TARGETARCH\nENV A=$TARGETARCH\nCOPY a.txt /\n",
        Told("refs.platforms", '{"ID":"linux/arm/v7","Platform":{"architecture":"arm","os":"linux","variant":"v7"}}'),
        Holds("linux_arm_v7/a.txt"),
        Holds("linux_amd64/a.txt"),
        options={"platform": "linux/amd64,linux/arm/v7"},
    ),
    row(
        "G21 #28",
        "platforms are told of a single result, too",
        "FROM scratch\nCOPY a.txt /\n",
        Json("refs.platforms", "Platforms/0/ID", "linux/amd64"),
    ),
    row(
        "G22",
        "the config of the base comes along",
        "FROM alpine\nENV A=1\n",
        Told("containerimage.base.config", '"os":"linux"'),
        Is("config/Env", ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1"]),
    ),
    row(
        "G22 #40",
        "the time of each platform",
        "FROM scratch\nCOPY a.txt /\n",
        Told("source.date.epoch/linux/amd64", "1600000000"),
        Told("source.date.epoch/linux/arm64", "1600000000"),
        options={"platform": "linux/amd64,linux/arm64", "build-arg:SOURCE_DATE_EPOCH": "1600000000"},
    ),
    row(
        "G23",
        "documents beside the result",
        "FROM scratch\nCOPY a.txt /\n",
        Holds("sbom.spdx.json"),
        options={"attest:sbom": "generator=<scanner>"},
    ),
    row(
        "G3 #29",
        "an image is looked up and pinned",
        "FROM alpine:3\nENV A=1\n",
        Op("source", "FROM docker.io/library/alpine:3@sha256:"),
        Step("[internal] load metadata for docker.io/library/alpine:3"),
    ),
    row("G3 G31", "an image that is not there", "FROM {x}nowhere\n".replace("{x}", "alpine:"), Fails("alpine:nowhere", "1")),
    row(
        "G8 P17",
        "a warning has its place and its page",
        "FROM scratch\nENV a b\nCOPY a.txt /\n",
        Warns("LegacyKeyValueFormat", "2"),
    ),
    row(
        "G8 G31",
        "an error has the lines that it is about",
        "FROM scratch\nCOPY a.txt \\\n  --odd \\\n  /\nCPOY\n",
        Fails("unknown instruction: CPOY", "5"),
    ),
    row("G31", "a step that fails has them, too", "FROM alpine\nRUN true && \\\n  exit 9\n", Fails("exit code: 9", "2,3")),
    row(
        "G31",
        "and so has a file that is not there",
        "FROM scratch\nCOPY a.txt /\nCOPY nowhere.txt /\n",
        Fails('"/nowhere.txt": not found', "3"),
    ),
    row(
        "G29 P4",
        "a directive names another frontend",
        "",
        Only("a.txt"),
        files={"Dockerfile": "# syntax=docker.io/library/none\nFROM scratch\nCOPY a.txt /\n", "a.txt": "a\n"},
        options={"build-arg:BUILDKIT_SYNTAX": "<frontend>"},
    ),
    row(
        "G29 G31 P4",
        "its error is about the directive",
        "# one\n",
        Fails("nobody.invalid/nothing", "1"),
        files={"Dockerfile": "# syntax=nobody.invalid/nothing\nFROM scratch\n"},
    ),
    row(
        "G29 G31",
        "an error that the other frontend has places for keeps them",
        "# syntax=<frontend>\nFROM scratch\nCPOY x\n",
        Fails("unknown instruction: CPOY", "3"),
    ),
    row(
        "G29 P4",
        "a directive in another form",
        "",
        Fails("nobody.invalid/other", "1"),
        files={"Dockerfile": "// syntax=nobody.invalid/other\nFROM scratch\n"},
    ),
    row(
        "G29 P4",
        "a directive after a first line of a script",
        "",
        Fails("nobody.invalid/script", "2"),
        files={"Dockerfile": "#!/usr/bin/x\n# syntax=nobody.invalid/script\nFROM scratch\n"},
    ),
    row("G29 P4", "a directive in JSON", "", Fails("invalid/json", "0"), files={"Dockerfile": '{"syntax": "nobody.invalid/json"}'}),
    row(
        "G29 P4",
        "in JSON after a first line of a script",
        "",
        Fails("invalid/json", "1"),
        files={"Dockerfile": '#!/x\n{"syntax": "nobody.invalid/json"}'},
    ),
    row(
        "G2 L5 G8",
        "the sources of steps are told",
        "FROM alpine\nRUN true \\\n  told\n",
        Graphs("lines 2-3", lambda nodes: any("2" in node.lines and "3" in node.lines for node in nodes)),
    ),
    row(
        "G22 H7",
        "the config is compact and escaped as Go does",
        "FROM scratch\nLABEL a=<b>&\n",
        Raw('"Labels":{"a":"\\u003cb\\u003e\\u0026"}'),
    ),
    row(
        "S1 #22",
        "the questions that are listed",
        "FROM scratch\n",
        Json("result.json", "0/name", "frontend.outline"),
        Json("result.json", "2/opts", None),
        Told("version", "1.0.0"),
        options={"requestid": "frontend.subrequests.describe"},
    ),
    row(
        "S1",
        "listed as text",
        "FROM scratch\n",
        Told("result.txt", "targets              1.0.0"),
        options={"requestid": "frontend.subrequests.describe"},
    ),
    row(
        "S2 P16",
        "the outline of the last stage",
        STAGES,
        Json("result.json", "name", "final"),
        Json("result.json", "description", "is shipped"),
        Told("result.json", '"TARGET"'),
        Told("result.json", '"VERSION"'),
        options={"requestid": "frontend.outline"},
    ),
    row(
        "S2",
        "secrets, agents and caches of a target",
        STAGES,
        Json("result.json", "secrets/0/name", "token"),
        Json("result.json", "secrets/0/required", True),
        Told("result.json", '"ssh"'),
        Told("result.txt", "SECRET"),
        options={"requestid": "frontend.outline", "target": "base"},
    ),
    row(
        "S2",
        "of a stage that is not there",
        STAGES,
        Fails('target stage "none" could not be found'),
        options={"requestid": "frontend.outline", "target": "none"},
        has_own_words=True,
    ),
    row(
        "S2 G31",
        "an error of the outline has no place",
        "FROM scratch\nCPOY x\n",
        Fails("dockerfile parse error on line 2: unknown instruction: CPOY"),
        options={"requestid": "frontend.outline"},
    ),
    row(
        "S5 G31",
        "nor has one of the graph",
        "FROM scratch\nCPOY x\n",
        Fails("unknown instruction: CPOY"),
        options={"requestid": "frontend.convertllb"},
    ),
    row("S3 G31", "nor one of the stages", "FROM scratch\nCPOY x\n", Fails("CPOY"), options={"requestid": "frontend.targets"}),
    row(
        "S3 P1",
        "an empty file has no instructions",
        "",
        Fails("file with no instructions"),
        options={"requestid": "frontend.targets"},
    ),
    row(
        "S3 P16",
        "the stages",
        STAGES,
        Json("result.json", "targets/0/name", "base"),
        Json("result.json", "targets/0/description", "holds the tools"),
        Json("result.json", "targets/0/base", "alpine"),
        Json("result.json", "targets/1/platform", "linux/amd64"),
        Json("result.json", "targets/1/default", True),
        Told("result.txt", "final (default)"),
        options={"requestid": "frontend.targets"},
    ),
    row(
        "S3",
        "a stage without a name",
        "FROM scratch\n",
        Json("result.json", "targets/0/default", True),
        Told("result.txt", "(default)"),
        options={"requestid": "frontend.targets"},
    ),
    row(
        "S4",
        "checks of a good file",
        "FROM scratch\nCOPY a.txt /\n",
        Told("result.statuscode", "0"),
        options={"requestid": "frontend.lint"},
    ),
    row(
        "S5",
        "the graph as JSON",
        "FROM alpine\nRUN true graph\n",
        Told("result.json", '"exec"'),
        Told("version", "0.1.0"),
        options={"requestid": "frontend.convertllb"},
    ),
    row(
        "S6 G31",
        "a question that nobody answers",
        "FROM scratch\n",
        Fails("unsupported request frontend.nothing"),
        options={"requestid": "frontend.nothing"},
        has_own_words=True,
    ),
    row(
        "G25 G26",
        "steps see nothing of the frontend",
        "FROM alpine\nRUN env | grep -c BUILDKIT_FRONTEND > /n || true\n",
        Holds("n", "0\n"),
    ),
    row(
        "G6 S5",
        "inputs are asked for where there may be some",
        "FROM scratch\nCOPY a.txt /\n",
        Only("a.txt"),
        options={"input:other": "x"},
    ),
    row(
        "G28 O46",
        "what the labels of the image promise",
        "FROM scratch\nCOPY a.txt /\n",
        Only("a.txt"),
        options={
            "frontend.caps": "moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts,moby.buildkit.frontend.gitquerystring,moby.buildkit.frontend.contexts.zstd"
        },
    ),
    row(
        "G32 L3",
        "options of a step are metadata of its op",
        "FROM alpine\nRUN true meta\n",
        Graphs("named", lambda nodes: all(node.meta.name for node in nodes)),
    ),
    row(
        "G12 L3",
        "capabilities that an op needs are told with it",
        "FROM alpine\nRUN --mount=type=tmpfs,target=/t,size=1m true caps\n",
        Graphs("tmpfs.size", lambda nodes: any("exec.mount.tmpfs.size" in node.meta.caps for node in nodes)),
    ),
)
