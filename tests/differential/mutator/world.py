"""Make what surrounds a mutated file: frontend options good and malformed, images with configs, ignore files, capabilities.

Source: features.md sections 2, 3, 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llbfront.llb.caps import LLB_KNOWN
from tests.differential.mutator import pool

if TYPE_CHECKING:
    from tests.differential.mutator.dice import Dice

DIGEST = "sha256:" + "9c" * 32
SYSTEMS = (
    "linux",
    "linux",
    "linux",
    "linux",
    "windows",
    "darwin",
    "freebsd",
    "LINUX",
    "wasip1",
    "linux(5.1)",
    "windows(10.0.17763.1)",
    "windows(10+f)",
    "",
)
MACHINES = (
    "amd64", "arm64", "arm64", "arm/v7", "arm/v6", "arm/v5", "arm", "386", "i386", "x86_64", "aarch64", "armhf", "armel", "riscv64", "s390x", "ppc64le", "amd64/v2", "amd64/v1", "arm64/v8", "arm64/v9", "mips64le",
    "wasm", "arm/8", "arm/7", "x/y/z", "", "all", "*", "amd64/v3", "loong64", "riscv64/rva22u64",
)  # fmt: skip
WHOLE = ("local", "linux", "amd64", "windows", "arm64", "all", "unknown", "-", " linux/amd64", "linux/amd64,", ",", "linux//amd64")
VALUES = (
    "1",
    "0",
    "",
    "x",
    "two words",
    "$A",
    "${B:-c}",
    "alpine",
    "'q'",
    '"',
    "\u00e9",
    "a,b",
    "a=b",
    "true",
    "linux/arm64",
    "/a/../b",
    "\\",
    "https://h/r.git",
    "scratch",
    "\n",
    "\t",
)
FLAGS = ("1", "0", "true", "false", "T", "TRUE", "True", "yes", "", "on", "t", " 1", "tRUE")
NUMBERS = (
    "0",
    "1",
    "-1",
    "1024",
    "67108864",
    "9223372036854775807",
    "9223372036854775808",
    "-0",
    "+5",
    "1.5",
    "1e3",
    "0x10",
    "010",
    " 1",
    "1g",
    "",
    "a",
    "1_000",
    "\u0661",
)
SETS = (
    "0",
    "0-3",
    "0,2",
    "3-1",
    "0-",
    "-1",
    "8192",
    "8193",
    "0,,1",
    " 0",
    "a",
    "",
    "0-1-2",
    "00",
    "1,1",
    "0-8191",
    "+1",
    "4294967296",
)
GIT = (
    "https://github.com/o/r.git", "https://github.com/o/r.git#v1", "https://github.com/o/r.git#v1:sub/dir", "https://github.com/o/r.git#:sub", "git@github.com:o/r.git", "git@github.com:o/r.git#main:x", "ssh://git@h:22/o/r",
    "git://h/o/r", "github.com/o/r", "github.com/o/r#b", "https://h/o/r.git?branch=b", "https://h/o/r.git?tag=t&subdir=s", "https://h/o/r.git?ref=r&ref=q", "https://h/o/r.git?checksum=abc1234", "https://h/o/r.git?commit=" + "a" * 40,
    "https://h/o/r.git?keep-git-dir", "https://h/o/r.git?keep-git-dir=false&submodules", "https://h/o/r.git?mtime=commit", "https://h/o/r.git?mtime=odd", "https://h/o/r.git?fetch-by-commit", "https://h/o/r.git?x=1", "https://h/o/r.git?tag",
    "https://u:p@h/o/r.git", "https://h/o/r.git#" + "b" * 40, "https://h/o/r.git?tag=a&branch=b", "https://h/o/r.git?subdir=../x", "https://h/o/r.git#a:../x", "https://h/o/r.git#a?subdir=b", "HTTPS://H/o/r.git", "https://h/o/r.GIT",
    "git@h:/abs/r", "user@h:o/r", "https://h:99999/r.git", "https://h/%zz.git", "https://h/o r.git", "ssh://h/r.git?submodules=maybe", "https://h/r.git?", "https://h/r.git#", "https://h/r.git?ref=", "https://h/r.git?commit=abc#x",
)  # fmt: skip
HTTP = (
    "https://h/x.tgz",
    "http://h/Dockerfile",
    "https://h/",
    "https://h",
    "https://h/a%20b",
    "https://h/?q",
    "https://u:p@h/x",
    "ftp://h/x",
    "http://",
    "https://h/x#f",
    "https://h/x.git/y",
)
LOCALS = ("local:here", "local:", "local:a/b", "local:context", "local:\u00e9", "local://here")
IMAGES = (
    "docker-image://alpine",
    "docker-image://ghcr.io/o/i:t",
    "docker-image://scratch",
    "docker-image://",
    "docker-image:alpine",
    "docker-image://BAD",
    "docker-image://a@" + DIGEST,
    "docker-image://a:b@" + DIGEST,
    "docker-image://a b",
)
LAYOUTS = (
    f"oci-layout://s@{DIGEST}",
    f"oci-layout://s:t@{DIGEST}",
    "oci-layout://s",
    "oci-layout://@x",
    f"oci-layout://s/t:u@{DIGEST}",
    f"oci-layout:s@{DIGEST}",
    f"oci-layout://S@{DIGEST}",
    "oci-layout://s@sha256:1",
)
STRANGE = ("odd:x", "nothing", "", ":", "input:x", "target:y", "docker-image", "://x", "git", "git@", "file:///x")
CHECKS = (
    "skip=all", "error=true", "skip=StageNameCasing", "skip=A,JSONArgsRecommended;error=false", "experimental=all", "experimental=InvalidDefinitionDescription;skip=all", "skip=;error=", "error=x", "nope=1", "skip", ";", "skip=all;skip=x",
    " skip = all ", "SKIP=all", "skip=all,", "error=1;experimental=all", "skip=jsonargsrecommended", "skip=UndefinedVar\u00a0;error=true",
)  # fmt: skip
REQUESTS = ("lint",) * 12 + ("outline",) * 8 + ("targets",) * 6 + ("convertllb",) * 8 + ("subrequests.describe", "odd")
PATTERNS = (
    "*", "**", "a", "*.md", "!README.md", "src/", "/x", "**/y", "x/**", "#c", " # d", "\\!x", "..", "../x", "./a//b", "x/./y", "", "  ", "\ufeffx", "\u00e9*", "?", "a/*/b", "**/*.o\r", "package.json", "app", "!*", ".",
    ".git", "**/node_modules", "*/a", "x\ty", "[^a]*", "\\*", "{a,b}", "!!x", "! x", "/", "//", "Dockerfile", "requirements.txt", "*.sh", "entrypoint*", "/**", "**/", "a/**/b", "**a",
)  # fmt: skip
BAD_PATTERNS = ("!", "[", "[a-", "a\\", "[]", "[z-a]", "!.", "a[!b]", "\\")
TRIGGERS = (
    "RUN echo $A", "ADD . /x", "COPY a* /b/", "ENV Q=1 R=$Q", "ARG Z", "ARG Y=2", "WORKDIR sub", "WORKDIR /abs", "USER me", "LABEL l=$A", "CMD x", 'ENTRYPOINT ["y"]', "EXPOSE 80", "VOLUME /v", "HEALTHCHECK NONE", 'SHELL ["a"]', "STOPSIGNAL 9",
    "COPY --from=0 a b", "COPY --from=nowhere a b", "RUN --mount=type=bind,from=else,target=/m x", "RUN --mount=type=cache,target=/c y", "ONBUILD RUN z", "FROM x", "MAINTAINER m", "run lower", "", "RUN a\nRUN b", "# c", "RUN a \\\n b", "NOPE",
    "RUN <<E\nx\nE", "COPY <<E /f\ny\nE", "ADD https://h/x /y", "EXPOSE 1/TCP", "MAINTAINER", "ENV a b", " RUN lead", "COPY --from=$A x y", "RUN --network=host n", "COPY --chmod=1 a b", "RUN $UNSET", "ARG A", "ADD https://h/r.git /r", "WORKDIR $A",
)  # fmt: skip
MEMBERS: dict[str, tuple[Any, ...]] = {
    "OnBuild": (["RUN one"], ["COPY . /app", "RUN make"], [], None),
    "Env": (
        ["PATH=/p"],
        ["A=from image", "B"],
        ["=x", ""],
        [],
        None,
        ["A=1", "A=2"],
        ["PATH=", "lower=$A"],
        ["\u00e9=1", "B=a=b"],
        ["Path=C:\\x"],
    ),
    "Shell": (["/bin/bash", "-c"], [], ["powershell", "-Command"], None, ["x y"]),
    "WorkingDir": ("/w", "w", "C:\\w", "", "/w/../v/", "\\", "C:", "d:/x"),
    "User": ("root", "1000:1000", "", "ContainerUser", "$A"),
    "Cmd": (["sh"], [], None, ["/bin/sh", "-c", "x"]),
    "Entrypoint": (["/e"], [], None),
    "Labels": ({"k": "v"}, {}, None, {"": "x", "z": "\u00e9"}),
    "Volumes": ({"/v": {}}, {}, None),
    "ExposedPorts": ({"80/tcp": {}}, {}, None, {"1": {}}),
    "Healthcheck": ({"Test": ["NONE"]}, {"Test": ["CMD-SHELL", "x"], "Interval": 5, "StartInterval": 7}, None, {}),
    "StopSignal": ("SIGTERM", "", "9"),
    "ArgsEscaped": (True, False),
    "StopTimeout": (5, 0),
    "Hostname": ("h",),
    "Image": ("sha256:x",),
    "NetworkDisabled": (True,),
}
BROKEN: tuple[Any, ...] = (
    [],
    "x",
    {"config": []},
    {"config": {"Env": "x"}},
    {"rootfs": 5},
    {"config": None},
    {},
    {"created": "yesterday"},
    {"os": 1},
    {"OS": "linux", "ARCHITECTURE": "arm64"},
    {"config": {"env": ["A=1"]}},
)


def platform(dice: Dice) -> str:
    return dice.pick(WHOLE) if dice.maybe(0.08) else f"{dice.pick(SYSTEMS)}/{dice.pick(MACHINES)}"


def platforms(dice: Dice) -> str:
    return ",".join(platform(dice) for _ in range(dice.pick((1, 1, 1, 1, 2, 2, 3))))


def context(dice: Dice) -> str:
    return dice.pick(dice.pick((GIT, HTTP, LOCALS, LOCALS, IMAGES, IMAGES, LAYOUTS, STRANGE)))


def key_of(dice: Dice, text: str) -> str:
    names = [*pool.bases(text), *pool.stages(text), "context", "scratch", "alpine", "ctx"]
    name = dice.pick(names)
    name = dice.pick(
        (name, name, name.upper(), name.lower(), name.partition(":")[0], f"docker.io/library/{name}", f"{name}:latest")
    )
    return name + (f"::{platform(dice)}" if dice.maybe(0.2) else "")


def argument(dice: Dice, text: str) -> str:
    return dice.pick(
        (
            *pool.variables(text),
            "A",
            "TARGETPLATFORM",
            "BUILDPLATFORM",
            "TARGETOS",
            "TARGETARCH",
            "TARGETVARIANT",
            "BUILDOS",
            "http_proxy",
            "HTTPS_PROXY",
            "NO_PROXY",
            "all_proxy",
            "PATH",
            "",
            "x y",
            "TARGETSTAGE",
        )
    )


def stage(dice: Dice, text: str) -> str:
    names = pool.stages(text)
    if not names or dice.maybe(0.1):
        return dice.pick(("", "", "", "", "0", "nope", "stage-0", str(len(names))))
    name = dice.pick(names)
    return dice.pick((name, name, name, name, name, name, name.upper(), name.title()))


def several(dice: Dice, text: str) -> str:
    return ",".join(stage(dice, text) for _ in range(dice.number(4)))


def epoch(dice: Dice, text: str) -> str:
    return dice.pick(
        (*NUMBERS, "context", "CONTEXT", "1700000000", *pool.stages(text), *pool.bases(text)[:2], "253402300800", "-62135596800")
    )


def option(dice: Dice, text: str) -> tuple[str, str]:
    """A key of an option, and a value that may be one."""
    match dice.number(34):
        case 0 | 1 | 2 | 3 | 4:
            return f"build-arg:{argument(dice, text)}", platform(dice) if dice.maybe(0.1) else dice.pick(
                (*VALUES, stage(dice, text))
            )
        case 5 | 6 | 7 | 8:
            return "platform", platforms(dice)
        case 9 | 10 | 11:
            return "target", stage(dice, text)
        case 12 | 13 | 14 | 15 | 16:
            return f"context:{key_of(dice, text)}", context(dice)
        case 17:
            return "context", dice.pick(dice.pick((GIT, GIT, HTTP, STRANGE, LOCALS)))
        case 18:
            return "no-cache", several(dice, text)
        case 19:
            return "build-arg:SOURCE_DATE_EPOCH", epoch(dice, text)
        case 20:
            return dice.pick(("memory", "memswap", "cpushares", "cpuperiod", "cpuquota", "shm-size")), dice.pick(NUMBERS)
        case 21:
            return dice.pick(("cpusetcpus", "cpusetmems")), dice.pick(SETS)
        case 22:
            return f"label:{dice.pick(('a', '', 'org.x/y', 'A', 'maintainer', 'z z'))}", dice.pick(VALUES)
        case 23:
            return "build-arg:BUILDKIT_DOCKERFILE_CHECK", dice.pick(CHECKS)
        case 24:
            key = dice.pick(
                (
                    "multi-platform",
                    "build-arg:BUILDKIT_MULTI_PLATFORM",
                    "build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR",
                    "build-arg:BUILDKIT_GIT_ADVICE",
                )
            )
            return key, dice.pick(FLAGS)
        case _:
            key = dice.pick(tuple(REST))
            return key, dice.pick(REST[key][:2] if dice.maybe(0.6) else REST[key])


REST: dict[str, tuple[str, ...]] = {
    "image-resolve-mode": ("pull", "local", "default", "", "prefer-local", "PULL"),
    "add-hosts": ("a=1.2.3.4", "A.B=::1,c=127.0.0.1", "a", "a=", "=1.1.1.1", "a=b", "a=1.2.3.4,", 'a="1.1.1.1"', '"a=1.1.1.1"', "a=01.2.3.4", "a=::ffff:1.2.3.4", "a=fe80::1%eth0", "a=host-gateway", "a=[::1]", "", "a=1.2.3.4=5", " a=1.1.1.1"),
    "ulimit": ("nofile=1:2", "nofile=2:1", "nofile=5", "core=-1", "NPROC=1", "odd=1", "nofile", "nofile=", "nofile=1:2:3", "cpu=1,core=0", "", "nofile=x", "nofile=-1:5", "rss=9223372036854775808", "nofile=5:-1", "nofile= 5", "core=-2", "core=+1"),
    "cgroup-parent": ("/a", "a.slice", "", "../x"),
    "force-network-mode": ("none", "host", "sandbox", "", "default", "NONE", "odd"),
    "hostname": ("h", "", "\u00e9", "a b"),
    "build-arg:BUILDKIT_SANDBOX_HOSTNAME": ("s", ""),
    "build-arg:BUILDKIT_CACHE_MOUNT_NS": ("n", "", "/n/", "\u00e9"),
    "build-arg:BUILDKIT_SYNTAX": ("a/b", "a/b c d", "", " ", "#x", "a\nb"),
    "build-arg:BUILDKIT_SBOM_SCAN_STAGE": ("true", "x,y", "", "0"),
    "build-arg:BUILDKIT_SBOM_SCAN_CONTEXT": ("1", "false", "maybe"),
    "build-arg:BUILDKIT_DISABLE_FILEOP": ("0", "1", "x"),
    "build-arg:BUILDKIT_BUILD_NAME": ("n",),
    "attest:sbom": ("", "generator=a/b", "generator=a/b:c,X=1", "x", "generator=", "generator=A", "disabled=true", "type=sbom,generator=a", "=", '"', "generator=a,generator=b", "x=1,y", "EVIL=a"),
    "build-arg:BUILDKIT_ATTEST_SBOM": ("", "generator=a/b", "true", "false"),
    "attest:provenance": ("", "mode=max", "mode=odd", "mode=min,version=v0.2", "version=v3", "reproducible=x", "x", "=,", '"'),
    "attest:": ("x",),
    "attest:odd": ("", "y"),
    "cmdline": ("", "x"),
    "source": ("x/y", ""),
    "frontend.caps": ("moby.buildkit.frontend.inputs", "moby.buildkit.frontend.contexts+forward", "odd", "odd+forward", "", ",", "moby.buildkit.frontend.subrequests,odd"),
    "cache-imports": ("[]", "{", "null", '[{"Type":"registry","Attrs":{"ref":"a/b"}}]', '[{"type":"x"}]', '[{"Type":"local","Attrs":null}]', "", '[{"Attrs":{"a":1}}]', "{}"),
    "cache-from": ("a", "a,b", "", "A B", ",", "a:b@c"),
    "filename": ("Dockerfile", "x/y.Dockerfile", "", "dockerfile", "../D", "/abs", "a b", "x/", ".", "Containerfile"),
    "dockerfilekey": ("d", "context", ""),
    "contextkey": ("c", "dockerfile", ""),
    "contextsubdir": ("s", "/s/t", "..", "", "a/../b"),
    "local-sessionid:context": ("o", "p"),
    "local-sessionid:dockerfile": ("o", "p"),
    "local-sessionid:here": ("o", "p"),
    "sharedkey:localdir:ctx": ("k", ""),
    "input-metadata:x": ("{}", "x"),
    "input:x": ("y",),
    "vcs:source": ("u",),
    "override-copy-image": ("x", ""),
    "no-cache": ("", "0", ","),
    "odd": ("x",),
}  # fmt: skip


def options(dice: Dice, text: str) -> dict[str, str]:
    chosen = dict(option(dice, text) for _ in range(dice.pick((0, 0, 0, 0, 1, 1, 1, 2, 2, 4))))
    # Without a session the reference takes a random one.
    chosen = {key: scratched(dice, value) if dice.maybe(0.1) and "session" not in key else value for key, value in chosen.items()}
    if dice.maybe(0.2):
        chosen["requestid"] = "frontend." + dice.pick(REQUESTS)
    if "," in chosen.get("platform", ""):
        chosen.pop("build-arg:BUILDKIT_DOCKERFILE_CHECK", None)  # which of the platforms reports is a race in the reference
    return chosen


def scratched(dice: Dice, text: str) -> str:
    """The text with a letter more, or fewer."""
    at = dice.number(len(text) + 1)
    return str(text[:at] + dice.pick(("", "", *"/:@?#%[]&=.,; -+0aA\\\"'~$\u00e9\n")) + text[at + dice.number(2) :])


def full(name: str) -> str:
    """The reference as it is asked of a registry."""
    host, slash, _ = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif "." not in host and ":" not in host and host != "localhost":
        name = f"docker.io/{name}"
    return name if "@" in name or ":" in name.rpartition("/")[2] else f"{name}:latest"


def image(dice: Dice, *, may_break: bool) -> dict[str, Any]:
    if dice.maybe(0.03):
        return {"error": "gone"}
    if may_break and dice.maybe(0.03):
        return {"config": dice.pick(BROKEN)}
    members = {name: dice.pick(MEMBERS[name]) for name in dice.few(tuple(MEMBERS), 5)}
    if dice.maybe(0.4):
        members["OnBuild"] = [dice.pick(TRIGGERS) for _ in range(1 + dice.number(3))]
    config: dict[str, Any] = {
        "os": dice.pick(("linux", "linux", "linux", "windows", "", "darwin")),
        "architecture": dice.pick(("amd64", "amd64", "arm64", "arm", "", "x86_64")),
        "config": members,
    }
    extras: tuple[dict[str, Any], ...] = (
        {"variant": "v8"}, {"variant": "v7"}, {"os.version": "10.0.1"}, {"os.features": ["f"]}, {"created": "2020-02-02T02:02:02Z"}, {"author": "me"}, {"rootfs": {"type": "layers", "diff_ids": [DIGEST]}},
        {"history": [{"created_by": "h", "created": "2019-01-01T00:00:00.000000001+02:00"}]}, {"history": [{"empty_layer": True}]}, {"history": None}, {"rootfs": {"diff_ids": []}}, {"docker_version": "1"}, {"os.features": []}, {"container": "x"},
    )  # fmt: skip
    for extra in dice.few(extras, 4):
        config.update(extra)
    answer: dict[str, Any] = {"config": config}
    if dice.maybe(0.4):
        answer["digest"] = "sha256:" + dice.pick("0123456789abcdef") * 64
    return answer


def images(dice: Dice, text: str, request: str) -> dict[str, Any]:
    """Images that the text names. Broken ones only where the words of the error do not count, which are those of Go's decoder."""
    may_break = request != "frontend.lint"
    named = [name for name in pool.bases(text) if name.lower() not in {"scratch", *pool.stages(text)}]
    return (
        {full(name): image(dice, may_break=may_break) for name in (*named, "nowhere", "else", "alpine") if dice.maybe(0.5)}
        if dice.maybe(0.4)
        else {}
    )


def ignore(dice: Dice) -> dict[str, str]:
    names = [name for name in ("context", "dockerfile", "here") if dice.maybe(0.15)]
    bad = dice.few(BAD_PATTERNS, 1) if dice.maybe(0.1) else []
    return {name: dice.pick(("\n", "\n", "\n", "\r\n")).join([*dice.few(PATTERNS, 5), *bad]) for name in names}


def caps(dice: Dice) -> str:
    if not dice.maybe(0.08):
        return "all"
    return ",".join(("all", *(f"-{name}" for name in dice.few(sorted(LLB_KNOWN), 3))))
