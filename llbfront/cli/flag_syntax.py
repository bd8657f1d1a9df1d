"""Rewrite flags that are spelled as Go programs take them, so that argparse reads them the same way.

docker and buildctl accept `--pull=false`, `-qt NAME` and `--label --x`; argparse accepts none of these. After `normalize`, a flag that is
on stands alone, one that is off is gone, and every value is joined to its flag: `--quiet --tag=NAME --label=--x`. `--pull=false` stays for a
parser that has a flag of this spelling.

Source: spf13/pflag; strconv.ParseBool of Go for the spelling of booleans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.errors import OptionError
from llbfront.gostd.strconv import parse_bool, quote

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterator, Mapping, Sequence


def normalize(
    words: Sequence[str], actions: Mapping[str, argparse.Action], empty_is_unset: Collection[str] = frozenset()
) -> list[str]:
    """Rewrite the flags in a command line; words that are not known flags stay as they are.

    Args:
        words: the arguments of a command.
        actions: the parser's actions by flag, such as `{"-t": …, "--tag": …}`.
        empty_is_unset: flags that count for nothing with an empty value, as in `--file "$UNSET"`.

    Raises:
        OptionError: a boolean flag has another value.
    """
    written: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if word == "--":
            return [*written, word, *remaining]
        for flag, value in _flags(word, actions):
            action = actions.get(flag)
            if action is None:
                written.append(flag if value is None else f"{flag}={value}")
            elif action.nargs == 0:
                off = f"{action.option_strings[-1]}=false"
                written = _switched(written, action, flag, value, [off] if off in actions else [])
            else:
                value = next(remaining, None) if value is None else value
                if value == "" and action.option_strings[-1] in empty_is_unset:
                    continue
                written.append(flag if value is None else f"{action.option_strings[-1]}={value}")
    return written


def _flags(word: str, actions: Mapping[str, argparse.Action]) -> Iterator[tuple[str, str | None]]:
    """Split a word into flags and their values; a word that is not a flag is returned whole."""
    if word.startswith("--"):
        flag, equals, value = word.partition("=")
        yield flag, value if equals else None
        return
    letters = word[1:] if word.startswith("-") else ""
    while action := actions.get(f"-{letters[:1]}"):
        flag, letters = f"-{letters[0]}", letters[1:]
        if letters.startswith("=") or (letters and action.nargs != 0):
            yield flag, letters.removeprefix("=")
            return
        yield flag, None
        if not letters:
            return
        word = f"-{letters}"
    yield word, None


def _switched(written: list[str], action: argparse.Action, flag: str, value: str | None, off: list[str]) -> list[str]:
    """Turn a flag on or off; the last of several counts. `off` is what stands for a flag that is off."""
    is_on = True if value is None else parse_bool(value)
    if is_on is None:
        raise OptionError(f"invalid value {quote(value or '')} for {flag}", hint="use true or false")
    name = action.option_strings[-1]
    others = [word for word in written if word not in {name, *off}]
    return [*others, *([name] if is_on else off)]


def flags_first(words: Sequence[str]) -> list[str]:
    """Move flags before positional arguments: argparse gives a list of arguments only those before the first flag.

    The words come from `normalize`, so that no flag is followed by its value.
    """
    end = words.index("--") if "--" in words else len(words)
    flags = [word for word in words[:end] if word.startswith("-") and word != "-"]
    arguments = [word for word in words[:end] if not word.startswith("-") or word == "-"] + list(words[end + 1 :])
    return [*flags, "--", *arguments] if arguments else flags
