"""Frontend options: build arguments, platforms, contexts, limits, requests.

Source: features.md sections 2, 3, 4.3, 5 and 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.generator import sources, surface
from tests.differential.generator.dice import Odds, Table, declare

if TYPE_CHECKING:
    from tests.differential.generator.draft import Draft

declare(
    "X14 context for a platform",
    "X11 named local with ignore file",
    "O43 local-sessionid",
    "O43 sharedkey:localdir",
    "O7 BUILDKIT_SBOM_SCAN",
)

PLATFORMS = (
    "linux/amd64",
    "linux/arm64",
    "linux/arm/v7",
    "linux/arm64/v8",
    "linux/386",
    "linux/riscv64",
    "windows/amd64",
    "linux/arm/v6",
    "darwin/arm64",
    "linux/amd64/v3",
    "aarch64",
)
IGNORES = (
    "a",
    "b.txt",
    "src",
    "dir",
    "*.md",
    "!keep",
    "src/**",
    "# note",
    "a\nb.txt\nx.tar",
    "**/*.txt\n!b.txt",
    "/dir/",
    "  spaced  ",
    "\ufeff*.o",
    "..",
    "./a/../b",
    "go.mod",
    "*",
    "",
    "é.txt\n\\*b",
    "dir/file\n\n#x",
)
HITS = ("a\nb.txt\nsrc\nx.tar\n", "*", "dir\ngo.mod\n**/*.txt\nsrc/", "a\n#x\nsrc\ndir/*\n")
BAD_IGNORES = ("!", "[", "a\n!\n")


def platform(d: Draft) -> str:
    return d.pick(PLATFORMS)


def put(key: str, *values: str) -> object:
    def act(d: Draft) -> None:
        d.opts[key] = d.pick(values)

    return act


def platforms(d: Draft) -> None:
    d.opts["platform"] = platform(d)


def several_platforms(d: Draft) -> None:
    d.opts["platform"] = ",".join(d.sample(PLATFORMS, d.random.randint(2, 3)))


def build_arg(d: Draft) -> None:
    for name in d.sample(("A", "B", "FOO", "VERSION", "X", "IMG", "TAG", "PLAT", "UNUSED", "lower"), d.random.randint(1, 3)):
        d.opts[f"build-arg:{name}"] = d.pick(ARGUMENTS.get(name, ("1", "", "x y", "alpine", "$A", "é", "'q'")))


ARGUMENTS = {"IMG": ("alpine", "busybox:1", "scratch", "base"), "TAG": ("1", "latest"), "PLAT": ("linux/arm64", "linux/amd64")}


def automatic(d: Draft) -> None:
    d.opts[f"build-arg:{d.pick(('TARGETPLATFORM', 'TARGETARCH', 'BUILDPLATFORM', 'TARGETOS', 'TARGETSTAGE', 'PATH'))}"] = d.pick(
        ("linux/s390x", "x", "")
    )


def labels(d: Draft) -> None:
    for name in d.sample(("z", "a", "org.x", "é", "version"), d.random.randint(1, 3)):
        d.opts[f"label:{name}"] = d.pick(("1", "", "<b>", "two words"))


def proxies(d: Draft) -> None:
    for name in d.sample(
        ("http_proxy", "HTTP_PROXY", "https_proxy", "Ftp_Proxy", "no_proxy", "ALL_PROXY", "all_proxy"), d.random.randint(1, 3)
    ):
        d.opts[f"build-arg:{name}"] = d.pick(("http://p:1", "", "x"))


def target(d: Draft) -> None:
    """The name of a stage; replaced by a real one when the stages are known."""
    d.opts["target"] = "?"


def stage_cache(d: Draft) -> None:
    d.opts["no-cache"] = ",".join(d.sample(("base", "BUILD", "final", "nope", "test"), d.random.randint(1, 3)))


def resources(d: Draft) -> None:
    rows = (("memory", "1024"), ("memswap", "-1"), ("memswap", "2048"), ("cpushares", "5"), ("cpuperiod", "100000"), ("cpuquota", "5000"), ("cpusetcpus", "0-1,3"),
            ("cpusetmems", "0"), ("memory", ""))  # fmt: skip
    for key, value in d.random.sample(rows, d.random.randint(1, 4)):
        d.opts[key] = value


def git_context(d: Draft) -> None:
    d.opts["context"] = str(d.choose(sources.GIT))


def subdirectory(d: Draft) -> None:
    d.opts["context"] = str(d.choose(sources.GIT))
    d.opts["contextsubdir"] = d.pick(("sub", "/a/b", ".", "x/../y"))


def named(key: str, value: object) -> object:
    def act(d: Draft) -> None:
        name = d.pick(
            (
                key,
                key,
                "ctx",
                "lib",
                "alpine",
                "base",
                "build",
                "docker.io/library/busybox:1",
                "busybox:1",
                "golang:1.22-alpine",
                "Ctx",
            )
        )
        name = name.removeprefix("docker.io/library/") if d.chance(0.5) else name
        if d.chance(0.15):
            name += "::" + d.pick(("linux/amd64", "linux/arm64", "linux/arm/v7"))
            d.mark("X14 context for a platform")
        d.opts[f"context:{name}"] = str(value(d)) if callable(value) else str(value)

    return act


def named_local(d: Draft) -> None:
    named("lib", "local:mydir")(d)  # type: ignore[operator]
    if d.chance(0.4):
        d.ignore["mydir"] = d.pick(IGNORES)
        d.mark("X11 named local with ignore file")
    if d.chance(0.35):
        d.opts["local-sessionid:mydir"] = "other"
        d.mark("O43 local-sessionid")
    if d.chance(0.35):
        d.opts["sharedkey:localdir:lib"] = d.opts["sharedkey:localdir:ctx"] = "hint"
        d.mark("O43 sharedkey:localdir")


def epoch_named(d: Draft) -> None:
    d.opts["context:epoch"] = d.pick(
        ("https://github.com/o/r.git#main", "https://h/x.tgz", "docker-image://alpine", "git@h.example:o/r.git")
    )
    d.opts["build-arg:SOURCE_DATE_EPOCH"] = "epoch"


def epoch_stage(d: Draft) -> None:
    """A source-only stage `when`, that is put in front by the layout."""
    d.opts["build-arg:SOURCE_DATE_EPOCH"] = d.pick(("when", "WHEN"))


def epoch_context(d: Draft) -> None:
    d.opts["build-arg:SOURCE_DATE_EPOCH"] = "context"
    if d.chance(0.5):
        git_context(d)


def sbom(d: Draft) -> None:
    d.opts[d.pick(("attest:sbom", "build-arg:BUILDKIT_ATTEST_SBOM"))] = d.pick(
        ("", "generator=docker.io/o/scan:1", "generator=docker.io/o/scan:1,X=1")
    )
    config = {
        "os": "linux",
        "architecture": "amd64",
        "config": {"Entrypoint": ["/scan"], "Env": ["E=1"], "WorkingDir": "/w"},
        "rootfs": {"type": "layers", "diff_ids": [sources.DIGEST]},
    }
    for reference in ("docker.io/docker/buildkit-syft-scanner:stable-1", "docker.io/o/scan:1"):
        d.images[reference] = {"config": config, "digest": "sha256:" + "7" * 64}
    if d.chance(0.6):
        d.opts["build-arg:" + d.pick(("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"))] = d.pick(
            ("true", "1", "base,build", "false", "x")
        )
        d.mark("O7 BUILDKIT_SBOM_SCAN")


def ignore(d: Draft) -> None:
    d.ignore["context"] = d.pick(BAD_IGNORES) if d.chance(0.01) else "\n".join(d.some(1, 3, lambda: d.pick(IGNORES)))


def own_ignore(d: Draft) -> None:
    d.ignore["dockerfile"] = d.pick(IGNORES)


CAPS = (
    "mergeop", "exec.meta.ulimit", "exec.meta.cdi", "exec.mount.tmpfs.size", "exec.meta.cgroup.parent", "exec.meta.linux.resources", "exec.mount.bind.readwrite-nooutput",
    "exec.meta.setsdefaultpath",
)  # fmt: skip
NEEDED = (
    "file.base",
    "source.git",
    "exec.meta.network",
    "exec.mount.secret",
    "source.http",
    "exec.secretenv",
    "exec.meta.proxyenv",
    "source.local.followpaths",
    "exec.mount.cache",
    "platform",
)


def missing(d: Draft) -> None:
    d.caps = "all," + ",".join("-" + name for name in d.sample(CAPS, d.random.randint(1, 4)))


def missing_needed(d: Draft) -> None:
    d.caps = "all,-" + d.pick(NEEDED)


BAD_OPTIONS = (
    ("platform", "odd/odd/odd/odd"), ("platform", "-"), ("multi-platform", "maybe"), ("image-resolve-mode", "x"), ("add-hosts", "h=host-gateway"), ("add-hosts", "h"), ("ulimit", "bogus=1"),
    ("ulimit", "nofile=5:1"), ("shm-size", "1g"), ("memory", "0"), ("memory", "1g"), ("memswap", "0"), ("cpuquota", "-1"), ("cpusetcpus", "a"), ("cpusetcpus", "3-1"), ("cpusetcpus", "9999"),
    ("force-network-mode", "bridge"), ("build-arg:BUILDKIT_GIT_ADVICE", "odd"), ("build-arg:BUILDKIT_DOCKERFILE_CHECK", "odd=1"), ("build-arg:BUILDKIT_DISABLE_FILEOP", "1"),
    ("override-copy-image", "x"), ("cache-imports", "{"), ("attest:sbom", "generator="), ("attest:sbom", "generator=BAD"), ("frontend.caps", "moby.unknown"), ("frontend.caps", "moby.unknown+forward"),
    ("context:ctx", "bogus:x"), ("context:ctx", "nothing"), ("context:ctx", "oci-layout://store"), ("context:ctx", "docker-image://BAD"), ("context:ctx", "input:x"), ("target", "missing"),
    ("build-arg:SOURCE_DATE_EPOCH", "nostage"), ("attest:odd", "x"), ("attest:provenance", '"'), ("context", "https://h/r.git?bad=1"), ("multi-platform", "false"),
)  # fmt: skip
OPTIONS = Table(
    (10, "O27 build-arg", build_arg),
    (2, "A4 build-arg of an automatic ARG", automatic),
    (3, "O27 label", labels),
    (3, "A5 proxy build-arg", proxies),
    (8, "O24 target", target),
    (8, "O24 platform", platforms),
    (8, "O24 several platforms", several_platforms),
    (2, "O24 multi-platform", put("multi-platform", "true", "1", "false")),
    (1.2, "O2 BUILDKIT_MULTI_PLATFORM", put("build-arg:BUILDKIT_MULTI_PLATFORM", "1", "true", "0")),
    (1.3, "O27 no-cache all", put("no-cache", "")),
    (2, "O27 no-cache stages", stage_cache),
    (1.5, "O27 image-resolve-mode", put("image-resolve-mode", "pull", "local", "default", "")),
    (1.5, "O30 add-hosts", put("add-hosts", "h=1.2.3.4", "A=::1,b=10.0.0.1", '"x=fe80::1"', "h=::ffff:1.2.3.4")),
    (1.5, "O30 ulimit", put("ulimit", "nofile=1024:2048", "core=0", "nproc=5,cpu=1:2", "nofile=-1")),
    (1.3, "O30 shm-size", put("shm-size", "67108864", "0", "", "1")),
    (1.3, "O30 cgroup-parent", put("cgroup-parent", "/x", "y.slice")),
    (2, "O34 resources", resources),
    (1.5, "O35 force-network-mode", put("force-network-mode", "none", "host", "sandbox", "")),
    (1.3, "O35 hostname", put("hostname", "builder", "")),
    (1.2, "O2 BUILDKIT_SANDBOX_HOSTNAME", put("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "sand", "")),
    (1.3, "O2 BUILDKIT_CACHE_MOUNT_NS", put("build-arg:BUILDKIT_CACHE_MOUNT_NS", "ns", "", "a/b")),
    (1.2, "O5 BUILDKIT_CONTEXT_KEEP_GIT_DIR", put("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR", "1", "false", "odd")),
    (1.3, "O5 BUILDKIT_GIT_ADVICE", put("build-arg:BUILDKIT_GIT_ADVICE", "1", "false", "true")),
    (1.3, "O5 BUILDKIT_DOCKERFILE_CHECK", lambda d: d.opts.__setitem__("build-arg:BUILDKIT_DOCKERFILE_CHECK", str(d.choose(surface.CHECKS)))),
    (1.3, "O1 BUILDKIT_SYNTAX", put("build-arg:BUILDKIT_SYNTAX", "docker/dockerfile:1", "x --y z", "dockerfile.v0")),
    (1.3, "O45 cmdline", put("cmdline", "x", "")),
    (1.3, "O46 frontend.caps", put("frontend.caps", "moby.buildkit.frontend.inputs", "moby.buildkit.frontend.contexts,moby.buildkit.frontend.subrequests+forward",
                                 "moby.buildkit.frontend.gitquerystring,moby.buildkit.frontend.contexts.zstd")),
    (1.2, "O39 cache-imports", put("cache-imports", '[{"Type":"registry","Attrs":{"ref":"a"}}]', "[]", "")),
    (1.1, "O39 cache-from", put("cache-from", "a,b", "x")),
    (1.2, "O22 filename", put("filename", "Dockerfile.dev", "sub/Dockerfile", "é/x", "Containerfile")),
    (1.2, "O22 dockerfilekey", put("dockerfilekey", "other")),
    (1.2, "O20 contextkey", put("contextkey", "ctxkey")),
    (1.1, "O43 local-sessionid of the context", put("local-sessionid:context", "s2")),
    (1.1, "O43 local-sessionid of the Dockerfile", put("local-sessionid:dockerfile", "s3")),
    (1.1, "O9 BUILDKIT_INLINE_CACHE and the like", put("build-arg:BUILDKIT_INLINE_CACHE", "1")),
    (0.9, "O38 provenance", put("attest:provenance", "mode=max", "", "mode=min,version=v0.2")),
    (0.9, "O48 vcs", put("vcs:source", "https://x")),
    (3, "X2 git context", git_context),
    (1.3, "O20 contextsubdir", subdirectory),
    (1.5, "X5 http context", put("context", "https://h/Dockerfile", "http://h/ctx.tgz", "https://h/x?y=z")),
    (2, "X8 context docker-image", named("ctx", lambda d: f"docker-image://{d.pick((*sources.IMAGES, 'scratch', 'q.io/z@' + sources.DIGEST))}")),
    (1.5, "X8 context git", named("ctx", lambda d: d.choose(sources.GIT))),
    (1.3, "X8 context http", named("ctx", lambda d: d.choose(sources.URLS))),
    (1.5, "X10 context oci-layout", named("ctx", lambda d: f"oci-layout://{d.pick(('store', 'store/sub', 'reg.io/a/b:t'))}@{sources.DIGEST}")),
    (2.5, "X11 context local", named_local),
    (4, "X15 ignore file", ignore),
    (2, "X15 ignore file that hits", lambda d: d.ignore.__setitem__("context", d.pick(HITS))),
    (1.3, "X15 ignore file of the Dockerfile", own_ignore),
    (2, "O11 SOURCE_DATE_EPOCH number", put("build-arg:SOURCE_DATE_EPOCH", "0", "1700000000", "-5", "")),
    (1.3, "A6 SOURCE_DATE_EPOCH context", epoch_context),
    (1.3, "A6 SOURCE_DATE_EPOCH named context", epoch_named),
    (1.8, "A6 SOURCE_DATE_EPOCH stage", epoch_stage),
    (1.3, "O37 sbom", sbom),
    (2, "L caps missing with a fallback", missing),
    (1.1, "L cap missing that may be needed", missing_needed),
    (0.15, "", lambda d: d.opts.update([d.pick(BAD_OPTIONS)])),
)  # fmt: skip
REQUESTS = Table(
    (3, "S2 outline", "frontend.outline"),
    (3, "S3 targets", "frontend.targets"),
    (4, "S4 lint", "frontend.lint"),
    (2, "S5 convertllb", "frontend.convertllb"),
    (1, "S1 describe", "frontend.subrequests.describe"),
    (0.1, "", "frontend.unknown"),
)
REQUESTED = Odds(0.12)
OPTIONED = Odds(0.55)
DEFINED = Odds(0.1)


def choose(d: Draft) -> None:
    """Set options, contexts, ignore files and capabilities of the draft."""
    if d.maybe(OPTIONED):
        for _ in range(d.random.choice((1, 1, 2, 2, 3, 4))):
            d.choose(OPTIONS)
    if "," in d.opts.get("platform", ""):
        d.opts.pop("build-arg:BUILDKIT_DOCKERFILE_CHECK", None)  # which platform reports is a race in the reference
    if d.maybe(REQUESTED):
        d.opts["requestid"] = d.choose(REQUESTS)
        d.opts.pop("build-arg:BUILDKIT_MULTI_PLATFORM", None)
