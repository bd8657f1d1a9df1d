"""Define a custom rule: a function with a name, arguments and findings."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

import attrs

from llbfront import arguments
from llbfront.errors import ArgumentError, RuleError

if TYPE_CHECKING:
    from llbfront.dockerfile import instructions
    from llbfront.dockerfile.statements import Dockerfile, Statement
    from llbfront.inspection import facts
    from llbfront.inspection.formats import Graph
    from llbfront.inspection.graph import Node
    from llbfront.source import LineRange, Span

    Place: TypeAlias = (
        Span
        | LineRange
        | Statement
        | instructions.Instruction
        | instructions.Stage
        | Node
        | facts.Stage
        | facts.Argument
        | facts.Mounted
        | facts.Image
        | int
        | None
    )
else:
    Place = object

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@attrs.frozen(eq=False)
class Checked:
    """The input of a rule. A stage that the target does not need is in `stages` and not in `graph`. Variables are as written in
    `stages`, and expanded in `graph` and `facts`.

    Attributes:
        dockerfile: the text as statements.
        arguments: the ARGs above the first FROM.
        stages: all stages with their instructions.
        graph: the graph of the target.
    """

    dockerfile: Dockerfile
    arguments: tuple[instructions.Arg, ...]
    stages: tuple[instructions.Stage, ...]
    graph: Graph

    @property
    def facts(self) -> facts.Facts:
        """The stages, arguments and secrets of the Dockerfile, with variables expanded."""
        return self.graph.facts


@attrs.frozen
class Finding:
    """A violation of a rule.

    Args:
        message: what is wrong.
        place: anything that has lines (an instruction, a stage, a node, a fact, a Span), the number of a line, or None.
        hint: what helps.
    """

    message: str
    place: Place = None
    hint: str = ""


@attrs.frozen(eq=False)
class Rule:
    """A rule. The decorator `rule` makes one. Calling it with a Checked gives its findings.

    Attributes:
        name: its name.
        description: what it is about, in one line.
        find: the function.
        url: where it is explained.
    """

    name: str
    description: str
    find: Callable[[Checked], Iterable[Finding] | None]
    url: str = ""

    def __attrs_post_init__(self) -> None:
        if not inspect.isfunction(self.find):
            raise RuleError(f"the rule {self.name} is made of {self.find!r}, which is not a function")
        try:
            arguments.callback(self.find, f"the rule {self.name}", may_generate=True)
        except ArgumentError as error:
            raise RuleError(f"{error.message} ({self.origin})", hint="def rule(checked): …") from None
        if not _NAME.fullmatch(self.name) or self.name.lower() == "all":
            raise RuleError(f"{self.name!r} cannot be the name of a rule", hint="letters, digits, - and _, such as UnpinnedBase")

    def __call__(self, checked: Checked) -> Iterable[Finding]:
        return self.find(checked) or ()

    @property
    def file(self) -> str:
        """The file that the function is in."""
        return self.find.__code__.co_filename

    @property
    def origin(self) -> str:
        """Where the function begins: `rules.py:12`."""
        return f"{shown(self.file)}:{self.find.__code__.co_firstlineno}"

    @property
    def page(self) -> str:
        """The documentation of the rule: its description, the docstring of its function, its URL and its origin."""
        parts = (f"# {self.name}", self.description, inspect.getdoc(self.find), self.url, f"Rule of {self.origin}")
        return "\n\n".join(filter(None, parts)) + "\n"


def rule(name: str, description: str, *, url: str = "") -> Callable[[Callable[[Checked], Iterable[Finding] | None]], Rule]:
    """Make a rule of a function that takes a Checked and yields Findings. The docstring of the function is the page of the rule.

    Args:
        name: the name, by which it is switched off.
        description: what it is about, in one line.
        url: where it is explained.

    Raises:
        RuleError: the name or the function cannot be used.

    Example:
        >>> from llbfront.rules import Finding, rule
        >>> @rule("UnpinnedBase", "Base images should be pinned to a digest")
        ... def unpinned_base(checked):
        ...     for image in checked.facts.images:
        ...         if not image.is_pinned:
        ...             yield Finding(f"{image.name} may be another image tomorrow", image)
        >>> unpinned_base.name
        'UnpinnedBase'
    """
    return lambda find: Rule(name, description, find, url)


def shown(path: str) -> str:
    """Return a path as the user would write it here."""
    here = os.path.relpath(path)
    return path if here.startswith(os.pardir) else here
