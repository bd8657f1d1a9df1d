"""`llbfront completion`: the completions of all commands and flags, for bash, zsh or tcsh.

shtab makes the scripts.
"""

from __future__ import annotations

import argparse

SHELLS = ("bash", "zsh", "tcsh")
EPILOG = """\
examples:
  source <(llbfront completion bash)
  llbfront completion bash > ~/.local/share/bash-completion/completions/llbfront
  llbfront completion zsh > "${fpath[1]}/_llbfront"
"""
FILES = frozenset(("FILE", "PATH"))


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.epilog = EPILOG
    command.set_defaults(run=run)
    command.add_argument("shell", choices=SHELLS, help="the shell to complete in")


def run(parsed: argparse.Namespace) -> int:
    import shtab

    from llbfront.cli.main import parser

    every = parser("*")
    _complete_files(every)
    print(shtab.complete(every, shell=parsed.shell))
    return 0


def _complete_files(command: argparse.ArgumentParser) -> None:
    """Let arguments that are files complete as files; shtab reads what to do from the action."""
    import shtab

    for action in command._actions:  # noqa: SLF001  argparse shows its arguments nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for inner in action.choices.values():
                _complete_files(inner)
        elif action.metavar in FILES and action.choices is None:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # shtab's own attribute
