"""The services that a session offers to the engine."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from llbfront.client.inputs.contexts import Inputs
from llbfront.client.request.build_request import BuildRequest
from llbfront.client.solve.session_services import SessionServices
from llbfront.errors import InvalidValue
from llbfront.rpc.services.ssh import SSHMethods

if TYPE_CHECKING:
    import pathlib


def test_a_git_context_over_ssh_offers_the_default_agent(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forward, remote = SSHMethods.ForwardAgent.path, BuildRequest("git@example.org:a/b.git")
    path = str(tmp_path / "agent")
    monkeypatch.setenv("SSH_AUTH_SOCK", path)
    with pytest.raises(InvalidValue, match="the SSH agent"):
        SessionServices(remote, Inputs({}, {}), ())
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        assert forward in SessionServices(remote, Inputs({}, {}), ()).services
        assert forward not in SessionServices(BuildRequest("."), Inputs({}, {}), ()).services
