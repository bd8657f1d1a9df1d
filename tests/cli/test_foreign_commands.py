"""Commands of docker, buildx and buildctl name what to use instead."""

from __future__ import annotations

import pytest

from llbfront.cli.commands import COMMANDS
from llbfront.cli.foreign_commands import EQUIVALENTS
from llbfront.cli.main import parse_arguments
from llbfront.errors import OptionError

# What `buildx --help`, `buildctl --help` and `buildctl debug --help` list.
BUILDX = ("bake", "build", "create", "dap", "debug", "dial-stdio", "du", "history", "imagetools", "inspect", "ls", "policy", "prune",
          "replay", "rm", "stop", "use", "version")  # fmt: skip
BUILDCTL = ("du", "prune", "prune-histories", "build", "b", "debug", "dial-stdio")
BUILDCTL_DEBUG = ("dump-llb", "info", "workers", "histories")


@pytest.mark.parametrize("verb", sorted({*BUILDX, *BUILDCTL} - set(COMMANDS)))
def test_every_verb_of_buildx_and_buildctl_names_an_equivalent_or_says_there_is_none(verb: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_arguments([verb, "--some", "flag"])
    assert str(refused.value) == f"unknown command {verb} ({EQUIVALENTS[verb]})"


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("debug dump-llb x", "unknown command debug dump-llb", "use llbfront llb FILE"),
        ("debug frob", "unknown command debug", "there is no equivalent; use buildctl debug"),
        ("buildx build .", "unknown command buildx", "use llbfront build"),
        ("lint .", "unknown command lint", "use llbfront check"),
        ("buidl", "unknown command buidl", "did you mean build?"),
        ("xyzzy", "unknown command xyzzy", "see llbfront --help"),
    ],
)
def test_unknown_commands(words: str, message: str, hint: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_arguments(words.split())
    assert (refused.value.message, refused.value.hint) == (message, hint)


def test_no_command_of_ours_is_in_the_table() -> None:
    assert not set(COMMANDS) & set(EQUIVALENTS)
