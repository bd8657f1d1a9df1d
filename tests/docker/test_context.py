"""What the docker command was told to use."""

import hashlib
import json
import pathlib

import pytest

from llbfront.connhelper.address import parse_address
from llbfront.docker.context import Setting, chosen
from llbfront.engine.docker_engine import find_docker_engine
from llbfront.errors import ExportError


def store(home: pathlib.Path, name: str, host: str, *, has_tls: bool = False) -> str:
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = home / "contexts" / "meta" / key
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}))
    if has_tls:
        (home / "contexts" / "tls" / key / "docker").mkdir(parents=True)
    return key


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "far", "auths": {}}))
    return tmp_path


def test_nothing_was_chosen(tmp_path: pathlib.Path) -> None:
    assert chosen({"DOCKER_CONFIG": str(tmp_path)}) is None
    (tmp_path / "config.json").write_text("{}")
    assert chosen({"DOCKER_CONFIG": str(tmp_path)}) is None
    assert chosen({"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "default"}) is None


def test_the_current_context(home: pathlib.Path) -> None:
    store(home, "far", "tcp://far.example:2375")
    assert chosen({"DOCKER_CONFIG": str(home)}) == Setting("docker context far", "tcp://far.example:2375")


def test_contexts_behind_tls_and_ssh(home: pathlib.Path) -> None:
    key = store(home, "far", "tcp://far.example:2376", has_tls=True)
    store(home, "farther", "ssh://ali@far.example")
    told = {name: chosen({"DOCKER_CONFIG": str(home), "DOCKER_CONTEXT": name}) for name in ("far", "farther")}
    assert told["farther"] == Setting("docker context farther", "docker+ssh://ali@far.example")
    assert told["far"] is not None
    assert parse_address(told["far"].address).query == {"certs": str(home / "contexts" / "tls" / key / "docker")}


def test_an_unsupported_scheme(home: pathlib.Path) -> None:
    told = chosen({"DOCKER_CONFIG": str(home), "DOCKER_HOST": "npipe:////./pipe/docker"})
    assert told is not None
    assert "npipe://" in (told.problem or "")


def test_a_variable_names_another_context(home: pathlib.Path) -> None:
    store(home, "near", "unix:///near.sock")
    assert chosen({"DOCKER_CONFIG": str(home), "DOCKER_CONTEXT": "near"}) == Setting("docker context near", "unix:///near.sock")


def test_docker_host_replaces_the_context(home: pathlib.Path) -> None:
    store(home, "far", "tcp://far.example:2376")
    environ = {"DOCKER_CONFIG": str(home), "DOCKER_HOST": "tcp://here:2375"}
    assert chosen(environ) == Setting("DOCKER_HOST", "tcp://here:2375")
    for more, query in (
        ({"DOCKER_TLS_VERIFY": "1"}, {"certs": str(home)}),
        ({"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/some where"}, {"certs": "/some where"}),
        ({"DOCKER_TLS": "1"}, {"certs": str(home), "verify": "no"}),
    ):
        told = chosen(environ | more)
        assert told is not None
        assert (parse_address(told.address).scheme, parse_address(told.address).host, parse_address(told.address).query) == (
            "docker+tcp",
            "here",
            query,
        )


def test_a_context_that_is_gone(home: pathlib.Path) -> None:
    assert chosen({"DOCKER_CONFIG": str(home)}) == Setting("docker context far", problem="there is no such context")


@pytest.mark.parametrize("text", ["{", "[]", '"text"', "\0"])
def test_a_configuration_that_cannot_be_read(tmp_path: pathlib.Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    told = chosen({"DOCKER_CONFIG": str(tmp_path)})
    assert told is not None
    assert (told.problem or "").startswith(f"cannot read the docker config {tmp_path / 'config.json'}")


@pytest.mark.parametrize("meta", ["{}", "[]", '{"Endpoints": {"docker": null}}', '{"Endpoints": []}', "{"])
def test_a_context_that_cannot_be_read(home: pathlib.Path, meta: str) -> None:
    key = store(home, "far", "")
    (home / "contexts" / "meta" / key / "meta.json").write_text(meta)
    told = chosen({"DOCKER_CONFIG": str(home)})
    assert told is not None
    assert (told.problem or "").startswith("cannot read")


@pytest.mark.parametrize("host", ["unix:///run/\0.sock", "tcp://ho\nst:2375", "ssh://me\0@far.example"])
def test_control_characters_in_an_address_are_a_reason_not_to_use_it(home: pathlib.Path, host: str) -> None:
    store(home, "far", host)
    with pytest.raises(ExportError, match="docker context far .*it contains a control character"):
        find_docker_engine(environ={"DOCKER_CONFIG": str(home)})
