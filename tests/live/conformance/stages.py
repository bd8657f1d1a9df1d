"""Rows of arguments, stages, triggers and platforms."""

from __future__ import annotations

from llbfront.oci import digest
from tests.live.conformance import servers
from tests.live.conformance.row import (
    Fails,
    Has,
    Hasnt,
    Holds,
    Is,
    Json,
    NoStep,
    Only,
    Op,
    Quiet,
    Step,
    Steps,
    Told,
    Warns,
    row,
)

ARM = {"platform": "linux/arm64"}
BOTH = {"platform": "linux/amd64,linux/arm64"}
PROXY = {"build-arg:HTTP_PROXY": "http://upper.example", "build-arg:http_proxy": "http://lower.example", "build-arg:No_Proxy": "x"}

ROWS = (
    row("A1", "arguments before the first FROM see those before them", "ARG A=al\nARG B=${A}pine\nFROM $B\n", Steps(r"\[1/1\] FROM docker\.io/library/alpine:latest@.*", 1)),
    row("A1", "a stage sees them only where it declares them", "ARG A=1\nFROM scratch\nENV B=<$A>\nARG A\nENV C=<$A>\n", Has("config/Env", "B=<>"), Has("config/Env", "C=<1>"), Warns("UndefinedVar", "3")),
    row("A1", "FROM sees no argument of a stage", "FROM scratch\nARG B=alpine\nFROM ${B:-scratch}\n", Only("")),
    row("A2", "a build argument is preferred to all defaults", "ARG A=1\nFROM scratch\nARG A=2\nENV B=$A\n", Has("config/Env", "B=3"), options={"build-arg:A": "3"}),
    row("A2", "an own default is preferred to that of the file", "ARG A=1\nFROM scratch\nARG A=2\nENV B=$A\n", Has("config/Env", "B=2")),
    row("A2", "an argument without a value is declared and unset", "FROM scratch\nARG A\nENV B=${A-unset}\n", Has("config/Env", "B=unset"), Quiet("UndefinedVar")),
    row("A2", "a stage has the arguments of the one below", "FROM scratch AS a\nARG A=1\nFROM a\nENV B=$A\n", Has("config/Env", "B=1")),
    row("A3", "an argument is a variable of later steps and not of the image", "FROM alpine\nRUN echo <$A> > /x || true\nARG A=1\nRUN echo $A > /y\n".replace("<$A>", "[$A]"), Holds("x", "[]\n"), Holds("y", "1\n"), Hasnt("config/Env", "A=1"), Op("exec", "/y", {"meta": {"env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1"]}})),
    row("A4", "a build knows its platforms", "FROM scratch\nARG BUILDPLATFORM BUILDOS BUILDARCH BUILDVARIANT\nENV R=$BUILDPLATFORM-$BUILDOS-$BUILDARCH-$BUILDVARIANT-\n", Has("config/Env", "R=linux/amd64-linux-amd64--"), options=ARM),
    row("A4", "a build knows its target", "FROM scratch\nARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT\nENV R=$TARGETPLATFORM-$TARGETOS-$TARGETARCH-$TARGETVARIANT\n", Has("config/Env", "R=linux/arm/v7-linux-arm-v7"), options={"platform": "linux/arm/v7"}),
    row("A4", "a build knows its stage", "ARG TARGETSTAGE\nFROM scratch AS $TARGETSTAGE\n", Fails("invalid name for build stage")),
    row("A4", "the stage that is built is an argument", "ARG TARGETSTAGE\nFROM scratch AS one\nARG TARGETSTAGE\nENV R=$TARGETSTAGE\nFROM one AS two\n", Has("config/Env", "R=one"), options={"target": "one"}),
    row("A4", "a stage without a target is the default one", "FROM scratch\nARG TARGETSTAGE\nENV R=$TARGETSTAGE\n", Has("config/Env", "R=default")),
    row("A4", "a platform may be changed by a build argument", "FROM scratch\nARG TARGETARCH\nENV R=$TARGETARCH\n", Has("config/Env", "R=mine"), options={"build-arg:TARGETARCH": "mine"}),
    row("A4", "a platform must be declared in a stage", "FROM scratch\nENV R=<$TARGETARCH>\n".replace("<$TARGETARCH>", "[$TARGETARCH]"), Has("config/Env", "R=[]")),
    row("A5 #12", "proxies need no declaration and the lower case wins", "FROM alpine\nRUN echo $http_proxy $HTTP_PROXY $no_proxy > /x\n", Holds("x", "http://lower.example http://lower.example x\n"),
        Op("exec", op={"meta": {"proxyEnv": {"httpProxy": "http://lower.example", "noProxy": "x"}}}), Hasnt("history/created_by", "RUN |1"), options=PROXY),
    row("A6", "an epoch is a number of seconds", "FROM alpine\nARG SOURCE_DATE_EPOCH\nRUN echo $SOURCE_DATE_EPOCH > /x\n", Holds("x", "1700000000\n"), options={"build-arg:SOURCE_DATE_EPOCH": "1700000000"}),
    row("A6", "an epoch that is not a number names a context", "FROM scratch\n", Fails("SOURCE_DATE_EPOCH"), options={"build-arg:SOURCE_DATE_EPOCH": "yesterday"}),
    row("A6 #40", "the epoch of a stage that only adds is that of what it adds", "FROM scratch AS src\nADD http://<web>/file.txt /\nFROM scratch\nCOPY a.txt /\nENV A=1\n", Is("history/created", ["2020-02-02T02:02:02Z", "2020-02-02T02:02:02Z"]), options={"build-arg:SOURCE_DATE_EPOCH": "src"}),
    *(
        row("A6 #40", f"a source known by its checksum has the time of its newest file, packed as {kind}", f"ARG SOURCE_DATE_EPOCH=src\nFROM scratch AS src\nADD --checksum={digest.of(data)} <files>/context.{kind} /\nFROM scratch\nCOPY a.txt /\n", Told("source.date.epoch", str(servers.WHEN)))
        for kind, data in servers.packed().items()
    ),
    row("A6", "a source of another checksum has no time", f"ARG SOURCE_DATE_EPOCH=src\nFROM scratch AS src\nADD --checksum={digest.of(b'')} <files>/data.txt /\nFROM scratch\n", Fails("digest mismatch")),
    row("A6", "the argument that selects what a scanner sees is not a variable", "FROM alpine\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nRUN echo [$BUILDKIT_SBOM_SCAN_STAGE] > /x\n", Holds("x", "[]\n")),
    row("A7", "names of stages know no case", "FROM scratch AS one\nCOPY a.txt /\nFROM scratch\nCOPY --from=ONE a.txt /x\n", Only("x")),
    row("A7", "a stage does not see those behind it", "FROM scratch AS a\nCOPY --from=later / /\nFROM scratch AS later\n", Fails('cannot copy from stage "later", it needs to be defined before current stage "a"', "2"), options={"target": "a"}),
    row("A7 DuplicateStageName", "a later stage of the same name hides the earlier", "FROM scratch AS s\nCOPY a.txt /\nFROM scratch AS s\nCOPY b.txt /\nFROM s\n", Only("b.txt"), Warns("DuplicateStageName", "3")),
    row("A7", "a stage may not copy from itself", "FROM scratch AS s\nCOPY --from=s / /\n", Fails("circular dependency detected on stage: s", "2")),
    row("A8 P17", "stages may not need each other", "FROM alpine AS a\nRUN --mount=from=b,target=/b true\nFROM alpine AS b\nRUN true\nRUN --mount=from=a,target=/a true\n", Fails("circular dependency detected on stage")),
    row("A8", "the last stage is built", "FROM scratch\nCOPY a.txt /\nFROM scratch\nCOPY b.txt /\n", Only("b.txt")),
    row("A8", "a target may be built", "FROM scratch AS One\nCOPY a.txt /\nFROM scratch\nCOPY b.txt /\n", Only("a.txt"), options={"target": "one"}),
    row("A8", "what the target does not need is not looked up", "FROM none-such.invalid/x AS unused\nRUN false\nFROM scratch\nCOPY a.txt /\n", Only("a.txt"), NoStep("none-such")),
    row("A9", "triggers of a stage run where it is the base", "FROM alpine AS base\nONBUILD RUN echo 1 > /triggered\nONBUILD COPY a.txt /\nFROM base\nRUN cp /triggered /x\n", Holds("x", "1\n"), Holds("a.txt"), Is("config/OnBuild"), Step("[stage-1 1/3] ONBUILD RUN echo 1 > /triggered")),
    row("A9", "triggers are not handed on", "FROM alpine AS base\nONBUILD RUN echo 1 >> /x\nFROM base AS mid\nFROM mid\n", Holds("x", "1\n")),
    row("A9", "a trigger may copy from a stage of its file", "FROM scratch AS src\nCOPY a.txt /\nFROM scratch AS base\nONBUILD COPY --from=src a.txt /x\nFROM base\n", Only("x")),
    row("A9 #23", "an error of a trigger is at the FROM that fires it", "FROM scratch AS base\nONBUILD COPY none /\n\nFROM base\n", Fails("none", "4")),
    row("A9 #23", "a trigger is read with a backslash to escape", "# escape=`\nFROM alpine AS base\nONBUILD RUN true \\\nFROM base\n", Step("[stage-1 1/1] ONBUILD RUN true")),
    row("A10", "a base may have another platform than the result", "FROM --platform=$BUILDPLATFORM alpine AS build\nRUN uname -m > /arch\nFROM scratch\nCOPY --from=build /arch /\n", Holds("arch", "x86_64\n"), Is("architecture", "arm64"), options=ARM),
    row("A10", "several platforms are several results", "FROM scratch\nARG TARGETARCH\nCOPY <<E /arch\n$TARGETARCH\nE\n", Holds("linux_amd64/arch", "amd64\n"), Holds("linux_arm64/arch", "arm64\n"), Is("linux/arm64:architecture", "arm64"), Told("refs.platforms", '"ID":"linux/arm64"'), options=BOTH),
    row("A10 I1 FromPlatformFlagConstDisallowed", "a platform may be written into FROM", "FROM --platform=linux/arm64 scratch\n", Is("architecture", "amd64"), Warns("FromPlatformFlagConstDisallowed", "1")),
    row("A10 RedundantTargetPlatform", "the platform of the target need not be said", "FROM --platform=$TARGETPLATFORM scratch\n", Warns("RedundantTargetPlatform", "1")),
    row("A10", "a platform must be one", "FROM --platform=a/b/c/d/e scratch\n", Fails("a/b/c/d/e", "1")),
    row("A10 #27 #50", "names of platforms are brought to one form", "FROM scratch\nARG TARGETPLATFORM BUILDPLATFORM\nENV R=$TARGETPLATFORM\n", Has("config/Env", "R=linux/arm64"), Is("architecture", "arm64"), Is("variant"), options={"platform": "linux/aarch64/v8"}),
    row("#50", "arm is its seventh version", "FROM scratch\nARG TARGETPLATFORM\nENV R=$TARGETPLATFORM\n", Has("config/Env", "R=linux/arm/v7"), options={"platform": "linux/arm"}),
    row("#50", "armel is its sixth", "FROM scratch\nARG TARGETPLATFORM\nENV R=$TARGETPLATFORM\n", Has("config/Env", "R=linux/arm/v6"), options={"platform": "linux/armel"}),
    row("#27", "a target has a version of its system, the platform of the build none", "FROM scratch\nARG TARGETPLATFORM TARGETOSVERSION BUILDOSVERSION\nENV R=$TARGETPLATFORM-$TARGETOSVERSION-$BUILDOSVERSION-\n", Has("config/Env", "R=windows(10.0.1)/amd64-10.0.1--"), options={"platform": "windows(10.0.1)/amd64"}),
    row("#28", "a single result has its platform, too", "FROM scratch\n", Json("refs.platforms", "Platforms/0/ID", "linux/amd64")),
    row("A12", "the shell of linux is sh", "FROM scratch\nCMD a\n", Is("config/Cmd", ["/bin/sh", "-c", "a"])),
    row("A12", "the shell of windows is cmd", "FROM scratch\nCMD a\n", Is("config/Cmd", ["cmd", "/S", "/C", "a"]), options={"platform": "windows/amd64"}),
    row("A12", "a shell goes on to the stage above", 'FROM scratch AS a\nSHELL ["x"]\nFROM a\nCMD b\n', Is("config/Cmd", ["x", "b"])),
    row("A14", "a base has its full name and a digest", "FROM alpine\n", Steps(r"\[1/1\] FROM docker\.io/library/alpine:latest@sha256:[0-9a-f]{64}", 1), Step("[internal] load metadata for docker.io/library/alpine:latest")),
    row("A14", "two stages look one base up once", "FROM alpine AS a\nFROM docker.io/library/alpine:latest AS b\nCOPY --from=a /etc/group /x\n", Steps(r"\[internal\] load metadata .*", 1)),
    row("A14 P17", "a base that is not there may have a near stage", "FROM scratch AS builder\nFROM buildr\n", Fails("buildr: failed to resolve source metadata for docker.io/library/buildr:latest", "2")),
    row("A14 P17", "a base that is not there may have a near image", "FROM alpin\n", Fails("(did you mean alpine?)", "1")),
    row("A14 UndefinedArgInFrom InvalidDefaultArgInFrom", "a base must have a name", "ARG B\nFROM $B\n", Fails("base name ($B) should not be blank", "2")),
)  # fmt: skip
