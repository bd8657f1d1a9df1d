"""Differences between graphs, in words, of every kind of op and every member of the image config."""

import random

import pytest

import llbfront
from llbfront import llb
from llbfront.inspection.compare import compare_graphs
from llbfront.inspection.graph import Graph
from llbfront.llb.state import State
from llbfront.oci.platform import Platform

BASE = "FROM alpine\nRUN true\n"
ALPINE = llb.image("alpine")


def differences(before: str, after: str) -> list[str]:
    """The lines of all differences between two Dockerfiles."""
    graphs = [llbfront.convert(text, platform="linux/amd64") for text in (before, after)]
    return [line.strip() for difference in compare_graphs(*graphs) for line in str(difference).splitlines()]


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("USER bob", "USER: (unset) → bob"),
        ("WORKDIR /", "WORKDIR: (unset) → /"),
        ('CMD ["x", "y z"]', 'CMD: (unset) → ["x", "y z"]'),
        ("ENTRYPOINT e", 'ENTRYPOINT: (unset) → ["/bin/sh", "-c", "e"]'),
        ("LABEL a.b=c", "LABEL a.b: (unset) → c"),
        ("ENV A=", "ENV A: (unset) → ''"),
        ("EXPOSE 80 53/udp", "EXPOSE: (unset) → 53/udp, 80/tcp"),
        ("VOLUME /v", "VOLUME: (unset) → /v"),
        ("STOPSIGNAL 9", "STOPSIGNAL: (unset) → 9"),
        ('SHELL ["/bin/bash"]', 'SHELL: (unset) → ["/bin/bash"]'),
        ("HEALTHCHECK --retries=3 CMD x", 'HEALTHCHECK test: (unset) → ["CMD-SHELL", "x"]'),
        ("HEALTHCHECK --retries=3 CMD x", "HEALTHCHECK retries: (unset) → 3"),
        ("HEALTHCHECK NONE", 'HEALTHCHECK test: (unset) → ["NONE"]'),
        ("ONBUILD RUN x", 'ONBUILD: (unset) → ["RUN x"]'),
        ("MAINTAINER me", "MAINTAINER: (unset) → me"),
    ],
)
def test_every_member_of_the_image_config_is_compared(instruction: str, expected: str) -> None:
    added = differences(BASE, f"{BASE}{instruction}\n")
    assert added[0] == "~ image config"
    assert expected in added
    name, _, value = expected.partition(": (unset) → ")
    assert f"{name}: {value} → (unset)" in differences(f"{BASE}{instruction}\n", BASE)


def test_a_changed_member_shows_both_values() -> None:
    assert differences("FROM alpine\nUSER ann\n", "FROM alpine\nUSER bob\n") == ["~ image config", "USER: ann → bob"]


def test_the_platform_is_compared() -> None:
    arm, amd = (llbfront.convert("FROM alpine\n", platform=f"linux/{name}") for name in ("arm64", "amd64"))
    assert str(compare_graphs(arm, amd)[0]) == "~ image config\n    platform: linux/arm64 → linux/amd64"


def test_the_order_of_variables_is_compared() -> None:
    changes = differences("FROM alpine\nENV A=1 B=2\n", "FROM alpine\nENV B=2 A=1\n")
    assert changes == ["~ image config", "config.Env[1]: A=1 → B=2", "config.Env[2]: B=2 → A=1"]


def test_history_is_compared_where_nothing_else_differs() -> None:
    (head, change) = differences(BASE, f"{BASE}ARG X=1\n")
    assert head == "~ image config"
    assert change.startswith("history[1]: (unset) → ")
    assert not any("history" in line for line in differences(BASE, f"{BASE}USER x\n"))
    assert not any("history" in line for line in differences(BASE, "FROM alpine\nRUN false\n"))


def test_equal_dockerfiles_do_not_differ() -> None:
    assert differences(f"{BASE}USER x\n", f"{BASE}USER x\n") == []


def test_a_config_that_is_not_known_is_not_compared() -> None:
    graph = llbfront.convert(f"{BASE}USER x\n")
    assert compare_graphs(Graph.load(graph.definition.encode()), graph) == ()


def test_a_changed_variable_is_named_at_each_step_that_sees_it() -> None:
    before, after = (f"FROM alpine\nENV A=1\nARG MODE={mode}\nRUN make\n" for mode in ("fast", "slow"))
    assert differences(before, after) == ["~ exec [2/2] RUN make  Dockerfile:4", "environment MODE: fast → slow"]


def exec_with(**options: object) -> State:
    return ALPINE.run(("make",), **options).root  # type: ignore[arg-type]


def mounted(*mounts: llb.Mount) -> State:
    return ALPINE.run(("make",), mounts=mounts).root


def files(*actions: llb.FileAction) -> State:
    return ALPINE.file(*actions)


OPS = [
    (llb.image("a:1"), llb.image("a:2"), "image: docker.io/library/a:1 → docker.io/library/a:2"),
    (llb.http("https://h/a"), llb.http("https://h/b"), "source: https://h/a → https://h/b"),
    (llb.http("https://h/a"), llb.http("https://h/a", filename="b"), "filename: (unset) → b"),
    (llb.local("a", session="s"), llb.local("a", session="s", include_patterns="b"), 'include patterns: (unset) → ["b"]'),
    (llb.image("a"), llb.image("a", platform=Platform("linux", "arm64")), "platform: linux/amd64 → linux/arm64"),
    (ALPINE.run(("a", "b c")).root, ALPINE.run(("a", "b")).root, "command: a 'b c' → a b"),
    (exec_with(), exec_with(network=llb.NetMode.HOST), "network: sandbox → host"),
    (exec_with(), exec_with(security=llb.SecurityMode.INSECURE), "security: sandbox → insecure"),
    (exec_with(), exec_with(hostname="h"), "host name: (unset) → h"),
    (exec_with(), exec_with(extra_hosts=(llb.HostIP("h", "1.2.3.4"),)), "host h: (unset) → 1.2.3.4"),
    (exec_with(), exec_with(ulimits=(llb.Ulimit("nofile", 1, 2),)), "limit nofile: (unset) → 1:2"),
    (exec_with(), exec_with(devices=(("d", False),)), "device d: (unset) → required"),
    (exec_with(), exec_with(valid_exit_codes=(0, 3)), "valid exit codes: (unset) → 0, 3"),
    (mounted(llb.Bind("/m", ALPINE)), mounted(llb.Bind("/m", ALPINE, readonly=True)), "mount /m: bind → bind, read-only"),
    (exec_with(), ALPINE.with_cwd("/w").run(("make",)).root, "directory: / → /w"),
    (exec_with(), ALPINE.with_user("ann").run(("make",)).root, "user: (unset) → ann"),
    (mounted(llb.Cache("/c", id="c")), mounted(llb.Cache("/c", id="d")), "mount /c: cache, id c → cache, id d"),
    (
        mounted(llb.Cache("/c", id="c")),
        mounted(llb.Cache("/c", id="c", sharing=llb.Sharing.LOCKED)),
        "mount /c: cache, id c → cache, id c, sharing locked",
    ),
    (mounted(llb.Tmpfs("/t", 1)), mounted(llb.Tmpfs("/t", 2)), "mount /t: tmpfs, size 1 → tmpfs, size 2"),
    (mounted(), mounted(llb.Secret("k", env="K")), "secret in K: (unset) → id k"),
    (mounted(), mounted(llb.Secret("k", target="/k")), "mount /k: (unset) → secret, id k, mode 0400"),
    (files(llb.Copy(ALPINE, "/a", "/b")), files(llb.Copy(ALPINE, "/a", "/c")), "copy destination: /b → /c"),
    (files(llb.Copy(ALPINE, "/a", "/b")), files(llb.Copy(ALPINE, "/a", "/b", mode=0o640)), "copy mode: (unset) → 0640"),
    (
        files(llb.Copy(ALPINE, "/a", "/b")),
        files(llb.Copy(ALPINE, "/a", "/b", owner=llb.Owner(1, "g"))),
        "copy owner: (unset) → 1:g",
    ),
    (files(llb.Mkdir("/a")), files(llb.Mkdir("/a", parents=True)), "mkdir parents: (unset) → yes"),
    (files(llb.Mkfile("/a", b"x")), files(llb.Mkfile("/a", b"y")), "mkfile content: x → y"),
    (files(llb.Mkfile("/a", b"\xff")), files(llb.Mkfile("/a", b"y")), "mkfile content: 1 bytes, base64 /w== → y"),
    (files(llb.Rm("/a")), files(llb.Rm("/a"), llb.Rm("/b")), "rm 2: (unset) → path /b"),
    (files(llb.Symlink("/a", "/b")), files(llb.Symlink("/c", "/b")), "symlink target: /a → /c"),
    (ALPINE.requires("g", llb.image("x")), ALPINE.requires("h", llb.image("x")), "name: g → h"),
    (ALPINE.build("f"), ALPINE.build("g"), "filename: f → g"),
]


@pytest.mark.parametrize(("before", "after", "expected"), OPS, ids=[expected for _, _, expected in OPS])
def test_every_kind_of_op_is_compared_in_words(before: State, after: State, expected: str) -> None:
    graphs = [Graph.of(llb.marshal(state, platform=Platform("linux", "amd64"))) for state in (before, after)]
    changes = [str(change) for difference in compare_graphs(*graphs) for change in difference.fields]
    assert expected in changes


def test_the_session_of_a_local_directory_is_not_a_difference() -> None:
    graphs = [
        Graph.of(llb.marshal(ALPINE.file(llb.Copy(llb.local("a", session=session), "/a", "/a")).run(("x",)).root))
        for session in ("s", "t")
    ]
    assert graphs[0].nodes[-1].digest != graphs[1].nodes[-1].digest
    assert compare_graphs(*graphs) == ()
    assert compare_graphs(*(Graph.of(llb.marshal(llb.local("a").file(llb.Rm("/b")))) for _ in range(2))) == ()


def test_an_op_of_another_kind_is_another_op() -> None:
    graphs = [
        Graph.of(llb.marshal(state, platform=Platform("linux", "amd64")))
        for state in (ALPINE.run(("a",)).root, ALPINE.file(llb.Rm("/a")))
    ]
    assert list(map(str, compare_graphs(*graphs))) == ["- exec a", "+ file rm /a"]


INSTRUCTIONS = (
    "RUN a",
    "RUN b",
    "RUN --network=none b",
    "COPY a /a",
    "COPY a b /c/",
    "WORKDIR /w",
    "ENV A=1",
    "ENV A=2",
    "COPY --from=one /x /x",
)


@pytest.mark.parametrize("seed", range(60))
def test_there_is_a_difference_exactly_if_the_digests_differ(seed: int) -> None:
    chance = random.Random(seed)
    lines = chance.choices(INSTRUCTIONS, k=6)
    other = list(lines)
    for _ in range(chance.randrange(3)):
        place = chance.randrange(len(other))
        match chance.randrange(4):
            case 0:
                other.insert(place, chance.choice(INSTRUCTIONS))
            case 1 if len(other) > 1:
                other.pop(place)
            case 2:
                other[place] = chance.choice(INSTRUCTIONS)
            case _:
                chance.shuffle(other)
    texts = ("\n".join(["FROM busybox AS one", "RUN x", "FROM alpine", *body, ""]) for body in (lines, other))
    before, after = (llbfront.convert(text, platform="linux/amd64") for text in texts)
    is_equal = before.definition.digests == after.definition.digests and before.config == after.config
    assert (not compare_graphs(before, after)) == is_equal
    if before.definition.digests != after.definition.digests:
        assert any(difference.before or difference.after for difference in compare_graphs(before, after))
