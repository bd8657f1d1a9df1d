"""Generate cases that a real engine here can convert: bases that are served, no network, one local context.

`tests.differential.generator` makes the cases.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import scripting
from llbfront.client.request.build_request import BuildRequest
from llbfront.errors import LlbfrontError
from llbfront.frontend import offline
from tests.differential.generator.cases import make

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What a case may name, and which base of ours it becomes.
BASES = {
    "busybox:1": "busybox:1",
    "golang:1.22-alpine": "golang:1.26",
    "debian:bookworm": "debian:12",
    "ghcr.io/o/i": "alpine",
    "localhost:5000/x/y": "debian",
    "q.io/z": "busybox",
    "node": "golang",
}
SERVED = frozenset(f"docker.io/library/{name}" for name in ("alpine", "busybox", "debian", "golang"))
IMAGE = re.compile(
    "|".join(
        rf"(?<![\w./-]){re.escape(name)}(?:(?<!:1)(?<!-alpine)(?<!bookworm):t(?:ag)?)?(?:@sha256:[0-9a-f]*)?(?![\w/])"
        for name in BASES
    )
)
REMOTE = re.compile(r"git@|ssh://|SOURCE_DATE_EPOCH=(?![0-9]|\s|$)")  # host keys and times are asked for over the network
OPTIONS = (
    *("target", "platform", "no-cache", "force-network-mode", "hostname", "shm-size", "cgroup-parent", "ulimit", "add-hosts"),
    *(
        "memory",
        "memswap",
        "cpushares",
        "cpuperiod",
        "cpuquota",
        "cpusetcpus",
        "cpusetmems",
        "image-resolve-mode",
        "multi-platform",
    ),
)
ELSEWHERE = ("SYNTAX", "ATTEST", "SBOM", "INLINE", "DISABLE_FILEOP", "SOURCE_DATE_EPOCH")  # other frontends, scans, exporters


@attrs.frozen
class Case:
    """A Dockerfile, its ignore file (None without one), and options."""

    name: str
    dockerfile: str
    ignore: str | None
    options: Mapping[str, str]


def cases(seed: int, count: int) -> list[Case]:
    """The first `count` cases of a seed whose images are all served."""
    return list(itertools.islice(filter(is_served, map(restricted, generated(seed))), count))


def generated(seed: int) -> Iterator[dict[str, Any]]:
    return (make(seed, number)[0] for number in itertools.count())


def restricted(case: Mapping[str, Any]) -> Case:
    text = IMAGE.sub(lambda match: BASES[next(name for name in BASES if match[0].startswith(name))], case["dockerfile"])
    options = {
        key: value
        for key, value in case["opts"].items()
        if key in OPTIONS
        or key.startswith("label:")
        or (key.startswith("build-arg:") and not any(word in key for word in ELSEWHERE))
    }
    return Case(case["id"], text, (case["dockerignore"] or {}).get("context"), options)


def is_served(case: Case) -> bool:
    """Whether all images that converting or checking a case asks for are among ours, and nothing else needs a network."""
    if REMOTE.search(case.dockerfile) or "\0" in case.dockerfile or not case.dockerfile.strip():
        return False
    images = offline.Images()
    for subrequest in ("frontend.lint", "frontend.convertllb"):
        try:
            unresolved = scripting.dockerfile_query(
                case.dockerfile.encode(errors="surrogateescape"), BuildRequest(), images=images, options=case.options
            )
            unresolved.ask(subrequest)
        except LlbfrontError:
            pass
    if len(unknown_bases(case)) > 1:  # the reference looks bases up side by side, and tells of whichever fails first
        return False
    return all(ref.partition("@")[0].rpartition(":")[0] in SERVED and has_tag(ref) for ref, _ in images.made_up)


def unknown_bases(case: Case) -> list[str]:
    """What stands in FROM and names no image, or an image for another platform than the engine's."""
    froms = re.findall(r"(?im)^[ \t]*FROM[ \t]+(.*)", case.dockerfile)
    return [text for text in froms if "$" in text or "--platform" in text or re.match(r"\S*[A-Z]", text)]


def has_tag(ref: str) -> bool:
    """Whether we serve a tag of an image; digests are not ours."""
    name, _, tag = ref.removeprefix("docker.io/library/").rpartition(":")
    return tag in {"latest", {"busybox": "1", "debian": "12", "golang": "1.26", "alpine": "3"}.get(name)}
