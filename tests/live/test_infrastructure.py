"""The ground that the other live tests stand on: base images are found under their usual names, steps run, registries answer."""

import json
import pathlib
import urllib.error
import urllib.request
from base64 import b64encode

import pytest

from examples import bases
from tests.live.conftest import Engine


def build(engine: Engine, directory: pathlib.Path, dockerfile: str, *arguments: str) -> str:
    (directory / "Dockerfile").write_text(dockerfile)
    where = [f"--local={name}={directory}" for name in ("context", "dockerfile")]
    return engine.buildctl("build", "--progress=plain", "--frontend=dockerfile.v0", *where, *arguments).stderr


@pytest.mark.parametrize("image", ["alpine", "busybox", "debian:bookworm-slim", "golang"])
def test_base_images_run_a_step(engine: Engine, tmp_path: pathlib.Path, image: str) -> None:
    log = build(engine, tmp_path, f"FROM {image}\nRUN echo from-$(. /etc/os-release; echo $ID)\n")
    assert f"from-{image.partition(':')[0].replace('golang', 'debian')}" in log


def test_the_golang_image_compiles(engine: Engine, tmp_path: pathlib.Path) -> None:
    source = 'package main\nfunc main() { println("compiled") }\n'
    (tmp_path / "main.go").write_text(source)
    log = build(engine, tmp_path, "FROM golang\nCOPY main.go .\nRUN go run main.go\nRUN gcc --version\n")
    assert "compiled" in log


def test_an_image_is_pushed_and_pulled_back(engine: Engine, registry: bases.Registry, tmp_path: pathlib.Path) -> None:
    name = f"{registry.address}/infrastructure:latest"
    build(engine, tmp_path, "FROM alpine\nRUN echo kept > /kept\n", f"--output=type=image,name={name},push=true")
    with urllib.request.urlopen(f"http://{registry.address}/v2/infrastructure/tags/list") as answer:
        assert json.load(answer)["tags"] == ["latest"]
    assert "kept" in build(engine, tmp_path, f"FROM {name}\nRUN cat /kept\n")


def test_a_locked_registry_wants_its_password(locked_registry: bases.Registry) -> None:
    ping = f"http://{locked_registry.address}/v2/"
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        urllib.request.urlopen(ping)
    refused.value.close()
    word = b64encode(f"{bases.USER}:{bases.PASSWORD}".encode()).decode()
    with urllib.request.urlopen(urllib.request.Request(ping, headers={"Authorization": f"Basic {word}"})) as answer:
        assert answer.status == 200


def test_several_steps_are_cached(engine: Engine, tmp_path: pathlib.Path) -> None:
    text = "FROM alpine\nRUN echo one > /one\nRUN echo two > /two\n"
    build(engine, tmp_path, text)
    assert build(engine, tmp_path, text).count("CACHED") == 2
