"""A real docker engine, Debian's of 2021: as the builder, by its old BuildKit, and as the place that images are loaded into."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront import llb
from llbfront.client.buildflags.secrets import SecretSource
from llbfront.client.exports.moby import GATEWAY
from llbfront.errors import DockerfileError, ExecFailed, ExportError, OptionError, SolveError, UnsupportedCapability
from llbfront.pb import control_pb2 as control
from llbfront.rpc.services.control import ControlMethods
from tests.live import reference_frontend
from tests.live.conftest import missing
from tests.live.test_engine_converter import FILES, judge
from tests.live.test_image import image as llbfront_image  # noqa: F401  (a fixture)
from tests.support import bases
from tests.support.bases import docker as dockers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.client.engine import Engine
    from llbfront.engine import config
    from tests.live.conftest import Engine as Running
    from tests.support.bases.docker import Docker

MULTI_STAGE = """\
# check=error=false
FROM alpine AS build
ARG WHO=world
WORKDIR /work
COPY --chmod=755 src/ ./
COPY <<EOF greeting
hello $WHO
EOF
RUN --mount=type=secret,id=token --mount=type=cache,target=/cache --mount=type=bind,source=src,target=/bound \\
    test "$(cat /run/secrets/token)" = hush && cat /bound/file greeting > said && stat -c %a file >> said
FROM busybox AS beside
RUN <<EOF
echo from a heredoc > /beside
EOF
FROM scratch
COPY --link --from=build /work/said /
COPY --link --from=beside /beside /sub/
ENV A=b
LABEL made.by=llbfront
CMD ["/said"]
"""


@pytest.fixture(scope="session")
def docker(base_images: tuple[config.Registry, ...]) -> Iterator[Docker]:
    """Run a docker engine that finds the base images."""
    mirrors = [mirror for each in base_images for mirror in each.mirrors]
    try:
        with dockers.run(mirrors) as running:
            yield running
    except bases.Missing as error:
        missing(error)


@pytest.fixture
def builder(docker: Docker) -> Iterator[Engine]:
    with llbfront.connect(docker.address) as connected:
        yield connected


@pytest.fixture
def loader(engine: Running, docker: Docker) -> Iterator[Engine]:
    """Our own engine, beside a docker engine that DOCKER_HOST names."""
    with llbfront.connect(engine.address, environ={**os.environ, "DOCKER_HOST": docker.host}) as connected:
        yield connected


@pytest.fixture
def app(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "app"
    (folder / "src").mkdir(parents=True)
    (folder / "src/file").write_text("from a file\n")
    (folder / "Dockerfile").write_text(MULTI_STAGE)
    (folder / ".dockerignore").write_text("token\n")
    return folder


def secret(folder: pathlib.Path) -> tuple[SecretSource]:
    (folder / "token").write_text("hush")
    return (SecretSource("token", str(folder / "token")),)


def image(docker: Docker, name: str) -> dict[str, Any]:
    document: dict[str, Any] = docker.ask(f"/images/{name}/json")
    return document


def small(folder: pathlib.Path, text: str = "FROM scratch\nCOPY a /\nENV A=b\n") -> pathlib.Path:
    folder.mkdir(exist_ok=True)
    (folder / "a").write_text("content\n")
    (folder / "Dockerfile").write_text(text)
    return folder


def test_the_socket_is_known_as_that_of_docker(docker: Docker) -> None:
    for address in (docker.host, docker.address):
        with llbfront.connect(address) as engine:
            assert engine.address == docker.address
            assert engine.is_docker
    with llbfront.connect(environ={"DOCKER_HOST": docker.host, "XDG_RUNTIME_DIR": "/nonexistent"}) as engine:
        assert engine.is_docker


def test_its_version(builder: Engine, docker: Docker) -> None:
    told = docker.ask("/version")["Version"]
    assert builder.version() == f"docker {told}" or builder.version().startswith("v")


def test_stages_context_secrets_and_heredocs(builder: Engine, app: pathlib.Path, tmp_path: pathlib.Path) -> None:
    builder.build(app, secrets=secret(app), network="none", output=str(tmp_path / "out"), build_args={"WHO": "you"})
    assert (tmp_path / "out/said").read_text() == "from a file\nhello you\n755\n"
    assert (tmp_path / "out/sub/beside").read_text() == "from a heredoc\n"


def test_many_and_large_files(builder: Engine, tmp_path: pathlib.Path) -> None:
    context = small(tmp_path / "app", "FROM scratch\nCOPY . /\n")
    (context / "many").mkdir()
    for number in range(3000):
        (context / f"many/{number}").write_text(str(number))
    (context / "large").write_bytes(large := os.urandom(20_000_000))
    builder.build(context, output=str(tmp_path / "out"))
    assert (tmp_path / "out/large").read_bytes() == large
    assert {path.name: path.read_text() for path in (tmp_path / "out/many").iterdir()} == {str(n): str(n) for n in range(3000)}


def test_a_tag_names_an_image_of_docker(builder: Engine, docker: Docker, app: pathlib.Path) -> None:
    result = builder.build(app, tags=["llbfront.test/multi:1", "llbfront.test/multi:2"], secrets=secret(app), network="none")
    loaded = image(docker, "llbfront.test/multi:1")
    assert loaded["Id"] == result.image_id == image(docker, "llbfront.test/multi:2")["Id"]
    assert loaded["Config"]["Cmd"] == ["/said"]
    assert "A=b" in loaded["Config"]["Env"]
    assert loaded["Config"]["Labels"] == {"made.by": "llbfront"}
    assert "hush" not in json.dumps([loaded, docker.ask("/images/llbfront.test/multi:1/history")])


def test_load_and_no_output_at_all_mean_the_same(builder: Engine, docker: Docker, tmp_path: pathlib.Path) -> None:
    context = small(tmp_path / "app")
    for output, load in (((), True), ((), False), (("type=docker",), False), (("type=image",), False)):
        docker_tag = f"llbfront.test/same:{load}-{len(output)}-{''.join(output)[5:]}"
        result = builder.build(context, tags=[docker_tag], output=output, load=load)
        assert image(docker, docker_tag)["Id"] == result.image_id


def test_an_image_of_docker_is_a_base_for_the_next(builder: Engine, docker: Docker, tmp_path: pathlib.Path) -> None:
    builder.build(small(tmp_path / "base"), tags=["llbfront.test/base:1"])
    builder.build(small(tmp_path / "app", "FROM llbfront.test/base:1\nCOPY a /b\n"), tags=["llbfront.test/derived:1"])
    assert "A=b" in image(docker, "llbfront.test/derived:1")["Config"]["Env"]
    assert len(image(docker, "llbfront.test/derived:1")["RootFS"]["Layers"]) == 2


def test_an_untouched_rebuild_is_cached(builder: Engine, app: pathlib.Path) -> None:
    for _ in range(2):
        result = builder.build(app, secrets=secret(app), network="none")
    steps = [step for step in result.timings if any(word in step.name for word in ("RUN", "COPY"))]
    assert len(steps) == 6
    assert all(step.cached for step in steps)


def test_a_failing_step_reports_exit_code_and_line(builder: Engine, tmp_path: pathlib.Path) -> None:
    context = small(tmp_path / "app", "FROM alpine\nRUN echo last words; exit 7\n")
    with pytest.raises(ExecFailed) as caught:
        builder.build(context, network="none")
    assert caught.value.log_tail == ("last words",)
    assert str(caught.value).startswith("Dockerfile:2: ")
    assert caught.value.exit_code == 7
    assert caught.value.command == ("/bin/sh", "-c", "echo last words; exit 7")


def test_a_bad_dockerfile_and_a_missing_source(builder: Engine, tmp_path: pathlib.Path) -> None:
    with pytest.raises(DockerfileError, match=r"^Dockerfile:2: .*did you mean COPY"):
        builder.build(small(tmp_path / "app", "FROM scratch\nCOPPY a b\n"))
    with pytest.raises(SolveError, match=r"^Dockerfile:2: \"/none\" does not exist"):
        builder.build(small(tmp_path / "app", "FROM scratch\nCOPY none /\n"))


def test_outputs_that_this_docker_lacks_are_refused_before_the_build(builder: Engine, tmp_path: pathlib.Path) -> None:
    context = small(tmp_path / "app")
    for output in (f"type=oci,dest={tmp_path}/a.tar", f"type=docker,dest={tmp_path}/a.tar"):
        with pytest.raises(OptionError, match="this docker engine cannot make an output type="):
            builder.build(context, output=output)
    with pytest.raises(OptionError, match="several outputs"):
        builder.build(context, output=[str(tmp_path / "out"), "type=image"])
    assert not (tmp_path / "a.tar").exists()


def test_several_platforms_are_refused_before_the_build(builder: Engine, loader: Engine, tmp_path: pathlib.Path) -> None:
    context, platforms = small(tmp_path / "app", "FROM nowhere.invalid/x\n"), ("linux/amd64", "linux/arm64")
    with pytest.raises(OptionError, match="this docker engine builds for one platform at a time"):
        builder.build(context, platforms=platforms)
    with pytest.raises(OptionError, match="cannot load several platforms at once into this docker engine"):
        loader.build(context, platforms=platforms, load=True)


def test_attestations_are_refused_before_the_build(builder: Engine, loader: Engine, tmp_path: pathlib.Path) -> None:
    context = small(tmp_path / "app", "FROM nowhere.invalid/x\n")
    with pytest.raises(OptionError, match="this docker engine cannot keep attestations"):
        builder.build(context, attest=["type=provenance"])
    with pytest.raises(OptionError, match="this docker engine cannot keep attestations"):
        loader.build(context, attest=["type=provenance"], load=True)


def test_the_host_has_a_name_if_that_is_wished(builder: Engine, tmp_path: pathlib.Path) -> None:
    text = "FROM busybox AS a\nRUN cp /etc/hosts /seen\nFROM scratch\nCOPY --from=a /seen /\n"
    context = small(tmp_path / "app", text)
    workers = builder.channel.unary(ControlMethods.ListWorkers, control.ListWorkersRequest())
    told = [worker.Labels[GATEWAY] for worker in workers.record if GATEWAY in worker.Labels]
    if not told:  # dockers of years ago
        with pytest.raises(OptionError, match="this docker engine does not say what host-gateway is"):
            builder.build(context, add_hosts={"machine.test": "host-gateway"})
        return
    builder.build(context, add_hosts={"machine.test": "host-gateway"}, output=str(tmp_path / "out"))
    lines = [line.split() for line in (tmp_path / "out/seen").read_text().splitlines()]
    assert [told[0], "machine.test"] in lines


def test_a_graph_made_by_hand(builder: Engine, loader: Engine, docker: Docker) -> None:
    state = llb.scratch().file(llb.Mkfile("/hello", mode=0o644, data=b"hello"))
    assert image(docker, builder.solve(state, output="type=image,name=llbfront.test/hand:1").image_id or "")
    loader.solve(state, output="type=docker,name=llbfront.test/hand:2")
    assert all(len(image(docker, f"llbfront.test/hand:{number}")["RootFS"]["Layers"]) == 1 for number in (1, 2))


def test_ctrl_c_ends_a_step(docker: Docker, tmp_path: pathlib.Path) -> None:
    context = small(tmp_path / "app", "FROM alpine\nRUN echo started; sleep 300\n")
    command = [sys.executable, "-m", "llbfront", "build", "--network", "none", "--progress", "plain", "--addr", docker.address, "."]
    environ = {**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parents[2])}
    with subprocess.Popen(command, cwd=context, env=environ, text=True, stderr=subprocess.PIPE) as build:
        assert build.stderr is not None
        for line in build.stderr:
            if line.rstrip().endswith(" started"):
                break
        build.send_signal(signal.SIGINT)
        build.stderr.read()
        assert build.wait(timeout=30) == 130


def test_docker_pushes_what_was_built(builder: Engine, registry: bases.Registry, tmp_path: pathlib.Path) -> None:
    result = builder.build(small(tmp_path / "app"), tags=[f"{registry.address}/by/docker:1"], push=True)
    with urllib.request.urlopen(f"http://{registry.address}/v2/by/docker/manifests/1") as answer:
        assert answer.headers["Docker-Content-Digest"].startswith("sha256:")
    assert [step.name for step in result.timings][-1] == f"pushing {registry.address}/by/docker:1 with docker"
    assert result.digest is not None
    request = urllib.request.Request(
        f"http://{registry.address}/v2/by/docker/manifests/{result.digest}",
        headers={"Accept": "application/vnd.docker.distribution.manifest.v2+json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["config"]["digest"] == result.image_id


def test_docker_pushes_and_pulls_with_our_credentials(
    builder: Engine, locked_registry: bases.Registry, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with pytest.raises(ExportError, match=r"cannot push .*/locked:latest: .*(no basic auth|unauthorized)"):
        builder.build(small(tmp_path / "app"), tags=[f"{locked_registry.address}/locked"], push=True)
    login = base64.b64encode(f"{bases.USER}:{bases.PASSWORD}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {locked_registry.address: {"auth": login}}}))
    assert builder.build(small(tmp_path / "app"), tags=[f"{locked_registry.address}/locked"], push=True).digest
    context = small(tmp_path / "app", f"FROM {locked_registry.address}/locked\nCOPY a /b\n")
    builder.build(context, pull=True, output=str(tmp_path / "out"))
    assert (tmp_path / "out/b").read_text() == (tmp_path / "out/a").read_text()


def test_our_engine_loads_into_docker(loader: Engine, docker: Docker, app: pathlib.Path) -> None:
    result = loader.build(app, tags=["llbfront.test/loaded:1"], load=True, secrets=secret(app))
    loaded = image(docker, "llbfront.test/loaded:1")
    assert loaded["Id"] == result.config_digest
    assert loaded["Config"]["Labels"] == {"made.by": "llbfront"}


def test_a_large_image_without_a_name_is_loaded_beside_a_directory(loader: Engine, docker: Docker, tmp_path: pathlib.Path) -> None:
    context = small(tmp_path / "app", "FROM scratch\nCOPY large a /\n")
    (context / "large").write_bytes(os.urandom(30_000_000))
    result = loader.build(context, output=["type=docker", str(tmp_path / "out")])
    assert result.config_digest is not None
    assert image(docker, result.config_digest)["Size"] == 30_000_008
    assert (tmp_path / "out/a").read_text() == "content\n"


def test_a_failed_build_loads_nothing(loader: Engine, docker: Docker, tmp_path: pathlib.Path) -> None:
    with pytest.raises(ExecFailed):
        loader.build(small(tmp_path / "app", "FROM alpine\nRUN false\n"), tags=["llbfront.test/failed"], load=True)
    with pytest.raises(OSError, match="404"):
        image(docker, "llbfront.test/failed")


def test_the_reason_of_docker_is_passed_on(loader: Engine, docker: Docker, tmp_path: pathlib.Path) -> None:
    # The engine would use this layer again for other images: no other test may have it.
    context = small(tmp_path / "app", "FROM scratch\nCOPY a /zstd\n")
    output = "type=docker,name=llbfront.test/zstd,compression=zstd,force-compression=true"
    with pytest.raises(ExportError, match="cannot load the image into docker: .+") as caught:
        loader.build(context, output=output)
    assert "\n" not in str(caught.value)
    with pytest.raises(OSError, match="404"):
        image(docker, "llbfront.test/zstd")


def test_a_missing_docker_is_reported_before_the_build(engine: Running, tmp_path: pathlib.Path) -> None:
    environ = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    with llbfront.connect(engine.address, environ=environ) as client, pytest.raises(ExportError) as caught:
        client.build(small(tmp_path / "app", "FROM nowhere.invalid/x\n"), load=True)
    line = f"no docker engine to load the image into: DOCKER_HOST unix://{tmp_path}/none.sock: no such socket"
    assert str(caught.value).startswith(line)


def test_the_command_loads_and_prints_the_id(engine: Running, docker: Docker, tmp_path: pathlib.Path) -> None:
    command = [sys.executable, "-m", "llbfront", "build", "-q", "--load", "-t", "llbfront.test/cli", str(small(tmp_path / "app"))]
    environ = {**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parents[2]), "DOCKER_HOST": docker.host}
    for address in (engine.address, docker.address):
        done = subprocess.run([*command, "--addr", address], env=environ, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == image(docker, "llbfront.test/cli")["Id"]
        assert not done.stderr


@pytest.fixture(scope="module")
def reference(docker: Docker, registry: bases.Registry) -> str:
    with llbfront.connect(docker.address) as connected:
        return reference_frontend.image(connected, registry.address)


@pytest.mark.parametrize("name", FILES)
def test_the_graph_equals_that_of_the_engines_own_frontend(
    builder: Engine, reference: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "Dockerfile").write_text(FILES[name])
    verdict = judge(builder, tmp_path, {}, monkeypatch, image=reference)
    assert isinstance(verdict.theirs, dict), verdict.theirs
    assert verdict.ours == verdict.theirs


def test_what_the_engine_cannot_is_said_before_anything_runs(builder: Engine, tmp_path: pathlib.Path) -> None:
    context = small(tmp_path / "app", "FROM alpine\nRUN --mount=type=tmpfs,target=/t,size=1m true\n")
    with pytest.raises(UnsupportedCapability, match=r"feature exec\.mount\.tmpfs\.size  is not supported by build server"):
        builder.build(context, network="none")


@pytest.mark.parametrize("name", FILES)
def test_our_image_makes_the_same_graph_on_this_engine(
    builder: Engine,
    llbfront_image: str,  # noqa: F811  (the fixture)
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    (tmp_path / "Dockerfile").write_text(FILES[name])
    verdict = judge(builder, tmp_path, {}, monkeypatch, image=llbfront_image)
    assert isinstance(verdict.theirs, dict), verdict.theirs
    assert verdict.ours == verdict.theirs
