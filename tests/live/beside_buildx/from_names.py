"""Ways to name an image in FROM, and names that are no images: both commands build the same, or fail at the same line.

<digest> in a Dockerfile is the digest of the busybox that the engine finds, <registry> a registry without TLS that has `tools/scanner`.

Source: the reference page of FROM; reference.Regexp of distribution/reference.
"""

from __future__ import annotations

from tests.live.beside_buildx.row import Row

OCI = "-o type=oci,dest=out.tar"
STEP = "COPY file /\n"


def named(name: str, *, before: str = "", flags: str = "", after: str = STEP) -> Row:
    """Return a row whose base image has a name."""
    return Row(f"FROM {before}{name} {flags}".rstrip(), f"{OCI} {flags}".rstrip(), f"{before}FROM {name}\n{after}")


def refused(name: str, *, before: str = "", line: int = 1, flags: str = "-o out", after: str = STEP) -> Row:
    """Return a row that fails at a line of the Dockerfile."""
    return Row(f"FROM {before}{name}", flags, f"{before}FROM {name}\n{after}", fails=True, line=line)


FOUND = (
    named("busybox:latest"),
    named("busybox@<digest>"),
    named("busybox:latest@<digest>"),
    named("busybox:wrong-tag@<digest>"),
    named("docker.io/busybox"),
    named("docker.io/library/busybox"),
    named("index.docker.io/library/busybox"),
    named("library/busybox"),
    named("<scanner>"),
    named("<scanner>:latest"),
    named("busybox AS Base", after=f"{STEP}FROM base\n"),
    named("--platform=$TARGETPLATFORM busybox"),
    named("--platform=$BUILDPLATFORM busybox"),
    named("--platform=linux/amd64 busybox"),
    named("$BASE", before="ARG BASE=busybox\n"),
    named("$BASE", before="ARG BASE=nowhere\n", flags="--build-arg BASE=busybox"),
    named("${BASE:-busybox}", before="ARG BASE\n"),
    named("${BASE:-busy}${BASE:-box}", before="ARG BASE=\n"),
    named("busybox${TAG:+:$TAG}", before="ARG TAG=latest\n"),
    named("${IMAGE}:${TAG}", before="ARG IMAGE=busybox\nARG TAG=latest\n"),
    named("${IMAGE%:*}", before="ARG IMAGE=busybox:old:older\n", after="", flags="--build-arg IMAGE=busybox:old"),
    named("${IMAGE#*/}", before="ARG IMAGE=registry.example/busybox\n"),
    named("${IMAGE/x/b}", before="ARG IMAGE=xusybox\n"),
    named('"busybox"'),
    named("'busybox'"),
    named("scratch"),
    named("busybox AS alpine", after=f"{STEP}FROM alpine\nCOPY --from=alpine /file /second\n"),
    named("busybox AS docker.io", after=f"{STEP}FROM docker.io\n"),
    named("scratch AS busybox", after="COPY file /from-stage\nFROM busybox\nCOPY --from=busybox /from-stage /\n"),
    named("busybox AS a1", after=f"{STEP}FROM scratch\nCOPY --from=0 /file /\n"),
    named("base", flags="--build-context base=docker-image://busybox@<digest>"),
    named("busybox", flags="--build-context busybox=docker-image://alpine"),
    named("docker.io/library/busybox:latest", flags="--build-context busybox=docker-image://alpine"),
)
REFUSED = (
    refused("Busybox"),
    refused("busybox:"),
    refused("busybox:-tag"),
    refused("busybox@sha256:12"),
    refused("busybox@<digest>0"),
    refused("busybox@md5:0123456789abcdef0123456789abcdef"),
    refused(":latest"),
    refused("/busybox"),
    refused("busybox/"),
    refused("https://docker.io/busybox"),
    refused("docker://busybox"),
    refused("busy box"),
    refused("busybox AS 1"),
    refused("busybox AS a.b/c"),
    refused("busybox AS"),
    refused("$UNSET"),
    refused("${BASE}", before="ARG BASE\n", line=2),
    refused("${BASE:?no base}", before="ARG BASE\n", line=2),
    refused("${BASE", before="ARG BASE=busybox\n", line=2),
    refused("--platform=nonsense busybox"),
    refused("--platform=linux/amd64/v2/x busybox"),
    refused("--unknown=1 busybox"),
    refused("a" * 130 + ":" + "b" * 129),
    refused("localhost:1/none:1"),
    refused("<registry>/beside/none"),
    refused("<registry>/beside/none@<digest>"),
    refused("scratch:latest"),
    refused("0"),
    refused("busybox AS base", after="FROM 0\n", line=2),
    refused("busybox AS base", after="FROM bose\n", line=2),
)
ROWS = (*FOUND, *REFUSED)
