"""A real docker engine, reached over TLS and over SSH (`docker system dial-stdio`)."""

from __future__ import annotations

import os
import pathlib
import re
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.errors import ConnectError
from tests.live.conftest import missing
from tests.support import bases
from tests.support.bases import docker as dockers
from tests.support.bases.packages import program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.live.conftest import Engine as Running
    from tests.support.bases.docker import Docker

DAYS = "-days", "2"
# Runs on this machine what ssh would run on the other: all behind `-- HOST`.
SSH = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nexec "$@"\n'


def openssl(folder: pathlib.Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """An authority, and what it signed for a server on loopback (server.pem) and for a client (cert.pem)."""
    here = tmp_path_factory.mktemp("certificates")
    openssl(
        here, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=ca", *DAYS
    )
    for name, key, usage in (
        ("server", "server-key", "subjectAltName=IP:127.0.0.1"),
        ("cert", "key", "extendedKeyUsage=clientAuth"),
    ):
        (here / "extensions").write_text(f"{usage}\n")
        openssl(here, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{key}.pem", "-out", "request", "-subj", f"/CN={name}")
        signing = ("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-extfile", "extensions")
        openssl(here, "x509", "-req", "-in", "request", "-out", f"{name}.pem", *signing, *DAYS)
    return here


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
    return number


@pytest.fixture(scope="module")
def docker(certificates: pathlib.Path, port: int) -> Iterator[Docker]:
    """Run a docker engine that also listens on loopback, to those who have a certificate."""
    files = ("--tlscacert", f"{certificates}/ca.pem", "--tlscert", f"{certificates}/server.pem")
    flags = ("--host", f"tcp://127.0.0.1:{port}", "--tlsverify", *files, "--tlskey", f"{certificates}/server-key.pem")
    try:
        with dockers.run(flags=flags) as running:
            yield running
    except bases.Missing as error:
        missing(error)


@pytest.fixture
def tls_environ(certificates: pathlib.Path, port: int) -> dict[str, str]:
    variables = {"DOCKER_HOST": f"tcp://127.0.0.1:{port}", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certificates)}
    return {"XDG_RUNTIME_DIR": "/nonexistent", **variables}


def assert_builds(environ: Mapping[str, str], folder: pathlib.Path, docker: Docker, name: str) -> None:
    """Build with a large file in the context, and see that the engine has the image."""
    (folder / "large").write_bytes(os.urandom(8 << 20))
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY large /\nLABEL a=b\n")
    with llbfront.connect(environ=environ) as engine:
        assert engine.is_docker
        engine.build(folder, tags=[name])
        assert engine.build(folder, tags=[name]).cached_steps
    assert docker.ask(f"/images/{name}/json")["Config"]["Labels"] == {"a": "b"}


def test_an_image_is_built_over_tls(tls_environ: dict[str, str], docker: Docker, tmp_path: pathlib.Path) -> None:
    assert_builds(tls_environ, tmp_path, docker, "built-over-tls")


# The server ends the connection after the handshake; what the client sees first depends on timing.
CLOSED = r"it closes the connection without an answer|the connection was (closed|reset)"


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ({"DOCKER_CERT_PATH": "/nonexistent"}, "its certificate is not signed by an authority that is trusted here"),
        ({"DOCKER_TLS_VERIFY": "", "DOCKER_TLS": "1", "DOCKER_CERT_PATH": "/nonexistent"}, CLOSED),
    ],
)
def test_an_unauthorized_client_gets_the_cause_in_one_line(
    tls_environ: dict[str, str], docker: Docker, more: dict[str, str], cause: str, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(ConnectError) as caught:
        assert_builds({**tls_environ, "HOME": str(tmp_path), **more}, tmp_path, docker, "nobody")
    (reason,) = [reason for place, reason in caught.value.tried if place.startswith("DOCKER_HOST")]
    assert re.fullmatch(cause, reason)


def test_images_are_loaded_over_tls(tls_environ: dict[str, str], docker: Docker, engine: Running, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nLABEL a=b\n")
    with llbfront.connect(engine.address, environ=tls_environ) as connected:
        connected.build(tmp_path, tags=["loaded-through-tls"], load=True)
    assert docker.ask("/images/loaded-through-tls/json")["Config"]["Labels"] == {"a": "b"}


@pytest.fixture
def programs(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a directory with an `ssh` that runs its command on this machine."""
    directory = tmp_path / "bin"
    directory.mkdir()
    (directory / "ssh").write_text(SSH)
    (directory / "ssh").chmod(0o755)
    return directory


def test_an_image_is_built_over_ssh(
    docker: Docker, programs: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        command = program("docker.io", "usr/bin/docker")
    except bases.Missing as error:
        missing(error)
    (programs / "docker").symlink_to(command)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_HOST", docker.host)  # on the other machine
    (tmp_path / "app").mkdir()
    assert_builds({"XDG_RUNTIME_DIR": "/nonexistent", "DOCKER_HOST": "ssh://ali@far"}, tmp_path / "app", docker, "built-over-ssh")


def test_a_machine_without_docker_is_refused(programs: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(ConnectError, match=r"ssh ended with code 12[67]\b"), llbfront.connect("docker+ssh://far") as engine:
        engine.version()
