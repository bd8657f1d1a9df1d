"""How messages spell the settings of a build: the library names its arguments, the command its flags.

    raise OptionError("there is no name to push the image as", hint=f"name it with {setting('tags', 'NAME')}")

A library user reads `tags="NAME"`, a user of the command reads `--tag NAME`. Commands without such a flag say how they set it: `spelled`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

# The flag of each argument that messages name. A test compares them with client/build_table.
FLAGS = {
    "address": "--addr",
    "build_args": "--build-arg",
    "build_contexts": "--build-context",
    "file": "--file",
    "keep_duration": "--keep-duration",
    "max_used_space": "--max-used-space",
    "min_free_space": "--min-free-space",
    "no_cache": "--no-cache",
    "no_cache_filter": "--no-cache-filter",
    "output": "--output",
    "platforms": "--platform",
    "push": "--push",
    "reserved_space": "--reserved-space",
    "secrets": "--secret",
    "ssh": "--ssh",
    "syntax": "--syntax",
    "tags": "--tag",
}
_spellings: list[Mapping[str, str] | None] = [None]  # the last one holds; None for the library


@contextlib.contextmanager
def of_the_command() -> Iterator[None]:
    """Make messages name flags while the block runs, in all threads."""
    with spelled(FLAGS):
        yield


@contextlib.contextmanager
def spelled(flags: Mapping[str, str]) -> Iterator[None]:
    """Make messages spell settings otherwise: `{}` stands for the value, such as in `--set TARGET.tags={}`."""
    _spellings.append({**(_spellings[-1] or FLAGS), **flags})
    try:
        yield
    finally:
        _spellings.pop()


def wording(*, command: str, library: str) -> str:
    """Return the text for users of the command, or that for users of the library."""
    return library if _spellings[-1] is None else command


def setting(argument: str, value: str = "") -> str:
    """Return how the user sets an argument, such as `tags="NAME"` or `--tag NAME`; without a value, its name alone."""
    spelling = _spellings[-1]
    if spelling is None:
        return f'{argument}="{value}"' if value else argument
    flag = spelling[argument]
    return flag.format(value) if "{}" in flag else f"{flag} {value}".rstrip()
