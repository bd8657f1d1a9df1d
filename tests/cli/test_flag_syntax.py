"""Flags as Go programs spell them: booleans with values, clusters of characters, values that look like flags."""

from __future__ import annotations

import argparse

import pytest

from llbfront.cli import bake
from llbfront.cli.commands import COMMANDS
from llbfront.cli.foreign_flags import ENGINE_FLAGS, REFUSED
from llbfront.cli.main import flags_of, parse_arguments, parser
from llbfront.errors import OptionError

TRUE = ("1", "t", "T", "TRUE", "true", "True")
FALSE = ("0", "f", "F", "FALSE", "false", "False")


def switches() -> list[tuple[str, str]]:
    """Return each command with each of its flags that take no value, `--help` and `--version` aside."""
    every = parser("*")
    flags = []
    pending: list[tuple[tuple[str, ...], argparse.ArgumentParser]] = [((), every)]
    while pending:
        words, command = pending.pop()
        for action in command._actions:
            if isinstance(action, argparse._SubParsersAction):
                pending += [((*words, name), below) for name, below in action.choices.items()]
            elif action.nargs == 0 and action.dest not in {"help", "version"}:
                spellings = [flag for flag in action.option_strings if "=" not in flag]
                flags += [(" ".join(words), flag) for flag in spellings if flag not in {**REFUSED, **ENGINE_FLAGS}]
    return flags


REQUIRED = {
    "frontend image": ["x.py"],
    "frontend": ["image", "x.py"],
    "completion": ["bash"],
    "engine": ["status"],
    "affected": ["--files", "x"],
    "diff": ["x"],
    "ignored": ["x"],
    "history": ["ls"],
    "layers": ["x"],
}


def read(command: str, *words: str) -> argparse.Namespace:
    return parse_arguments([*command.split(), *words, *REQUIRED.get(command, [])])


TURNED_OFF = (("bake", "--no-cache"), ("bake", "--pull"))  # `=false` is more than to leave the flag out


@pytest.mark.parametrize(("command", "flag"), switches())
def test_every_flag_that_is_on_or_off_takes_a_boolean(command: str, flag: str) -> None:
    on, off = read(command, flag), read(command, f"{flag}=false")
    assert vars(on) != vars(off)
    assert (off == read(command)) == ((command, flag) not in TURNED_OFF)
    assert [read(command, f"{flag}={word}") for word in TRUE] == [on] * len(TRUE)
    assert [read(command, f"{flag}={word}") for word in FALSE] == [off] * len(FALSE)
    assert read(command, flag, f"{flag}=false") == off
    assert read(command, f"{flag}=false", flag) == on


@pytest.mark.parametrize("word", ["yes", "", "no", "on", "tRUE", "2", " true"])
def test_other_words_are_refused(word: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_arguments(["build", f"--pull={word}", "."])
    assert str(refused.value) == f'invalid value "{word}" for --pull (use true or false)'


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--pull .", {"pull": True, "context": "."}),
        ("--pull false", {"pull": True, "context": "false"}),
        ("-qt a .", {"quiet": True, "tag": ["a"], "context": "."}),
        ("-qta .", {"quiet": True, "tag": ["a"], "context": "."}),
        ("-qt=a .", {"quiet": True, "tag": ["a"], "context": "."}),
        ("-q=false -ta", {"quiet": False, "tag": ["a"]}),
        ("-t=a=b", {"tag": ["a=b"]}),
        ("--tag a --tag=b -t c", {"tag": ["a", "b", "c"]}),
        ("--target -x .", {"target": "-x", "context": "."}),
        ("--label --pull .", {"label": ["--pull"], "pull": False, "context": "."}),
        ("--target= .", {"target": "", "context": "."}),
        ("--target -hello .", {"target": "-hello", "context": "."}),
        ("--target --version=false .", {"target": "--version=false", "context": "."}),
        ("--label -h=x -D=false .", {"label": ["-h=x"], "debug": False, "context": "."}),
        ("-f - .", {"file": "-", "context": "."}),
        ("-o - -", {"output": ["-"], "context": "-"}),
        ("-- --pull", {"pull": False, "context": "--pull"}),
        ("--pull -- --pull=x", {"pull": True, "context": "--pull=x"}),
    ],
)
def test_flags_are_read_as_docker_reads_them(words: str, expected: dict[str, object]) -> None:
    parsed = vars(parse_arguments(["build", *words.split()]))
    assert {name: parsed[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--tag", "--tag needs a value"),
        ("--nope=1", "unknown flag --nope"),
        ("-qz", "unknown flag -z"),
        ("a b", "unexpected argument 'b'"),
        ("--puII", "unknown flag --puII"),
    ],
)
def test_bad_flags_are_named(words: str, message: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_arguments(["build", *words.split()])
    assert refused.value.message == message


def test_flags_may_stand_before_the_command() -> None:
    assert vars(parse_arguments(["--addr", "unix:///x", "build", "-q", "."]))["addr"] == "unix:///x"
    assert vars(parse_arguments(["--addr=unix:///x", "build"]))["addr"] == "unix:///x"
    with pytest.raises(OptionError, match="unknown flag --nope"):
        parse_arguments(["--nope", "build"])


@pytest.mark.parametrize("flag", ["--pull", "--no-cache"])
@pytest.mark.parametrize(
    ("words", "overrides"),
    [
        ("", []),
        ("{}", ["true"]),
        ("{}=false", ["false"]),
        ("{}=0 {}", ["true"]),
        ("{} {}=F", ["false"]),
        ("app {}=false", ["false"]),
    ],
)
def test_bake_turns_off_what_a_definition_turns_on(flag: str, words: str, overrides: list[str]) -> None:
    parsed = parse_arguments(["bake", *words.replace("{}", flag).split()])
    assert bake.overrides_of(parsed) == [f"*.{flag[2:]}={value}" for value in overrides]


def test_all_commands_are_covered() -> None:
    assert {command.split()[0] for command, _ in switches()} >= {
        "build",
        "check",
        "llb",
        "outline",
        "targets",
        "doctor",
        "frontend",
    }
    assert set(COMMANDS) >= {"build"} and "--pull" in flags_of(parser("build"))


@pytest.mark.parametrize(
    "words",
    [
        ("rm", "a", "b", "--addr", "x"),
        ("rm", "--addr", "x", "a", "b"),
        ("rm", "a", "--addr=x", "b"),
        ("rm", "a", "--addr", "x", "--", "b"),
    ],
)
def test_flags_may_stand_between_arguments_of_a_list(words: tuple[str, ...]) -> None:
    parsed = parse_arguments(["history", *words])
    assert (parsed.refs, parsed.addr) == (["a", "b"], "x")
