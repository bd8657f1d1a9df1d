"""Keys that bind registry tokens to a session."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING

import pytest
from nacl.signing import SigningKey, VerifyKey

from llbfront.pb import auth_pb2 as auth
from llbfront.rpc.services.auth import AuthMethods
from llbfront.session import token_authority
from llbfront.session.auth import AuthService
from llbfront.session.credentials import CredentialStore
from tests.session.calls import Peer

if TYPE_CHECKING:
    from pathlib import Path

GET, VERIFY = AuthMethods.GetTokenAuthority.path, AuthMethods.VerifyTokenAuthority.path


def environment(directory: Path, **more: str) -> dict[str, str]:
    login = base64.b64encode(b"user:password").decode()
    (directory / "config.json").write_text(json.dumps({"auths": {"known": {"auth": login}}}))
    return {"DOCKER_CONFIG": str(directory), **more}


def ask(environ: dict[str, str], path: str, request: bytes) -> tuple[bytes, int]:
    peer = Peer(AuthService(CredentialStore(environ), environ=environ).services(), path)
    peer.send(request)
    code, _ = peer.end()
    return b"".join(peer.call.sent), code


def key_of(environ: dict[str, str], host: str, salt: bytes = b"salt") -> bytes:
    data, code = ask(environ, GET, auth.GetTokenAuthorityRequest(Host=host, Salt=salt).SerializeToString())
    assert code == 0
    return auth.GetTokenAuthorityResponse.FromString(data).PublicKey


def test_without_credentials_the_key_comes_from_the_salt_alone(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    expected = SigningKey(hmac.new(b"salt", b"", hashlib.sha256).digest()).verify_key
    assert key_of(environ, "other") == bytes(expected)
    assert not (tmp_path / ".token_seed").exists()


def test_with_credentials_the_key_comes_from_a_seed_that_is_kept(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    key = key_of(environ, "known")
    seed = base64.b64decode(json.loads((tmp_path / ".token_seed").read_text())["known"]["Seed"])
    assert key == bytes(SigningKey(hmac.new(b"salt", seed, hashlib.sha256).digest()).verify_key)
    assert key_of(environ, "known") == key
    assert key_of(environ, "known", b"pepper") != key
    assert (tmp_path / ".token_seed").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("entry", [{"registrytoken": "t"}, {"identitytoken": "t"}])
def test_a_token_in_the_config_counts_as_a_secret(tmp_path: Path, entry: dict[str, str]) -> None:
    environ = environment(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"auths": {"known": entry}}))
    assert key_of(environ, "known") != key_of(environ, "other")
    assert (tmp_path / ".token_seed").exists()


def test_a_payload_is_signed_in_front(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    request = auth.VerifyTokenAuthorityRequest(Host="known", Payload=b"payload", Salt=b"salt")
    data, code = ask(environ, VERIFY, request.SerializeToString())
    signed = auth.VerifyTokenAuthorityResponse.FromString(data).Signed
    assert code == 0
    assert len(signed) == 64 + len(b"payload")
    assert VerifyKey(key_of(environ, "known")).verify(signed) == b"payload"


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    environ = environment(tmp_path, BUILDKIT_NO_CLIENT_TOKEN="1")
    assert ask(environ, GET, auth.GetTokenAuthorityRequest(Host="known").SerializeToString()) == (b"", 14)


def test_a_damaged_file_of_seeds_is_replaced(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    (tmp_path / ".token_seed").write_text("[")
    assert key_of(environ, "known") == key_of(environ, "known")


def test_a_directory_that_cannot_be_written_still_gives_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = environment(tmp_path)
    monkeypatch.setattr(token_authority, "_SEEDS", "no/such/directory")
    assert len(key_of(environ, "known")) == 32
    assert key_of(environ, "known") == key_of(environ, "known")
