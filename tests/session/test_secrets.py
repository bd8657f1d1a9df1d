"""Secrets are read when a step asks, or at once where that is possible only once; one that cannot be read is never absent."""

from __future__ import annotations

import pathlib
import time

import pytest

from llbfront.errors import ContextError
from llbfront.pb import secrets_pb2 as secrets
from llbfront.session.secrets import (
    LIMIT_BYTES,
    FileSecret,
    ValueSecret,
    VariableSecret,
    check_file,
    from_file,
    from_variable,
    services,
)
from tests.files import kinds
from tests.session.calls import Peer

GET = "/moby.buildkit.secrets.v1.Secrets/GetSecret"
NOT_FOUND, UNKNOWN = 5, 2


def ask(offered: dict[str, FileSecret | VariableSecret | ValueSecret], name: str) -> bytes | tuple[int, str]:
    """Be the engine: ask for a secret; return its content, or the status of the failure."""
    peer = Peer(services(offered), GET)
    peer.send(secrets.GetSecretRequest(ID=name).SerializeToString())
    status = peer.end()
    if status[0]:
        return status
    return bytes(secrets.GetSecretResponse.FromString(peer.take()[0]).data)


def test_a_file_is_read_when_a_step_asks(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"old")
    offered = {"token": from_file("token", str(path))}
    path.write_bytes(b"new")
    assert ask(offered, "token") == b"new"


def test_a_pipe_is_read_once_and_may_be_asked_for_twice(tmp_path: pathlib.Path) -> None:
    with kinds.written(tmp_path / "pipe", b"secret") as path:
        check_file("token", str(path))
        time.sleep(0.1)
        offered = {"token": from_file("token", str(path))}
    assert ask(offered, "token") == ask(offered, "token") == b"secret"


def test_a_descriptor_is_read() -> None:
    with kinds.pipe(b"secret") as path:
        assert from_file("token", path) == ValueSecret(b"secret")
    assert from_file("token", "/dev/null") == ValueSecret(b"")


@pytest.mark.parametrize("name", kinds.UNUSABLE)
def test_what_cannot_be_read_fails_the_build_before_it_begins(tmp_path: pathlib.Path, name: str) -> None:
    make, reason = kinds.UNUSABLE[name]
    with pytest.raises(ContextError) as caught:
        from_file("token", str(make(tmp_path / "it")))
    assert str(caught.value).startswith("cannot read the secret token from ")
    assert str(caught.value).endswith(reason)


def test_a_device_without_an_end_is_too_large() -> None:
    with pytest.raises(ContextError, match="larger than 512000 bytes"):
        from_file("token", "/dev/zero")


def test_secrets_may_have_as_many_bytes_as_engines_take(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"x" * LIMIT_BYTES)
    assert ask({"token": from_file("token", str(path))}, "token") == b"x" * LIMIT_BYTES
    path.write_bytes(b"x" * (LIMIT_BYTES + 1))
    with pytest.raises(ContextError, match="the secret token has 512001 bytes; engines take at most 512000"):
        from_file("token", str(path))


def test_a_file_that_is_gone_when_a_step_asks_fails_the_step(tmp_path: pathlib.Path) -> None:
    (tmp_path / "token").touch()
    offered = {"token": from_file("token", str(tmp_path / "token"))}
    (tmp_path / "token").unlink()
    assert ask(offered, "token") == (UNKNOWN, "cannot read the secret token: no such file or directory")


def test_a_file_that_cannot_be_read_any_more_fails_the_step(tmp_path: pathlib.Path) -> None:
    (tmp_path / "token").touch()
    offered = {"token": from_file("token", str(tmp_path / "token"))}
    (tmp_path / "token").unlink()
    (tmp_path / "token").mkdir()
    assert ask(offered, "token") == (UNKNOWN, "cannot read the secret token: it is a directory")


def test_a_variable_is_read_and_must_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    offered = {"token": from_variable("token", "TOKEN")}
    assert ask(offered, "token") == b"secret"
    monkeypatch.delenv("TOKEN")
    assert ask(offered, "token") == (UNKNOWN, "cannot read the secret token: its variable is not set")
    with pytest.raises(ContextError, match="cannot read the secret token: the variable TOKEN is not set"):
        from_variable("token", "TOKEN")


def test_only_what_was_not_offered_is_not_found() -> None:
    assert ask({}, "token") == (NOT_FOUND, "secret token: not found")
