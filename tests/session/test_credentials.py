"""What docker's configuration says about a registry."""

import base64
import json
import os
import pathlib

import pytest

from llbfront.errors import LlbfrontError
from llbfront.session.credentials import Credentials, CredentialStore


def store(folder: pathlib.Path, config: object, **environ: str) -> CredentialStore:
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    return CredentialStore({"DOCKER_CONFIG": str(folder), "PATH": f"{folder}:{os.environ['PATH']}", **environ})


def encoded(pair: str) -> dict[str, str]:
    return {"auth": base64.b64encode(pair.encode()).decode()}


def helper(folder: pathlib.Path, name: str, script: str) -> None:
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_nothing_is_known_without_a_config(tmp_path: pathlib.Path) -> None:
    assert CredentialStore({"DOCKER_CONFIG": str(tmp_path)}).find("r.example") == Credentials()


def test_entries_of_the_file(tmp_path: pathlib.Path) -> None:
    auths = {
        "r.example:5000": encoded("me:p:w"),
        "https://url.example/v1/": encoded("you:pw"),
        "https://index.docker.io/v1/": encoded("hub:pw"),
        "token.example": {"identitytoken": "t"},
    }
    known = store(tmp_path, {"auths": auths})
    assert known.find("r.example:5000") == Credentials("me", "p:w")
    assert known.find("url.example") == Credentials("you", "pw")
    assert known.find("registry-1.docker.io") == Credentials("hub", "pw")
    assert known.find("token.example").secret == "t"
    assert known.find("other.example") == Credentials()


def test_a_helper_is_asked_once(tmp_path: pathlib.Path) -> None:
    helper(tmp_path, "test", f'read host; echo asked >> {tmp_path}/log; echo "{{\\"Username\\":\\"u\\",\\"Secret\\":\\"$host\\"}}"')
    known = store(tmp_path, {"credHelpers": {"r.example": "test"}, "credsStore": "none"})
    assert known.find("r.example") == Credentials("u", "r.example")
    assert known.find("r.example") == Credentials("u", "r.example")
    assert (tmp_path / "log").read_text() == "asked\n"


def test_a_helper_may_hold_an_identity_token_or_nothing(tmp_path: pathlib.Path) -> None:
    helper(tmp_path, "token", 'echo \'{"Username":"<token>","Secret":"t"}\'')
    helper(tmp_path, "empty", "echo credentials not found in native keychain; exit 1")
    known = store(tmp_path, {"credHelpers": {"a": "token"}, "credsStore": "empty", "auths": {"b": encoded("u:p")}})
    assert known.find("a") == Credentials(identity_token="t")
    assert known.find("b") == Credentials("u", "p")


def test_what_cannot_be_used_is_one_line_without_secrets(tmp_path: pathlib.Path) -> None:
    helper(tmp_path, "broken", "echo my-secret; exit 3")
    for config, message in (
        ("{", "cannot read the docker config"),
        ({"auths": {"r": {"auth": "%%%"}}}, "damaged entry for r"),
        ({"credsStore": "absent"}, "docker-credential-absent"),
        ({"credsStore": "broken"}, "exit code 3"),
    ):
        with pytest.raises(LlbfrontError, match=message) as caught:
            store(tmp_path, config).find("r")
        assert "my-secret" not in str(caught.value)


def test_secrets_are_not_shown(tmp_path: pathlib.Path) -> None:
    assert "pw" not in repr(Credentials("me", "pw", "pw-token", "pw-registry"))
