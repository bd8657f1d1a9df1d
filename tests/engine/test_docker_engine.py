"""Which docker engine images are loaded into, and the error when there is none."""

import pathlib

import pytest

from llbfront.engine import discover
from llbfront.engine.docker_engine import find_docker_engine
from llbfront.errors import ExportError
from tests.engine.peers import engine, listening


@pytest.fixture
def environ(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment without docker engines: the sockets outside of it are moved into the directory of the test."""
    monkeypatch.setattr(discover, "DOCKER_SOCKET", f"unix://{tmp_path}/docker.sock")
    (tmp_path / "rootless").mkdir()
    return {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "rootless")}


PONG = b"HTTP/1.1 200 OK\r\n\r\nOK"


def test_the_engine_that_docker_uses_is_found(environ: dict[str, str]) -> None:
    home = environ["HOME"]
    with listening(f"{home}/rootless/docker.sock", PONG, PONG), listening(f"{home}/near.sock", PONG):
        assert find_docker_engine(environ=environ) == f"docker://{home}/rootless/docker.sock"
        assert find_docker_engine("default", environ=environ) == f"docker://{home}/rootless/docker.sock"
        assert find_docker_engine(environ=environ | {"DOCKER_HOST": f"unix://{home}/near.sock"}) == f"docker://{home}/near.sock"
    with listening(("127.0.0.1", 0), PONG) as listener:
        port = listener.getsockname()[1]
        assert find_docker_engine(environ=environ | {"DOCKER_HOST": f"tcp://127.0.0.1:{port}"}) == f"docker+tcp://127.0.0.1:{port}"


def test_the_error_names_every_address_and_its_cause(environ: dict[str, str]) -> None:
    home = environ["HOME"]
    with engine(f"{home}/docker.sock"), pytest.raises(ExportError) as caught:
        find_docker_engine(environ=environ)
    assert str(caught.value) == (
        "no docker engine to load the image into: "
        f"docker unix://{home}/docker.sock: something other than a docker engine listens there; "
        f"rootless docker unix://{home}/rootless/docker.sock: no such socket (to write a file instead, use type=docker,dest=FILE)"
    )


@pytest.mark.parametrize(
    ("docker_host", "context", "cause"),
    [
        ("npipe://far", None, "DOCKER_HOST npipe://far: "),
        ("", "gone", "docker context gone: there is no such context"),
        ("unix://{home}/docker.sock", "gone", "docker context gone: "),
    ],
)
def test_no_other_engine_is_tried_for_a_configured_one(
    environ: dict[str, str], docker_host: str, context: str | None, cause: str
) -> None:
    configured = {"DOCKER_HOST": docker_host.format(home=environ["HOME"])}
    with listening(f"{environ['HOME']}/docker.sock", PONG), pytest.raises(ExportError, match=cause):
        find_docker_engine(context, environ=environ | configured)
