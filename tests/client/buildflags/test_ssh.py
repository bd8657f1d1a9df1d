"""`--ssh`: agents that steps may use, and values that are refused."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.client.buildflags import ssh
from llbfront.session.ssh import SshAgent
from tests.client.buildflags.flags import assert_refused

if TYPE_CHECKING:
    import pathlib


def test_an_agent_is_a_socket(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "agent")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        environ = {"SSH_AUTH_SOCK": path}
        assert ssh.parse_agents(["default"], environ) == {"default": SshAgent(path)}
        assert ssh.parse_agents(["mine"], environ) == {"mine": SshAgent(path)}
        assert ssh.parse_agents([f"mine={path},raw=true", "default"], environ) == {
            "mine": SshAgent(path, is_raw=True),
            "default": SshAgent(path),
        }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["a=/none"], "the SSH agent /none cannot be used"),
        (["a=/none/x,/none/y"], "the SSH agent /none/x cannot be used"),
    ],
)
def test_missing_agents_are_refused(value: Any, message: str) -> None:
    assert_refused("ssh", value, message)
