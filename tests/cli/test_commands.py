"""The list of commands: each is a module, and the help shows all of them on one screen."""

from __future__ import annotations

import importlib

import pytest

from llbfront.cli.commands import COMMAND_GROUPS, COMMANDS
from llbfront.cli.main import parser

SCREEN_LINES, SCREEN_COLUMNS = 50, 80


def test_help_fits_one_screen_and_lists_each_command_once() -> None:
    lines = parser(None).format_help().splitlines()
    assert len(lines) <= SCREEN_LINES
    assert max(map(len, lines)) <= SCREEN_COLUMNS
    names = [line.split()[0] for line in lines if line.startswith("  ") and not line.startswith("  -")]
    assert names == list(COMMANDS)


def test_no_command_is_in_two_groups() -> None:
    assert sum(map(len, COMMAND_GROUPS.values())) == len(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_a_module(name: str) -> None:
    assert callable(importlib.import_module(f"llbfront.cli.{name}").add_arguments)
