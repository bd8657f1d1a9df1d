"""Which targets of a definition have to be built again after a file changed."""

from __future__ import annotations

import json
import pathlib
import subprocess
from collections.abc import Callable, Mapping

import pytest

from llbfront import bake
from llbfront.cli.main import main
from llbfront.errors import BakeError, ContextError
from tests.client.layers.test_analysis import LAYERS, STEPS, write_layout

DEFINITION = """\
variable "MODE" { default = "fast" }
group "default" { targets = ["app", "inline", "remote", "layout"] }
target "base" { context = "base" }
target "app" {
  context    = "app"
  dockerfile = "build/Dockerfile"
  contexts   = { base = "target:base", shared = "./shared" }
  args       = { MODE = MODE }
  secret     = ["id=token,src=token"]
  platforms  = ["linux/amd64", "linux/arm64"]
}
target "inline" {
  description       = "a Dockerfile in the definition"
  dockerfile-inline = "FROM alpine\\nCOPY shared/t.txt /\\n"
}
target "remote" {
  context  = "https://github.com/a/b.git"
  contexts = { shared = "shared", base = "target:base" }
}
target "layout" {
  context  = "plain"
  contexts = { alpine = "oci-layout://images:v1" }
}
target "plain" { context = "plain" }
"""
FILES = {
    "docker-bake.hcl": DEFINITION,
    "base/Dockerfile": "FROM alpine AS libs\nCOPY lib.c /\nFROM alpine\nENV SRC=main.c\nCOPY --from=libs /lib.c /\n",
    "base/lib.c": "",
    "base/unused": "",
    "app/build/Dockerfile": (
        "FROM base\nARG MODE\nARG TARGETARCH\nCOPY $SRC /\nCOPY *.txt /t/\nCOPY --from=shared s.txt /\nCOPY x-$TARGETARCH /\n"
    ),
    "app/build/Dockerfile.dockerignore": "*.log.txt\n",
    "app/main.c": "",
    "app/other.c": "",
    "app/a.txt": "",
    "app/a.log.txt": "",
    "app/x-amd64": "",
    "app/x-arm64": "",
    "app/x-s390x": "",
    "shared/s.txt": "",
    "shared/t.txt": "",
    "plain/Dockerfile": "FROM alpine\nCOPY p /\n",
    "plain/p": "",
    "token": "",
}
CHANGES: dict[str, set[str]] = {
    "base/lib.c": {"app", "remote"},  # by the stage of the target that it uses
    "base/unused": set(),
    "base/Dockerfile": {"app", "remote"},
    "app/build/Dockerfile": {"app"},
    "app/build/Dockerfile.dockerignore": {"app"},
    "app/main.c": {"app"},  # named by a variable of the target that it uses
    "app/other.c": set(),
    "app/new.txt": {"app"},
    "app/a.log.txt": set(),
    "app/x-amd64": {"app"},
    "app/x-arm64": {"app"},
    "app/x-s390x": set(),
    "shared/s.txt": {"app", "remote"},
    "shared/t.txt": {"inline", "remote"},
    "shared": {"app", "inline", "remote"},
    "images/index.json": {"layout"},
    "plain/p": {"layout"},
    "token": set(),
    "docker-bake.hcl": {"app", "inline", "remote", "layout"},
    "elsewhere": set(),
}


@pytest.fixture
def root(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A repository with a definition, committed."""
    write_layout(tmp_path / "images", LAYERS, STEPS)
    return repository(tmp_path, FILES, monkeypatch)


def repository(root: pathlib.Path, files: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    monkeypatch.chdir(root)
    for words in (("init", "-q"), ("add", "-A", "-f"), ("commit", "-qm", "one")):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=n@example.test", *words], cwd=root, check=True)
    return root


def affected(causes: Mapping[str, object]) -> set[str]:
    return {name for name, each in causes.items() if each}


@pytest.mark.parametrize("path", CHANGES)
def test_a_changed_file_affects_the_targets_that_use_it(root: pathlib.Path, path: str) -> None:
    assert affected(bake.affected_targets([root / path])) == CHANGES[path]


def test_only_requested_targets_are_named(root: pathlib.Path) -> None:
    assert bake.affected_targets([root / "plain/p"], ["plain", "in*"]).keys() == {"plain", "inline"}
    assert affected(bake.affected_targets([root / "plain/p"], "*")) == {"plain", "layout"}


def test_a_cause_names_the_step_of_the_target_whose_result_is_used(root: pathlib.Path) -> None:
    (cause,) = bake.affected_targets([root / "base/lib.c"])["app"]
    assert (cause.kind, cause.name, cause.path, cause.line, cause.instruction) == ("target", "base", "lib.c", 2, "COPY lib.c /")


EDITS: dict[str, tuple[str, Callable[[str], str], dict[str, set[str]]]] = {
    "a variable": ("docker-bake.hcl", lambda text: text.replace('"fast"', '"small"'), {"app": {"args"}}),
    "a comment": ("docker-bake.hcl", lambda text: f"# comment\n{text}", {}),
    "a description": ("docker-bake.hcl", lambda text: text.replace("a Dockerfile in", "text in"), {}),
    "an inline Dockerfile": (
        "docker-bake.hcl",
        lambda text: text.replace("t.txt /", "t.txt /t"),
        {"inline": {"dockerfile-inline"}},
    ),
    "a platform": ("docker-bake.hcl", lambda text: text.replace(', "linux/arm64"', ""), {"app": {"platforms"}}),
    "a context of a target that others use": (
        "docker-bake.hcl",
        lambda text: text.replace('context = "base"', 'context = "./base/."'),
        {},
    ),
    "a tag": (
        "docker-bake.hcl",
        lambda text: text.replace('target "layout" {', 'target "layout" {\n  tags = ["a"]'),
        {"layout": {"tags"}},
    ),
    "a new target": (
        "docker-bake.hcl",
        lambda text: text.replace('"remote", "layout"]', '"remote", "new"]') + 'target "new" { context = "plain" }\n',
        {"new": {"a new target"}},
    ),
    "a comment of a Dockerfile": ("base/Dockerfile", lambda text: f"# comment\n{text}", {}),
    "a label of a target that others use": (
        "base/Dockerfile",
        lambda text: f"{text}LABEL a=b\n",
        {"app": {""}, "remote": {"base"}},
    ),
    "an ignore rule for no file": ("app/build/Dockerfile.dockerignore", lambda text: f"{text}nothing\n", {}),
    "an ignore rule for a file": ("app/build/Dockerfile.dockerignore", lambda text: f"{text}a.txt\n", {"app": {""}}),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_changed_definition_is_compared_with_the_one_before(root: pathlib.Path, name: str) -> None:
    path, edit, expected = EDITS[name]
    text = (root / path).read_text()
    assert edit(text) != text
    (root / path).write_text(edit(text))
    causes = bake.affected_targets([root / path], since="HEAD")
    assert {key: {cause.name for cause in each} for key, each in causes.items() if each} == expected


COMPOSE = {
    "compose.yaml": """\
include: [more.yaml]
services:
  web:
    image: web
    build: {context: ., args: {MODE: "$MODE"}}
    extends: {file: common.yaml, service: common}
  plain: {image: plain, build: ./plain}
""",
    "more.yaml": "services:\n  more: {image: more, build: ./plain}\n",
    "common.yaml": "services:\n  common: {build: {target: one}}\n",
    ".env": "MODE=fast\n",
    "Dockerfile": "FROM alpine AS one\nCOPY one /\nFROM alpine AS two\nCOPY two /\n",
    "one": "",
    "two": "",
    "plain/Dockerfile": "FROM alpine\nCOPY p /\n",
    "plain/p": "",
}


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("one", "new", {"web"}),
        ("two", "new", set()),
        ("plain/p", "new", {"plain", "more"}),
        (".env", "MODE=small\n", {"web"}),
        (".env", "MODE=fast\nOTHER=1\n", set()),
        ("common.yaml", "services:\n  common: {build: {target: two}}\n", {"web"}),
        ("more.yaml", "services:\n  more: {image: more:2, build: ./plain}\n", {"more"}),
        ("compose.yaml", COMPOSE["compose.yaml"].replace("image: plain", "image: plain2"), {"plain"}),
    ],
)
def test_all_files_of_a_compose_definition_count(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, path: str, text: str, expected: set[str]
) -> None:
    root = repository(tmp_path, COMPOSE, monkeypatch)
    (root / path).write_text(text)
    targets = "*"
    assert affected(bake.affected_targets([root / path], targets, files="compose.yaml", since="HEAD")) == expected
    is_definition = path.endswith(".yaml") or path == ".env"
    without_git = {"web", "plain", "more"} if is_definition else expected
    assert affected(bake.affected_targets([root / path], targets, files="compose.yaml")) == without_git


def test_the_steps_of_a_pipeline_are_targets(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = (
        "version: '1.0'\nsteps:\n"
        "  one: {type: build, image_name: one, working_directory: plain, dockerfile: Dockerfile}\n"
        "  two: {type: build, image_name: two, working_directory: other, dockerfile: Dockerfile}\n"
    )
    files = {name: text for name, text in COMPOSE.items() if name.startswith("plain/")}
    files |= {name.replace("plain", "other"): text for name, text in files.items()}
    root = repository(tmp_path, {"codefresh.yml": pipeline, **files}, monkeypatch)
    assert affected(bake.affected_targets([root / "plain/p"], files="codefresh.yml")) == {"one"}
    (root / "codefresh.yml").write_text(pipeline.replace("image_name: two", "image_name: three"))
    assert affected(bake.affected_targets([root / "codefresh.yml"], files="codefresh.yml", since="HEAD")) == {"two"}


def test_a_file_of_variables_counts(root: pathlib.Path) -> None:
    (root / "vars.env").write_text("MODE=small\n")
    causes = bake.affected_targets([root / "vars.env"], variable_files=["vars.env"], since="HEAD")
    assert affected(causes) == {"app", "inline", "remote", "layout"}  # the file did not exist before, so that is not known
    assert affected(bake.affected_targets([root / "vars.env"])) == set()


def test_a_missing_secret_is_not_an_error(root: pathlib.Path) -> None:
    (root / "token").unlink()
    assert affected(bake.affected_targets([root / "app/main.c"])) == {"app"}


def test_errors_name_the_target(root: pathlib.Path) -> None:
    (root / "plain/Dockerfile").unlink()
    with pytest.raises(BakeError, match="target layout: cannot read the Dockerfile plain/Dockerfile"):
        bake.affected_targets([root / "x"])
    with pytest.raises(ContextError, match="git"):
        bake.affected_targets([root / "docker-bake.hcl"], since="nothing...HEAD")


def test_the_command_prints_targets(root: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "base/lib.c").write_text("new")
    assert main(["affected", "--git", "HEAD", "--bake", "docker-bake.hcl", "--target", "app"]) == 0
    assert capsys.readouterr().out == (
        "app: affected\n  the target base changed, whose result it uses, lib.c: libs:2 COPY lib.c /\n"
    )
    overrides = ["--set", "app.context=plain", "--set", "app.dockerfile=Dockerfile"]
    assert main(["affected", "--git", "HEAD", "--bake", "docker-bake.hcl", *overrides, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["targets"] == ["remote"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--bake", "docker-bake.hcl", "--build-arg", "A=b"],
            "--build-arg and --bake cannot be used together (--set '*.args.NAME=…')",
        ),
        (["--bake", "docker-bake.hcl", "app"], "PATH app and --bake cannot be used together"),
        (["--var", "A=b", "."], "--var needs --bake"),
        (["--bake", "docker-bake.hcl", "--var", "A"], "--var A is not NAME=VALUE"),
        (["--bake", "nothing.hcl"], "cannot read nothing.hcl"),
        (["--bake", "docker-bake.hcl", "--target", "bas"], "failed to find target bas"),
    ],
)
@pytest.mark.usefixtures("root")
def test_wrong_usage_is_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["affected", "--files", "/dev/null", *arguments]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("name", ["https://github.com/a/b.git", "https://example.com/bake.hcl", "git@github.com:a/b.git"])
def test_a_remote_definition_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["affected", "--git", "HEAD", "--bake", name]) == 2
    assert (
        f"--bake {name} is a remote definition, which cannot be compared with changed files (clone the" in capsys.readouterr().err
    )
