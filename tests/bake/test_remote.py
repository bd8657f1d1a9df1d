"""Definitions that an engine read from elsewhere: what their contexts and credentials are. Nothing is fetched."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from llbfront import bake, llb
from llbfront.bake.remote import git_agents, git_secrets, split_arguments, with_subdir
from llbfront.client.sources.remote_files import ARCHIVE, FILE, REPOSITORY, RemoteFiles, is_remote
from llbfront.errors import BakeError

ADDRESS = "https://git.example/app.git#main"
DEFINITION = b"""\
variable "BAKE_CMD_CONTEXT" {}
target "root" {}
target "sub" {
  context = "sub/dir/"
  contexts = { base = "base", here = "cwd://x", image = "docker-image://alpine", whole = "." }
}
target "here" {
  context = BAKE_CMD_CONTEXT
  dockerfile = "cwd://Dockerfile.here"
}
target "elsewhere" { context = "https://git.example/other.git" }
"""


def remote(kind: str = REPOSITORY, address: str = ADDRESS) -> RemoteFiles:
    tree = None if kind == FILE else llb.git("https://git.example/app.git", ref="main")
    return RemoteFiles(address, kind, {address if kind == FILE else "docker-bake.hcl": DEFINITION}, tree)


def planned(kind: str = REPOSITORY, **arguments: Any) -> bake.Plan:
    return bake.plan(["root", "sub", "here", "elsewhere"], remote=remote(kind), environ={}, **arguments)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], (None, "cwd://", [])),
        (["app", "db"], (None, "cwd://", ["app", "db"])),
        (["https://e/x.git"], ("https://e/x.git", "cwd://", [])),
        (["https://e/x.git#main:dir", "app"], ("https://e/x.git#main:dir", "cwd://", ["app"])),
        (["git@e:x.git", "app"], ("git@e:x.git", "cwd://", ["app"])),
        (["https://e/x.tar", "https://e/y.git", "app"], ("https://e/x.tar", "https://e/y.git", ["app"])),
        (["app", "https://e/x.git"], (None, "cwd://", ["app", "https://e/x.git"])),
        (["github.com/o/r", "a", "b"], ("github.com/o/r", "cwd://", ["a", "b"])),
    ],
)
def test_the_arguments_of_a_remote_bake_are_split(words: list[str], expected: tuple[str | None, str, list[str]]) -> None:
    assert split_arguments(words) == expected


@pytest.mark.parametrize(
    ("address", "subdir", "expected"),
    [
        ("https://e/x.git", "a", "https://e/x.git#:a"),
        ("https://e/x.git#main", "a/b/", "https://e/x.git#main:a/b"),
        ("https://e/x.git#main:a", "b", "https://e/x.git#main:a/b"),
        ("https://e/x.git#main:a", "../b", "https://e/x.git#main:b"),
        ("https://e/x.git", ".", "https://e/x.git"),
        ("https://e/x.git?ref=v1&subdir=a", "b", "https://e/x.git?ref=v1&subdir=a%2Fb"),
        ("https://e/x.git?ref=v1", "b", "https://e/x.git?ref=v1#:b"),
        ("git@e:x.git", "b", "git@e:x.git#:b"),
        ("", "b", ""),
    ],
)
def test_addresses_of_directories(address: str, subdir: str, expected: str) -> None:
    assert with_subdir(address, subdir) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://e/x", True), ("http://e", True), ("git://e/x", True), ("ssh://git@e/x", True), ("git@e:x", True), ("github.com/o/r", True),
        ("https://e/x.git?bogus=1", True), ("app", False), ("./app", False), ("docker-image://x", False), ("", False),
    ],
)  # fmt: skip
def test_remote_addresses_are_told_from_targets(text: str, expected: bool) -> None:
    assert is_remote(text) is expected


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (REPOSITORY, {"root": ADDRESS, "sub": f"{ADDRESS}:sub/dir", "here": ".", "elsewhere": "https://git.example/other.git"}),
        (ARCHIVE, {"root": "", "sub": "", "here": ".", "elsewhere": "https://git.example/other.git"}),
        (FILE, {"root": ".", "sub": "sub/dir", "here": ".", "elsewhere": "https://git.example/other.git"}),
    ],
)
def test_contexts_are_shown_with_their_addresses(kind: str, shown: dict[str, str]) -> None:
    printed = planned(kind).to_json()["target"]
    assert {name: target["context"] for name, target in printed.items()} == shown


def test_directories_of_a_repository_are_graphs(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    requests = planned().requests()
    assert requests["root"].request.context == ADDRESS
    assert requests["root"].context is None
    assert requests["sub"].context is not None
    contexts = requests["sub"].request.build_contexts
    assert isinstance(contexts["base"], llb.State)
    assert (contexts["here"], contexts["image"], contexts["whole"]) == ("x", "docker-image://alpine", ADDRESS)
    assert requests["here"].request.context == "."
    assert requests["here"].request.file == str(tmp_path / "Dockerfile.here")


def test_the_root_of_an_archive_is_a_graph() -> None:
    assert planned(ARCHIVE).requests()["root"].context is not None


def test_the_command_context_is_the_second_address() -> None:
    plan = planned(command_context="https://git.example/third.git")
    assert plan.targets["here"].context == "https://git.example/third.git"


def test_files_on_this_side_change_a_remote_definition(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local.hcl").write_text('target "root" { tags = ["local"] }')
    assert planned(files="cwd://local.hcl").targets["root"].tags == ["local"]


def test_a_dockerfile_on_this_side_is_marked(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch")
    definition = RemoteFiles(ADDRESS, REPOSITORY, {"x.hcl": b'target "default" { context = "cwd://." }'}, llb.scratch())
    with pytest.raises(BakeError, match=r"is a local file \(write cwd://"):
        bake.plan(remote=definition, environ={})


def test_credentials_of_git() -> None:
    environ = {"buildx_bake_git_auth_token": "t", "BUILDX_BAKE_GIT_AUTH_HEADER": "h", "BUILDX_BAKE_GIT_SSH": "/key,/other"}
    assert git_secrets(ADDRESS, environ) == [
        {"id": "GIT_AUTH_TOKEN.git.example", "env": "buildx_bake_git_auth_token"},
        {"id": "GIT_AUTH_HEADER.git.example", "env": "BUILDX_BAKE_GIT_AUTH_HEADER"},
    ]
    assert git_secrets("not an address", environ) == []
    assert git_agents("git@e:x.git", environ) == ["default=/key,/other"]
    assert git_agents("git@e:x.git", {}) == ["default"]
    assert git_agents(ADDRESS, environ) == []


def test_contexts_of_the_same_host_get_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDX_BAKE_GIT_AUTH_TOKEN", "token")
    requests = planned().requests()
    assert [secret.id for secret in requests["elsewhere"].request.secrets] == ["GIT_AUTH_TOKEN.git.example"]
    assert requests["here"].request.secrets == ()


def test_an_address_needs_an_engine() -> None:
    with pytest.raises(BakeError, match="reading a remote definition needs an engine"):
        bake.plan(remote=ADDRESS, environ={})


def test_no_definition_in_a_repository() -> None:
    with pytest.raises(BakeError, match="couldn't find a bake definition"):
        bake.plan(remote=RemoteFiles(ADDRESS, REPOSITORY, {}, llb.scratch()), environ={"BUILDX_BAKE_GIT_ADVICE": "1"})
