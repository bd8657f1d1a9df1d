"""Rows of options that are malformed, each of a kind that other rows do not have, and of ignore files that cannot be read.

An engine reads the options of limits, hosts and checks by itself before it begins an image; through the image those show its words.
"""

from __future__ import annotations

from tests.fsutil.trees import File
from tests.live.conformance.row import Fails, OnlyFiles, Row, row

COPYING = "FROM scratch\nCOPY a.txt /\n"
BASED = "FROM alpine\nCOPY a.txt /\n"

REFUSED = (
    ("O1", "build-arg:BUILDKIT_SYNTAX=UPPER/X", "invalid reference format"),
    ("O2", "build-arg:BUILDKIT_MULTI_PLATFORM=maybe", "invalid boolean value for multi-platform: maybe"),
    ("O5", "build-arg:BUILDKIT_DOCKERFILE_CHECK=skip", 'invalid check option "skip"'),
    ("O5", "build-arg:BUILDKIT_DOCKERFILE_CHECK=error=maybe", 'failed to parse check option "error=maybe"'),
    ("O5", "build-arg:BUILDKIT_DOCKERFILE_CHECK=;;", 'invalid check option ""'),
    ("O7", "build-arg:BUILDKIT_ATTEST_ODD=", 'unknown attestation type "odd"'),
    ("O7", "build-arg:BUILDKIT_ATTEST_SBOM=generator=BAD", "failed to parse sbom generator BAD"),
    ("O7", 'build-arg:BUILDKIT_ATTEST_SBOM="', "failed to parse sbom: parse error on line 1, column 2"),
    ("O11", "build-arg:SOURCE_DATE_EPOCH=1.5", "invalid SOURCE_DATE_EPOCH: 1.5"),
    ("O11", "build-arg:SOURCE_DATE_EPOCH=99999999999999999999", "invalid SOURCE_DATE_EPOCH: 99999999999999999999"),
    ("O11", "build-arg:SOURCE_DATE_EPOCH= 1", "invalid context name  1"),
    ("O20", "context=git://h.example/r.git?odd=1", 'unexpected query "odd"'),
    ("O20", "context=https://h.example/r.git?ref=a&ref=b", 'query "ref" has multiple values'),
    ("O22", "filename=", "failed to read dockerfile: "),
    ("O22", "filename=/", "failed to read dockerfile: "),
    ("O22", "filename=../x", "failed to read dockerfile: "),
    ("O22", "filename=dir", "failed to read dockerfile: "),
    ("O22", "filename=a.txt/b", "failed to read dockerfile: open a.txt/b: no such file or directory"),
    ("O22", "dockerfilekey=none", "no access allowed to dir 'none'"),
    ("O24", "target= ", 'target stage " " could not be found'),
    ("O24", "target=0", 'target stage "0" could not be found'),
    ("O24", "platform=,", "failed to parse target platform : "),
    ("O24", "platform=linux/amd64,", "failed to parse target platform : "),
    ("O24", "platform=/", "failed to parse target platform /: "),
    ("O24", "platform=linux(", "failed to parse target platform linux(: "),
    ("O24", "platform=no such/os", "failed to parse target platform no such/os: "),
    ("O24", "platform=linux/amd64,linux/amd64", "duplicate path linux_amd64"),
    ("O30", 'add-hosts="h=1.2.3.4', "failed to parse additional hosts: parse error on line 1, column 2"),
    ("O30", "add-hosts=h=", "failed to parse IP "),
    ("O30", "add-hosts=h=1.2.3", "failed to parse IP 1.2.3"),
    ("O30", "add-hosts=h=::1,", "invalid key-value pair "),
    ("O30", "ulimit=nofile=1:2:3", "too many limit value arguments - 1:2:3"),
    ("O30", "ulimit=nofile=x", 'parsing "x": invalid syntax'),
    ("O30", "ulimit=nofile", "invalid ulimit argument: nofile"),
    ("O30", "ulimit==1", "invalid ulimit type: "),
    ("O30", 'ulimit="nofile=1', "failed to parse ulimit: parse error on line 1, column 2"),
    ("O30", "shm-size=1.5", "failed to parse shm size: "),
    ("O30", "shm-size=99999999999999999999", "failed to parse shm size: "),
    ("O34", "memory=-1", "invalid memory value: -1"),
    ("O34", "memory=99999999999999999999", "invalid memory value: 99999999999999999999"),
    ("O34", "memory=1.5", "invalid memory value: 1.5"),
    ("O34", "memswap=-2", "invalid memswap value: -2"),
    ("O34", "cpushares=1.0", "invalid cpushares value: 1.0"),
    ("O34", "cpuperiod=-1", "invalid cpuperiod value: -1"),
    ("O34", "cpuquota=x", "invalid cpuquota value: x"),
    ("O34", "cpusetcpus=0-", "invalid cpusetcpus value: 0-"),
    ("O34", "cpusetcpus=a", "invalid cpusetcpus value: a"),
    ("O34", "cpusetcpus=8193", "invalid cpusetcpus value: 8193"),
    ("O34", "cpusetmems=1-0", "invalid cpusetmems value: 1-0"),
    ("O35", "force-network-mode=HOST", "invalid netmode HOST"),
    ("O37", "attest:sbom=generator=", "sbom generator cannot be empty"),
    ("O37", 'attest:sbom="', "failed to parse sbom: parse error on line 1, column 2"),
    ("O38", 'attest:provenance="', "failed to parse provenance: parse error on line 1, column 2"),
    ("O38", "attest:provenance=mode=odd", 'invalid mode "odd"'),
    ("O38", "attest:=x", 'unknown attestation type ""'),
    ("O39", "cache-imports=[1]", "failed to unmarshal cache-imports"),
    ("O39", 'cache-imports={"a":1}', "failed to unmarshal cache-imports"),
    ("O40", "context:alpine=odd:x", "unsupported context source odd for alpine"),
    ("O40", "context:alpine=nothing", "invalid context specifier nothing for alpine"),
    ("O40", "context:alpine=", "invalid context specifier  for alpine"),
    ("O40", "context:alpine=oci-layout://store@sha256:x", "could not parse oci-layout reference"),
    ("O40", "context:alpine=docker-image://BAD", "invalid reference format"),
    ("O40", "context:alpine=docker-image://", "invalid reference format"),
    ("O40", "context:alpine=input:", "invalid input  for alpine"),
    ("O40", "context:alpine=local:none", "no access allowed to dir 'none'"),
    ("O40", "context:alpine=git://h.example/r.git?odd=1", 'unexpected query "odd"'),
    ("O40", "context:alpine=target:x", "unsupported context source target for alpine"),
    ("O40", "context:alpine::linux/amd64=nothing", "invalid context specifier nothing for alpine::linux/amd64"),
    ("O40", "context:alpine=https://127.0.0.1:1/x", "connection refused"),
    ("O46", "frontend.caps= ", "unsupported frontend capability  "),
    ("O47", "requestid=", "unsupported request "),
    ("O47", "requestid=FRONTEND.LINT", "unsupported request FRONTEND.LINT"),
)
# Options that look malformed and that every frontend accepts.
TAKEN = (
    *(("O5", "build-arg:BUILDKIT_DOCKERFILE_CHECK=skip=NoSuchRule"), ("O11", "build-arg:SOURCE_DATE_EPOCH=-1")),
    *(("O20", "contextkey=nothing"), ("O20", "contextsubdir=nowhere"), ("O20", "context=ftp://x/y")),
    *(("O22", "filename=./Dockerfile"), ("O22", "filename=/Dockerfile")),
    *(("O24", "target="), ("O24", "platform="), ("O24", "platform=linux"), ("O24", "multi-platform=")),
    *(("O27", "build-arg:=x"), ("O27", "label:=x"), ("O27", "no-cache=nowhere"), ("O27", "image-resolve-mode=")),
    *(("O30", "add-hosts==1.2.3.4"), ("O30", "shm-size=-1"), ("O34", "cpusetcpus=0,,1"), ("O35", "hostname=a b")),
    *(("O39", 'cache-imports=[{"Type":"odd"}]'), ("O39", 'cache-imports=[{"Type":"registry"}]')),
    *(("O39", "cache-from=BAD,,"), ("O39", "cache-imports=null"), ("O40", "input-metadata:x={")),
)
PATTERNS = (
    ("an exception of nothing", b"!\n", 'illegal exclusion pattern: "!"'),
    ("a class that does not end", b"a[\n", "syntax error in pattern"),
    ("a class that is not a range", b"a\nb[z-a]\n[]a]\n", "syntax error in pattern"),
    ("an escape of nothing", b"\\", "syntax error in pattern"),
    ("a class of nothing", b"[^]\n", "syntax error in pattern"),
    ("a line without end", b"x" * 70_000, "failed parsing Dockerfile.dockerignore: "),
)


def refused(ids: str, option: str, phrase: str) -> Row:
    key, _, value = option.partition("=")
    dockerfile = BASED if key.startswith("context:") else COPYING
    return row(ids, f"{option} is malformed", dockerfile, Fails(phrase), options={key: value}, differs_in_wording=True)


def taken(ids: str, option: str) -> Row:
    key, _, value = option.partition("=")
    return row(ids, f"{option} is accepted", COPYING, OnlyFiles("a.txt"), options={key: value})


ROWS = (
    *(refused(*each) for each in REFUSED),
    *(taken(*each) for each in TAKEN),
    *(
        row("X16", f"{title} beside the Dockerfile", "FROM scratch\nCOPY . /\n", Fails(phrase), differs_in_wording=True, files={"Dockerfile.dockerignore": File(patterns), "a": File()})
        for title, patterns, phrase in PATTERNS
    ),
    row("X16", "an ignore file that is not text", "FROM scratch\nCOPY . /\n", OnlyFiles("Dockerfile .dockerignore a"), files={".dockerignore": File(b"\xff\xfe\n"), "a": File()}),
    row("X16 X11", "a malformed pattern of a named context is an error", "FROM scratch\nCOPY --from=lib . /\n", Fails("syntax error in pattern"), contexts={"lib": "<context>/lib"}, files={"lib/.dockerignore": "a[\n", "lib/a": ""}),
)  # fmt: skip
