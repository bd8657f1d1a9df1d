"""The library's face for scripts: what it converts is what a build would solve, and what it does not know it says."""

import importlib
import inspect
import json
import pathlib
from typing import Any

import pytest

import llbfront
from llbfront.errors import ContextError, DockerfileError, ExportError, GraphError, LlbfrontError, OptionError
from tests.differential.subject import answer

CONFIG = {
    "architecture": "amd64",
    "os": "linux",
    "config": {"Env": ["PATH=/x", "A=1"], "WorkingDir": "/w"},
    "rootfs": {"type": "layers"},
}
GOLANG = {"digest": "sha256:" + "1" * 64, "config": {**CONFIG, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "2" * 64]}}}
TWO_STAGES = """\
# syntax=docker/dockerfile:1
ARG VERSION=1.24
FROM golang:${VERSION} AS build
# FLAGS what the compiler is told
ARG FLAGS=-v
RUN --mount=type=secret,id=key,required go build $FLAGS $A
FROM alpine AS unused
FROM alpine
COPY --from=build /app /
maintainer me
"""


def test_a_graph_is_what_the_frontend_would_solve() -> None:
    case = {"dockerfile": TWO_STAGES, "opts": {"platform": "linux/amd64", "cmdline": ""}, "images": {}}
    case["images"] = {"docker.io/library/golang:1.24": GOLANG, "docker.io/library/alpine:latest": GOLANG}
    built = answer(case)
    graph = llbfront.convert(TWO_STAGES, platform="linux/amd64", images={"golang:1.24": GOLANG, "alpine": GOLANG})
    assert list(graph.definition.digests) == built["ops"]
    assert graph.image == built["image"]
    assert graph.facts.made_up == ()


def test_facts_tell_of_stages_arguments_secrets_and_findings() -> None:
    facts = llbfront.convert(TWO_STAGES, build_args={"VERSION": "1.25"}).facts
    build, unused, final = facts.stages
    assert (build.name, build.image, build.line, build.is_needed, build.is_target) == ("build", "golang:1.25", 3, True, False)
    assert [(arg.name, arg.value, arg.description) for arg in build.args if arg.name == "FLAGS"] == [
        ("FLAGS", "-v", "what the compiler is told")
    ]
    assert [(secret.id, secret.is_required, secret.line) for secret in build.secrets] == [("key", True, 6)]
    assert not unused.is_needed
    assert final.is_target
    assert final.steps == ("COPY --from=build /app /", "maintainer me")
    assert {(finding.rule, finding.line) for finding in facts.findings} == {
        ("MaintainerDeprecated", 10),
        ("ConsistentInstructionCasing", 10),
    }


def test_unknown_configs_are_defaults_or_an_error() -> None:
    graph = llbfront.convert("FROM golang\nRUN go\n", platform="linux/arm64")
    assert graph.facts.made_up == ("docker.io/library/golang:latest",)
    assert graph.image["architecture"] == "arm64"
    with pytest.raises(
        LlbfrontError, match=r"Dockerfile:1: golang: no config is known of the image docker.io/library/golang:latest"
    ):
        llbfront.convert("FROM golang\nRUN go\n", strict=True)


def test_images_come_from_a_mapping_a_file_or_another_source(tmp_path: pathlib.Path) -> None:
    expected = [node.digest for node in llbfront.convert("FROM golang\nRUN go\n", images={"golang": GOLANG}).nodes]
    (tmp_path / "images.json").write_text(json.dumps({"docker.io/library/golang:latest": [GOLANG]}))
    assert [node.digest for node in llbfront.convert("FROM golang\nRUN go\n", images=tmp_path / "images.json").nodes] == expected
    assert expected != [node.digest for node in llbfront.convert("FROM golang\nRUN go\n", images={"golang": CONFIG}).nodes]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "no object of references"),
        ("{", "not a file of image configs"),
        ('{"A:B:C": {}}', "not an image reference"),
        ('{"a": 1}', "the config of docker.io/library/a:latest is not an object"),
        ('{"a": {"config": {"os": 1}}}', "cannot be read"),
    ],
)
def test_a_bad_file_of_images_is_one_clear_error(tmp_path: pathlib.Path, text: str, message: str) -> None:
    (tmp_path / "images.json").write_text(text)
    with pytest.raises(OptionError, match=message) as caught:
        llbfront.convert("FROM a\n", images=tmp_path / "images.json")
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "images.json") in str(caught.value)


def test_directories_files_and_their_ignore_files(tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (tmp_path / ".dockerignore").write_text("secret\n")
    for source in (tmp_path, str(tmp_path), tmp_path / "Dockerfile"):
        local = llbfront.convert(source).nodes[0]
        assert json.loads(local.op["attrs"]["local.excludepatterns"]) == ["secret"]
    with pytest.raises(ContextError, match="a string has a line break"):
        llbfront.convert("FROM scratch")
    with pytest.raises(ContextError, match="with an engine"):
        llbfront.convert("https://example.com/r.git")


def test_named_contexts_may_be_graphs() -> None:
    base = llbfront.convert("FROM golang\nENV B=2\nRUN make\n", images={"golang": GOLANG})
    graph = llbfront.convert("FROM base\nRUN echo $B\n", contexts={"base": base})
    assert graph.nodes[-1].name.endswith("RUN echo 2")
    assert {node.digest for node in base.nodes} < {node.digest for node in graph.nodes}
    assert "B=2" in graph.image["config"]["Env"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("FROM scratch\nRNU x\n", {}, r"Dockerfile:2: unknown instruction: RNU \(did you mean RUN\?\)"),
        ("FROM scratch AS a\n", {"target": "b"}, 'target stage "b" could not be found'),
        ("FROM scratch\n", {"options": {"platform": "linux/amd64,linux/arm64"}}, "a graph is of one platform"),
        ("FROM scratch\n", {"platform": "lunix/xx/yy/zz"}, "lunix"),
        ("ARG SOURCE_DATE_EPOCH=x\nFROM scratch AS x\nADD https://h/x /\nFROM scratch\n", {}, "with an engine"),
    ],
)
def test_bad_input_is_one_line(text: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(LlbfrontError, match=message) as caught:
        llbfront.convert(text, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", ["pb", "json", "msgpack"])
def test_what_is_saved_loads_as_the_same_graph(tmp_path: pathlib.Path, suffix: str) -> None:
    graph = llbfront.convert(TWO_STAGES)
    graph.save(tmp_path / f"graph.{suffix}")
    again = llbfront.Graph.load(tmp_path / f"graph.{suffix}")
    assert str(again) == str(graph)
    assert again.definition.ops == graph.definition.ops
    assert again.image == ({} if suffix == "pb" else graph.image)
    again.save(tmp_path / f"again.{suffix}")
    assert (tmp_path / f"again.{suffix}").read_bytes() == (tmp_path / f"graph.{suffix}").read_bytes()


def test_the_same_input_gives_the_same_bytes() -> None:
    for form in ("tree", "json", "pb", "dot", "mermaid", "msgpack"):
        text = "FROM alpine\nCOPY --link . /\nADD https://h/x /\nRUN --mount=type=cache,target=/c make\n"
        assert llbfront.convert(text).write(form) == llbfront.convert(text).write(form)


def test_saving_and_loading_say_what_is_wrong(tmp_path: pathlib.Path) -> None:
    graph = llbfront.convert("FROM scratch\nWORKDIR /a\n")
    with pytest.raises(OptionError, match="unknown form of a graph"):
        graph.save(tmp_path / "graph.xyz")
    with pytest.raises(ExportError, match="no such file or directory"):
        graph.save(tmp_path / "none" / "graph.pb")
    with pytest.raises(ContextError, match="no such file"):
        llbfront.Graph.load(tmp_path / "none")
    for damaged in (b"", b"FROM scratch\n", b'{"nodes": 1}', graph.write("json").replace(b'"/a"', b'"/b"'), graph.write("pb")[:40]):
        if damaged:
            with pytest.raises(GraphError) as caught:
                llbfront.Graph.load(damaged)
            assert "\n" not in str(caught.value)


def test_convert_is_a_plain_function() -> None:
    importlib.import_module("llbfront.dockerfile2llb.resolve")
    assert inspect.isfunction(llbfront.convert)
    assert "build_args" in inspect.signature(llbfront.convert).parameters
    assert llbfront.convert("FROM scratch\nWORKDIR /a\n").nodes
    with pytest.raises(DockerfileError):
        llbfront.convert("FROM\n")


PINNED = f"pinned@sha256:{'1' * 64}"
EVERY_IMAGE = f"""\
ARG VERSION=1.2
FROM alpine:${{VERSION}} AS base
FROM --platform=linux/arm64 golang AS build
RUN --mount=from=redis,target=/r --mount=from=base,target=/b true
COPY --from=nginx:latest /a /a
COPY --from=0 /a /b
FROM never AS unused
FROM scratch AS empty
FROM base
copy --from=build /a /a
COPY --from=replaced /x /x
COPY --from=repository /x /x
COPY --from=empty / /
COPY --from={PINNED} / /
ADD https://h/x /
RUN --mount=type=cache,from=seed,target=/c --mount=type=tmpfs,target=/t \\
    --mount=from=alpine:1.2,target=/q true
"""


def test_images_are_those_that_the_build_pulls_with_their_lines() -> None:
    contexts = {"replaced": "docker-image://busybox:1", "repository": "https://github.com/x/y.git", "other": "docker-image://z"}
    images = llbfront.convert(EVERY_IMAGE, contexts=contexts, platform="linux/amd64").facts.images
    assert [(image.line, image.instruction, image.name, image.is_pinned) for image in images] == [
        (2, "FROM", "alpine:1.2", False),
        (3, "FROM", "golang", False),
        (4, "RUN", "redis", False),
        (5, "COPY", "nginx:latest", False),
        (11, "COPY", "busybox:1", False),
        (14, "COPY", PINNED, True),
        (16, "RUN", "seed", False),
        (16, "RUN", "alpine:1.2", False),
    ]
    assert [image.context for image in images if image.context] == ["replaced"]
    assert [image.platform for image in images[:2]] == ["linux/amd64", "linux/arm64"]


@pytest.mark.parametrize(
    ("text", "contexts", "expected"),
    [
        ("FROM scratch\nWORKDIR /a\n", {}, []),
        ("FROM base\n", {"base": "docker-image://b:1"}, [(1, "b:1", "base")]),
        ("FROM x AS base\nFROM base\nWORKDIR /a\n", {"base": "docker-image://b"}, [(1, "b", "base")]),
        ("FROM base\n", {"base": "docker-image://scratch"}, []),
        ("FROM x\nCOPY --from=x /a /b\n", {}, [(1, "x", None), (2, "x", None)]),
        ("FROM x\nCOPY --from=x /a /b\n", {"x": "docker-image://y@sha256:" + "1" * 64}, [
            (1, "y@sha256:" + "1" * 64, "x"), (2, "y@sha256:" + "1" * 64, "x"),
        ]),
    ],
)  # fmt: skip
def test_images_of_named_contexts(text: str, contexts: dict[str, str], expected: list[tuple[int, str, str | None]]) -> None:
    images = llbfront.convert(text, contexts=contexts).facts.images
    assert [(image.line, image.name, image.context) for image in images] == expected


def test_images_of_graphs_that_are_named_contexts() -> None:
    base = llbfront.convert("FROM golang\nCOPY --from=tools /a /a\n")
    images = llbfront.convert("FROM scratch\nCOPY --from=base /a /a\n", contexts={"base": base}).facts.images
    assert {(image.line, image.instruction, image.name, image.context) for image in images} == {
        (2, "COPY", "docker.io/library/golang:latest", "base"),
        (2, "COPY", "docker.io/library/tools:latest", "base"),
    }


def test_images_that_triggers_name_stand_at_the_line_of_the_from() -> None:
    config = {**GOLANG["config"], "config": {"OnBuild": ["COPY --from=tools /t /t"]}}  # type: ignore[dict-item]
    images = llbfront.convert("# base\nFROM golang\n", images={"golang": {**GOLANG, "config": config}}).facts.images
    assert [(image.line, image.instruction, image.name) for image in images] == [(2, "FROM", "golang"), (2, "COPY", "tools")]


def test_an_image_is_named_as_written_though_a_digest_is_known() -> None:
    (image,) = llbfront.convert("FROM golang\n", images={"golang": GOLANG}).facts.images
    assert image.name == "golang"
    assert not image.is_pinned


def test_a_text_has_the_build_context_that_is_named(tmp_path: pathlib.Path) -> None:
    (tmp_path / "app.py").write_text("")
    graph = llbfront.convert("FROM scratch\nCOPY app.py /\n", contexts={"context": tmp_path})
    assert [file.path for node in graph for file in node.files] == ["app.py"]
