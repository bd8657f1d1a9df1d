"""RUN --mount values.

Source: features.md section 1.3, table of RUN mounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.generator import sources, words
from tests.differential.generator.dice import Odds, Table

if TYPE_CHECKING:
    from tests.differential.generator.draft import Draft

EXPANDED = Odds(0.08, "I2 mount value expanded")
RELATIVE = Odds(0.15, "I2 mount target relative")
CASED = Odds(0.05, "I2 mount key casing")
SHUFFLED = Odds(0.1, "I2 mount keys in any order")
QUOTED = Odds(0.04, "I2 mount quoted CSV field")
FAULTY = Odds(0.012)

TARGET_KEYS = ("target", "dst", "destination")
TARGETS = ("/src", "/root/.cache", "/t", "/var/lib/apt", "/x/../y", "/deep/er/", "/é")


def target(d: Draft) -> str:
    key = d.pick(TARGET_KEYS)
    if d.maybe(RELATIVE):
        return f"{key}={d.pick(('rel', './x', 'a/b/', '../up'))}"
    if d.maybe(EXPANDED):
        return f"{key}=/{d.choose(words.EXPANSIONS)}x"
    return f"{key}={d.pick(TARGETS)}"


def origin(d: Draft) -> str:
    return f"from={d.choose(ORIGINS)}"


def stage(d: Draft) -> str:
    named = [name for name in d.stages if name]
    return d.pick(named) if named else "alpine"


ORIGINS = Table(
    (6, "I2 mount from stage", stage),
    (2, "I2 mount from image", lambda d: d.pick(sources.IMAGES)),
    (0.9, "I2 mount from number", lambda d: d.pick(("0", "1"))),
    (1.8, "I2 mount from lone $", "busybox$"),
    (0.8, "I2 mount from scratch", "scratch"),
    (1, "I2 mount from named context", lambda d: d.pick(("ctx", "lib"))),
)

BIND = Table(
    (3, "I2 bind target", target),
    (2, "I2 bind source", lambda d: f"{d.pick(('source', 'src'))}={d.pick(('a', '/a/b', 'x/', '../c', '.', '/'))}"),
    (2, "I2 bind from", origin),
    (1, "I2 bind rw", lambda d: d.pick(("rw", "readwrite", "rw=true", "rw=0", "readwrite=FALSE"))),
    (1, "I2 bind ro", lambda d: d.pick(("ro", "readonly", "ro=true", "readonly=0"))),
)
CACHE = Table(
    (3, "I2 cache id", lambda d: f"id={d.pick(('k', 'k/../l', '/k', 'a b', 'go-$TARGETARCH'))}"),
    (2, "I2 cache sharing", lambda d: f"sharing={d.pick(('shared', 'private', 'locked'))}"),
    (1, "I2 cache mode", lambda d: f"mode={d.pick(('0700', '755', '1777', '0'))}"),
    (1, "I2 cache owner", lambda d: d.pick(("uid=1000", "gid=5", "uid=0", "uid=1,gid=2"))),
    (1, "I2 cache from", origin),
    (1, "I2 cache source", lambda d: f"source={d.pick(('/a', 'b/c', '.'))}"),
    (1, "I2 cache ro", lambda d: d.pick(("ro", "rw=false", "readonly", "rw"))),
)
SECRET = Table(
    (3, "I2 secret target", target),
    (2, "I2 secret env", lambda d: f"env={d.pick(('TOKEN', 'A', 'S'))}"),
    (1, "I2 secret required", lambda d: d.pick(("required", "required=true", "required=0"))),
    (1, "I2 secret mode", lambda d: f"mode={d.pick(('0440', '600', '0'))}"),
    (1, "I2 secret owner", lambda d: d.pick(("uid=1000", "gid=0", "uid=2,gid=3"))),
)
SSH = Table(
    (2, "I2 ssh id", lambda d: f"id={d.pick(('default', 'key', ''))}"),
    (2, "I2 ssh target", target),
    (1, "I2 ssh required", lambda d: d.pick(("required", "required=true", "required=false"))),
    (1, "I2 ssh mode", lambda d: f"mode={d.pick(('0666', '700'))}"),
    (1, "I2 ssh owner", lambda d: d.pick(("uid=1000", "gid=7"))),
)


def keys(d: Draft, table: Table, low: int, high: int) -> list[str]:
    """Some keys of a table, each at most once."""
    options: dict[str, str] = {}
    for text in d.some(low, high, lambda: str(d.choose(table))):
        for part in text.split(","):
            options.setdefault(ALIASES.get(part.split("=")[0], part.split("=")[0]), part)
    return list(options.values())


ALIASES = {"dst": "target", "destination": "target", "src": "source", "rw": "ro", "readwrite": "ro", "readonly": "ro"}


def ensure_target(d: Draft, parts: list[str]) -> list[str]:
    return parts if any(part.split("=")[0] in TARGET_KEYS for part in parts) else [target(d), *parts]


def bind(d: Draft) -> list[str]:
    return [*d.sample(("type=bind",), d.random.randint(0, 1)), *ensure_target(d, keys(d, BIND, 0, 4))]


def bind_without_target(d: Draft) -> list[str]:
    """Only good where the working directory is not the root."""
    return ["type=bind", *[part for part in keys(d, BIND, 1, 3) if part.split("=")[0] not in TARGET_KEYS]]


def cache(d: Draft) -> list[str]:
    return ["type=cache", *ensure_target(d, keys(d, CACHE, 0, 4))]


def tmpfs(d: Draft) -> list[str]:
    return ["type=tmpfs", target(d)]


def tmpfs_size(d: Draft) -> list[str]:
    return ["type=tmpfs", target(d), f"size={d.pick(('64m', '1g', '1024', '1.5k', '2MiB', '0'))}"]


def secret(d: Draft) -> list[str]:
    return ["type=secret", f"{d.pick(('id', 'source', 'src'))}={d.pick(('k', 'npm.rc', 'a/b', 'c'))}", *keys(d, SECRET, 0, 3)]


def secret_by_target(d: Draft) -> list[str]:
    return ["type=secret", target(d)]


def ssh(d: Draft) -> list[str]:
    return ["type=ssh", *keys(d, SSH, 0, 3)]


KINDS = Table(
    (4, "I2 mount bind", bind),
    (0.5, "I2 mount bind at workdir", bind_without_target),
    (4, "I2 mount cache", cache),
    (1, "I2 mount tmpfs", tmpfs),
    (1, "I2 mount tmpfs size", tmpfs_size),
    (3, "I2 mount secret", secret),
    (1, "I2 mount secret by target", secret_by_target),
    (2, "I2 mount ssh", ssh),
)
FAULTS = (
    "type=unknown,target=/x", "type=bind,target=/", "target=/x,bogus=1", "type=cache", "type=tmpfs", "type=secret", "type=cache,target=/x,sharing=odd",
    "type=bind,target=/x,uid=1", "type=tmpfs,target=/x,mode=1", "type=bind,target=/x,sharing=shared", "required,type=secret,id=x", "type=ssh,source=a",
    "target=/x,from=$A", "target=/x,ro=maybe", "type=tmpfs,target=/x,size=lots", "type=secret,id=a,source=b", "target", 'target="/x', "", "type=cache,target=/x,mode=9",
    "type=secret,id=a,mode=0999", "type=bind,target=/x,targt=/y", "type=tmpfs,target=/x,from=a", "type=tmpfs,target=/x,source=a", "type=cache,target=/c,from=$X",
    "type=secret,id=a,uid=-1", "type=bnd,target=/x", "type=bind,target=/x,size=1m", "type=bind,target=/x,required", "type=bind,target=/x,env=A", "size=1k,type=tmpfs,target=/x",
)  # fmt: skip


def mount(d: Draft) -> str:
    """The text behind `--mount=`."""
    if d.maybe(FAULTY):
        return d.pick(FAULTS)
    parts: list[str] = d.choose(KINDS)
    if d.maybe(SHUFFLED) and not any(part.startswith(("required", "size")) for part in parts):
        d.random.shuffle(parts)
    if d.maybe(CASED):
        parts = [part[:1].upper() + part[1:] if "=" in part else part.upper() for part in parts]
    if d.maybe(QUOTED):
        parts[-1] = f'"{parts[-1]}"'
    return ",".join(part.replace(" ", "_") for part in parts)
