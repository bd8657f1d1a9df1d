"""Permissions that targets need and nobody gave."""

from __future__ import annotations

import pathlib

import pytest

from llbfront import bake
from llbfront.bake.permissions import check_names, describe, missing, needed_permissions
from llbfront.errors import BakeError


@pytest.fixture(autouse=True)
def _in_project(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory `project`, with `beside` next to it and a link that leads there."""
    (tmp_path / "project/inside").mkdir(parents=True)
    (tmp_path / "beside").mkdir()
    (tmp_path / "project-two").mkdir()
    (tmp_path / "beside/secret").write_text("x")
    (tmp_path / "project/link").symlink_to(tmp_path / "beside")
    monkeypatch.chdir(tmp_path / "project")


def lacking(body: str, *allowed: str, overrides: tuple[str, ...] = ()) -> list[str]:
    pathlib.Path("docker-bake.hcl").write_text(f'target "default" {{\n{body}\n}}\n')
    plan = bake.plan(overrides=overrides, environ={"HOME": "/"})
    needed = needed_permissions(plan.targets.values(), None, {})
    return missing(needed, [*allowed, *plan.permissions], {}, is_remote_definition=False)


CASES = {
    "nothing": ("", []),
    "the working directory": ('context = "inside"\noutput = ["out", "type=tar,dest=a/b.tar"]', []),
    "a context above": ('context = ".."', ["fs.read=.."]),
    "a context beside": ('context = "../beside"', ["fs.read=../beside"]),
    "a name with the same start": ('context = "../project-two"', ["fs.read=../project-two"]),
    "a link": ('context = "link"', ["fs.read=../beside"]),
    "a Dockerfile elsewhere": ('dockerfile = "../beside/Dockerfile"', ["fs.read=../beside"]),
    "a named context": (
        'contexts = { base = "../beside", image = "docker-image://x", git = "https://e/x.git" }',
        ["fs.read=../beside"],
    ),
    "a layout": ('contexts = { base = "oci-layout://../beside" }', ["fs.read=../beside"]),
    "an output": ('output = ["type=local,dest=../beside/new/deep"]', ["fs.write=../beside"]),
    "standard output": ('output = ["type=tar,dest=-"]', []),
    "both": ('context = "../beside"\noutput = ["../beside"]', ["fs=../beside"]),
    "a directory and one below": ('context = ".."\ncontexts = { base = "../beside" }', ["fs.read=.."]),
    "a secret": ('secret = ["id=s,src=../beside/secret", "id=e,env=HOME"]', ["fs.read=../beside/secret"]),
    "caches": ('cache-from = ["type=local,src=../beside"]\ncache-to = ["type=local,dest=../beside/c"]', ["fs=../beside"]),
    "the host network": ('network = "host"', ["network.host"]),
    "entitlements": ('entitlements = ["security.insecure", "device=a/b=c"]', ["device=a/b=c", "security.insecure"]),
    "deletion": ('output = ["type=local,dest=out,mode=delete"]', ["buildx.local.delete"]),
    "a descriptor": ('dockerfile = "/dev/stdin"', ["fs.read=/dev/stdin"]),
    "far away": ('context = "/"', ["fs.read=/"]),
}


@pytest.mark.parametrize("name", CASES)
def test_missing_permissions_are_listed(name: str) -> None:
    body, expected = CASES[name]
    assert lacking(body) == expected


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ('context = "../beside"', "fs.read=../beside"),
        ('context = "../beside"', "fs=.."),
        ('context = "../beside"', "fs=*"),
        ('context = "link"', "fs.read=../beside"),
        ('output = ["../beside/new"]', "fs.write=../beside/new"),
        ('output = ["../beside/new"]', "fs.write=*"),
        ('network = "host"', "network.host"),
        ('entitlements = ["device=a/b=c"]', "device"),
        ('entitlements = ["device=a/b=c"]', "device=a/b=c"),
    ],
)
def test_an_allowed_permission_is_not_missing(body: str, allowed: str) -> None:
    assert lacking(body) != []
    assert lacking(body, allowed) == []


def test_what_overrides_name_is_allowed() -> None:
    body = 'secret = ["id=s,src=inside"]\nnetwork = "default"'
    overrides = (
        "default.output=type=local,dest=../beside/out",
        "default.cache-to=type=local,dest=../beside/cache",
        "default.cache-from=type=local,src=../beside",
        "default.secret.s=src=../beside/secret",
        "default.entitlements=network.host",
    )
    assert lacking(body, overrides=overrides) == []
    assert lacking(body, overrides=("default.context=../beside",)) == ["fs.read=../beside"]


@pytest.mark.parametrize(
    ("environ", "is_remote", "expected"),
    [
        ({}, False, ["fs.read=../beside", "ssh"]),
        ({"BUILDX_BAKE_ENTITLEMENTS_FS": "0"}, False, []),
        ({"BUILDX_BAKE_ENTITLEMENTS_FS": "1"}, False, ["fs.read=../beside", "ssh"]),
        ({"BAKE_ALLOW_REMOTE_FS_ACCESS": "1"}, False, ["fs.read=../beside", "ssh"]),
        ({"BAKE_ALLOW_REMOTE_FS_ACCESS": "1"}, True, []),
        ({"BAKE_ALLOW_REMOTE_FS_ACCESS": "1", "BUILDX_BAKE_ENTITLEMENTS_FS": "1"}, True, ["fs.read=../beside", "ssh"]),
    ],
)
def test_checks_of_paths_can_be_turned_off(environ: dict[str, str], is_remote: bool, expected: list[str]) -> None:
    needed = {"fs.read=../beside", "ssh", "network.host"}
    missing_permissions = missing(needed, [], environ, is_remote_definition=is_remote)
    assert sorted(missing_permissions) == sorted([*expected, "network.host"])


def test_values_of_variables_are_booleans() -> None:
    with pytest.raises(BakeError, match="BUILDX_BAKE_ENTITLEMENTS_FS is 'maybe'"):
        missing(set(), [], {"BUILDX_BAKE_ENTITLEMENTS_FS": "maybe"}, is_remote_definition=False)


@pytest.mark.parametrize("name", ["network.hots", "fs.raed=x", "ssh=default", ""])
def test_unknown_permissions_are_refused(name: str) -> None:
    with pytest.raises(BakeError):
        check_names([name])


def test_descriptions() -> None:
    assert describe("fs.read=../a") == "reading ../a"
    assert describe("device=x") == "devices: x"
