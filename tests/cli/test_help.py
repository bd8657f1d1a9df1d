"""The help of commands: flags under headings, defaults that are true, and flags of an engine only where one is asked."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from llbfront.cli.main import Parser, parse_arguments, parser

MANY = 12
SCREEN = 48
NO_ENGINE = {"completion", "engine", "ignored", "layers", "trace", "why"}


def commands() -> Iterator[tuple[str, Parser]]:
    """Yield each command, and each verb of one, by name."""
    pending: list[tuple[str, argparse.ArgumentParser]] = [("", parser("*"))]
    while pending:
        name, command = pending.pop()
        below = next((action for action in command._actions if isinstance(action, argparse._SubParsersAction)), None)
        if below is not None:
            pending += [(f"{name} {word}".strip(), verb) for word, verb in below.choices.items()]
        else:
            assert isinstance(command, Parser)
            yield name, command


def shown(command: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in command._actions if action.option_strings and action.help is not argparse.SUPPRESS]


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_many_flags_stand_under_headings(name: str) -> None:
    command = COMMANDS[name]
    flat = [flag for group in command._action_groups if group.title == "options" for flag in group._group_actions]
    assert len([action for action in flat if action in shown(command)]) <= MANY


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_has_a_help_text(name: str) -> None:
    assert all(action.help for action in shown(COMMANDS[name]))


@pytest.mark.parametrize("name", COMMANDS)
def test_flags_of_an_engine_are_listed_where_one_is_asked(name: str) -> None:
    flags = {flag for action in shown(COMMANDS[name]) for flag in action.option_strings}
    asks_none = name.split(maxsplit=1)[0] in NO_ENGINE or name == "history import"
    assert ("--addr" in flags) is not asks_none
    assert ("--debug" in flags) is (not asks_none and name != "doctor")


@pytest.mark.parametrize("name", [name for name in COMMANDS if "--addr" in COMMANDS[name]._option_string_actions])
def test_the_default_of_the_address_is_said(name: str) -> None:
    text = " ".join(COMMANDS[name].format_help().split())
    assert (
        "default: all that are found" in text if name == "doctor" else "$BUILDKIT_HOST, else the first engine that answers" in text
    )


def test_the_list_of_commands_fits_on_a_screen() -> None:
    assert len(parser(None).format_help().splitlines()) <= SCREEN


@pytest.mark.parametrize("words", [["-D", "history", "ls"], ["history", "-D", "ls"], ["history", "ls", "-D"], ["why", "-D"]])
def test_debug_may_stand_anywhere(words: list[str]) -> None:
    assert parse_arguments(words).debug
    assert not parse_arguments([word for word in words if word != "-D"]).debug


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_prose_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, name: str, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = COMMANDS[name].format_help()
    assert [
        line for line in text.partition("\nexamples:")[2].splitlines() if len(line) > columns and not line.startswith(" ")
    ] == []


def test_notes_beside_examples_stand_below_them_in_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "\n  llbfront why --list\n      the builds that are recorded, with their refs\n" in COMMANDS["why"].format_help()
