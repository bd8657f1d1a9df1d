"""The table: each command and flag of the peers, and what llbfront has for it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping

import attrs

from llbfront.cli import foreign_flags, listing
from llbfront.cli.commands import COMMANDS
from llbfront.cli.foreign_commands import EQUIVALENTS
from llbfront.cli.main import parser
from tests.parity.help_text import Flag, Help, read
from tests.parity.record import RECORDED

SAME, EXTENDED, OTHER, NOT_APPLICABLE = "same", "extended", "other spelling", "not applicable"

# Commands of the peers, and the command of llbfront that does their work.
COUNTERPARTS = {
    "docker buildx": "",
    "docker buildx bake": "bake",
    "docker buildx build": "build",
    "docker buildx du": "du",
    "docker buildx prune": "prune",
    "docker buildx version": "",
    "docker buildx history": "history",
    "docker buildx history export": "history export",
    "docker buildx history import": "history import",
    "docker buildx history inspect": "history inspect",
    "docker buildx history inspect attachment": "history inspect",
    "docker buildx history logs": "history logs",
    "docker buildx history ls": "history ls",
    "docker buildx history rm": "history rm",
    "docker buildx history trace": "history trace",
    "buildctl": "",
    "buildctl build": "solve",
    "buildctl du": "du",
    "buildctl prune": "prune",
    "buildctl prune-histories": "history rm",
    "buildctl debug dump-llb": "llb",
    "buildctl debug workers": "workers",
    "buildctl debug info": "info",
    "buildctl debug histories": "history ls",
    "buildctl debug logs": "history logs",
    "buildctl debug ctl": "history pin",
    "buildctl debug monitor": "history follow",
    "buildctl debug get": "history inspect",
}
# Why llbfront has no counterpart of a command, where llbfront's own messages do not say it.
REASONS = {
    "docker buildx debug": EQUIVALENTS["debug"],
    "docker buildx history open": "there is no Docker Desktop to open it in; use llbfront history inspect",
    "buildctl debug": "its commands are commands of llbfront",
    "buildctl debug dump-metadata": "it reads the database of an engine that does not run; use buildctl",
}
# Commands that are spelled in other ways although they do the same.
COMMAND_NOTES = {
    "docker buildx history inspect attachment": (SAME, ""),
    "docker buildx version": (OTHER, "llbfront --version"),
    "docker buildx history import": (EXTENDED, "keeps the records for ls, inspect and logs --imported, without Docker Desktop"),
    "docker buildx history trace": (EXTENDED, "prints the trace; a viewer of OpenTelemetry traces shows it"),
    "docker buildx prune": (EXTENDED, "also --dry-run; removes nothing that the dry run does not name"),
    "buildctl prune": (EXTENDED, "also --dry-run; removes nothing that the dry run does not name; asks without --force"),
    "buildctl prune-histories": (OTHER, "llbfront history rm --all"),
    "buildctl debug ctl": (OTHER, "llbfront history pin, unpin and rm"),
    "buildctl debug get": (OTHER, "llbfront history inspect attachment REF DIGEST"),
}
# Flags that are there in another form, or that are more than those of the peer: (command, flag) -> kind and note.
FLAG_NOTES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("docker buildx du", "--filter"): (EXTENDED, "also the operators of buildctl; until is honoured"),
    ("docker buildx prune", "--filter"): (EXTENDED, "also the operators of buildctl"),
    ("buildctl du", "--filter"): (
        EXTENDED,
        "also the form of docker buildx; several filters must all hold, where buildctl takes any",
    ),
    ("buildctl prune", "--filter"): (OTHER, "the same as for du; -f is --force, as in docker buildx"),
    ("docker buildx history trace", "--addr"): (NOT_APPLICABLE, "there is no viewer; here it names the engine"),
    ("docker buildx history trace", "--compare"): (NOT_APPLICABLE, "there is no viewer; llbfront diff compares builds"),
    ("buildctl debug dump-llb", "--dot"): (OTHER, "--format dot"),
    ("buildctl debug logs", "--trace"): (OTHER, "llbfront history trace"),
    ("buildctl debug ctl", "--pin"): (OTHER, "llbfront history pin"),
    ("buildctl debug ctl", "--unpin"): (OTHER, "llbfront history unpin"),
    ("buildctl debug ctl", "--delete"): (OTHER, "llbfront history rm"),
    ("buildctl prune-histories", "--format"): (NOT_APPLICABLE, "Go templates are not supported; it prints a ref per line"),
    ("buildctl", "--version"): (OTHER, "--version, also for the version of the engine; -v is --verbose of commands"),
    ("docker buildx build", "--policy"): (OTHER, "rules as JSON; policies in Rego are refused"),
    ("docker buildx bake", "--policy"): (OTHER, "disabled=true; policies in Rego are refused"),
}


@attrs.frozen
class Row:
    """A line of the table: what the peer has, what llbfront has, and what differs."""

    command: str
    flag: str
    kind: str
    note: str


def recorded() -> dict[str, Help]:
    """Return the recorded help by command."""
    return {name: read("\n".join(lines)) for name, lines in json.loads(RECORDED.read_text()).items()}


def rows() -> Iterator[Row]:
    """Yield the rows. A flag that is missing has an empty kind, and so has a command without a counterpart or a reason."""
    for command, text in recorded().items():
        yield _command_row(command)
        if command not in COUNTERPARTS:
            continue
        options = options_of(COUNTERPARTS[command])
        flags = text.global_flags if not text.flags and command in {"docker buildx", "buildctl"} else text.flags
        yield from (_flag_row(command, flag, options) for flag in flags)


def _command_row(command: str) -> Row:
    if command in COMMAND_NOTES:
        return Row(command, "", *COMMAND_NOTES[command])
    if command in COUNTERPARTS:
        ours = COUNTERPARTS[command]
        is_same = not ours or command.removeprefix("docker buildx").strip() == ours or command.removeprefix("buildctl ") == ours
        return Row(command, "", SAME if is_same else OTHER, "" if is_same else f"llbfront {ours}")
    words = command.removeprefix("docker buildx ").removeprefix("buildctl ")
    reason = REASONS.get(command) or EQUIVALENTS.get(words) or EQUIVALENTS.get(words.split(" ")[0], "")
    return Row(command, "", NOT_APPLICABLE if reason else "", reason)


def options_of(command: str) -> dict[str, argparse.Action]:
    """Return the options of a command of llbfront; those of the commands that ask an engine for the program itself."""
    words = (command or "du").split(" ")
    subparser = _subparser(parser(words[0]), words[0])
    for word in words[1:]:
        subparser = _subparser(subparser, word)
    options = dict(subparser._option_string_actions)
    return options | parser(None)._option_string_actions if not command else options


def _subparser(top: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    choices = next(action.choices for action in top._actions if isinstance(action.choices, dict))
    subparser = choices[name]
    assert isinstance(subparser, argparse.ArgumentParser)
    return subparser


def _flag_row(command: str, flag: Flag, options: Mapping[str, argparse.Action]) -> Row:
    shown = ", ".join(flag.names)
    if (command, flag.names[-1]) in FLAG_NOTES:
        return Row(command, shown, *FLAG_NOTES[command, flag.names[-1]])
    actions = [options.get(name) for name in flag.names]
    action = actions[-1]
    if action is None or actions.count(action) != len(actions):
        return Row(command, shown, "", "missing, or without its short form")
    if isinstance(action, foreign_flags.Refused):
        return Row(command, shown, NOT_APPLICABLE, str(action.const))
    if isinstance(action, listing.GoFormat):
        return Row(
            command,
            shown,
            NOT_APPLICABLE,
            "Go templates are not supported; use --json, or --columns to choose the columns of the table",
        )
    if flag.has_value == (action.nargs == 0):
        return Row(command, shown, "", "it has a value here or there, and not in both")
    return Row(command, shown, SAME, "")


def stale() -> list[str]:
    """Return the entries of the tables of this module that name nothing that the peers have."""
    texts = recorded()
    flags = {(command, flag.names[-1]) for command, text in texts.items() for flag in (*text.flags, *text.global_flags)}
    named = {*COUNTERPARTS, *REASONS, *COMMAND_NOTES}
    return [*sorted(named - set(texts)), *(f"{command} {flag}" for command, flag in sorted(set(FLAG_NOTES) - flags))]


assert set(COUNTERPARTS.values()) - {""} == {ours for ours in COUNTERPARTS.values() if ours and ours.split(" ")[0] in COMMANDS}
