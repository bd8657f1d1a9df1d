"""The table of a build's settings: the command, `Engine.build`, its asyncio form and BuildRequest have what it says, and nothing else."""

from __future__ import annotations

import argparse
import inspect
import pathlib
import socket

import attrs
import pytest

import llbfront
from llbfront import aio
from llbfront.cli import build as command
from llbfront.cli.main import Parser
from llbfront.client.request.settings import SETTINGS, build_request
from llbfront.errors import LlbfrontError


def flags() -> set[str]:
    """The flags of `llbfront build` that are documented, without dashes."""
    parser = Parser()
    command.add_arguments(parser)
    shown = [action for action in parser._actions if action.help is not argparse.SUPPRESS]
    names = {action.option_strings[-1].removeprefix("--") if action.option_strings else "PATH" for action in shown}
    return names - {"help"}


def test_every_flag_is_in_the_table_and_the_other_way_round() -> None:
    assert {setting.flag for setting in SETTINGS if setting.flag} == flags()


@pytest.mark.parametrize("function", [llbfront.Engine.build, aio.Engine.build])
def test_every_argument_is_in_the_table_and_the_other_way_round(function: object) -> None:
    assert callable(function)
    names = set(inspect.signature(function).parameters) - {"self"}
    assert names == {setting.argument for setting in SETTINGS if setting.argument}


def test_every_field_is_in_the_table_and_the_other_way_round() -> None:
    assert {setting.field for setting in SETTINGS if setting.field} == {field.name for field in attrs.fields(llbfront.BuildRequest)}


def test_what_only_one_side_has_says_why() -> None:
    for setting in SETTINGS:
        assert bool(setting.reason) != bool(setting.flag and setting.argument and setting.field)


def test_defaults_of_the_arguments_make_the_default_request() -> None:
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(llbfront.Engine.build).parameters.items()
        if name not in {"self", "frontend", "on_event"}
    }
    assert build_request(defaults) == llbfront.BuildRequest()


def test_a_request_can_be_made_from_the_fields_of_another(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind("agent")
        request = build_request(
            {
                "context": ".", "file": b"FROM scratch\n", "tags": ["a", "b"], "output": {"type": "oci", "dest": "o"}, "platforms": "linux/amd64",
                "build_args": {"A": 1}, "secrets": {"id": "x", "value": b"v"}, "ssh": {"git": "agent"}, "cache_from": "name", "cache_to": "type=inline",
                "attest": "type=sbom", "provenance": {"mode": "max"}, "annotations": {"index:a": "b"}, "add_hosts": {"h": ["10.0.0.1", "10.0.0.2"]},
                "ulimits": {"nofile": (1, 2)}, "shm_size": "64m", "allow": "network.host", "resources": {"memory": "2g"},
            }
        )  # fmt: skip
    assert attrs.evolve(request) == request


@pytest.mark.parametrize("setting", [setting for setting in SETTINGS if setting.field], ids=lambda setting: setting.argument)
def test_errors_name_the_argument(setting: object) -> None:
    name = setting.argument  # type: ignore[attr-defined]
    with pytest.raises(LlbfrontError) as caught:
        build_request({name: object()})
    assert str(caught.value).startswith(f"{name} takes ")
