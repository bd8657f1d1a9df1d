"""What the registry of a case answers: image configs with everything that a build inherits.

Source: features.md sections 1.4 (A9, A10, A12) and 1.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.generator import sources, steps
from tests.differential.generator.dice import Odds, Table

if TYPE_CHECKING:
    from tests.differential.generator.draft import Draft

REFERENCES = (
    "docker.io/library/alpine:latest", "docker.io/library/busybox:1", "docker.io/library/golang:1.22-alpine", "docker.io/library/debian:bookworm",
    "ghcr.io/o/i:t", "localhost:5000/x/y:latest", f"docker.io/library/node:latest@{sources.DIGEST}", f"docker.io/library/node@{sources.DIGEST}",
)  # fmt: skip
DESCRIBED = Odds(0.3, "A9 image with a config of its own")
# Parity: a trigger that copies from an image which has such a trigger sends the reference round for ever; none is made here.
ENDLESS = ("from=", "ctx", "lib")
FAILING = Odds(0.01)
WITH_DIGEST = Odds(0.5, "A14 image with a digest of its own")
PLATFORMS = Table(
    (6, "", {"os": "linux", "architecture": "amd64"}),
    (1, "A10 image of another arch", {"os": "linux", "architecture": "arm64", "variant": "v8"}),
    (0.5, "A10 image of another arch", {"os": "linux", "architecture": "arm", "variant": "v7"}),
    (1, "A10 windows image", {"os": "windows", "architecture": "amd64", "os.version": "10.0.17763.1"}),
    (0.3, "A10 image without platform", {"os": "", "architecture": ""}),
    (
        0.3,
        "A10 image with OS features",
        {"os": "windows", "architecture": "amd64", "os.version": "10.0.1", "os.features": ["win32k"]},
    ),
)
LAYERS = Table(
    (6, "", {"rootfs": {"type": "layers", "diff_ids": [sources.DIGEST]}, "history": [{"created_by": "base"}]}),
    (1, "A12 image without layers", {"rootfs": {"type": "layers", "diff_ids": None}, "history": [{"created_by": "x", "empty_layer": True}]}),
    (0.5, "A12 image without diff ids but with layers", {"rootfs": {"type": "layers", "diff_ids": []}, "history": [{"created_by": "y"}]}),
    (0.5, "H4 base history", {"rootfs": {"type": "layers", "diff_ids": [sources.DIGEST]},
                              "history": [{"created": "2024-01-02T03:04:05.5Z", "created_by": "<a>", "author": "me", "comment": "c"}, {"empty_layer": True}]}),
)  # fmt: skip
MEMBERS = Table(
    (3, "A9 base ONBUILD", lambda d: {"OnBuild": d.some(1, 3, lambda: trigger(d))}),
    (1, "A9 base ONBUILD from a stage", lambda d: {"OnBuild": [f"COPY --from={d.pick(('plain', '0'))} a b"]}),
    (2, "H1 base Env without PATH", lambda d: {"Env": ["A=base", "LANG=C.UTF-8", "EMPTY=", "NOEQ"][: d.random.randint(1, 4)]}),
    (1, "H1 base Env with PATH", {"Env": ["PATH=/own/bin", "A=1"]}),
    (1, "H1 base WorkingDir", lambda d: {"WorkingDir": d.pick(("/base", "/base/", "rel", "/"))}),
    (1, "H1 base User", lambda d: {"User": d.pick(("nobody", "1:2"))}),
    (1, "I4 base Cmd", {"Cmd": ["sh"], "ArgsEscaped": True}),
    (1, "I4 base Entrypoint", {"Entrypoint": ["/entry", "x"]}),
    (1, "I18 base Shell", {"Shell": ["/bin/bash", "-c"]}),
    (1, "H6 base Labels", {"Labels": {"b": "2", "a": "1", "<": "&"}}),
    (1, "H6 base Volumes and ports", {"Volumes": {"/v": {}}, "ExposedPorts": {"80/tcp": {}, "9/udp": {}}}),
    (1, "H6 base Healthcheck", {"Healthcheck": {"Test": ["CMD", "x"], "Interval": 1000000000, "Retries": 2}}),
    (1, "H6 base StopSignal", {"StopSignal": "SIGINT"}),
    (0.5, "H7 unknown base member", {"Memory": 5, "Hostname": "h"}),
)
TOP = Table(
    (8, "", {}),
    (1, "H1 base created and author", {"created": "2020-01-01T00:00:00Z", "author": "someone"}),
    (0.5, "H7 unknown base member", {"docker_version": "1"}),
)


def trigger(d: Draft) -> str:
    text = str(d.choose(steps.TRIGGERS))
    return "ENV T=1" if any(word in text.lower() for word in ENDLESS) else text


def config(d: Draft) -> dict[str, object]:
    members: dict[str, object] = {}
    for _ in range(d.random.randint(0, 4)):
        members.update(d.choose(MEMBERS))
    return {**d.choose(TOP), **d.choose(PLATFORMS), **d.choose(LAYERS), "config": members}


def describe(d: Draft) -> None:
    """Give some of the images that a Dockerfile may name a config, a digest, or an error."""
    if not d.maybe(DESCRIBED):
        return
    for reference in d.sample(REFERENCES, d.random.randint(1, 5)):
        if d.maybe(FAILING):
            d.images[reference] = {"error": "not found"}
            continue
        image: dict[str, object] = {"config": config(d)}
        if d.maybe(WITH_DIGEST):
            image["digest"] = "sha256:" + d.pick("0123456789abcdef") * 64
        d.images[reference] = image
