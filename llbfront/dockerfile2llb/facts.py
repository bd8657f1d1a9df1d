"""Facts about a Dockerfile apart from its graph: findings of the build checks, and what each stage uses.

Planning, expansion and emission fill them in; lint, outline and the filters of contexts read them.

Source: frontend/dockerfile/dockerfile2llb (outline.go, validations.go) of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from llbfront.source import LineRange


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
