"""Why steps ran, judged by an engine: one change each, to Dockerfiles with heredocs, links, mounts, variables in FROM, remote files, …"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront.inspection import explain
from tests.live.conformance.servers import web_server
from tests.live.test_why import Place, build, judge

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Mapping

    from llbfront.client.engine import Engine

    Change = Callable[[Place], object]

FILES = ("a.txt", "b.txt", "src/main.txt", "src/extra.txt", "src/hidden.txt", "src/notes.md", "src/sub/deep.txt", "other/o.txt")
HEAD = "FROM busybox AS base\n"


def edit(old: str, new: str) -> Change:
    return lambda place: place.edit(old, new)


def options(**values: Any) -> Change:
    return lambda place: place.options.update(values)


def write(path: str, text: str) -> Change:
    return lambda place: (place.root / path).write_text(text)


def rename(old: str, new: str) -> Change:
    return lambda place: (place.root / old).rename(place.root / new)


def chmod(path: str, mode: int) -> Change:
    return lambda place: (place.root / path).chmod(mode)


def remove(path: str) -> Change:
    return lambda place: shutil.rmtree(place.root / path)


def retarget(path: str, target: str) -> Change:
    def change(place: Place) -> None:
        (place.root / path).unlink()
        (place.root / path).symlink_to(target)

    return change


NOTHING = ""  # no step runs
# What follows FROM busybox AS base (or the whole Dockerfile), the change, the kind of the cause, and its members.
CASES: Mapping[str, tuple[str, Change, str, Mapping[str, str]]] = {
    "ARG in FROM": ("ARG B=busybox\nFROM $B\nRUN echo @\n", options(build_args={"B": "alpine"}), "build-argument", {"name": "B"}),
    "default of ARG in FROM": (
        "ARG B=busybox\nFROM $B\nRUN echo @\n",
        edit("=busybox", "=alpine"),
        "build-argument",
        {"name": "B"},
    ),
    "stage by ARG": (
        "ARG S=one\nFROM busybox AS one\nRUN echo @ 1\nFROM one AS two\nRUN echo @ 2\nFROM $S\nRUN echo @ 3\n",
        options(build_args={"S": "two"}, target=""),
        "first-build build-argument",
        {},
    ),
    "heredoc of RUN": ("RUN <<EOF\necho @\necho two\nEOF\n", edit("two", "three"), "instruction", {}),
    "heredoc of RUN with an interpreter": ("RUN <<EOF\n#!/bin/sh\necho @ two\nEOF\n", edit("two", "three"), "instruction", {}),
    "heredoc of COPY": ("COPY <<EOF /f\n@ one\nEOF\nRUN cat /f\n", edit("one", "two"), "instruction", {}),
    "heredoc of COPY --link": ("COPY --link <<EOF /f\n@ one\nEOF\n", edit("one", "two"), "instruction", {}),
    "heredoc with ARG": (
        "ARG V=1\nCOPY <<EOF /f\n@ $V\nEOF\nRUN cat /f\n",
        options(build_args={"V": "2"}),
        "build-argument",
        {"name": "V"},
    ),
    "heredoc with ENV": ("ENV V=1\nADD <<EOF /f\n@ $V\nEOF\n", edit("V=1", "V=2"), "environment", {"name": "V"}),
    "SHELL": ('SHELL ["/bin/sh", "-ec"]\nRUN echo @\n', edit('"-ec"', '"-exc"'), "instruction", {}),
    "USER by ARG": ("ARG U=1000\nUSER $U\nRUN echo @\n", options(build_args={"U": "1001"}), "build-argument", {"name": "U"}),
    "ENV of ARG": ("ARG V=1\nENV W=$V\nRUN echo @\n", options(build_args={"V": "2"}), "build-argument", {"name": "V"}),
    "ENV of the stage before": ("ENV A=1\nFROM base\nRUN echo @\n", edit("A=1", "A=2"), "environment", {"name": "A"}),
    "COPY source by ENV": ("ENV F=a.txt\nCOPY $F /d/\nRUN echo @\n", edit("F=a", "F=b"), "environment", {"name": "F"}),
    "COPY --link content": ("COPY --link a.txt /d/\nRUN echo @\n", write("a.txt", "x"), "file-content", {"path": "a.txt"}),
    "COPY --link mode": ("COPY --link a.txt /d/\nRUN echo @\n", chmod("a.txt", 0o755), "file-mode", {"path": "a.txt"}),
    "COPY --parents rename": (
        "COPY --parents src/*.txt /d/\nRUN echo @\n",
        rename("src/extra.txt", "src/moved.txt"),
        "file-renamed",
        {"path": "src/moved.txt", "old_path": "src/extra.txt"},
    ),
    "COPY --parents mode of a directory": (
        "COPY --parents src/sub/deep.txt /d/\nRUN echo @\n",
        chmod("src/sub", 0o700),
        "file-mode",
        {"path": "src/sub"},
    ),
    "COPY --exclude other pattern": ("COPY --exclude=*.md src /d\nRUN echo @\n", edit("*.md", "*.txt"), "instruction", {}),
    "COPY --exclude excluded file": ("COPY --exclude=*.md src /d\nRUN echo @\n", write("src/notes.md", "x"), NOTHING, {}),
    "renamed directory": (
        "COPY src /d\nRUN echo @\n",
        rename("src/sub", "src/bus"),
        "file-renamed",
        {"path": "src/bus/deep.txt", "old_path": "src/sub/deep.txt"},
    ),
    "renamed out of a wildcard": (
        "COPY src/*.txt /d/\nRUN echo @\n",
        rename("src/extra.txt", "src/extra.bin"),
        "file-vanished",
        {"path": "src/extra.txt"},
    ),
    "removed directory": ("COPY src /d/\nRUN echo @\n", remove("src/sub"), "file-vanished", {"path": "src/sub/deep.txt"}),
    "followed symlink": (
        "COPY link/main.txt /\nRUN echo @\n",
        write("src/main.txt", "x"),
        "file-content",
        {"path": "src/main.txt"},
    ),
    "symlink that is followed points elsewhere": (
        "COPY link /d/\nRUN echo @\n",
        retarget("link", "other"),
        "link-target",
        {"path": "link"},
    ),
    "ignore file beside the Dockerfile": (
        "COPY src /d/\nRUN echo @\n",
        write("Dockerfile.dockerignore", "src/hidden.*\n"),
        "ignore-rule",
        {"path": "src/hidden.txt", "rule": "src/hidden.*"},
    ),
    "ignore rule of a bind mount": (
        "RUN --mount=source=src,target=/s echo @\n",
        write(".dockerignore", "src/hidden.*\n"),
        "ignore-rule",
        {"path": "src/hidden.txt"},
    ),
    "ignore rule of a named context": (
        "COPY --from=named . /d/\nRUN echo @\n",
        write("other/.dockerignore", "o.txt\n"),
        "ignore-rule",
        {"path": "o.txt", "rule": "o.txt"},
    ),
    "named context": ("COPY --from=named o.txt /d/\nRUN echo @\n", write("other/o.txt", "x"), "file-content", {"path": "o.txt"}),
    "named context as the base": (  # an engine sends it again and runs all steps on it
        "FROM named\nCOPY a.txt /@\nCOPY --link b.txt /\n",
        edit("FROM", "# a comment\nFROM"),
        "base-image",
        {"name": "named"},
    ),
    "bind mount of a named context": (
        "RUN --mount=from=named,source=o.txt,target=/o echo @\n",
        write("other/o.txt", "x"),
        "file-content",
        {"path": "o.txt"},
    ),
    "bind mount of a stage": (
        "COPY a.txt /x/\nFROM busybox\nRUN --mount=from=base,source=/x,target=/s echo @\n",
        write("a.txt", "x"),
        "file-content",
        {"path": "a.txt"},
    ),
    "bind mount of an image": (
        "RUN --mount=from=busybox,target=/s echo @\n",
        edit("from=busybox", "from=alpine"),
        "base-image",
        {"name": "docker.io/library/alpine:latest"},
    ),
    "bind mount source": (
        "RUN --mount=source=src,target=/s echo @\n",
        edit("source=src", "source=other"),
        "option",
        {"name": "mount"},
    ),
    "secret in a variable": (
        "RUN --mount=type=secret,id=one,env=T echo @\n",
        edit("id=one", "id=two"),
        "option",
        {"name": "secret id"},
    ),
    "hosts": ("RUN echo @\n", options(hosts={"a.test": "192.0.2.1"}), "option", {"name": "add-host"}),
    "cache mount id": ("RUN --mount=type=cache,id=one,target=/c echo @\n", edit("id=one", "id=two"), NOTHING, {}),
    "order of ENV": ("ENV A=1 B=2\nRUN echo @\n", edit("A=1 B=2", "B=2 A=1"), "environment", {"name": "A"}),
    "ENV set again": ("ENV A=1 B=2\nRUN echo @\n", edit("RUN", "ENV A=1\nRUN"), "environment", {"name": "A"}),
    "exec form of the same words": ("RUN env\nRUN echo @\n", edit("RUN env", 'RUN ["env"]'), "instruction", {}),
    "removed first step": ("COPY a.txt /\nCOPY b.txt /@\n", edit("COPY a.txt /\n", ""), "instruction", {}),
    "one of two links without --link": (
        "RUN echo @\nCOPY --link src /a\nCOPY --link src /b\nRUN ls\n",
        edit("--link src /b", "src /b"),
        "instruction",
        {},
    ),
    "label": ("LABEL a=1\nRUN echo @\n", edit("a=1", "a=2"), NOTHING, {}),
    "renamed stage": ("RUN echo @ > /o\nFROM busybox\nCOPY --from=base /o /\n", edit("base", "first"), NOTHING, {}),
    "removed step": ("RUN echo @\nRUN echo middle\nRUN echo last\n", edit("RUN echo middle\n", ""), "instruction", {}),
    "no cache for one stage": (
        "RUN echo @\nFROM busybox AS two\nRUN echo @ 2\nFROM base\nCOPY --from=two /bin/sh /b\n",
        options(no_cache_filter=["two"]),
        "no-cache",
        {},
    ),
    "several platforms": (
        "FROM scratch\nCOPY a.txt /@\nCOPY b.txt /\n",
        write("a.txt", "x"),
        "file-content",
        {"path": "a.txt"},
    ),
    "platform in a variable": (
        "FROM --platform=$BUILDPLATFORM busybox\nARG TARGETARCH\nRUN echo @ $TARGETARCH\n",
        options(platforms=["linux/s390x"]),
        "platform",
        {},
    ),
}
CORE = ("named context as the base", "heredoc of COPY", "stage by ARG", "bind mount of an image", "several platforms")


def make(root: pathlib.Path, name: str) -> Place:
    """Write the context of a case; what it says and holds is its own, so that no case finds the steps of another in the cache."""
    word = name.replace(" ", "-")
    for path in FILES:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"{path} of {word}")
        (root / path).chmod(0o644)
    (root / "link").symlink_to("src")
    (root / ".dockerignore").write_text("# none\n")
    text = CASES[name][0]
    whole = text if text.startswith(("ARG B", "ARG S", "FROM")) else HEAD + text
    (root / "Dockerfile").write_text(whole.replace("@", word))
    values: dict[str, Any] = {"secrets": [llbfront.SecretSource(name, value=b"s") for name in ("one", "two")]}
    if "named" in text:
        values["build_contexts"] = {"named": str(root / "other")}
    if name == "several platforms":
        values["platforms"] = ["linux/amd64", "linux/arm64"]
    return Place(root, values)


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in CORE else pytest.mark.slow) for name in CASES])
def test_the_named_cause_is_the_change(recording_client: Engine, tmp_path: pathlib.Path, name: str) -> None:
    _, change, kinds, members = CASES[name]
    before, _ = build(recording_client, make(tmp_path / "before", name))
    place = make(tmp_path / "after", name)
    change(place)
    after, ran = build(recording_client, place)
    explanations = explain(after, before)
    if kinds == NOTHING:
        assert (ran, [each.cause for each in explanations if each.cause]) == (set(), [])
    elif " " in kinds:
        named = [each.cause.kind for each in explanations if each.cause and each.cause.kind != "earlier-step"]
        assert named == kinds.split()
    else:
        judge(explanations, ran, kinds, members)


def test_a_remote_file_that_changed_is_named(recording_client: Engine, tmp_path: pathlib.Path) -> None:
    root = tmp_path / "context"
    root.mkdir()
    with web_server(tmp_path / "web") as address:
        (tmp_path / "web/changing").write_text(f"one {tmp_path}")
        (root / "Dockerfile").write_text(f"FROM busybox\nADD {address}/changing /f\nRUN cat /f\n")
        place = Place(root, {})
        before, _ = build(recording_client, place)
        (tmp_path / "web/changing").write_text(f"two {tmp_path}")
        after, ran = build(recording_client, place)
    judge(explain(after, before), ran, "remote-source", {"url": f"{address}/changing"})
