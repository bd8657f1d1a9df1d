"""One instruction at a time, as one logical line (heredoc bodies follow on lines of their own).

Source: features.md section 1.3.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.differential.generator import mounts, sources, words
from tests.differential.generator.dice import Odds, Table

if TYPE_CHECKING:
    from tests.differential.generator.draft import Draft

COMMANDS = (
    "echo hi", "apt-get update && apt-get install -y x", "go build ./...", 'echo "$A ${B}" \'$FOO\'', "make -j$(nproc) VERSION=$VERSION",
    "true", "ls | grep '#' > /out", "echo \\$X", "set -e; cd /x", "echo a  b   c", 'test -n "${A:-z}"', "[ -f x ]", "echo é", "echo $TOKEN $S",
    "cat <file", "echo 'unbalanced", 'echo "open', "[not json", "echo [1]", "echo \\", "x=${A#a}; echo ${x}",
)  # fmt: skip
BODIES = ("hello", "v=$A ${B}", "set -e\necho one\necho two", "#!/bin/sh\necho run", "#!/usr/bin/env python3\nprint('$A')", "", "\ttabbed\n\t\ttwice", "quote ' and \" $A",
          "\\$A \\\\ \\n", "# not a comment\nFROM x", "trailing \\", "é $X", "  \n\n  indented", "${A:-d}")  # fmt: skip
HEREDOC_NAMES = ("EOF", "E1", "file.txt", "run", "é", "A_B-c")


def array(*values: str) -> str:
    return json.dumps(list(values), ensure_ascii=False)


# --- heredocs

HEREDOC_FORMS = Table(
    (5, "P13 heredoc", "<<{}"),
    (1, "P13 heredoc chomp", "<<-{}"),
    (1, "P13 heredoc double quoted", '<<"{}"'),
    (1, "P13 heredoc single quoted", "<<'{}'"),
    (0.5, "P13 heredoc chomp quoted", "<<-'{}'"),
    (0.3, "P13 heredoc descriptor", "0<<{}"),
    (0.3, "P13 heredoc descriptor", "3<<{}"),
)


def heredocs(d: Draft, count: int) -> tuple[str, str]:
    """The words of some heredocs, and their bodies with terminators."""
    forms, bodies = [], []
    for name in d.sample(HEREDOC_NAMES, count):
        form = str(d.choose(HEREDOC_FORMS))
        tabs = "\t" if form.startswith("<<-") and d.chance(0.5) else ""
        body = "".join(f"{tabs}{line}\n" for line in d.pick(BODIES).split("\n")) if d.chance(0.95) else ""
        forms.append(form.format(name))
        bodies.append(f"{body}{tabs}{name}")
    if d.chance(0.004):
        bodies.pop()
    return " ".join(forms), "\n".join(bodies)


# --- RUN

NETWORKS = Table(
    (1, "I2 network default", "default"), (1, "I2 network none", "none"), (1, "I2 network host", "host"), (0.02, "", "bridge")
)
SECURITIES = Table((1, "I2 security sandbox", "sandbox"), (1, "I2 security insecure", "insecure"), (0.02, "", "odd"))
DEVICES = Table(
    (2, "I2 device", lambda d: d.pick(("vendor1.com/device=foo", "nvidia.com/gpu=all", "vendor.com/class", "vendor.com/class=*"))),
    (1, "I2 device required", lambda d: f"vendor1.com/device=foo,{d.pick(('required', 'required=true', 'required=false'))}"),
    (1, "I2 device name key", "name=vendor1.com/device=foo"),
    (0.02, "", lambda d: d.pick(("bad name", "a=b=c,unknown=1", ",", "v/d=x,required=maybe", "name=a/b=c,name=d/e=f"))),
)
MOUNTED = Odds(0.35)
NETWORKED = Odds(0.08)
SECURED = Odds(0.06)
DEVICED = Odds(0.08)


def run_flags(d: Draft) -> str:
    flags = [f"--mount={mounts.mount(d)}" for _ in range(d.random.choice((1, 1, 1, 2, 3)))] if d.maybe(MOUNTED) else []
    if d.maybe(NETWORKED):
        flags.append(f"--network={d.choose(NETWORKS)}")
    if d.maybe(SECURED):
        flags.append(f"--security={d.choose(SECURITIES)}")
    if d.maybe(DEVICED):
        flags += [f"--device={d.choose(DEVICES)}" for _ in range(d.random.choice((1, 1, 2)))]
    return "".join(flag + " " for flag in flags)


def run_heredoc(d: Draft) -> str:
    name, body = heredocs(d, 1)
    return f"RUN {run_flags(d)}{name}\n{body}"


def run_heredoc_command(d: Draft) -> str:
    names, bodies = heredocs(d, d.random.randint(1, 2))
    before, after = d.pick((("cat", ""), ("python3", "> /out"), ("", "cat $A"), ("cmd -x", "&& true")))
    return f"RUN {run_flags(d)}{before} {names} {after}".rstrip() + f"\n{bodies}"


RUNS = Table(
    (10, "I2 shell", lambda d: f"RUN {run_flags(d)}{d.pick(COMMANDS)}"),
    (2, "I2 exec", lambda d: f"RUN {run_flags(d)}{array('/bin/x', d.pick(COMMANDS), 'é<&>')}"),
    (0.2, "I2 exec empty", lambda d: "RUN []" if d.chance(0.1) else f"RUN {array('')}"),
    (1.2, "P14 heredoc alone", run_heredoc),
    (1, "P14 heredoc in command", run_heredoc_command),
    (
        0.05,
        "",
        lambda d: d.pick(
            ("RUN", "RUN --mount=type=bind,target=/x", "RUN --unknown=1 x", "RUN --mount x", "RUN --network=none --network=none x")
        ),
    ),
)

# --- COPY and ADD

CHOWNS = Table(
    (2, "C6 chown names", lambda d: d.pick(("app", "app:grp", "user:0", "0:grp", "www-data:www-data"))),
    (2, "C6 chown numbers", lambda d: d.pick(("1000", "1000:1000", "0:0", "65534:5"))),
    (1, "C6 chown root", lambda d: d.pick(("root", "root:root", "1:root", "root:5"))),
    (1, "C6 chown empty part", lambda d: d.pick(("5:", ":5", "app:", ":grp", ":"))),
    (1, "C6 chown expanded", lambda d: f"{d.choose(words.EXPANSIONS)}:{d.pick(('', '0', '$B'))}"),
    (0.5, "C6 chown odd", lambda d: d.pick(("-1", "2147483647", "2147483648", "a:b:c", "+5", "007", "1e3"))),
)
CHMODS = Table(
    (3, "C6 chmod octal", lambda d: d.pick(("755", "0644", "4755", "0", "7777", "00600"))),
    (
        2,
        "C6 chmod symbolic",
        lambda d: d.pick(("u+x", "go-w", "a=rX", "u=rwx,g=rx,o=", "g=u", "+t", "ug+s", "o=g-w", "=r", "a+rwX,o-x")),
    ),
    (0.5, "C6 chmod expanded", lambda d: d.pick(("${MODE:-0711}", "0${NOPE:-7}50", "${UNSET:-u+x}"))),
    (0.1, "", lambda d: d.pick(("8", "10000", "rwx", "-1", "0x1ff", "u+q", "u", "+", "a=b"))),
)
EXCLUDES = ("*.md", "a/b", "**/x", "!keep", "$A", "dir/")
CHOWNED = Odds(0.2)
CHMODDED = Odds(0.15)
LINKED = Odds(0.15, "C8 link")
LINK_FALSE = Odds(0.02, "C8 link=false")
EXCLUDED = Odds(0.1, "C9 exclude")
PARENTS = Odds(0.12)
CHECKSUMMED = Odds(0.3)
JSON_FORM = Odds(0.12, "P10 JSON form of COPY and ADD")
SEVERAL = Odds(0.2, "C11 several sources")
DASHES = Odds(0.02, "P9 bare -- ends flags")
ORIGINS = Table(
    (8, "I10 from stage", mounts.stage),
    (3, "I10 from index", lambda d: str(d.random.randrange(len(d.stages))) if d.stages else "alpine"),
    (2, "I10 from image", lambda d: d.pick((*sources.IMAGES, "scratch"))),
    (1, "I10 from named context", lambda d: d.pick(("ctx", "lib"))),
    (0.5, "I10 from stage in other case", lambda d: mounts.stage(d).upper() if any(d.stages) else "alpine"),
    (0.06, "", lambda d: d.pick(("$A", "9", "-1", "UPPER/img", "nope"))),
)
FROM_STAGE = Odds(0.45)


def owner_flags(d: Draft) -> list[str]:
    flags = []
    link = d.maybe(LINKED)
    if d.maybe(CHOWNED):
        flags.append(
            "--chown=" + (d.pick(("1000:1000", "0", "5:", "root", ":7")) if link and d.chance(0.9) else str(d.choose(CHOWNS)))
        )
    if d.maybe(CHMODDED):
        flags.append(f"--chmod={d.choose(CHMODS)}")
    if link:
        flags.append(d.pick(("--link", "--link=true", "--link=TRUE")))
    elif d.maybe(LINK_FALSE):
        flags.append("--link=false")
    if d.maybe(EXCLUDED):
        flags += [f"--exclude={pattern}" for pattern in d.sample(EXCLUDES, d.random.randint(1, 2))]
    return flags


def arguments(d: Draft, paths: list[str], destination: str) -> str:
    if d.maybe(JSON_FORM):
        return array(*(path + d.pick(("", "", " b")) for path in paths), destination)
    return " ".join((*paths, destination))


def placed(d: Draft, keyword: str, flags: list[str], paths: list[str], destination: str) -> str:
    if len(paths) > 1 and not destination.endswith("/") and d.chance(0.9):
        destination += "/"
    d.random.shuffle(flags)
    dashes = ["--"] if d.maybe(DASHES) else []
    return " ".join((keyword, *flags, *dashes, arguments(d, paths, destination)))


def several(d: Draft, table: Table) -> list[str]:
    return [str(d.choose(table)) for _ in range(d.random.randint(2, 3) if d.maybe(SEVERAL) else 1)]


def copy(d: Draft) -> str:
    flags = owner_flags(d)
    if d.maybe(FROM_STAGE):
        flags.append(f"--from={d.choose(ORIGINS)}")
    parents = d.maybe(PARENTS)
    if parents:
        flags.append(d.pick(("--parents", "--parents=true")))
    return placed(
        d, "COPY", flags, several(d, sources.PARENTS_PATHS if parents else sources.PATHS), str(d.choose(sources.DESTINATIONS))
    )


def add_local(d: Draft) -> str:
    return placed(d, "ADD", owner_flags(d), several(d, sources.PATHS), str(d.choose(sources.DESTINATIONS)))


def add_unpack(d: Draft) -> str:
    flag = d.pick(("--unpack", "--unpack=false", "--unpack=true"))
    return placed(d, "ADD", [*owner_flags(d), flag], [str(d.choose(sources.PATHS))], str(d.choose(sources.DESTINATIONS)))


def add_url(d: Draft) -> str:
    flags = owner_flags(d)
    if d.maybe(CHECKSUMMED):
        flags.append("--checksum=" + str(d.choose(CHECKSUMS)))
    if d.maybe(UNPACKED):
        flags.append(d.pick(("--unpack", "--unpack=false")))
    return placed(d, "ADD", flags, [str(d.choose(sources.URLS))], str(d.choose(sources.DESTINATIONS)))


def add_git(d: Draft) -> str:
    flags = owner_flags(d)
    if d.maybe(KEPT_GIT):
        flags.append(d.pick(("--keep-git-dir", "--keep-git-dir=false", "--keep-git-dir=true")))
    if d.maybe(GIT_CHECKSUMMED):
        flags.append("--checksum=" + d.pick((sources.SHA, sources.SHA[:8], sources.SHA, "abcdef0")))
    return placed(d, "ADD", flags, [str(d.choose(sources.GIT))], str(d.choose(sources.DESTINATIONS)))


def add_mixed(d: Draft) -> str:
    """Sources of several kinds in one ADD."""
    paths = [str(d.choose(table)) for table in d.random.sample((sources.PATHS, sources.URLS, sources.GIT, sources.PATHS), 2)]
    return placed(d, "ADD", owner_flags(d), paths, "/mixed/")


CHECKSUMS = Table(
    (8, "C5 checksum of url", sources.DIGEST),
    (0.2, "", lambda d: d.pick(("sha256:12", "md5:" + "0" * 32, sources.SHA, "", "sha512:" + "0" * 128))),
)
UNPACKED = Odds(0.2, "C3 unpack of url")
KEPT_GIT = Odds(0.25, "I9 keep-git-dir")
GIT_CHECKSUMMED = Odds(0.2, "C5 checksum of git")


def with_heredocs(keyword: str) -> object:
    def make(d: Draft) -> str:
        names, bodies = heredocs(d, d.random.choice((1, 1, 2)))
        flags = [flag for flag in owner_flags(d) if not flag.startswith("--exclude")]
        extra = [str(d.choose(sources.PATHS))] if d.maybe(BESIDE_PATH) else []
        return " ".join((keyword, *flags, *extra, names, d.pick(("/h/", "/", "h/", "./")))) + f"\n{bodies}"

    return make


BESIDE_PATH = Odds(0.15, "P14 heredoc beside a path")
COPIES = Table(
    (12, "I10 COPY", copy),
    (1.2, "P14 heredoc in COPY", with_heredocs("COPY")),
    (
        0.06,
        "",
        lambda d: d.pick(
            (
                "COPY a",
                "COPY https://h/x /x",
                "COPY --from=",
                "COPY a <<E\nE",
                "COPY --chown a b",
                'COPY ["a", 1]',
                "COPY --bogus a b",
            )
        ),
    ),
)
ADDS = Table(
    (5, "C3 ADD local", add_local),
    (1.5, "C3 unpack of path", add_unpack),
    (3, "C4 ADD url", add_url),
    (3, "C1 ADD git", add_git),
    (0.3, "C1 ADD of several kinds", add_mixed),
    (1, "P14 heredoc in ADD", with_heredocs("ADD")),
    (
        0.05,
        "",
        lambda d: d.pick(
            (
                "ADD a",
                "ADD --checksum=x a b",
                "ADD --from=a b c",
                "ADD --parents a b",
                "ADD --unpack https://h/r.git /x",
                "ADD --checksum=sha256:12 a b /c/",
            )
        ),
    ),
)

# --- settings of the image

KEYS = Table(
    (5, "", lambda d: d.name()),
    (3, "", lambda d: d.pick(("NEW", "LANG", "DEBIAN_FRONTEND", "A", "B"))),
    (0.3, "", lambda d: d.pick(("API_KEY", "npm_token", "PASSWORD", "DB_PASSWD", "SECRET_X", "AUTH", "token_file", "PUBLIC_KEY"))),
    (0.2, "I8 key expanded", lambda d: d.choose(words.EXPANSIONS)),
)
LABELS = Table(
    (5, "", lambda d: d.pick(("org.x.y", "maintainer", "version", "é", "a"))),
    (1, "I5 quoted label key", '"multi word"'),
    (1, "I5 label key expanded", lambda d: d.choose(words.EXPANSIONS)),
)


def pairs(table: Table) -> object:
    def make(d: Draft) -> str:
        return " ".join(f"{d.choose(table)}={words.word(d)}" for _ in range(d.random.choice((1, 1, 2, 3))))

    return make


def env(d: Draft) -> str:
    names = [str(d.choose(KEYS)) for _ in range(d.random.choice((1, 1, 2, 3)))]
    text = "ENV " + " ".join(f"{name}={words.word(d)}" for name in names)
    for name in names:
        d.learn(name)
    return text


def legacy(keyword: str) -> object:
    return lambda d: (
        f"{keyword} {d.pick(('A', 'B', 'NEW', 'k'))} {words.word(d)} {d.pick(('', 'b', '$A', chr(34) + 'q' + chr(34)))}".rstrip()
    )


def arg(d: Draft) -> str:
    parts = []
    for _ in range(d.random.choice((1, 1, 1, 2))):
        name = str(d.choose(ARGS))
        parts.append(name if d.maybe(NO_DEFAULT) else f"{name}={words.word(d)}")
        d.learn(name)
    return "ARG " + " ".join(parts)


NO_DEFAULT = Odds(0.35, "A2 ARG without default")
ARGS = Table(
    (8, "I14 ARG", lambda d: d.pick(("A", "B", "FOO", "VERSION", "X", "lower"))),
    (
        2,
        "A4 automatic ARG",
        lambda d: d.pick(
            (
                "TARGETPLATFORM",
                "TARGETOS",
                "TARGETARCH",
                "TARGETVARIANT",
                "BUILDPLATFORM",
                "BUILDARCH",
                "BUILDOS",
                "TARGETSTAGE",
                "BUILDOSVERSION",
            )
        ),
    ),
    (1.5, "A2 ARG from global", lambda d: d.pick(d.meta) if d.meta else "A"),
    (0.3, "A5 proxy ARG", lambda d: d.pick(("http_proxy", "HTTPS_PROXY", "no_proxy"))),
    (0.4, "A6 ARG BUILDKIT_SBOM_SCAN", lambda d: d.pick(("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"))),
    (0.4, "A6 ARG SOURCE_DATE_EPOCH", "SOURCE_DATE_EPOCH"),
    (0.2, "", lambda d: d.pick(("GITHUB_TOKEN", "password", "MY_CREDENTIALS"))),
)

PORTS = Table(
    (5, "I7 port", lambda d: d.pick(("80", "443", "8080/tcp", "53/udp", "9/sctp"))),
    (1, "I7 range", lambda d: d.pick(("7000-7003", "7000-7001/udp", "5-5"))),
    (0.7, "", lambda d: d.pick(("80/TCP", "53/Udp"))),
    (0.7, "", lambda d: d.pick(("127.0.0.1:80:8080", "80:80", "[::1]:80:81/tcp", "8000-8001:9000-9001", "0.0.0.0::5"))),
    (0.7, "I7 expanded port", lambda d: d.pick(("${PORT:-81}", "$UNSET", "${P:-1 2}", '"90 91"', "${A:+8}"))),
    (0.02, "", lambda d: d.pick(("70000", "80/foo", "a", "-1", "9-8", "80/", ":"))),
)
SIGNALS = Table(
    (3, "I16 signal", lambda d: d.pick(("SIGTERM", "KILL", "sigint", "QUIT", "9", "15", "SIGRTMIN+1", "rtmax-2", "64"))),
    (1, "I16 signal expanded", "${SIG:-SIGUSR1}"),
    (0.05, "", lambda d: d.pick(("NOPE", "0", "-1", "SIG", "999", ""))),
)
HEALTH_FLAGS = Table(
    (2, "I17 interval", lambda d: f"--interval={d.pick(('5s', '1m30s', '100ms', '0', '1.5h', '1ms'))}"),
    (1, "I17 timeout", lambda d: f"--timeout={d.pick(('3s', '0s', '1h', '2m'))}"),
    (1, "I17 start-period", lambda d: f"--start-period={d.pick(('1s', '1h1m1.5s'))}"),
    (1, "I17 start-interval", lambda d: f"--start-interval={d.pick(('2s', '1us' if d.chance(0.02) else '7ms'))}"),
    (1, "I17 retries", lambda d: f"--retries={d.pick(('3', '0', '1'))}"),
    (
        0.02,
        "",
        lambda d: d.pick(
            ("--retries=-1", "--interval=5", "--interval=x", "--retries=a", "--timeout=1us", "--bogus=1", "--interval=-1s")
        ),
    ),
)


def healthcheck(d: Draft) -> str:
    flags = {flag.split("=")[0]: flag for flag in d.some(0, 3, lambda: str(d.choose(HEALTH_FLAGS)))}
    return " ".join(("HEALTHCHECK", *flags.values(), str(d.choose(HEALTH_TESTS))))


HEALTH_TESTS = Table(
    (3, "I17 shell", lambda d: f"CMD {d.pick(COMMANDS)}"),
    (2, "I17 exec", lambda d: f"CMD {array('curl', '-f', 'http://x')}"),
    (1, "I17 lower-case cmd", "cmd true"),
    (0.02, "", lambda d: d.pick(("", "CMD", "RUN x", "NONE x"))),
)

COMMAND_FORMS = Table(
    (3, "I3 shell form", lambda d: d.pick(COMMANDS)),
    (3, "I3 exec form", lambda d: array("app", "--x", d.pick(words.PLAIN))),
    (0.5, "P10 empty array", "[]"),
    (0.5, "P10 odd JSON is shell", lambda d: d.pick(("['a', 'b']", '["a" "b"]', '["a",]', "[a]", '["a"', '["a"] x'))),
    (0.3, "P10 JSON with blanks", '[ "a" ,\t"b" ]'),
    (0.02, "", '["a", 1]'),
)
SHELLS = ('["/bin/bash", "-c"]', '["/bin/sh","-eux","-c"]', '["powershell", "-command"]', '["cmd"]')
VOLUMES = Table(
    (3, "I11 list", lambda d: " ".join(d.some(1, 3, lambda: d.pick(("/data", "/var/lib/x", "rel", "/é"))))),
    (2, "I11 JSON", lambda d: array("/data", d.pick(("/x y", "$A", "/z")))),
    (1, "I11 expanded", lambda d: f"/{d.choose(words.EXPANSIONS)}x"),
    (0.02, "", '[""]'),
)
USERS = Table(
    (4, "I12 user", lambda d: d.pick(("app", "1000", "app:grp", "0:0", "root", "5:", "65534:65534"))),
    (1, "I12 user expanded", lambda d: d.pick(("${U:-app}", "$A", "u${B}", "${UID:-1000}:${GID:-1000}"))),
)
WORKDIRS = Table(
    (4, "I13 absolute", lambda d: d.pick(("/app", "/srv/x/", "/a/../b", "//x", "/"))),
    (3, "I13 relative", lambda d: d.pick(("sub", "./x", "..", "a/b/", ".", "../../y"))),
    (1, "I13 expanded", lambda d: f"{d.pick(('/', ''))}{d.choose(words.EXPANSIONS)}"),
    (0.5, "I13 with blanks", "/with blank/x"),
    (0.3, "I13 quoted", '"/q"'),
)


def onbuild(d: Draft) -> str:
    inner = str(d.choose(TRIGGERS))
    return "ONBUILD " + inner


SETTINGS = Table(
    (8, "I8 ENV", env),
    (1, "", legacy("ENV")),
    (6, "I14 ARG", arg),
    (4, "I5 LABEL", lambda d: "LABEL " + str(pairs(LABELS)(d))),  # type: ignore[operator]
    (0.5, "I5 LABEL legacy", legacy("LABEL")),
    (5, "I13 WORKDIR", lambda d: f"WORKDIR {d.choose(WORKDIRS)}"),
    (4, "I12 USER", lambda d: f"USER {d.choose(USERS)}"),
    (3, "I3 CMD", lambda d: f"CMD {d.choose(COMMAND_FORMS)}"),
    (3, "I4 ENTRYPOINT", lambda d: f"ENTRYPOINT {d.choose(COMMAND_FORMS)}"),
    (3, "I7 EXPOSE", lambda d: "EXPOSE " + " ".join(d.some(1, 3, lambda: str(d.choose(PORTS))))),
    (2, "I11 VOLUME", lambda d: f"VOLUME {d.choose(VOLUMES)}"),
    (2, "I16 STOPSIGNAL", lambda d: f"STOPSIGNAL {d.choose(SIGNALS)}"),
    (2, "I17 HEALTHCHECK", healthcheck),
    (0.5, "I17 HEALTHCHECK NONE", "HEALTHCHECK NONE"),
    (2, "I18 SHELL", lambda d: f"SHELL {d.pick(SHELLS)}"),
)
TRIGGERS = Table(
    (3, "I15 ONBUILD RUN", lambda d: d.choose(RUNS)),
    (3, "I15 ONBUILD COPY", lambda d: d.choose(COPIES)),
    (1, "I15 ONBUILD ADD", lambda d: d.choose(ADDS)),
    (2, "I15 ONBUILD settings", lambda d: d.choose(SETTINGS)),
    (0.05, "", lambda d: d.pick(("ONBUILD RUN x", "FROM x", "MAINTAINER x", "", "RNU x", "ADD"))),
)
STEPS = Table(
    (9, "", lambda d: d.choose(RUNS)),
    (8, "", lambda d: d.choose(COPIES)),
    (4, "", lambda d: d.choose(ADDS)),
    (14, "", lambda d: d.choose(SETTINGS)),
    (1.5, "I15 ONBUILD", onbuild),
    (0.4, "I6 MAINTAINER", lambda d: f"MAINTAINER {d.pick(('me', 'A B <a@b>', '$A é'))}"),
    (0.03, "", lambda d: d.pick(("RNU x", "FORM a", "HELLO", "COPPY a b", "LABEL", "ENV", "ENV A", "ENV =x", "USER", "WORKDIR", "CMD", "SHELL /bin/sh", "VOLUME", "EXPOSE", "ARG", "ARG =x",
                                 "STOPSIGNAL", "STOPSIGNAL a b", "ONBUILD", "MAINTAINER", "HEALTHCHECK", "LABEL a=b c", "ENV A=b c", "SHELL []", 'USER ""', "ARG A B=c =d"))),
)  # fmt: skip
