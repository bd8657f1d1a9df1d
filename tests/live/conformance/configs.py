"""Rows of the image config and its history."""

from __future__ import annotations

from tests.live.conformance.row import Config, ConfigBytes, ConfigHas, history, row

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

ROWS = (
    row("H1", "a config on scratch has a root, a path and layers", "FROM scratch\n", ConfigBytes('"rootfs":{"type":"layers","diff_ids":null}'), Config("config", {"Env": [PATH], "WorkingDir": "/"})),
    row("H1", "the variant of a platform is in the config", "FROM scratch\n", Config("architecture", "arm"), Config("variant", "v7"), options={"platform": "linux/arm/v7"}),
    row("H1", "an image for Windows has no default PATH", "FROM scratch\n", Config("os", "windows"), Config("os.version", "10.0.1"), Config("config/Env"), options={"platform": "windows(10.0.1)/amd64"}),
    row("H1", "an existing PATH is kept", "FROM scratch\nENV PATH=/mine\n", Config("config/Env", ["PATH=/mine"])),
    row("H4", "a history entry is marked if it has no layer", "FROM scratch\nENV A=1\nCOPY a.txt /\n", Config("history", [
        {"created_by": "ENV A=1", "comment": "buildkit.dockerfile.v0", "empty_layer": True},
        {"created_by": "COPY a.txt / # buildkit", "comment": "buildkit.dockerfile.v0"}])),
    row("H4 A6", "an epoch is the time of every history entry", "FROM scratch\nENV A=1\n", Config("history/created", ["1970-01-01T00:01:00Z"]), options={"build-arg:SOURCE_DATE_EPOCH": "60"}),
    row("H5", "the history of a RUN has its arguments and its shell", "FROM alpine\nARG A=1\nARG B\nARG C\nRUN echo $A\n", ConfigHas("history/created_by", "RUN |3 A=1 B= C=3 /bin/sh -c echo $A # buildkit"), options={"build-arg:C": "3"}),
    row("H5", "the history of an exec form is joined by blanks", 'FROM alpine\nRUN ["echo", "a b"]\n', ConfigHas("history/created_by", "RUN echo a b # buildkit")),
    row("H5", "the history of a COPY has three flags and its heredocs", "FROM scratch\nARG D=d\nCOPY --link --chmod=644 --chown=1 --parents --exclude=x a.txt <<E $D/\nE\n", ConfigHas("history/created_by", "COPY --parents --chown=1 --chmod=644 a.txt <<E d/ # buildkit")),
    row("H5", "lists in the history are printed as by Go", 'FROM scratch\nCMD ["a\\"b"]\nENTRYPOINT c\nVOLUME /a /b\nSHELL ["/s", "x"]\n', history('CMD ["a\\"b"]', 'ENTRYPOINT ["/bin/sh" "-c" "c"]', "VOLUME [/a /b]", "SHELL [/s x]")),
    row("H5", "a health check in the history is printed as by Go", "FROM scratch\nHEALTHCHECK --retries=2 --timeout=1m CMD a b\n", history("HEALTHCHECK {Test:[CMD-SHELL a b] Interval:0s Timeout:1m0s StartPeriod:0s StartInterval:0s Retries:2}")),
    row("H5", "other instructions are in the history as written", "FROM scratch\nARG A B=2\nUSER u:g\nSTOPSIGNAL 9\nMAINTAINER m\nLABEL x=y z=1\n", history("ARG A B=2", "USER u:g", "STOPSIGNAL 9", "MAINTAINER m", "LABEL x=y z=1")),
    row("H6 O27", "labels of options are set last and have no history entry", "FROM scratch\nLABEL a=1 b=2\n", Config("config/Labels", {"a": "3", "b": "2"}), history("LABEL a=1 b=2"), options={"label:a": "3"}),
    row("H6", "the config has docker's members", 'FROM scratch\nHEALTHCHECK NONE\nONBUILD RUN x\nSHELL ["s"]\n', ConfigBytes('"Healthcheck":{"Test":["NONE"]},"OnBuild":["RUN x"],"Shell":["s"]')),
    row("H7", "JSON is encoded as by Go", 'FROM scratch\nLABEL b=<&> a="\u2028é"\n', ConfigBytes('"Labels":{"a":"\\u2028é","b":"\\u003c\\u0026\\u003e"}')),
    row("H7", "the members of the config are in the order of Go's struct", 'FROM scratch\nSTOPSIGNAL 9\nLABEL a=b\nWORKDIR /\nVOLUME /v\nCMD ["c"]\nENTRYPOINT ["e"]\nEXPOSE 1\nUSER u\n',
        ConfigBytes('"config":{"User":"u","ExposedPorts":{"1/tcp":{}},"Env":["' + PATH + '"],"Entrypoint":["e"],"Cmd":["c"],"Volumes":{"/v":{}},"WorkingDir":"/","Labels":{"a":"b"},"StopSignal":"9","ArgsEscaped":true}')),
)  # fmt: skip
