"""Frontends of one's own, run without an engine: what they may return, what they are given, and what their mistakes look like."""

import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from llbfront import llb, testing
from llbfront.dockerfile.edit import replace_image
from llbfront.dockerfile.stages import parse_stages
from llbfront.errors import ContextError, FrontendError, LlbfrontError, OptionError, UnsupportedCapability
from llbfront.kit import Build, Image, ImageConfig, Piece, evolve, parse
from llbfront.kit.loading import load_frontend

DOCKERFILE = 'FROM alpine\nRUN true\nCMD ["x"]\n'
ALPINE = {
    "alpine": {
        "digest": "sha256:" + "a" * 64,
        "config": {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["PATH=/bin", "A=1"], "Cmd": ["sh"], "WorkingDir": "/home", "User": "me", "Labels": {"from": "base"}},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "b" * 64]},
        },
    }
}


def text(build: Build) -> str:
    return build.source.text


def generated(build: Build) -> Iterator[str | Piece]:
    first, *others = build.source.text.splitlines()
    yield first
    for number, line in enumerate(others, 2):
        yield Piece(line, build.source.at(number))


@pytest.mark.parametrize(
    "frontend",
    [
        text,
        generated,
        lambda build: build.source,
        lambda build: parse(build.source),
        lambda build: parse(build.source).statements,
    ],
)
def test_a_dockerfile_in_any_form_is_that_dockerfile(frontend: Callable[[Build], Any]) -> None:
    built = testing.build(frontend, {"Dockerfile": DOCKERFILE}, images=ALPINE)
    plain = testing.build(testing.dockerfile, {"Dockerfile": DOCKERFILE}, images=ALPINE)
    assert [node.digest for node in built.graph.nodes] == [node.digest for node in plain.graph.nodes]
    assert built.image == plain.image


def test_all_options_hold_for_a_dockerfile() -> None:
    files = {"Dockerfile": "FROM alpine AS a\nARG X\nLABEL x=$X\nFROM nothing AS b\n"}
    built = testing.build(text, files, target="a", args={"X": "1"}, platform="linux/amd64,linux/arm64", options={"label:y": "2"})
    assert sorted(built.graphs) == ["linux/amd64", "linux/arm64"]
    assert built.graphs["linux/arm64"].image["config"]["Labels"] == {"x": "1", "y": "2"}


def test_questions_are_answered_for_a_dockerfile() -> None:
    files = {"Dockerfile": "# x is needed\nARG X=1\nFROM alpine AS first\nFROM alpine\nENV a b\n"}
    assert "first" in testing.ask(text, "frontend.targets", files)["result.txt"]
    assert "LegacyKeyValueFormat" in testing.ask(text, "frontend.lint", files)["result.txt"]
    assert json.loads(testing.ask(text, "frontend.convertllb", files)["result.json"])["def"]


def test_another_base_by_a_rewrite_of_the_tree() -> None:
    def frontend(build: Build) -> Any:
        tree = parse(build.source)
        return replace_image(tree, parse_stages(tree)[1][0].base, "debian")

    built = testing.build(frontend, {"Dockerfile": DOCKERFILE})
    assert built.made_up == ("docker.io/library/debian:latest",)


def server(build: Build) -> Image:
    base = build.image("alpine")
    state = base.state.with_env(LANG=build.args.get("LANG", "C")).run(("make",), meta=build.step("make", build.source.at(2))).root
    return Image(state.with_cwd("srv"), evolve(base.config, cmd=("serve",)))


def test_an_image_has_the_settings_of_its_state_and_the_rest_of_its_base() -> None:
    built = testing.build(server, {"Dockerfile": "a\nb\n"}, images=ALPINE, args={"LANG": "de"}, options={"label:x": "y"})
    assert built.config == {
        "User": "me",
        "Env": ["PATH=/bin", "A=1", "LANG=de"],
        "Cmd": ["serve"],
        "WorkingDir": "/home/srv",
        "Labels": {"from": "base", "x": "y"},
    }
    make = built.graph.nodes[-1]
    assert (make.name, make.lines) == ("make", "Dockerfile:2")
    assert make.op["meta"]["cwd"] == "/home" and make.op["meta"]["user"] == "me"
    assert built.graph.nodes[0].identifier.endswith("alpine:latest@sha256:" + "a" * 64)


def test_a_state_alone_is_an_image() -> None:
    built = testing.build(lambda _: llb.scratch().with_env(A="1").file(llb.Mkfile("/x", b"y")), {})
    assert built.config == {"Env": ["A=1"], "WorkingDir": "/"}
    assert built.image["os"] == "linux"


def test_what_the_config_says_wins() -> None:
    config = ImageConfig(env=("B=2",), working_dir="/w", user="u")
    built = testing.build(lambda _: Image(llb.scratch().with_env(A="1"), config), {})
    assert built.config == {"User": "u", "Env": ["B=2"], "WorkingDir": "/w"}


def test_an_image_is_made_for_each_platform() -> None:
    built = testing.build(server, {"Dockerfile": "a\nb\n"}, platform="linux/amd64,linux/arm64")
    assert {key: graph.image["architecture"] for key, graph in built.graphs.items()} == {
        "linux/amd64": "amd64",
        "linux/arm64": "arm64",
    }
    assert built.graphs["linux/arm64"].nodes[-1].name == "[linux/arm64] make"


def test_the_options_of_commands_hold_for_images() -> None:
    options = {"force-network-mode": "host", "add-hosts": "a=1.2.3.4", "hostname": "h", "no-cache": ""}
    (_, make) = testing.build(server, {"Dockerfile": "a\nb\n"}, options=options).graph.nodes
    assert make.op["network"] == "HOST"
    assert make.op["meta"]["hostname"] == "h"
    assert make.op["meta"]["extraHosts"][0]["Host"] == "a"
    assert make.meta.ignore_cache


def test_the_epoch_is_the_time_of_an_image() -> None:
    built = testing.build(server, {"Dockerfile": "a\nb\n"}, args={"SOURCE_DATE_EPOCH": "86400"})
    assert built.image["created"] == "1970-01-02T00:00:00Z"
    with pytest.raises(OptionError, match="invalid SOURCE_DATE_EPOCH: soon"):
        testing.build(server, {"Dockerfile": "a\nb\n"}, args={"SOURCE_DATE_EPOCH": "soon"})


def test_questions_about_an_image() -> None:
    files = {"Dockerfile": "a\nb\n"}
    listed = json.loads(testing.ask(server, "frontend.subrequests.describe", files)["result.json"])
    assert [each["name"] for each in listed] == ["frontend.subrequests.describe"]
    assert json.loads(testing.ask(server, "frontend.convertllb", files)["result.json"])["def"]
    with pytest.raises(UnsupportedCapability, match=r"unsupported request frontend\.outline"):
        testing.ask(server, "frontend.outline", files)


def test_a_named_context_takes_the_place_of_an_image() -> None:
    built = testing.build(server, {"Dockerfile": "a\nb\n"}, contexts={"alpine": {"x": "y"}})
    assert built.graph.nodes[0].identifier == "local://alpine"


def test_named_contexts_are_given() -> None:
    def frontend(build: Build) -> llb.State:
        data = build.context("data")
        assert build.context("other") is None
        assert data is not None
        return llb.scratch().file(llb.Copy(data.state, "/x", "/x"))

    assert testing.build(frontend, {}, contexts={"data": {"x": "y"}}).graph.nodes[0].identifier == "local://data"


def test_only_requested_parts_of_the_context_are_sent() -> None:
    files = {"Dockerfile": "x\n", ".dockerignore": "*.tmp\n"}
    (node, _) = testing.build(lambda build: llb.scratch().file(llb.Copy(build.files("src"), "/src", "/")), files).graph.nodes
    assert json.loads(node.op["attrs"]["local.followpaths"]) == ["src"]
    assert json.loads(node.op["attrs"]["local.excludepatterns"]) == ["*.tmp"]


def test_files_are_read() -> None:
    def frontend(build: Build) -> str:
        return f"FROM {build.read('base.txt').text}"

    assert testing.build(frontend, {"base.txt": "busybox\n"}).made_up == ("docker.io/library/busybox:latest",)
    with pytest.raises(ContextError, match=r"^cannot read base\.txt of the build context: no such file or directory$"):
        testing.build(frontend, {})


def test_warnings_have_places() -> None:
    def frontend(build: Build) -> str:
        build.warn("too short", build.source.at(1))
        return "FROM alpine\n"

    (warning,) = testing.build(frontend, {"Dockerfile": "a\n"}).warnings
    assert (warning.text, str(warning.span)) == ("too short", "Dockerfile:1")


def test_a_missing_file_to_build_is_an_error_only_for_who_reads_it() -> None:
    with pytest.raises(LlbfrontError, match=r"Dockerfile: no such file"):
        testing.build(text, {})


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "the frontend gave nothing (it has to return an Image, a state, or a Dockerfile as text, tree or parts)"),
        (b"FROM x\n", "the frontend gave a value of the type bytes (it has to return an Image, a state, or a Dockerfile as text"),
        (
            ["FROM x", 3],
            "the frontend gave a value of the type int as a part of a Dockerfile (parts are statements, Pieces and strings)",
        ),
    ],
)
def test_invalid_result_is_one_line(returned: Any, message: str) -> None:
    with pytest.raises(FrontendError) as caught:
        testing.build(lambda _: returned, {"Dockerfile": "x\n"})
    assert str(caught.value).startswith(message)


def test_one_kind_of_result_for_all_platforms() -> None:
    def frontend(build: Build) -> Any:
        return llb.scratch() if build.platform.architecture == "amd64" else "FROM alpine\n"

    with pytest.raises(FrontendError, match="a Dockerfile for linux/arm64 and an image for other platforms"):
        testing.build(frontend, {"Dockerfile": "x\n"}, platform="linux/amd64,linux/arm64")


MISTAKE = """\
from llbfront.kit import Build, parse

def frontend(build):
    return list(parts(build))

def parts(build):
    for statement in parse(build.source).statements:
        yield statement.nothing
"""


def test_a_mistake_names_the_line_of_the_frontend(tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.py").write_text(MISTAKE)
    with pytest.raises(FrontendError) as caught:
        testing.build(load_frontend(tmp_path / "mine.py"), {"Dockerfile": DOCKERFILE})
    assert str(caught.value) == f"{tmp_path}/mine.py:8: AttributeError: 'Statement' object has no attribute 'nothing'"
    assert caught.value.span is not None
    assert caught.value.span.source.language == "Python"


def test_a_frontend_that_ends_the_program_is_a_failed_build(tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.py").write_text("import sys\n\ndef frontend(build):\n    sys.exit(0)\n")
    with pytest.raises(FrontendError, match=r"mine\.py:4: SystemExit: 0"):
        testing.build(load_frontend(tmp_path / "mine.py"), {"Dockerfile": DOCKERFILE})


UNUSABLE = {
    "no parameter": ("def frontend():\n    return ''\n", "must take one positional argument: too many positional arguments (def frontend(build): …)"),
    "two parameters": ("def frontend(build, more):\n    return ''\n", "must take one positional argument: missing a required argument"),
    "async": ("async def frontend(build):\n    return ''\n", "is asynchronous"),
    "async generator": ("async def frontend(build):\n    yield ''\n", "is a generator function"),
    "async behind a decorator": (
        "import functools\n\n\ndef same(f):\n    return functools.wraps(f)(lambda build: f(build))\n\n\n@same\nasync def frontend(build):\n    pass\n",
        "the frontend gave a value of the type coroutine",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_function_that_cannot_be_a_frontend(tmp_path: pathlib.Path, case: str) -> None:
    text, message = UNUSABLE[case]
    path = tmp_path / "own.py"
    path.write_text(text)
    with pytest.raises(LlbfrontError) as caught:
        testing.build(load_frontend(path), {"Dockerfile": "FROM scratch\n"})
    assert message in str(caught.value)
    assert "decorator" in case or f"{path}:1: " in str(caught.value)


def test_a_generator_gives_the_parts_of_a_dockerfile() -> None:
    def frontend(build: Build) -> Any:
        yield "FROM scratch\n"
        yield from build.source.text.splitlines(keepends=True)[1:]

    assert testing.build(frontend, {"Dockerfile": "FROM a\nUSER me\n"}).config["User"] == "me"
