"""Facts about a Dockerfile apart from its graph: findings of the build checks, and what each stage uses.

Planning, expansion and emission fill them in; lint, outline and the filters of contexts read them.

Source: frontend/dockerfile/dockerfile2llb (outline.go, validations.go) of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from llbfront.errors.llbfront_error import joined_hints
from llbfront.gostd.strconv import quote
from llbfront.source import LineRange

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Instruction
    from llbfront.errors import LlbfrontError
    from llbfront.source import Source, Span


@attrs.frozen
class Finding:
    """A rule that something in the Dockerfile broke, by the rule's name and the values in its message.

    `comments` are those above the instruction, which may switch rules off. `CopyIgnoredFile` is only a candidate: it is found
    for each local source, and stands if the ignore file excludes that source.
    `range` is None for what stands nowhere in the file.
    """

    rule: str
    arguments: tuple[str, ...]
    range: LineRange | None
    comments: tuple[str, ...] = ()


@attrs.frozen(eq=False)
class ArgUse:
    """A build argument: its value at this place, what documents it, the arguments its default names, where it stands."""

    key: str
    value: str
    description: str
    range: LineRange
    needs: frozenset[str] = frozenset()


@attrs.frozen(eq=False)
class SecretUse:
    """A secret or SSH agent that a RUN mounts, where it is first mounted."""

    id: str
    required: bool
    range: LineRange


@attrs.frozen(eq=False)
class FromUse:
    """The arguments that a FROM uses, and the arguments that the FROM of its base stage uses."""

    names: frozenset[str]
    below: FromUse | None = None


@attrs.define(eq=False)
class StageFacts:
    """Declarations and uses of a stage, with the global arguments and the uses of its FROM, which stages share."""

    global_args: Mapping[str, ArgUse] = attrs.field(factory=dict)
    base: FromUse | None = None
    args: dict[str, ArgUse] = attrs.field(factory=dict)
    own_used: set[str] = attrs.field(factory=set)
    secrets: dict[str, SecretUse] = attrs.field(factory=dict)
    ssh: dict[str, SecretUse] = attrs.field(factory=dict)

    @property
    def used(self) -> set[str]:
        """All arguments that are used."""
        names, base = set(self.own_used), self.base
        while base is not None:
            names |= base.names
            base = base.below
        return names

    def argument(self, name: str) -> ArgUse | None:
        """Return the declaration of an argument, or None."""
        return self.args.get(name) or self.global_args.get(name)


@lru_cache(maxsize=64)
def lines(where: LineRange) -> tuple[LineRange, ...]:
    """Split a range into single lines, the form in which source maps and warnings give places.

    Thousands of warnings may stand on one instruction of thousands of lines, so they share them.
    """
    if where.start == where.end and not where.start_character and not where.end_character:
        return (where,)
    return tuple([LineRange(line, line) for line in range(where.start, max(where.start, where.end) + 1)])


def blamed(error: LlbfrontError, source: Source, instruction: Instruction, *, is_trigger: bool) -> LlbfrontError:
    """Return an error with the place of its instruction. That of a trigger is the FROM that fires it, so a hint quotes the trigger."""
    hint = joined_hints(error.hint, f"in the ONBUILD trigger {quote(instruction.text)}") if is_trigger else error.hint
    return error.evolve(span=error.span or span(source, instruction.range), hint=hint)


def span(source: Source, where: LineRange | None) -> Span:
    """Return the span of an instruction in its file. It has no line for an image that only a mount or a copy names."""
    return source.place(lines(where) if where else ())
