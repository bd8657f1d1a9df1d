"""Why steps ran, judged by an engine: kinds of changes to Dockerfiles of many shapes.

For each change the named cause is the change that was made, and the steps that are said to run are those that the engine did not report
as cached.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import llbfront
from llbfront.client.records.recorded_builds import RecordedBuilds
from llbfront.client.request.build_request import BuildRequest
from llbfront.inspection.why import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llbfront.client.engine import Engine
    from llbfront.inspection.recorded_build import RecordedBuild
    from llbfront.inspection.why import Explanation
    from tests.live.conftest import Engine as Running
    from tests.support.bases import Registry

STEP = re.compile(r"\[(?:[^\s\]]+ )*\d+/\d+\] (?!FROM )")
HEAD = "FROM busybox AS base\nARG VERSION=1\nENV MODE=fast\n"
SHAPES: Mapping[str, str] = {
    "one stage": f"{HEAD}COPY src /src\nRUN echo one $VERSION\n",
    "two stages": f"{HEAD}COPY src /src\nRUN echo one $VERSION > /out\nFROM busybox\nWORKDIR /app\nCOPY --from=base /out /src /app/\n",
    "parallel stages": (
        f"{HEAD}RUN echo one $VERSION > /a\nFROM busybox AS other\nCOPY src /src\nRUN ls /src > /b\n"
        "FROM busybox\nCOPY --from=base /a /\nCOPY --from=other /b /\nRUN cat /a /b\n"
    ),
    "bind mount": f"{HEAD}RUN --mount=type=bind,source=src,target=/src ls -l /src && echo one\nRUN echo last\n",
    "linked copy": f"{HEAD}COPY --link src /src\nRUN echo one\nCOPY --link src /again\n",
    "wildcards": f"{HEAD}WORKDIR /w\nCOPY src/* /d/\nRUN echo one > /w/x\n",
    "named context": f"{HEAD}COPY --from=files src /src\nRUN echo one\n",
    "heredocs": f"{HEAD}COPY src /src\nRUN <<EOF\necho one\nls /src\nEOF\nCOPY <<EOF /note\ntext\nEOF\n",
    "inherited stage": f"{HEAD}RUN echo before\nFROM base AS middle\nCOPY src /src\nFROM middle\nRUN echo one $MODE\nRUN echo two\n",
    "parents": f"{HEAD}RUN echo one\nCOPY --parents src /p\nRUN ls /p\n",
    "exclusions": f"{HEAD}COPY --exclude=*.md src /src\nRUN --mount=type=cache,target=/cache echo one > /cache/x\n",
    "user and mounts": (
        f"{HEAD}WORKDIR /app\nUSER 1000\nADD src /app/src\nRUN --mount=type=secret,id=token,mode=0444 --mount=type=tmpfs,target=/t echo one\n"
    ),
}
CORE = ("parallel stages", "user and mounts")


@attrs.frozen
class Place:
    """A build context whose files and options a change may edit."""

    root: pathlib.Path
    options: dict[str, Any]

    @property
    def dockerfile(self) -> pathlib.Path:
        return self.root / "Dockerfile"

    def edit(self, old: str, new: str) -> None:
        text = self.dockerfile.read_text()
        assert old in text
        self.dockerfile.write_text(text.replace(old, new))


def content(place: Place) -> None:
    (place.root / "src/main.txt").write_text(f"{place.root.name} changed")


def mode(place: Place) -> None:
    (place.root / "src/main.txt").chmod(0o750)


def appeared(place: Place) -> None:
    (place.root / "src/new.txt").write_text(f"{place.root.name} new")


def vanished(place: Place) -> None:
    (place.root / "src/extra.txt").unlink()


def renamed(place: Place) -> None:
    (place.root / "src/extra.txt").rename(place.root / "src/moved.txt")


def link_target(place: Place) -> None:
    link = place.root / "src/link"
    link.unlink()
    link.symlink_to("extra.txt")


def build_argument(place: Place) -> None:
    place.options["build_args"] = {"VERSION": f"{place.root.name} 2"}


def environment(place: Place) -> None:
    place.edit("MODE=fast", "MODE=slow")


def instruction(place: Place) -> None:
    place.edit("echo one", "echo changed")


def base_image(place: Place) -> None:
    place.edit("FROM busybox", "FROM alpine")


def ignore_rule(place: Place) -> None:
    (place.root / ".dockerignore").write_text("# none\nsrc/hidden.*\n")


def network(place: Place) -> None:
    place.options["network"] = "none"


def no_cache(place: Place) -> None:
    place.options["no_cache"] = True


def nothing(_: Place) -> None:
    """Change nothing: the cache of the engine is emptied instead."""


CHANGES: Mapping[str, tuple[Callable[[Place], None], str, Mapping[str, str]]] = {
    "content": (content, "file-content", {"path": "src/main.txt"}),
    "mode": (mode, "file-mode", {"path": "src/main.txt"}),
    "appeared": (appeared, "file-appeared", {"path": "src/new.txt"}),
    "vanished": (vanished, "file-vanished", {"path": "src/extra.txt"}),
    "renamed": (renamed, "file-renamed", {"path": "src/moved.txt", "old_path": "src/extra.txt"}),
    "link target": (link_target, "link-target", {"path": "src/link"}),
    "build argument": (build_argument, "build-argument", {"name": "VERSION"}),
    "environment": (environment, "environment", {"name": "MODE"}),
    "instruction": (instruction, "instruction", {}),
    "base image": (base_image, "base-image", {"name": "docker.io/library/alpine:latest"}),
    "ignore rule": (ignore_rule, "ignore-rule", {"path": "src/hidden.txt", "rule": "src/hidden.*"}),
    "network": (network, "option", {"name": "network"}),
    "no cache": (no_cache, "no-cache", {}),
    "cache lost": (nothing, "cache-lost", {}),
}


def make(root: pathlib.Path, shape: str) -> Place:
    """Write the context of a shape; its files have contents of their own, so that no shape finds the steps of another in the cache."""
    name = shape.replace(" ", "-")
    root = root / name
    (root / "src").mkdir(parents=True)
    for file in ("main.txt", "extra.txt", "hidden.txt", "notes.md"):
        (root / "src" / file).write_text(f"{name} {file}")
        (root / "src" / file).chmod(0o644)
    (root / "src/link").symlink_to("main.txt")
    (root / ".dockerignore").write_text("# none\n")
    text = SHAPES[shape].replace("echo one", f"echo one {name}").replace("echo before", f"echo before {name}")
    (root / "Dockerfile").write_text(text)
    options: dict[str, Any] = {"secrets": [llbfront.SecretSource("token", value=b"secret")]}
    if shape == "named context":
        options["build_contexts"] = {"files": str(root)}
    return Place(root, options)


def build(client: Engine, place: Place) -> tuple[RecordedBuild, set[str]]:
    """Build, and return the record with the digests of the steps that the engine did not report as cached."""
    result = client.run(BuildRequest(context=str(place.root), **place.options), record=True)
    vertexes = [vertex for step in result.trace.by_digest.values() for vertex in step.members.values()]
    named = [vertex for vertex in vertexes if STEP.match(vertex.name) and vertex.started_ns is not None]
    record = RecordedBuilds(client._connection.environ).latest()
    assert record.ref == result.ref
    return record, {vertex.digest for vertex in named if not vertex.cached}


def judge(explanations: tuple[Explanation, ...], ran: set[str], kind: str, expected: Mapping[str, str]) -> None:
    """Hold the explanations to what the engine did, and to the change that was made."""
    assert ran
    assert {each.step for each in explanations if each.state == "ran"} == {
        each.step for each in explanations if any(node.digest in ran for node in each.step.nodes)
    }
    first = [each for each in explanations if each.cause is not None and each.cause.kind != "earlier-step"]
    assert first
    for each in first:
        assert each.cause is not None
        assert each.cause.kind == kind, each.cause
        assert {name: getattr(each.cause, name) for name in expected} == expected
    lines = {each.step.line for each in first}
    assert {each.cause.line for each in explanations if each.cause and each.cause.kind == "earlier-step"} <= lines


@pytest.mark.parametrize("shape", [pytest.param(name, marks=() if name in CORE else pytest.mark.slow) for name in SHAPES])
def test_the_named_cause_is_the_change(recording_client: Engine, engine: Running, tmp_path: pathlib.Path, shape: str) -> None:
    before, _ = build(recording_client, make(tmp_path / "before", shape))
    assert {each.cause.kind for each in explain(before) if each.cause} == {"first-build"}
    for change, (apply, kind, expected) in CHANGES.items():
        place = make(tmp_path / "after", shape)
        apply(place)
        if change == "cache lost":
            engine.buildctl("prune", "--all")
        after, ran = build(recording_client, place)
        judge(explain(after, before), ran, kind, expected)
        shutil.rmtree(tmp_path / "after")


@pytest.mark.parametrize("is_named", [False, True])  # the op of a named context has the tag without a digest
def test_a_tag_that_moved_is_a_base_image(
    recording_client: Engine, registry: Registry, tmp_path: pathlib.Path, *, is_named: bool
) -> None:
    name = f"{registry.address}/why/base-{is_named}".lower()
    (tmp_path / "Dockerfile").write_text(f"FROM {'base' if is_named else name}\nRUN echo built {is_named}\nRUN echo again\n")
    place = Place(tmp_path, {"pull": True, "build_contexts": {"base": f"docker-image://{name}"}})
    records = []
    for text in ("one", "two"):
        recording_client.build(file=f"FROM busybox\nRUN echo {text} > /base\n", tags=[name], push=True)
        records.append(build(recording_client, place))
    (before, _), (after, ran) = records
    judge(explain(after, before), ran, "base-image", {"name": f"{name}:latest"})


@pytest.mark.parametrize(("flags", "variables"), [(("--no-record",), {}), ((), {"LLBFRONT_RECORD": "0"})])
def test_the_command_records_builds_by_default(
    engine: Running, tmp_path: pathlib.Path, flags: tuple[str, ...], variables: Mapping[str, str]
) -> None:
    (tmp_path / "token").write_text("a secret that is nowhere")
    (tmp_path / "file").write_text("one")
    (tmp_path / "Dockerfile").write_text("FROM busybox\nCOPY file /\nRUN --mount=type=secret,id=t true\n")

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        own = {"XDG_STATE_HOME": str(tmp_path / "state"), "LLBFRONT_RECORD": "1", "BUILDKIT_HOST": engine.address}
        command = [sys.executable, "-m", "llbfront", *arguments]
        return subprocess.run(command, cwd=tmp_path, env={**os.environ, **own, **more}, capture_output=True, text=True, check=False)

    build_arguments = ("build", "--progress=none", "--secret=id=t,src=token", ".")
    assert run(*build_arguments, *flags, **variables).returncode == 0
    assert (run("why").returncode, list(tmp_path.glob("state/**/*"))) == (2, [])
    for content in ("one", "two"):
        (tmp_path / "file").write_text(f"{content} in {tmp_path}")
        assert run(*build_arguments).returncode == 0
    steps = {step["line"]: step for step in json.loads(run("why", "--json").stdout)["steps"]}
    assert (steps[2]["state"], steps[2]["cause"]["kind"], steps[2]["cause"]["path"]) == ("ran", "file-content", "file")
    assert (steps[3]["state"], steps[3]["cause"]["kind"], steps[3]["cause"]["line"]) == ("ran", "earlier-step", 2)
    assert run("trace", ".").stdout.startswith(f"Build of {tmp_path}: ")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("state/**/*.build"))
    assert b"a secret that is nowhere" not in kept
