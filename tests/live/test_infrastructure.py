"""The ground that the other live tests stand on: base images are found under their usual names, steps run, registries answer."""

from __future__ import annotations

import contextlib
import json
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront.errors import LlbfrontError
from tests.support import bases
from tests.support.bases import hub, push

if TYPE_CHECKING:
    from llbfront.client.result import BuildResult
    from llbfront.progress.events import StatusEvent
    from tests.live.conftest import Engine


def build(engine: Engine, directory: pathlib.Path, dockerfile: str, **options: Any) -> tuple[str, BuildResult]:
    """Build a Dockerfile in a directory; return what its steps wrote, and the result."""
    (directory / "Dockerfile").write_text(dockerfile)
    written: list[bytes] = []

    def listen(event: StatusEvent) -> None:
        written.extend(log.data for log in event.logs)

    with llbfront.connect(engine.address) as client:
        result = client.build(directory, on_event=listen, **options)
    return b"".join(written).decode(), result


@pytest.mark.parametrize("image", ["alpine", "busybox", "debian:bookworm-slim", "golang"])
def test_base_images_run_a_step(engine: Engine, tmp_path: pathlib.Path, image: str) -> None:
    log, _ = build(engine, tmp_path, f"FROM {image}\nRUN echo from-$(. /etc/os-release; echo $ID)\n")
    assert log.strip() == f"from-{image.partition(':')[0].replace('golang', 'debian')}"


def test_the_golang_image_compiles(engine: Engine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "main.go").write_text('package main\nfunc main() { println("compiled") }\n')
    log, _ = build(engine, tmp_path, "FROM golang\nCOPY main.go .\nRUN go run main.go\nRUN gcc --version\n")
    assert "compiled" in log


def test_an_image_is_pushed_and_pulled_back(engine: Engine, registry: bases.Registry, tmp_path: pathlib.Path) -> None:
    name = f"{registry.address}/infrastructure:latest"
    build(engine, tmp_path, "FROM alpine\nRUN echo kept > /kept\n", tags=[name], push=True)
    with urllib.request.urlopen(f"http://{registry.address}/v2/infrastructure/tags/list") as answer:
        assert json.load(answer)["tags"] == ["latest"]
    assert build(engine, tmp_path, f"FROM {name}\nRUN cat /kept\n")[0] == "kept\n"


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
    assert build(engine, tmp_path, text)[1].cached_steps == 2


def test_the_engine_pushes_to_a_locked_registry_as_whom_the_client_says(
    engine: Engine, locked_registry: bases.Registry, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push_as_user(engine, locked_registry, tmp_path, monkeypatch)


def test_tokens_let_anybody_pull_and_the_user_push(
    engine: Engine, token_registry: bases.Registry, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push_as_user(engine, token_registry, tmp_path, monkeypatch)
    assert (bases.USER, "repository:guarded:pull,push") in token_registry.tokens
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "nobody"))
    text = f"FROM {token_registry.address}/guarded\nRUN echo anonymous\n"
    assert build(engine, tmp_path, text, no_cache=True)[0] == "anonymous\n"
    assert ("", "repository:guarded:pull") in token_registry.tokens


def push_as_user(engine: Engine, registry: bases.Registry, directory: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Push to a registry with credentials, having been refused without."""
    image = {"tags": [f"{registry.address}/guarded:latest"], "push": True}
    text = "FROM busybox\nRUN echo guarded > /guarded\n"
    monkeypatch.setenv("DOCKER_CONFIG", str(directory / "nobody"))
    with pytest.raises(LlbfrontError, match="401 Unauthorized|insufficient_scope|authorization failed"):
        build(engine, directory, text, **image)
    known = directory / "docker"
    known.mkdir()
    word = b64encode(f"{bases.USER}:{bases.PASSWORD}".encode()).decode()
    (known / "config.json").write_text(json.dumps({"auths": {registry.address: {"auth": word}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(known))
    assert build(engine, directory, text, **image)[1].digest is not None


def test_a_registry_keeps_what_it_fetched_from_another(tmp_path: pathlib.Path) -> None:
    with contextlib.ExitStack() as stack:
        with bases.run(tmp_path / "far") as far:
            push.push(far.address, "library/thing", ["latest"], [], {"os": "linux", "architecture": "amd64", "config": {}})
            near = stack.enter_context(bases.run(tmp_path / "near", upstream=f"http://{far.address}"))
            fetched = manifest(near, "library/thing")
        assert manifest(near, "library/thing") == fetched


def manifest(registry: bases.Registry, name: str) -> bytes:
    request = urllib.request.Request(f"http://{registry.address}/v2/{name}/manifests/latest", headers={"Accept": push.MANIFEST})
    with urllib.request.urlopen(request) as answer:
        text: bytes = answer.read()
    return text


def test_a_killed_command_leaves_nothing() -> None:
    code = """
import subprocess, os, signal
from tests.support import bases
sleeper = subprocess.Popen(["sleep", "60"])
print(sleeper.pid, flush=True)
with bases.leash(sleeper.pid):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    gone = pathlib.Path("/proc", done.stdout.strip(), "cmdline")
    for _ in range(100):
        if not gone.exists() or b"sleep" not in gone.read_bytes():
            return
        time.sleep(0.05)
    pytest.fail("the process still runs")


def test_a_hub_that_is_not_there_is_noticed() -> None:
    assert not hub.is_hub_reachable("127.0.0.1:1", timeout_s=1)
    assert not hub.is_hub_reachable("registry.invalid", timeout_s=1)
