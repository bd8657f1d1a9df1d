"""The page of all commands and flags, written from the parser of the command."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from llbfront.cli.commands import COMMANDS
from llbfront.cli.main import parser

HEAD = """\
# Commands and flags

<!-- Written by `make docs`; do not edit. -->

What `llbfront COMMAND --help` prints. A flag that is on or off takes `=true` and `=false`, short flags may be joined (`-qt NAME`), and a value
follows its flag as `--flag VALUE` or `--flag=VALUE`. `--addr` and `--debug` may stand before the command. `llbfront --version` prints the
versions of llbfront and of the engine.
"""
# Headings of argparse, and what the page calls them.
_HEADINGS = {"positional arguments": "arguments", "options": "flags"}


def page() -> str:
    """Return the page: a section for each command and each verb of one, with a table for each heading of its help."""
    return "\n".join([HEAD, *(part for name, command in _commands() for part in _section(name, command))])


def _commands() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield the commands in the order of `llbfront --help`, each before its verbs."""
    commands = _below(parser("*"))
    for name in COMMANDS:
        yield name, commands[name]
        yield from ((f"{name} {verb}", command) for verb, command in _below(commands[name]).items())


def _below(command: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return next((dict(action.choices) for action in command._actions if _has_verbs(action)), {})  # type: ignore[arg-type]


def _has_verbs(action: argparse.Action) -> bool:
    return isinstance(action, argparse._SubParsersAction)


def _section(name: str, command: argparse.ArgumentParser) -> Iterator[str]:
    yield f"## `llbfront {name}`\n\n{command.description}\n"
    for group in command._action_groups:
        rows = [_row(action) for action in group._group_actions if _is_shown(action)]
        if rows:
            title = str(group.title)
            yield "\n".join([f"| {_HEADINGS.get(title, title)} | |", "| --- | --- |", *rows]) + "\n"


def _is_shown(action: argparse.Action) -> bool:
    return action.help is not argparse.SUPPRESS and action.dest != "help" and not _has_verbs(action)


def _row(action: argparse.Action) -> str:
    value = str(action.metavar or ",".join(map(str, action.choices or ())))
    words = [", ".join(action.option_strings), "" if action.nargs == 0 else value]
    return f"| `{_cell(' '.join(filter(None, words)))}` | {_cell(action.help or '')} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
