"""Which engine is found, in which order, and what is said when there is none."""

import pathlib

import pytest

from llbfront.engine import discover
from llbfront.errors import ConnectError
from tests.engine.peers import engine


@pytest.fixture
def environ(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment of a machine without any engine; the sockets outside of directories of ours are moved into them."""
    monkeypatch.setattr(discover, "ROOTFUL_SOCKET", f"unix://{tmp_path}/rootful.sock")
    monkeypatch.setattr(discover, "DOCKER_SOCKET", f"unix://{tmp_path}/docker.sock")
    (tmp_path / "rootless" / "buildkit").mkdir(parents=True)
    return {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "rootless")}


def test_buildkitd_comes_before_docker_and_docker_before_the_private_engine(environ: dict[str, str]) -> None:
    environ |= {"BUILDKIT_HOST": "tcp://a:1", "DOCKER_HOST": "tcp://b:2"}
    home = environ["HOME"]
    assert [(candidate.origin, candidate.address) for candidate in discover.candidates("tcp://c:3", environ)] == [
        ("address", "tcp://c:3"),
        ("BUILDKIT_HOST", "tcp://a:1"),
        ("buildkitd", f"unix://{home}/rootful.sock"),
        ("rootless buildkitd", f"unix://{home}/rootless/buildkit/buildkitd.sock"),
        ("DOCKER_HOST", "tcp://b:2"),
        ("docker", f"unix://{home}/docker.sock"),
        ("rootless docker", f"unix://{home}/rootless/docker.sock"),
        ("private engine", f"unix://{home}/rootless/llbfront/buildkitd.sock"),
    ]


def test_the_same_address_is_asked_once(environ: dict[str, str]) -> None:
    environ["DOCKER_HOST"] = f"unix://{environ['HOME']}/docker.sock"
    origins = [candidate.origin for candidate in discover.candidates(None, environ)]
    assert origins == ["buildkitd", "rootless buildkitd", "DOCKER_HOST", "rootless docker", "private engine"]


def test_the_first_that_answers_wins_and_says_who_failed(environ: dict[str, str]) -> None:
    with engine(f"{environ['XDG_RUNTIME_DIR']}/buildkit/buildkitd.sock"):
        channel, discovered = discover.open_engine(environ=environ)
        channel.close()
    assert discovered.origin == "rootless buildkitd"
    assert [str(attempt) for attempt in discovered.failed] == [f"buildkitd (unix://{environ['HOME']}/rootful.sock): no such socket"]
    assert (
        discovered.reason
        == f"unix://{environ['XDG_RUNTIME_DIR']}/buildkit/buildkitd.sock, from rootless buildkitd, after 1 failed attempt"
    )


def test_a_docker_engine_is_known_as_one(environ: dict[str, str]) -> None:
    with engine(f"{environ['HOME']}/docker.sock", is_docker=True):
        channel, discovered = discover.open_engine(environ=environ)
        channel.close()
    assert (discovered.origin, discovered.is_docker) == ("docker", True)
    assert discovered.address == f"docker://{environ['HOME']}/docker.sock"


def test_nothing_found_says_each_place_and_the_one_command(environ: dict[str, str]) -> None:
    home = environ["HOME"]
    with pytest.raises(ConnectError) as raised:
        discover.open_engine(environ=environ)
    assert raised.value.tried == (
        (f"buildkitd unix://{home}/rootful.sock", "no such socket"),
        (f"rootless buildkitd unix://{home}/rootless/buildkit/buildkitd.sock", "no such socket"),
        (f"docker unix://{home}/docker.sock", "no such socket"),
        (f"rootless docker unix://{home}/rootless/docker.sock", "no such socket"),
        (f"private engine unix://{home}/rootless/llbfront/buildkitd.sock", "not running"),
    )
    assert str(raised.value) == "no engine found in 5 places (start a private engine: llbfront engine start)"


@pytest.mark.parametrize("address", [None, "unix:///absent/b.sock"])
def test_an_order_is_not_replaced_by_another_engine(environ: dict[str, str], address: str | None) -> None:
    if address is None:
        environ["BUILDKIT_HOST"] = "unix:///absent/b.sock"
    with (
        engine(f"{environ['HOME']}/rootful.sock"),
        pytest.raises(ConnectError, match=r"no engine at unix:///absent/b\.sock") as raised,
    ):
        discover.open_engine(address, environ=environ)
    assert len(raised.value.tried) == 1
    assert ("unset BUILDKIT_HOST" in str(raised.value)) == (address is None)


def test_a_broken_docker_context_does_not_hide_what_comes_after(environ: dict[str, str]) -> None:
    environ["DOCKER_CONTEXT"] = "gone"
    with engine(f"{environ['HOME']}/docker.sock"):
        channel, discovered = discover.open_engine(environ=environ)
        channel.close()
    assert discovered.origin == "docker"
    assert str(discovered.failed[-1]) == "docker context gone: there is no such context"
