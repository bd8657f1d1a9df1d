"""Why steps ran, from records of builds."""

from __future__ import annotations

import json
import pathlib
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llbfront import llb
from llbfront.inspection import why_report
from llbfront.inspection.recorded_build import from_members
from llbfront.inspection.why import explain
from tests.inspection.records import members, recorded
from tests.support.json_forms import problems

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD = "FROM alpine AS build\nARG V=1\nENV A=$V B=2\nWORKDIR /w\n"
TAIL = "COPY src .\nRUN make\nFROM alpine\nCOPY --from=build /w /w\n"
# What changes: the text of the Dockerfile, options, and the causes by line.
CHANGES: Mapping[str, tuple[tuple[str, str], dict[str, str], dict[int, tuple[str, str]]]] = {
    "default of an argument": (("V=1", "V=3"), {}, {6: ("build-argument", "V")}),
    "build argument": (("", ""), {"V": "9"}, {6: ("build-argument", "V")}),
    "environment": (("B=2", "B=3"), {}, {6: ("environment", "B")}),
    "ENV of an argument": (("ENV A=", "ENV V=7\nENV A="), {}, {7: ("environment", "V")}),
    "instruction": (("RUN make", "RUN make all"), {}, {6: ("instruction", ""), 8: ("earlier-step", "")}),
    "inserted step": (("COPY src", "RUN new\nCOPY src"), {}, {5: ("instruction", ""), 6: ("earlier-step", "")}),
    "directory": (("/w\nCOPY", "/v\nCOPY"), {}, {4: ("instruction", ""), 6: ("instruction", "")}),
    "option of RUN": (("RUN make", "RUN --network=none make"), {}, {6: ("option", "network")}),
    "mount of RUN": (("RUN make", "RUN --mount=type=cache,target=/c make"), {}, {6: ("option", "mount")}),
    "secret of RUN": (("RUN make", "RUN --mount=type=secret,id=s make"), {}, {6: ("option", "secret id")}),
    "image": (("FROM alpine AS", "FROM debian AS"), {}, {4: ("base-image", "docker.io/library/debian:latest")}),
    "platform": (("", ""), {"platform": "linux/arm64"}, {4: ("platform", "linux/arm64"), 8: ("platform", "linux/arm64")}),
    "user": (("RUN make", "USER 3\nRUN make"), {}, {7: ("instruction", "")}),
    "shell": (("RUN make", 'SHELL ["/bin/ash", "-c"]\nRUN make'), {}, {7: ("instruction", "")}),
    "copy": (("COPY src .", "COPY --chmod=700 src ."), {}, {5: ("instruction", ""), 6: ("earlier-step", "")}),
}


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.c").write_text("main")
    (tmp_path / "Dockerfile").write_text(HEAD + TAIL)
    return tmp_path


def causes(*explanations: Any) -> dict[int, tuple[str, str]]:
    return {each.step.line: (each.cause.kind, each.cause.name) for each in explanations if each.cause}


@pytest.mark.parametrize("change", CHANGES)
def test_the_cause_of_a_changed_dockerfile(root: pathlib.Path, change: str) -> None:
    (old, new), options, expected = CHANGES[change]
    before = recorded(root)
    dockerfile = root / "Dockerfile"
    text = dockerfile.read_text()
    assert old in text
    dockerfile.write_text(text.replace(old, new, 1))
    explained = causes(*explain(recorded(root, **options), before))
    assert {line: explained[line] for line in expected} == expected


def test_without_an_earlier_build_all_steps_are_first(root: pathlib.Path) -> None:
    assert {kind for kind, _ in causes(*explain(recorded(root))).values()} == {"first-build"}


def test_a_step_that_ran_without_a_change_was_lost(root: pathlib.Path) -> None:
    assert {kind for kind, _ in causes(*explain(recorded(root), recorded(root))).values()} == {"cache-lost"}


def test_a_change_to_what_the_cache_has_is_named_by_the_steps_after_it(root: pathlib.Path) -> None:
    before = recorded(root)
    (root / "Dockerfile").write_text((HEAD + TAIL).replace("alpine AS", "debian AS"))
    members_of_it = members(root)
    for run in members_of_it["runs"]:
        run[1] = "cached" if "WORKDIR" in run[6] else run[1]
    found = [each.cause for each in explain(from_members(members_of_it), before) if each.cause]
    name = "docker.io/library/debian:latest"
    assert [(cause.kind, cause.name, cause.line) for cause in found] == [
        ("base-image", name, 5),
        ("earlier-step", "", 5),
        ("earlier-step", "", 5),
    ]
    assert found[0].text == (
        "the step of line 4, which came from the cache, is another one: "
        f"the image is {name} instead of docker.io/library/alpine:latest"
    )


def test_a_step_on_one_from_the_cache_names_the_step_that_ran(root: pathlib.Path) -> None:
    text = "FROM alpine AS a\nCOPY src /src\nFROM alpine\nCOPY --from=a /src/x /x\nRUN make\n"
    (root / "Dockerfile").write_text(text)
    before = recorded(root)
    (root / "src/main.c").write_text("other")
    members_of_it = members(root)
    for run in members_of_it["runs"]:
        run[1] = "cached" if "--from" in run[6] else run[1]
    found = [each.cause for each in explain(from_members(members_of_it), before) if each.cause]
    assert [(cause.kind, cause.line) for cause in found] == [("file-content", 2), ("earlier-step", 2)]
    assert found[1].text == "the step of line 2 ran"


def test_a_remote_archive_is_the_source_of_the_steps_that_read_it(root: pathlib.Path) -> None:
    archive = llb.http("https://web.test/context.tar", filename="context")
    context = llb.scratch().file(llb.Copy(archive, "/context", "/", attempt_unpack=True))
    state = llb.scratch().file(llb.Copy(context, "/a", "/a"), meta=llb.OpMeta(name="[1/1] COPY a /a"))
    definition = llb.marshal(state)
    runs = [[digest, "ran", 1, 2, 1, 0, "x"] for digest in definition.digests]
    kept = members(root) | {"definitions": [[definition.encode(), None]], "runs": runs}
    (explanation,) = explain(from_members(kept), from_members(kept))
    assert explanation.cause is not None
    assert (explanation.cause.kind, explanation.cause.url) == ("remote-source", "https://web.test/context.tar")


def test_an_argument_that_another_stage_declares_too_was_dropped(root: pathlib.Path) -> None:
    text = "FROM alpine AS a\nARG V\nRUN make\nFROM alpine\nARG V\nCOPY --from=a /w /w\n"
    (root / "Dockerfile").write_text(text)
    before = recorded(root, V="1")
    (root / "Dockerfile").write_text(text.replace("ARG V\n", "", 1))
    assert causes(*explain(recorded(root, V="1"), before)) == {2: ("build-argument", "V"), 5: ("earlier-step", "")}


def test_a_step_that_reads_nothing_does_not_hide_a_remote_source(root: pathlib.Path) -> None:
    (root / "Dockerfile").write_text("FROM scratch\nWORKDIR /w\nADD https://web.test/f /f\n")
    first, second = explain(recorded(root), recorded(root))
    assert first.cause is not None and second.cause is not None
    assert (first.cause.kind, "a step that reads nothing" in first.cause.text) == ("cache-lost", True)
    assert (second.cause.kind, second.cause.url) == ("remote-source", "https://web.test/f")


@pytest.mark.parametrize(("digests", "kind"), [(("1", "2"), "base-image"), (("1", "1"), "cache-lost"), (("1",), "cache-lost")])
def test_a_name_without_a_digest_may_stand_for_another_image(root: pathlib.Path, digests: tuple[str, ...], kind: str) -> None:
    (root / "Dockerfile").write_text("FROM alpine\nRUN make\n")
    (image,) = (node.identifier.partition("://")[2] for node in recorded(root).graph.nodes if node.kind == "source")
    before, after = (attrs.evolve(recorded(root), images=((image, digest, b"{}"),)) for digest in (*digests, *digests)[:2])
    after = after if len(digests) > 1 else attrs.evolve(after, images=())
    assert {each.cause.kind for each in explain(after, before) if each.cause} == {kind}


def test_cached_steps_have_no_cause(root: pathlib.Path) -> None:
    explanations = explain(recorded(root, cached=True), recorded(root))
    assert {each.state for each in explanations} == {"cached"}
    assert causes(*explanations) == {}


def test_of_several_builds_the_nearest_is_compared(root: pathlib.Path) -> None:
    same = recorded(root)
    (root / "src/main.c").write_text("other")
    other = recorded(root, V="5")
    (root / "src/main.c").write_text("third")
    explanations = explain(recorded(root), other, same)
    assert causes(*explanations)[5] == ("file-content", "")
    assert {each.compared_with for each in explanations if each.step.line == 6} == {same}


def test_a_step_that_failed_before_runs_for_the_first_time(root: pathlib.Path) -> None:
    before = recorded(root)
    make = next(node.digest for node in before.graph.nodes if "RUN make" in node.name)
    failed = attrs.evolve(before.graph.runs[make], state="failed")
    graph = attrs.evolve(before.graph, runs={**before.graph.runs, make: failed})
    assert causes(*explain(recorded(root), attrs.evolve(before, graph=graph)))[6][0] == "first-build"


def test_json_and_text_name_the_cause(root: pathlib.Path) -> None:
    before = recorded(root)
    (root / "src/main.c").rename(root / "src/moved.c")
    build = recorded(root)
    explanations = explain(build, before)
    document = json.loads(why_report.to_json(build, explanations))
    steps = {step["line"]: step for step in document["steps"]}
    cause = steps[5]["cause"]
    assert problems(document) == []
    assert (cause["kind"], cause["from"], cause["path"], cause["line"]) == ("file-renamed", "src/main.c", "src/moved.c", 5)
    assert (steps[6]["cause"]["kind"], steps[6]["cause"]["line"]) == ("earlier-step", 5)
    assert (steps[5]["stage"], steps[5]["state"], steps[5]["instruction"]) == ("build", "ran", "COPY src .")
    text = why_report.to_text(build, explanations, now_ns=3 * 60 * 10**9)
    assert "file-renamed: src/main.c was renamed to src/moved.c" in text
    assert "the step of line 5 ran" in text
    assert "2 minutes ago" in text


def test_a_changed_secret_is_said_and_no_cause(root: pathlib.Path) -> None:
    before, build = (attrs.evolve(recorded(root), secrets={"token": value}) for value in (b"a", b"b"))
    assert why_report.changed_secrets(build, before) == ["token"]
    assert "The content of the secret token changed" in why_report.to_text(build, explain(build, before), now_ns=0)


HEREDOC = "FROM alpine\nARG V=1\nENV E=1\nCOPY <<EOF /f\none $V $E\nEOF\nRUN <<EOF\n#!/bin/sh\nmake\nEOF\n"
STAGES = "ARG S=one\nFROM alpine AS one\nRUN one\nFROM alpine AS two\nRUN two\nFROM $S AS last\nRUN last\n"
MOUNT = "FROM alpine\nRUN --mount=from=alpine,target=/m ls\n"
# The Dockerfile, what is replaced in it, options before and after, and the causes by line.
SHAPES: Mapping[str, tuple[str, tuple[str, str], dict[str, str], dict[str, str], dict[int, tuple[str, str]]]] = {
    "a heredoc of COPY": (HEREDOC, ("one $V", "two $V"), {}, {}, {4: ("instruction", ""), 7: ("earlier-step", "")}),
    "a heredoc with a build argument": (
        HEREDOC,
        ("", ""),
        {},
        {"V": "2"},
        {4: ("build-argument", "V"), 7: ("build-argument", "V")},
    ),
    "a heredoc with a variable": (HEREDOC, ("E=1", "E=2"), {}, {}, {4: ("environment", "E"), 7: ("environment", "E")}),
    "a heredoc of RUN with an interpreter": (HEREDOC, ("make", "make all"), {}, {}, {7: ("instruction", "")}),
    "the image of a mount": (MOUNT, ("from=alpine", "from=debian"), {}, {}, {2: ("base-image", "docker.io/library/debian:latest")}),
    "a stage by a build argument": (STAGES, ("", ""), {}, {"S": "two"}, {5: ("first-build", ""), 7: ("build-argument", "S")}),
    "a stage by another FROM": (STAGES, ("FROM $S", "FROM two"), {}, {}, {5: ("first-build", ""), 7: ("instruction", "")}),
    "another target": (STAGES, ("", ""), {"target": "one"}, {"target": "two"}, {5: ("first-build", "")}),
    "a new stage": (
        STAGES,
        ("FROM $S", "FROM alpine AS new\nRUN new\nFROM new"),
        {},
        {},
        {7: ("instruction", ""), 9: ("earlier-step", "")},
    ),
    "the first step removed": ("FROM alpine\nRUN one\nRUN two\n", ("RUN one\n", ""), {}, {}, {2: ("instruction", "")}),
    "a repeated step": (
        "FROM alpine\nRUN one\nRUN two\n",
        ("RUN one", "RUN one\nRUN one"),
        {},
        {},
        {3: ("instruction", ""), 4: ("earlier-step", "")},
    ),
    "an argument that is declared later": (
        "FROM alpine\nARG V=1\nRUN one\nRUN two\n",
        ("ARG V=1\nRUN one\n", "RUN one\nARG V=1\n"),
        {},
        {},
        {2: ("build-argument", "V"), 4: ("earlier-step", "")},
    ),
    "the order of variables": (
        "FROM alpine\nENV A=1 B=2\nRUN make\n",
        ("A=1 B=2", "B=2 A=1"),
        {},
        {},
        {3: ("environment", "A")},
    ),
    "a variable set again": (
        "FROM alpine\nENV A=1 B=2\nRUN one\nRUN make\n",
        ("RUN one\n", "RUN one\nENV A=1\n"),
        {},
        {},
        {5: ("environment", "A")},
    ),
    "the order of secrets in variables": (
        "FROM alpine\nRUN --mount=type=secret,id=a,env=A --mount=type=secret,id=b,env=B ls\n",
        ("id=a,env=A --mount=type=secret,id=b,env=B", "id=b,env=B --mount=type=secret,id=a,env=A"),
        {},
        {},
        {2: ("option", "secret id")},
    ),
    "the exec form of the same words": ("FROM alpine\nRUN ls\n", ("RUN ls", 'RUN ["ls"]'), {}, {}, {2: ("instruction", "")}),
    "a variable, and the id of a cache mount": (
        "FROM alpine\nENV A=1\nRUN --mount=type=cache,id=a,target=/c ls\n",
        ("A=1\nRUN --mount=type=cache,id=a", "A=2\nRUN --mount=type=cache,id=b"),
        {},
        {},
        {3: ("environment", "A")},
    ),
    "the target of a cache mount without an id": (
        "FROM alpine\nRUN --mount=type=cache,target=/c ls\n",
        ("/c", "/d"),
        {},
        {},
        {2: ("option", "mount")},
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_cause_in_other_shapes(root: pathlib.Path, shape: str) -> None:
    text, (old, new), options, options_after, expected = SHAPES[shape]
    dockerfile = root / "Dockerfile"
    dockerfile.write_text(text)
    before = recorded(root, **options)
    assert old in text
    dockerfile.write_text(text.replace(old, new, 1))
    explanations = [
        each for each in explain(recorded(root, **options_after), before) if each.cause and each.cause.kind != "cache-lost"
    ]
    assert causes(*explanations) == expected


def test_a_merge_that_runs_alone_is_explained_by_the_step_that_reads_it(root: pathlib.Path) -> None:
    text = "FROM alpine\nCOPY --link src /a\nCOPY --link src /b\n"
    (root / "Dockerfile").write_text(text)
    before = recorded(root)
    (root / "Dockerfile").write_text(text.replace("--link src /b", "src /b"))
    after = recorded(root)
    (copy,) = (node.digest for node in after.graph.nodes if node.kind == "file" and node.line == 2)
    runs = {**after.graph.runs, copy: attrs.evolve(after.graph.runs[copy], state="cached")}
    explained = causes(*explain(attrs.evolve(after, graph=attrs.evolve(after.graph, runs=runs)), before))
    assert explained == {2: ("instruction", ""), 3: ("instruction", "")}


REMOTE = "FROM alpine\nADD https://example.test/file /\nRUN two\n"


@pytest.mark.parametrize(("image_state", "kind"), [("ran", "cache-lost"), ("cached", "remote-source")])
def test_an_image_that_is_fetched_again_means_a_lost_cache(root: pathlib.Path, image_state: str, kind: str) -> None:
    (root / "Dockerfile").write_text(REMOTE)
    before = recorded(root)
    (image,) = (node.digest for node in before.graph.nodes if node.scheme == "docker-image")
    runs = {**before.graph.runs, image: attrs.evolve(before.graph.runs[image], state=image_state)}
    after = attrs.evolve(before, graph=attrs.evolve(before.graph, runs=runs))
    assert causes(*explain(after, before))[2][0] == kind


def test_another_engine_means_a_lost_cache(root: pathlib.Path) -> None:
    (root / "Dockerfile").write_text(REMOTE)
    build = attrs.evolve(recorded(root), address="tcp://other:1234")
    assert {kind for kind, _ in causes(*explain(build, recorded(root))).values()} == {"cache-lost"}


def test_the_text_of_a_changed_default_names_the_values(root: pathlib.Path) -> None:
    dockerfile = root / "Dockerfile"
    dockerfile.write_text("ARG V=1\nFROM alpine\nARG V\nRUN make\n")
    before = recorded(root)
    dockerfile.write_text("ARG V=2\nFROM alpine\nARG V\nRUN make\n")
    (explanation,) = explain(recorded(root), before)
    assert explanation.cause is not None
    assert explanation.cause.text == "the default of the build argument V changed from 1 to 2"


URL = "https://example.com/tool"
PIN = "sha256:" + "1" * 64
COMMIT = "https://example.com/app.git#" + "2" * 40
# An ADD, what is replaced in it, and the kind and texts of its cause.
REMOTE_CAUSES: Mapping[str, tuple[str, tuple[str, str], tuple[str, ...]]] = {
    "nothing else differs": (f"ADD {URL} /", ("", ""), ("remote-source", f"the content of {URL} probably changed")),
    "two addresses": (
        f"ADD {URL} {URL}2 /",
        ("", ""),
        ("remote-source", f"the content of {URL} probably changed", f"the content of {URL}2 probably changed"),
    ),
    "a branch of a repository": (
        "ADD https://example.com/app.git#main /",
        ("", ""),
        ("remote-source", "the content of git://example.com/app.git#main probably changed"),
    ),
    "the instruction differs": (
        f"ADD {URL} /",
        ("ADD", "ADD --chmod=700"),
        ("instruction", f"the instruction changed; it was: ADD {URL} /"),
    ),
    "a checksum": (
        f"ADD --checksum={PIN} {URL} /",
        ("", ""),
        ("cache-lost", "nothing changed: the engine no longer has the result in its cache"),
    ),
    "a commit": (f"ADD {COMMIT} /", ("", ""), ("cache-lost", "nothing changed: the engine no longer has the result in its cache")),
}


@pytest.mark.parametrize("case", REMOTE_CAUSES)
def test_a_remote_source_is_only_the_cause_if_nothing_else_differs(root: pathlib.Path, case: str) -> None:
    instruction, (old, new), (kind, text, *also) = REMOTE_CAUSES[case]
    dockerfile = root / "Dockerfile"
    dockerfile.write_text(f"FROM scratch\n{instruction}\n")
    before = recorded(root)
    dockerfile.write_text(dockerfile.read_text().replace(old, new, 1))
    (explanation,) = explain(recorded(root), before)
    assert explanation.cause is not None
    assert (explanation.cause.kind, explanation.cause.text, explanation.cause.also) == (kind, text, tuple(also))


def test_a_remote_source_is_not_blamed_if_the_step_did_not_complete_before(root: pathlib.Path) -> None:
    (root / "Dockerfile").write_text(f"FROM scratch\nADD {URL} /\n")
    before = recorded(root)
    failed = {digest: attrs.evolve(run, state="failed") for digest, run in before.graph.runs.items()}
    before = attrs.evolve(before, graph=attrs.evolve(before.graph, runs=failed))
    (explanation,) = explain(recorded(root), before)
    assert explanation.cause is not None
    assert (explanation.cause.kind, explanation.cause.text) == ("first-build", "the step did not complete in the earlier build")


def test_the_kind_of_a_cause_is_shown_as_text(root: pathlib.Path) -> None:
    (explanation, *_) = explain(recorded(root))
    assert "kind='first-build'" in repr(explanation.cause)
