"""Whole cases: a Dockerfile of some stages, with the options, images, ignore files and capabilities it is converted under.

`make(seed, number)` gives the case and the features that were put into it; the same arguments always give the same case.

Source: features.md sections 1 to 6.
"""

from __future__ import annotations

from typing import Any

from tests.differential.generator import images, mutations, options, sources, steps, surface, words
from tests.differential.generator.dice import FEATURES, Odds, Table
from tests.differential.generator.draft import Draft

BACKTICK = Odds(0.06, "P5 escape backtick")
META = Odds(0.35, "A1 meta ARG")
NAMED = Odds(0.6, "I1 named stage")
DESCRIBED = Odds(0.1, "P16 doc comment")
PLATFORMED = Odds(0.15)
FROM_STAGE = Odds(0.35, "A7 FROM a stage")
FROM_ARG = Odds(0.1, "A1 FROM with a variable")
FROM_GIVEN = Odds(0.3, "A2 FROM with a build-arg")

STAGE_NAMES = Table(
    (10, "", lambda d: d.pick(("base", "build", "plain", "test", "final", "dev", "a", "x1", "with-dash_and.dot"))),
    (0.7, "", lambda d: d.pick(("Base", "BUILD", "finAl"))),
    (0.2, "", lambda d: d.pick(("scratch", "context"))),
    (0.3, "I1 platform word in the stage name", lambda d: d.pick(("build-amd64", "linux", "arm64"))),
    (0.1, "A7 stage named like an image", lambda d: d.pick(("alpine", "golang"))),
)
AS = Table((8, "", "AS"), (1.2, "I1 as in lower case", "as"), (0.3, "", "As"))
PLATFORMS = Table(
    (3, "I1 platform from BUILDPLATFORM", "$BUILDPLATFORM"),
    (2, "I1 platform from TARGETPLATFORM", lambda d: d.pick(("$TARGETPLATFORM", "${TARGETPLATFORM}"))),
    (2, "I1 platform constant", lambda d: d.pick(("linux/amd64", "linux/arm64/v8", "linux/arm/v7", "windows/amd64", "arm64"))),
    (
        1,
        "I1 platform built up",
        lambda d: d.pick(("linux/$TARGETARCH", "linux/${BUILDARCH}", "$TARGETOS/amd64", "${PLAT:-linux/amd64}")),
    ),
    (0.03, "", lambda d: d.pick(("$NOPE", "bad/bad/bad/x", "''"))),
)
META_ARGS = Table(
    (4, "", lambda d: ("IMG", d.pick(("alpine", "busybox:1", "scratch", "golang:1.22-alpine")))),
    (3, "", lambda d: ("TAG", d.pick(("1", "latest", "v2", "${TAG:-3}")))),
    (2, "", lambda d: ("PLAT", d.pick(("linux/amd64", "linux/arm64", "$BUILDPLATFORM")))),
    (3, "", lambda d: (d.pick(("A", "FOO", "VERSION")), words.word(d))),
    (1, "A1 meta ARG of a meta ARG", lambda d: ("X", d.pick(("$IMG-$TAG", "${A}${FOO:-z}", "$TARGETARCH")))),
    (0.5, "A6 meta ARG BUILDKIT_SBOM_SCAN", lambda d: ("BUILDKIT_SBOM_SCAN_STAGE", d.pick(("true", "base,build", "false")))),
    (0.2, "A6 meta ARG SOURCE_DATE_EPOCH", lambda d: ("SOURCE_DATE_EPOCH", d.pick(("0", "1600000001", "")))),
    (0.3, "A5 proxy ARG", lambda d: (d.pick(("http_proxy", "HTTPS_PROXY")), "http://p")),
)
VARIABLE_BASES = (
    "$IMG",
    "${IMG:-alpine}",
    "busybox:${TAG:-1}",
    "${IMG:-busybox}:${TAG:-1}",
    "golang:${VERSION:-1.22}-alpine",
    "alpine${NOPE}",
    "${UNSET:-scratch}",
    "${IMG:-alpine}",
    "$IMG:$TAG",
)


def meta_args(d: Draft) -> None:
    for name in ("IMG", "TAG"):
        if f"build-arg:{name}" in d.opts and d.chance(0.5):
            d.lines += surface.laid_out(d, f"ARG {name}")
            d.meta.append(name)
    if not d.maybe(META):
        return
    for _ in range(d.random.randint(1, 3)):
        name, value = d.choose(META_ARGS)
        d.lines += surface.laid_out(d, f"ARG {name}" if d.chance(0.15) else f"ARG {name}={value}")
        d.meta.append(name)


def base(d: Draft) -> str:
    named = [name for name in d.stages if name]
    if named and d.maybe(FROM_STAGE):
        name = d.pick(named)
        return name.upper() if d.chance(0.03) else name
    if d.meta[:1] in (["IMG"], ["TAG"]) and d.maybe(FROM_GIVEN):
        return {"IMG": "${IMG}", "TAG": "busybox:$TAG"}[d.meta[0]]
    if d.maybe(FROM_ARG):
        return d.pick(VARIABLE_BASES)
    return str(d.choose(sources.REFERENCES))


def stage(d: Draft) -> None:
    d.known = list(d.meta) if d.chance(0.2) else []
    d.current = str(d.choose(STAGE_NAMES)) if d.maybe(NAMED) else ""
    line = "FROM "
    if d.maybe(PLATFORMED):
        line += f"--platform={d.choose(PLATFORMS)} "
    line += base(d)
    if d.current:
        line += f" {d.choose(AS)} {d.current}"
    described = [f"# {d.pick((d.current, d.current, 'other'))} does things"] if d.current and d.maybe(DESCRIBED) else []
    d.lines += [*surface.before(d), *described, *surface.laid_out(d, line)]
    for _ in range(d.random.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8))):
        text = str(d.choose(steps.STEPS))
        if text.startswith("ARG ") and d.maybe(DESCRIBED):
            d.lines.append(f"# {text[4:].split('=', maxsplit=1)[0]} is explained")
        d.lines += surface.laid_out(d, text)
    d.stages.append(d.current)


def epoch_stage(d: Draft) -> list[str]:
    source = d.pick(
        (
            "https://h/x.tgz",
            "https://github.com/o/r.git#main",
            "https://h/$A.tgz",
            "--keep-git-dir https://h/r.git?ref=v1&subdir=x",
            f"--checksum={sources.DIGEST} https://h/y",
        )
    )
    extra = d.pick(([], [], ["ARG A=1"], ["ARG A"], ["RUN no"] if d.chance(0.1) else []))
    return [f"FROM {'scratch' if d.chance(0.98) else 'alpine'} AS when", *extra, f"ADD {source} /"]


def make(seed: int, number: int) -> tuple[dict[str, Any], set[str]]:
    """The case of that number of that seed, and its features."""
    d = Draft(f"{seed}:{number}")
    options.choose(d)
    images.describe(d)
    backtick = d.maybe(BACKTICK)
    if backtick:
        d.escape = "`"
    head = surface.directives(d, backtick)
    if d.opts.get("build-arg:SOURCE_DATE_EPOCH", "").lower() == "when":
        d.lines += epoch_stage(d)
        d.stages.append("when")
    else:
        meta_args(d)
    for _ in range(d.random.choice((1, 1, 1, 2, 2, 3, 4))):
        stage(d)
    if d.opts.get("target") == "?":
        names = [name for name in d.stages if name]
        d.opts["target"] = d.pick(names) if names else ""
    case: dict[str, Any] = {
        "id": f"{seed}:{number}",
        "dockerfile": mutations.damage(d, surface.text(d, [*head, *d.lines])),
        "opts": d.opts,
        "images": d.images,
        "caps": d.caps,
        "dockerignore": d.ignore,
    }
    if d.maybe(options.DEFINED):
        case["def"] = True
    return case, d.features


__all__ = ["FEATURES", "make"]
