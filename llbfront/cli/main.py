"""The `llbfront` command: parse arguments, run the module of the command, return its exit code.

Exit codes: 0 done, 1 the build failed, 2 usage or bad input, 3 no engine, 4 findings; 130, 143 and 129 ended by SIGINT, SIGTERM
and SIGHUP.

Source: the spelling of commands and flags follows docker buildx and buildctl.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from llbfront import interrupts, setting_names
from llbfront.arguments import path_fault
from llbfront.cli.commands import COMMANDS, help_text
from llbfront.cli.exit_codes import FAILED, exit_code
from llbfront.cli.flag_syntax import flags_first, normalize
from llbfront.cli.foreign_commands import command_first, equivalent
from llbfront.cli.output import say, show
from llbfront.cli.usage_errors import usage_error
from llbfront.cli.version import versions
from llbfront.errors import LlbfrontError, OptionError
from llbfront.files.paths import reason
from llbfront.printable import without_status_codes
from llbfront.suggestions import nearest


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Nothing of a traceback reaches the user unless LLBFRONT_DEBUG is set."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # grpcio prints to standard error what our messages say

    def command() -> int:
        parsed = parse_arguments(arguments)
        return int(parsed.run(parsed))

    return exit_code_of(command)


def exit_code_of(command: Callable[[], int]) -> int:
    """Run `command` and report what it raises; return the exit code of the program."""
    try:
        with interrupts.termination_raises(), setting_names.of_the_command():
            return _run(command)
    except KeyboardInterrupt as interrupt:
        with contextlib.suppress(KeyboardInterrupt):
            say(f"llbfront: {interrupts.describe(interrupt)}")
        return interrupts.exit_code(interrupt)


def _run(command: Callable[[], int]) -> int:
    try:
        return command()
    except LlbfrontError as error:
        if os.environ.get("LLBFRONT_DEBUG"):
            raise
        report(error)
        return exit_code(error)
    except OSError as error:  # nothing that a command expects, such as a current directory that was removed
        if os.environ.get("LLBFRONT_DEBUG"):
            raise
        say(f"llbfront: {unexpected(error)}")
        return FAILED


def unexpected(error: OSError) -> str:
    """Describe an error of the system that no command handles."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return "the current directory does not exist any more"
    return f"cannot use {error.filename}: {reason(error)}" if error.filename else reason(error)


_UNMEASURED = functools.partial(argparse.RawDescriptionHelpFormatter, width=80)
"""The formatter that argparse creates for each argument to check it. It has a fixed width, so that the terminal is measured for help only."""


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Wraps the long lines of texts below the flags, but no example command: what is said beside one then stands below it."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = super()._fill_text(text, width, indent).splitlines()
        is_wide = any(len(line) > width for line in lines if _note(line))
        return "\n".join(_wrapped(line, width) if is_wide or len(line) > width else line for line in lines) + "\n"


def _note(line: str) -> str:
    """Return what is said beside an example command, empty if nothing is, or for a line that is no example."""
    return line.lstrip().partition("  ")[2].strip() if line.startswith("  ") else ""


def _wrapped(line: str, width: int) -> str:
    import textwrap  # only help needs it

    if not line.startswith(" "):
        return textwrap.fill(line, width, break_on_hyphens=False)
    if note := _note(line):
        indent = " " * 6
        below = textwrap.fill(note, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
        return f"{line[: -len(note)].rstrip()}\n{below}"
    return line


class Parser(argparse.ArgumentParser):
    """An argument parser that accepts flags as Go programs spell them, and reports errors like all of llbfront.

    empty_is_unset: flags that count for nothing with an empty value, as for docker.
    empty_is_refused: flags that need a value that is not empty, None for all others. Positional arguments always do.
    last_argument: the destination of an optional last argument. argparse itself does not find it after flags that follow the first one.
    """

    empty_is_unset: frozenset[str] = frozenset(("--addr", "--build-context", "--file", "--platform", "--target"))
    empty_is_refused: frozenset[str] | None = None
    last_argument: str = ""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": _UNMEASURED, **settings})
        self._headings: dict[str, argparse._ArgumentGroup] = {}

    def under(self, heading: str) -> argparse._ArgumentGroup:
        """Return the group of flags that help lists under this heading, a new one if there is none."""
        if heading not in self._headings:
            self._headings[heading] = self.add_argument_group(heading)
        return self._headings[heading]

    def format_help(self) -> str:
        self.formatter_class = _HelpFormatter
        return super().format_help()

    def parse_known_args(  # type: ignore[override]  # the overloads of argparse are about other namespaces
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        words = list(sys.argv[1:] if args is None else args)
        command = next((number for number, word in enumerate(words) if not word.startswith("-")), len(words))
        end = len(words) if self._subparsers is None else command  # the parser of a command reads what follows it
        parsed, left = super().parse_known_args([*self._normalized(words[:end]), *words[end:]], namespace)
        if self.last_argument and getattr(parsed, self.last_argument) is None and left and (left[0] == "-" or left[0][:1] != "-"):
            setattr(parsed, self.last_argument, left.pop(0))
        for action in self._actions:
            value = getattr(parsed, action.dest, None) if not action.option_strings else None
            if value == "" or (isinstance(value, list) and "" in value):
                raise OptionError(f"{action.metavar or action.dest} is empty", hint=f"see {self.prog} --help")
        return parsed, left

    def _normalized(self, words: Sequence[str]) -> list[str]:
        written = normalize(words, self._option_string_actions, self.empty_is_unset)
        flags = written[: written.index("--")] if "--" in written else written
        for flag, _, value in (word.partition("=") for word in flags if word.startswith("-") and "=" in word):
            is_refused = value == "--" or (not value and (self.empty_is_refused is None or flag in self.empty_is_refused))
            if is_refused and flag in self._option_string_actions:  # argparse drops a value `--`
                raise OptionError(f"{flag} needs a value{'' if value else ' that is not empty'}", hint=f"see {self.prog} --help")
        has_list = any(action.nargs == "*" and not action.option_strings for action in self._actions)
        return flags_first(written) if has_list else written

    def error(self, message: str) -> NoReturn:
        choices = {
            action.metavar or action.dest: tuple(action.choices)
            for action in self._actions
            if isinstance(action.metavar, str | None) and action.choices and action.metavar != "COMMAND"
        }
        raise usage_error(message, self.prog, choices)


class TopParser(Parser):
    """The parser of the program, whose help lists the commands by group."""

    def format_help(self) -> str:
        return help_text()


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse a command line, an empty one as `--help`. Raises: OptionError, with the most similar flag or command as a hint."""
    for argument in arguments:
        if fault := path_fault(argument):
            from llbfront.client.buildflags import csv

            raise OptionError(f"the argument {csv.shown(argument)} cannot be used: {fault}")
    arguments = _help_flag(command_first(arguments or ("--help",)))
    chosen = arguments[0]
    if not chosen.startswith("-") and chosen not in COMMANDS:
        name, hint = equivalent(arguments)
        raise OptionError(f"unknown command {name}", hint=hint or _meant(chosen, COMMANDS, "llbfront"))
    top = parser(chosen)
    if chosen.startswith("--") and (near := nearest(chosen.partition("=")[0], flags_of(top))):
        raise OptionError(f"unknown flag {chosen}", hint=f"did you mean {near}?")
    parsed, left = top.parse_known_args(arguments)
    if left:
        unknown = next((word for word in left if word.startswith("-")), left[0])
        prog = f"{top.prog} {chosen}" if chosen in COMMANDS else top.prog
        if not unknown.startswith("-"):
            raise OptionError(
                f"unexpected argument {unknown!r}", hint=_switch_with_value(arguments, flags_of(top)) or f"see {prog} --help"
            )
        flag = unknown.partition("=")[0]
        raise OptionError(f"unknown flag {flag}", hint=_meant(flag, flags_of(top), prog))
    return parsed


def flags_of(top: argparse.ArgumentParser) -> list[str]:
    """Return the flags of all commands that a parser has loaded, with their subcommands."""
    flags: list[str] = []
    for action in top._actions:  # noqa: SLF001  argparse has no other way to ask
        flags += action.option_strings
        if isinstance(action.choices, dict):
            flags += [flag for below in action.choices.values() for flag in flags_of(below)]
    return flags


def _help_flag(words: Sequence[str]) -> list[str]:
    """Read `help COMMAND` and `COMMAND help` as `COMMAND --help`, unless there is a file called `help`."""
    if words[0] == "help":
        return [*words[1:], "--help"]
    if words[1:] == ["help"] and words[0] in COMMANDS and not os.path.lexists("help"):
        return [words[0], "--help"]
    return list(words)


def _switch_with_value(words: Sequence[str], switches: Iterable[str]) -> str | None:
    """Return the hint for a flag without a value that is followed by a word that is not a path, such as `--pull always`."""
    known = frozenset(switches)
    for flag, word in itertools.pairwise(words):
        if flag in known and not word.startswith("-") and not os.path.lexists(word):
            return f"{flag} takes no value other than {flag}=true or {flag}=false"
    return None


def _meant(word: str, known: Iterable[str], prog: str) -> str:
    near = nearest(word, known) if not word.startswith("-") or word.startswith("--") else None
    return f"did you mean {near}?" if near else f"see {prog} --help"


def parser(chosen: str | None) -> argparse.ArgumentParser:
    """Build the argument parser: of the chosen command alone, of all when it is `*`; of none, just their list, when there is none."""
    top = TopParser(prog="llbfront", allow_abbrev=False)
    top.add_argument("--version", action=Version, nargs=0, help="print the versions of llbfront and of the engine")
    commands = top.add_subparsers(metavar="COMMAND", required=True, prog=top.prog, parser_class=Parser)
    for name in [chosen] if chosen in COMMANDS else COMMANDS:
        summary = COMMANDS[name]
        described = f"{summary[0].upper()}{summary[1:]}."
        command = commands.add_parser(name, help=summary, description=described, allow_abbrev=False)
        if chosen in {name, "*"}:
            command.set_defaults(debug=False)
            __import__(f"llbfront.cli.{name}", fromlist=("add_arguments",)).add_arguments(command)
            if "--debug" not in command._option_string_actions:  # noqa: SLF001  the peers take the flag with every command
                command.add_argument("-D", "--debug", action="store_true", help=argparse.SUPPRESS)
    return top


class Version(argparse.Action):
    """`--version`: our version, and that of the engine which a build would use now."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        show("\n".join(versions()))
        parser.exit()


def report(error: LlbfrontError) -> None:
    """Print an error: one line, then what explains it."""
    say("\n".join([f"llbfront: {without_status_codes(str(error))}", *error.explanation()]))
