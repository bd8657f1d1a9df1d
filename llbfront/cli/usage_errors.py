"""Usage errors: the messages of argparse in the words of llbfront.

Source: argparse of Python for the messages that are rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from llbfront.cli.foreign_commands import EQUIVALENTS
from llbfront.errors import OptionError
from llbfront.suggestions import suggestion

_CHOICE = r"(?s)argument (?:\S+/)?(\S+): invalid choice: (.+?) \(choose from (.+)\)"
_MISSING = r"the following arguments are required: (.+)"
_MESSAGES = (
    (r"argument (?:\S+/)?(\S+): expected one argument", r"\1 needs a value"),
    (r"(?s)argument (?:\S+/)?(\S+): invalid (?:int|float) value: (.+)", r"\1 takes a number, not \2"),
    (_MISSING, r"\1 is missing"),
)


def usage_error(message: str, prog: str, choices: Mapping[str, Iterable[str]]) -> OptionError:
    """Return the error for a message of argparse.

    Args:
        message: what argparse reports.
        prog: the command, such as `llbfront engine`.
        choices: the words that positional arguments take, by the name that argparse uses for the argument.
    """
    if match := re.fullmatch(_CHOICE, message):
        return _unknown_choice(match[1], match[2].strip("'"), match[3].replace("'", "").split(", "), prog)
    if (match := re.fullmatch(_MISSING, message)) and match[1] in choices:
        return OptionError(f"{match[1]} is missing", hint=f"one of {', '.join(choices[match[1]])}")
    for pattern, replacement in _MESSAGES:
        if match := re.fullmatch(pattern, message):
            return OptionError(match.expand(replacement), hint=f"see {prog} --help")
    return OptionError(message, hint=f"see {prog} --help")


def _unknown_choice(name: str, word: str, choices: list[str], prog: str) -> OptionError:
    command = f"{prog} {word}".removeprefix("llbfront ")
    instead = EQUIVALENTS.get(command) or suggestion(word, choices) or f"one of {', '.join(choices)}"
    if name == "VERB":
        return OptionError(f"unknown command {command}", hint=instead)
    return OptionError(f"invalid value {word!r} for {name}", hint=instead)
