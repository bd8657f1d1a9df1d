"""What a conversion learns about a Dockerfile beside the graph: findings for the checks, and what each stage uses.

Enters: nothing; these are values that planning, expansion and emission fill. Leaves: what lint, outline and context filters read.

Source: frontend/dockerfile/dockerfile2llb (outline.go, validations.go) of BuildKit.
"""

from __future__ import annotations

import contextlib
from functools import lru_cache
from typing import TYPE_CHECKING

from llbfront.dockerfile.golang import quote
from llbfront.errors import LlbfrontError, located
from llbfront.text import LineRange
from llbfront.value import Shown, Value, field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.dockerfile.instructions import Instruction
    from llbfront.text import Source, Span


class Finding(Value):
    """A rule that something in the Dockerfile broke, by the rule's name and what its message is made of.

    `comments` are those above the instruction, which may switch rules off. `CopyIgnoredFile` is only a candidate: it is found
    for each local source, and stands if the ignore file excludes that source.
    `range` is None for what stands nowhere in the file.
    """

    rule: str
    arguments: tuple[str, ...]
    range: LineRange | None
    comments: tuple[str, ...] = ()


class ArgUse(Shown):
    """A build argument: its value at this place, what documents it, the arguments its default names, where it stands."""

    key: str
    value: str
    description: str
    range: LineRange
    needs: frozenset[str] = frozenset()


class SecretUse(Shown):
    """A secret or SSH agent that a RUN mounts, where it is first mounted."""

    id: str
    required: bool
    range: LineRange


class StageFacts(Shown, frozen=False):
    """What a stage declares and uses. A stage on another one starts from a copy of what that one's FROM knew."""

    args: dict[str, ArgUse] = field(factory=dict)
    used: set[str] = field(factory=set)
    secrets: dict[str, SecretUse] = field(factory=dict)
    ssh: dict[str, SecretUse] = field(factory=dict)


@lru_cache(maxsize=64)
def lines(where: LineRange) -> tuple[LineRange, ...]:
    """Split a range into single lines, the form in which source maps and warnings give places.

    Thousands of warnings may stand on one instruction of thousands of lines, so they share them.
    """
    return tuple([LineRange(line, line) for line in range(where.start, max(where.start, where.end) + 1)])


@contextlib.contextmanager
def taking(source: Source, instruction: Instruction, *, is_trigger: bool) -> Iterator[None]:
    """Give errors of an instruction its place, and those of a trigger, whose place is the FROM that fires it, its text."""
    try:
        with located(span(source, instruction.range)):
            yield
    except LlbfrontError as error:
        if is_trigger:
            error.add_hint(f"in the ONBUILD trigger {quote(instruction.text)}")
        raise


def span(source: Source, where: LineRange | None) -> Span:
    """The place of an instruction in its file; no line of it for an image that only a mount or a copy names."""
    return source.place(lines(where) if where else ())
