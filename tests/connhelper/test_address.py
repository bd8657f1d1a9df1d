"""Addresses: what each means, and what is refused with which words."""

from __future__ import annotations

import pytest

from llbfront.connhelper.address import log_hint, parse_address
from llbfront.connhelper.command import command_of
from llbfront.connhelper.dial import dial
from llbfront.errors import AddressError, ConnectError
from llbfront.rpc.tls import Tls

COMMANDS = {
    "docker-container://bk": "docker exec -i bk buildctl dial-stdio",
    "docker-container://bk_1?context=remote": "docker --context=remote exec -i bk_1 buildctl dial-stdio",
    "podman-container://bk": "podman exec -i bk buildctl dial-stdio",
    "nerdctl-container://bk?namespace=k8s.io": "nerdctl exec --namespace k8s.io -i bk buildctl dial-stdio",
    "kube-pod://pod-1": "kubectl --context= --namespace= exec --container= -i pod-1 -- buildctl dial-stdio",
    "kube-pod://pod-1?context=c&namespace=n&container=k": "kubectl --context=c --namespace=n exec --container=k -i pod-1 -- buildctl dial-stdio",
    "ssh://host": "ssh -- host buildctl dial-stdio",
    "ssh://me@host:2222/run/bk.sock": "ssh -l me -p 2222 -- host buildctl --addr unix:///run/bk.sock dial-stdio",
    "ssh://[::1]:22": "ssh -p 22 -- ::1 buildctl dial-stdio",
}

REFUSED = {
    "/run/buildkit/buildkitd.sock": "did you mean unix:///run/buildkit/buildkitd.sock?",
    "buildkitd": "not an address",
    "npipe:////./pipe/buildkitd": "only on Windows",
    "http://host": "unknown scheme http://",
    "unix://": "has no path",
    "tcp://": "has no host",
    "tcp://host:port": "not an address",
    "ssh://me:secret@host": "password",
    "docker-container://bk?contxt=a": "unknown option contxt",
    "docker-container://bk?context=--privileged": "cannot be a name",
    "ssh://-oProxyCommand=x": "cannot be a name",
    "kube-pod://Pod_1": "not a valid Kubernetes name",
    "unix:///tmp/\0x": "control character",
    "unix:///tmp/a\nb": "control character",
    "unix:///tmp/\ud800": "cannot be encoded",
    "tcp://ho\tst:1": "control character",
    "tcp://host:1\n": "control character",
    "tcp://\x7fhost": "control character",
    "tcp://host:1?certs=%00": "control character",
    "docker+tcp://host:1?certs=a%0ab": "control character",
    "ssh://me%00@host": "control character",
    "ssh://host\x85": "control character",
    "docker:///run/\x1b.sock": "control character",
    "docker-container://bk?context=a%0db": "control character",
    "\0": "control character",
    f"tcp://{'a' * 64}:1": "not a valid host name",
    "tcp://a..b:1": "not a valid host name",
    "docker+tcp://a..b:1": "not a valid host name",
    "tcp://\udcff:1": "not a valid host name",
}


@pytest.mark.parametrize("text", COMMANDS)
def test_the_command_of_a_helper_program(text: str) -> None:
    assert " ".join(command_of(parse_address(text))) == COMMANDS[text]


@pytest.mark.parametrize("text", REFUSED)
def test_an_invalid_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError, match=REFUSED[text].replace("?", r"\?")) as caught:
        command_of(parse_address(text))
    assert "secret" not in str(caught.value)


def test_an_address_has_host_port_and_path() -> None:
    address = parse_address("tcp://[::1]:1234")
    assert (address.host, address.port) == ("::1", 1234)
    assert parse_address("unix:///a b?c").path == "/a b?c"
    assert parse_address("docker:///var/run/docker.sock").path == "/var/run/docker.sock"


def test_no_engine_at_the_address(tmp_path: object) -> None:
    with pytest.raises(ConnectError, match="no such socket") as caught:
        dial(f"unix://{tmp_path}/none")
    assert caught.value.tried == ((f"unix://{tmp_path}/none", "no such socket"),)


def test_no_such_program(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConnectError, match="podman is not on PATH"):
        dial("podman-container://bk")


def test_tls_is_for_tcp() -> None:
    with pytest.raises(AddressError, match="tcp://"):
        dial("unix:///run/bk.sock", tls=Tls())


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("unix:///s", "see the log of buildkitd; that of the private engine: llbfront engine logs"),
        ("tcp://engine-7", "see the log of buildkitd on engine-7"),
        ("ssh://engine-7", "see the log of buildkitd on engine-7"),
        ("docker-container://engine-7", "docker logs engine-7"),
        ("podman-container://engine-7", "podman logs engine-7"),
        ("nerdctl-container://engine-7", "nerdctl logs engine-7"),
        ("kube-pod://engine-7", "kubectl logs engine-7"),
        ("docker+tcp://engine-7", "see the log of the docker engine on engine-7"),
        ("docker+ssh://engine-7", "see the log of the docker engine on engine-7"),
        ("docker:///s", "see the log of the docker engine"),
    ],
)
def test_the_hint_for_a_log_names_the_engine(address: str, hint: str) -> None:
    assert log_hint(parse_address(address)) == hint
