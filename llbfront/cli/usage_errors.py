"""Usage errors: the messages of argparse in the words of llbfront.

Source: argparse of Python for the messages that are rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from llbfront.cli.foreign_commands import EQUIVALENTS
from llbfront.errors import OptionError
from llbfront.suggestions import suggestion

_CHOICE = re.compile(r"argument (?:\S+/)?(\S+): invalid choice: (.+?) \(choose from (.+)\)", re.DOTALL)
_MISSING = re.compile(r"the following arguments are required: (.+)")
_MESSAGES = (
    (re.compile(r"argument (?:\S+/)?(\S+): expected one argument"), r"\1 needs a value"),
    (re.compile(r"argument (?:\S+/)?(\S+): invalid (?:int|float) value: (.+)", re.DOTALL), r"\1 takes a number, not \2"),
    (_MISSING, r"\1 is missing"),
)


def usage_error(message: str, prog: str, choices: Mapping[str, Iterable[str]]) -> OptionError:
    """Return the error for a message of argparse.

    Args:
        message: what argparse reports.
        prog: the command, such as `llbfront engine`.
        choices: the words that positional arguments take, by the name that argparse uses for the argument.
    """
    if match := _CHOICE.fullmatch(message):
        return _unknown_choice(match[1], match[2].strip("'"), match[3].replace("'", "").split(", "), prog)
    if (match := _MISSING.fullmatch(message)) and match[1] in choices:
        return OptionError(f"{match[1]} is missing", hint=f"one of {', '.join(choices[match[1]])}")
    for pattern, replacement in _MESSAGES:
        if match := pattern.fullmatch(message):
            return OptionError(match.expand(replacement), hint=f"see {prog} --help")
    return OptionError(message, hint=f"see {prog} --help")


def _unknown_choice(name: str, word: str, choices: list[str], prog: str) -> OptionError:
    command = f"{prog} {word}".removeprefix("llbfront ")
    instead = EQUIVALENTS.get(command) or suggestion(word, choices) or f"one of {', '.join(choices)}"
    if name == "VERB":
        return OptionError(f"unknown command {command}", hint=instead)
    return OptionError(f"invalid value {word!r} for {name}", hint=instead)
