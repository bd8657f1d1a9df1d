"""What docker's clients read by themselves, on a real engine: it shows in the image, in what a step sees, or in the error."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tarfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from tests.live.test_command import complaint

if TYPE_CHECKING:
    from tests.live.conftest import Engine

COPY = "FROM scratch\nCOPY Dockerfile /\n"
Build = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def build(engine: Engine, tmp_path: pathlib.Path) -> Build:
    (tmp_path / "docker").mkdir()

    def run(text: str, *words: str, config: object = None, **variables: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "Dockerfile").write_text(text)
        if config is not None:
            (tmp_path / "docker/config.json").write_text(json.dumps(config))
        environ = {**os.environ, "DOCKER_CONFIG": str(tmp_path / "docker"), **variables}
        command = [sys.executable, "-m", "llbfront", "build", "--addr", engine.address, "--progress", "plain", *words, "."]
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=100)

    return run


def blobs(path: pathlib.Path) -> list[Any]:
    """Return all JSON documents of an OCI archive."""
    with tarfile.open(path) as archive:
        files = [file.read() for member in archive if member.isfile() and (file := archive.extractfile(member))]
    return [json.loads(data) for data in files if data[:1] == b"{"]


def test_the_epoch_is_the_time_of_the_image(build: Build, tmp_path: pathlib.Path) -> None:
    done = build(COPY, "-o", "type=oci,dest=a.tar", SOURCE_DATE_EPOCH="1000000000")
    assert done.returncode == 0, done.stderr
    assert [each["created"] for each in blobs(tmp_path / "a.tar") if "rootfs" in each] == ["2001-09-09T01:46:40Z"]


@pytest.mark.parametrize("value", ["soon", "1.5", "0x10"])
def test_a_bad_epoch_is_one_line(build: Build, value: str) -> None:
    done = build(COPY, SOURCE_DATE_EPOCH=value)
    assert done.returncode != 0
    assert complaint(done).startswith(f"invalid SOURCE_DATE_EPOCH: {value}")


def test_default_platforms(build: Build, tmp_path: pathlib.Path) -> None:
    done = build(COPY, "-o", "type=oci,dest=a.tar", DOCKER_DEFAULT_PLATFORM="linux/arm64,linux/s390x")
    assert done.returncode == 0, done.stderr
    assert {each["architecture"] for each in blobs(tmp_path / "a.tar") if "rootfs" in each} == {"arm64", "s390x"}
    done = build(COPY, DOCKER_DEFAULT_PLATFORM="nowhere")
    assert done.returncode == 2
    assert complaint(done).startswith("invalid value 'nowhere' of DOCKER_DEFAULT_PLATFORM")


def test_proxies_reach_the_steps(build: Build, tmp_path: pathlib.Path) -> None:
    proxies = {"proxies": {"default": {"httpProxy": "http://proxy.test:3128", "noProxy": "intern.test", "ftpProxy": "ftp://f"}}}
    text = "FROM alpine AS a\nRUN env | grep -i proxy | sort > /seen\nFROM scratch\nCOPY --from=a /seen /\n"
    done = build(text, "--no-cache", "-o", "out", "--build-arg", "no_proxy=mine", config=proxies)
    assert done.returncode == 0, done.stderr
    seen = (tmp_path / "out/seen").read_text().split()
    assert seen == [
        "FTP_PROXY=ftp://f",
        "HTTP_PROXY=http://proxy.test:3128",
        "NO_PROXY=mine",
        "ftp_proxy=ftp://f",
        "http_proxy=http://proxy.test:3128",
        "no_proxy=mine",
    ]


def test_a_build_argument_asks_for_an_inline_cache(build: Build, tmp_path: pathlib.Path) -> None:
    done = build(COPY, "-o", "type=oci,dest=a.tar", "--build-arg", "BUILDKIT_INLINE_CACHE=1")
    assert done.returncode == 0, done.stderr
    assert any("moby.buildkit.cache.v0" in each for each in blobs(tmp_path / "a.tar"))


def test_a_source_policy_is_obeyed(build: Build, tmp_path: pathlib.Path) -> None:
    rule = {"action": "DENY", "selector": {"identifier": "docker-image://docker.io/library/alpine*"}}
    (tmp_path / "policy.json").write_text(json.dumps({"version": 1, "rules": [rule]}))
    for words, variables in (
        (["--source-policy-file", "policy.json"], {}),
        ([], {"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": "policy.json"}),
    ):
        done = build("FROM alpine\n", *words, **variables)
        assert done.returncode == 1
        assert "denied by policy" in complaint(done)
        assert build("FROM busybox\n", *words, **variables).returncode == 0


def test_warnings_in_the_metadata_file(build: Build, tmp_path: pathlib.Path) -> None:
    text = "from scratch\nCOPY Dockerfile /\n"
    assert build(text, "--metadata-file", "m.json").returncode == 0
    assert "buildx.build.warnings" not in json.loads((tmp_path / "m.json").read_text())
    assert build(text, "--metadata-file", "m.json", BUILDX_METADATA_WARNINGS="1").returncode == 0
    (warning,) = json.loads((tmp_path / "m.json").read_text())["buildx.build.warnings"]
    assert warning["url"].endswith("/consistent-instruction-casing/") and warning["range"] == [
        {"start": {"line": 1}, "end": {"line": 1}}
    ]


def test_a_builder_in_the_environment_does_not_matter_if_an_engine_is_named(build: Build) -> None:
    done = build(COPY, BUILDX_BUILDER="mine")
    assert done.returncode == 0
    assert "BUILDX_BUILDER" not in done.stderr


def test_the_library_reads_the_environment_that_it_is_given(engine: Engine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text(COPY)
    environ = {"SOURCE_DATE_EPOCH": "1000000000", "HOME": str(tmp_path)}
    with llbfront.connect(engine.address, environ=environ) as connected:
        connected.build(tmp_path, output=f"type=oci,dest={tmp_path}/a.tar")
    assert [each["created"] for each in blobs(tmp_path / "a.tar") if "rootfs" in each] == ["2001-09-09T01:46:40Z"]


@pytest.mark.parametrize(
    ("value", "has_steps"), [("", None), ("disabled", None), ("false", None), ("min", False), ("true", False), ("max", True)]
)
def test_provenance_in_the_metadata_file(build: Build, tmp_path: pathlib.Path, value: str, has_steps: bool | None) -> None:
    done = build(COPY, "--metadata-file", "m.json", "-o", "type=oci,dest=a.tar", BUILDX_METADATA_PROVENANCE=value)
    assert done.returncode == 0, done.stderr
    metadata = json.loads((tmp_path / "m.json").read_text())
    assert ("buildx.build.provenance" in metadata) == (has_steps is not None)
    if has_steps is not None:
        provenance = metadata["buildx.build.provenance"]
        assert provenance["buildType"] == "https://mobyproject.org/buildkit@v1"
        assert ("buildConfig" in provenance) == ("metadata" in provenance) == has_steps


def test_labels_from_git(build: Build, tmp_path: pathlib.Path) -> None:
    build(COPY)
    commands = (["init"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "x"])
    for command in commands:
        subprocess.run(["git", *command], cwd=tmp_path, capture_output=True, check=True)
    done = build(COPY, "-o", "type=oci,dest=a.tar", "--label", "a=b", BUILDX_GIT_LABELS="1")
    assert done.returncode == 0, done.stderr
    (labels,) = [each["config"]["Labels"] for each in blobs(tmp_path / "a.tar") if "rootfs" in each]
    assert labels["a"] == "b" and len(labels["org.opencontainers.image.revision"]) == 40
