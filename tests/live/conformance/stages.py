"""Rows of arguments, stages, triggers and platforms."""

from __future__ import annotations

from llbfront.oci import digest
from tests.live.conformance import servers
from tests.live.conformance.row import (
    Config,
    ConfigHas,
    ConfigLacks,
    Fails,
    HasFile,
    HasOp,
    HasStep,
    HasWarning,
    Metadata,
    MetadataJson,
    NoStep,
    NoWarning,
    OnlyFiles,
    StepCount,
    row,
)

ARM = {"platform": "linux/arm64"}
BOTH = {"platform": "linux/amd64,linux/arm64"}
PROXY = {"build-arg:HTTP_PROXY": "http://upper.example", "build-arg:http_proxy": "http://lower.example", "build-arg:No_Proxy": "x"}

ROWS = (
    row("A1", "global arguments may use earlier ones", "ARG A=al\nARG B=${A}pine\nFROM $B\n", StepCount(r"\[1/1\] FROM docker\.io/library/alpine:latest@.*", 1)),
    row("A1", "a stage must declare a global argument to use it", "ARG A=1\nFROM scratch\nENV B=<$A>\nARG A\nENV C=<$A>\n", ConfigHas("config/Env", "B=<>"), ConfigHas("config/Env", "C=<1>"), HasWarning("UndefinedVar", "3")),
    row("A1", "FROM cannot use arguments of a stage", "FROM scratch\nARG B=alpine\nFROM ${B:-scratch}\n", OnlyFiles("")),
    row("A2", "a build argument overrides all defaults", "ARG A=1\nFROM scratch\nARG A=2\nENV B=$A\n", ConfigHas("config/Env", "B=3"), options={"build-arg:A": "3"}),
    row("A2", "a default of the stage overrides the global one", "ARG A=1\nFROM scratch\nARG A=2\nENV B=$A\n", ConfigHas("config/Env", "B=2")),
    row("A2", "an argument without a value is declared and unset", "FROM scratch\nARG A\nENV B=${A-unset}\n", ConfigHas("config/Env", "B=unset"), NoWarning("UndefinedVar")),
    row("A2", "a stage inherits the arguments of its base stage", "FROM scratch AS a\nARG A=1\nFROM a\nENV B=$A\n", ConfigHas("config/Env", "B=1")),
    row("A3", "an argument is a variable of later steps and not of the image", "FROM alpine\nRUN echo <$A> > /x || true\nARG A=1\nRUN echo $A > /y\n".replace("<$A>", "[$A]"), HasFile("x", "[]\n"), HasFile("y", "1\n"), ConfigLacks("config/Env", "A=1"), HasOp("exec", "/y", {"meta": {"env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1"]}})),
    row("A4", "the build platform is a predefined argument", "FROM scratch\nARG BUILDPLATFORM BUILDOS BUILDARCH BUILDVARIANT\nENV R=$BUILDPLATFORM-$BUILDOS-$BUILDARCH-$BUILDVARIANT-\n", ConfigHas("config/Env", "R=linux/amd64-linux-amd64--"), options=ARM),
    row("A4", "the target platform is a predefined argument", "FROM scratch\nARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT\nENV R=$TARGETPLATFORM-$TARGETOS-$TARGETARCH-$TARGETVARIANT\n", ConfigHas("config/Env", "R=linux/arm/v7-linux-arm-v7"), options={"platform": "linux/arm/v7"}),
    row("A4", "TARGETSTAGE cannot name a stage", "ARG TARGETSTAGE\nFROM scratch AS $TARGETSTAGE\n", Fails("invalid name for build stage")),
    row("A4", "TARGETSTAGE is the name of the target", "ARG TARGETSTAGE\nFROM scratch AS one\nARG TARGETSTAGE\nENV R=$TARGETSTAGE\nFROM one AS two\n", ConfigHas("config/Env", "R=one"), options={"target": "one"}),
    row("A4", "TARGETSTAGE without a target is `default`", "FROM scratch\nARG TARGETSTAGE\nENV R=$TARGETSTAGE\n", ConfigHas("config/Env", "R=default")),
    row("A4", "a build argument overrides a predefined platform", "FROM scratch\nARG TARGETARCH\nENV R=$TARGETARCH\n", ConfigHas("config/Env", "R=mine"), options={"build-arg:TARGETARCH": "mine"}),
    row("A4", "a platform must be declared in a stage", "FROM scratch\nENV R=<$TARGETARCH>\n".replace("<$TARGETARCH>", "[$TARGETARCH]"), ConfigHas("config/Env", "R=[]")),
    row("A5 #12", "proxies need no declaration and the lower case wins", "FROM alpine\nRUN echo $http_proxy $HTTP_PROXY $no_proxy > /x\n", HasFile("x", "http://lower.example http://lower.example x\n"),
        HasOp("exec", op={"meta": {"proxyEnv": {"httpProxy": "http://lower.example", "noProxy": "x"}}}), ConfigLacks("history/created_by", "RUN |1"), options=PROXY),
    row("A6", "an epoch is a number of seconds", "FROM alpine\nARG SOURCE_DATE_EPOCH\nRUN echo $SOURCE_DATE_EPOCH > /x\n", HasFile("x", "1700000000\n"), options={"build-arg:SOURCE_DATE_EPOCH": "1700000000"}),
    row("A6", "an epoch that is not a number names a context", "FROM scratch\n", Fails("SOURCE_DATE_EPOCH"), options={"build-arg:SOURCE_DATE_EPOCH": "yesterday"}),
    row("A6 #40", "the epoch of a stage with one ADD is the time of its source", "FROM scratch AS src\nADD http://<web>/file.txt /\nFROM scratch\nCOPY a.txt /\nENV A=1\n", Config("history/created", ["2020-02-02T02:02:02Z", "2020-02-02T02:02:02Z"]), options={"build-arg:SOURCE_DATE_EPOCH": "src"}),
    *(
        row("A6 #40", f"a source known by its checksum has the time of its newest file, packed as {kind}", f"ARG SOURCE_DATE_EPOCH=src\nFROM scratch AS src\nADD --checksum={digest.of(data)} <files>/context.{kind} /\nFROM scratch\nCOPY a.txt /\n", Metadata("source.date.epoch", str(servers.WHEN)))
        for kind, data in servers.packed().items()
    ),
    row("A6", "an epoch source with a wrong checksum has no time", f"ARG SOURCE_DATE_EPOCH=src\nFROM scratch AS src\nADD --checksum={digest.of(b'')} <files>/data.txt /\nFROM scratch\n", Fails("digest mismatch")),
    row("A6", "the argument that selects what a scanner sees is not a variable", "FROM alpine\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nRUN echo [$BUILDKIT_SBOM_SCAN_STAGE] > /x\n", HasFile("x", "[]\n")),
    row("A7", "names of stages are case-insensitive", "FROM scratch AS one\nCOPY a.txt /\nFROM scratch\nCOPY --from=ONE a.txt /x\n", OnlyFiles("x")),
    row("A7", "a stage cannot copy from a later stage", "FROM scratch AS a\nCOPY --from=later / /\nFROM scratch AS later\n", Fails('cannot copy from stage "later", it needs to be defined before current stage "a"', "2"), options={"target": "a"}),
    row("A7 DuplicateStageName", "a later stage of the same name hides the earlier", "FROM scratch AS s\nCOPY a.txt /\nFROM scratch AS s\nCOPY b.txt /\nFROM s\n", OnlyFiles("b.txt"), HasWarning("DuplicateStageName", "3")),
    row("A7", "a stage may not copy from itself", "FROM scratch AS s\nCOPY --from=s / /\n", Fails("circular dependency detected on stage: s", "2")),
    row("A8 P17", "stages that depend on each other are an error", "FROM alpine AS a\nRUN --mount=from=b,target=/b true\nFROM alpine AS b\nRUN true\nRUN --mount=from=a,target=/a true\n", Fails("circular dependency detected on stage")),
    row("A8", "the last stage is the default target", "FROM scratch\nCOPY a.txt /\nFROM scratch\nCOPY b.txt /\n", OnlyFiles("b.txt")),
    row("A8", "--target selects a stage", "FROM scratch AS One\nCOPY a.txt /\nFROM scratch\nCOPY b.txt /\n", OnlyFiles("a.txt"), options={"target": "one"}),
    row("A8", "images of unused stages are not looked up", "FROM none-such.invalid/x AS unused\nRUN false\nFROM scratch\nCOPY a.txt /\n", OnlyFiles("a.txt"), NoStep("none-such")),
    row("A9", "triggers of a stage run in stages based on it", "FROM alpine AS base\nONBUILD RUN echo 1 > /triggered\nONBUILD COPY a.txt /\nFROM base\nRUN cp /triggered /x\n", HasFile("x", "1\n"), HasFile("a.txt"), Config("config/OnBuild"), HasStep("[stage-1 1/3] ONBUILD RUN echo 1 > /triggered")),
    row("A9", "triggers are not inherited", "FROM alpine AS base\nONBUILD RUN echo 1 >> /x\nFROM base AS mid\nFROM mid\n", HasFile("x", "1\n")),
    row("A9", "a trigger may copy from a stage of its file", "FROM scratch AS src\nCOPY a.txt /\nFROM scratch AS base\nONBUILD COPY --from=src a.txt /x\nFROM base\n", OnlyFiles("x")),
    row("A9 #23", "an error of a trigger is at the FROM that fires it", "FROM scratch AS base\nONBUILD COPY none /\n\nFROM base\n", Fails("none", "4")),
    row("A9 #23", "a trigger is parsed with a backslash as escape character", "# escape=`\nFROM alpine AS base\nONBUILD RUN true \\\nFROM base\n", HasStep("[stage-1 1/1] ONBUILD RUN true")),
    row("A10", "a base may have another platform than the result", "FROM --platform=$BUILDPLATFORM alpine AS build\nRUN uname -m > /arch\nFROM scratch\nCOPY --from=build /arch /\n", HasFile("arch", "x86_64\n"), Config("architecture", "arm64"), options=ARM),
    row("A10", "several platforms are several results", "FROM scratch\nARG TARGETARCH\nCOPY <<E /arch\n$TARGETARCH\nE\n", HasFile("linux_amd64/arch", "amd64\n"), HasFile("linux_arm64/arch", "arm64\n"), Config("linux/arm64:architecture", "arm64"), Metadata("refs.platforms", '"ID":"linux/arm64"'), options=BOTH),
    row("A10 I1 FromPlatformFlagConstDisallowed", "FROM --platform with a constant is a warning", "FROM --platform=linux/arm64 scratch\n", Config("architecture", "amd64"), HasWarning("FromPlatformFlagConstDisallowed", "1")),
    row("A10 RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM is a warning", "FROM --platform=$TARGETPLATFORM scratch\n", HasWarning("RedundantTargetPlatform", "1")),
    row("A10", "an invalid platform is an error", "FROM --platform=a/b/c/d/e scratch\n", Fails("a/b/c/d/e", "1")),
    row("A10 #27 #50", "names of platforms are normalised", "FROM scratch\nARG TARGETPLATFORM BUILDPLATFORM\nENV R=$TARGETPLATFORM\n", ConfigHas("config/Env", "R=linux/arm64"), Config("architecture", "arm64"), Config("variant"), options={"platform": "linux/aarch64/v8"}),
    row("#50", "arm means arm/v7", "FROM scratch\nARG TARGETPLATFORM\nENV R=$TARGETPLATFORM\n", ConfigHas("config/Env", "R=linux/arm/v7"), options={"platform": "linux/arm"}),
    row("#50", "armel means arm/v6", "FROM scratch\nARG TARGETPLATFORM\nENV R=$TARGETPLATFORM\n", ConfigHas("config/Env", "R=linux/arm/v6"), options={"platform": "linux/armel"}),
    row("#27", "the target platform keeps its OS version, the build platform does not", "FROM scratch\nARG TARGETPLATFORM TARGETOSVERSION BUILDOSVERSION\nENV R=$TARGETPLATFORM-$TARGETOSVERSION-$BUILDOSVERSION-\n", ConfigHas("config/Env", "R=windows(10.0.1)/amd64-10.0.1--"), options={"platform": "windows(10.0.1)/amd64"}),
    row("#28", "a single result has its platform, too", "FROM scratch\n", MetadataJson("refs.platforms", "Platforms/0/ID", "linux/amd64")),
    row("A12", "the default shell on Linux is sh", "FROM scratch\nCMD a\n", Config("config/Cmd", ["/bin/sh", "-c", "a"])),
    row("A12", "the default shell on Windows is cmd", "FROM scratch\nCMD a\n", Config("config/Cmd", ["cmd", "/S", "/C", "a"]), options={"platform": "windows/amd64"}),
    row("A12", "a stage inherits the shell of its base stage", 'FROM scratch AS a\nSHELL ["x"]\nFROM a\nCMD b\n', Config("config/Cmd", ["x", "b"])),
    row("A14", "a base has its full name and digest", "FROM alpine\n", StepCount(r"\[1/1\] FROM docker\.io/library/alpine:latest@sha256:[0-9a-f]{64}", 1), HasStep("[internal] load metadata for docker.io/library/alpine:latest")),
    row("A14", "a base of two stages is looked up once", "FROM alpine AS a\nFROM docker.io/library/alpine:latest AS b\nCOPY --from=a /etc/group /x\n", StepCount(r"\[internal\] load metadata .*", 1)),
    row("A14 P17", "a missing base image suggests a similar stage", "FROM scratch AS builder\nFROM buildr\n", Fails("buildr: failed to resolve source metadata for docker.io/library/buildr:latest", "2")),
    row("A14 P17", "a missing base image suggests a similar image", "FROM alpin\n", Fails("(did you mean alpine?)", "1")),
    row("A14 UndefinedArgInFrom InvalidDefaultArgInFrom", "an empty base name is an error", "ARG B\nFROM $B\n", Fails("base name ($B) should not be blank", "2")),
)  # fmt: skip
