"""Which rule of an ignore file decides about a path, and which rules force a walk through an ignored directory.

Source: github.com/moby/patternmatcher and filter.go of fsutil for what decides.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterable, Iterator
from typing import Self

import attrs

from llbfront.dockerfile.other_formats import other_format
from llbfront.errors import ContextError
from llbfront.fsutil.patterns import Matcher, Parent, read_ignore
from llbfront.printable import visible_rows

__all__ = ["Decision", "IgnoreRules", "Rule"]

SCHEMA = "llbfront.ignored/1"


@attrs.frozen
class Rule:
    """A rule of an ignore file.

    Attributes:
        file: the ignore file.
        line: its line, from 1.
        text: the rule as written.
    """

    file: str
    line: int
    text: str

    @property
    def is_exception(self) -> bool:
        """Whether the rule takes back what earlier rules ignore."""
        return self.text.startswith("!")

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@attrs.frozen
class Decision:
    """The decision of an ignore file about a path.

    Attributes:
        path: relative to the context.
        is_ignored: whether the path is left out of the context.
        rule: the rule that decided, None if no rule matches.
        also: later rules that decide the same. The decision changes if the rule and all of these are removed.
        walked: the `!` rules that make a client walk through the directory although it is ignored.
        entry_count: how many entries are walked through because of them.
    """

    path: str
    is_ignored: bool
    rule: Rule | None
    also: tuple[Rule, ...] = ()
    walked: tuple[Rule, ...] = ()
    entry_count: int = 0


@attrs.frozen
class IgnoreRules:
    r"""The rules of an ignore file.

    Attributes:
        rules: the rules, in the order of the file.
        patterns: their patterns, normalised.

    Example:
        >>> from llbfront.inspection import IgnoreRules
        >>> rules = IgnoreRules.parse(b"*.log\n!keep.log\n", ".dockerignore")
        >>> [rules.decide(path).is_ignored for path in ("build.log", "keep.log")]
        [True, False]
        >>> print(rules.decide("build.log").rule)
        .dockerignore:1: *.log
    """

    rules: tuple[Rule, ...]
    patterns: tuple[str, ...] = attrs.field(repr=False)

    @classmethod
    def parse(cls, data: bytes, file: str) -> Self:
        """Read an ignore file; `file` is its name for messages.

        Raises:
            InvalidValue: a line is too long.
            ContextError: the bytes are no text in UTF-8.
        """
        if kind := other_format(data):
            raise ContextError(f"cannot read {file}: it is {kind.name}", hint=kind.hint)
        texts = data.split(b"\n")
        numbered = read_ignore(data)
        rules = tuple(Rule(file, line, texts[line - 1].decode(errors="replace").strip("\ufeff\r \t")) for line, _ in numbered)
        return cls(rules, tuple(pattern for _, pattern in numbered))

    def decide(self, path: str, *, root: str | None = None) -> Decision:
        """Return what the rules mean for a path.

        Args:
            path: relative to the context.
            root: the directory of the context, to count what is walked through; None looks at no directory.

        Raises: InvalidValue for a malformed rule.
        """
        matcher = self._matcher
        parent = matcher.root
        for name in path.split("/"):
            matched, numbers, state = matcher.match(name, parent)
            parent = Parent(f"{parent.prefix}{name}/", matched, numbers, state["/"])
        if not parent.numbers:
            return Decision(path, False, None)
        first = parent.numbers[-1]
        also = [number for number in self._matching(path) if number > first]
        is_entered = parent.matched and (root is None or os.path.isdir(os.path.join(root, path)))
        walked = tuple(self._walked(path)) if is_entered and matcher.may_be_included_again_below(path) else ()
        count = _entry_count(os.path.join(root, path)) if walked and root is not None else 0
        return Decision(path, parent.matched, self.rules[first], tuple(self.rules[number] for number in also), walked, count)

    def _matching(self, path: str) -> Iterator[int]:
        """Return the numbers of rules that match a path or a directory above it."""
        return (number for number, matcher in enumerate(self._matchers) if matcher.matches(path))

    def _walked(self, path: str) -> Iterator[Rule]:
        """Return the exceptions that may reach below a directory. One with a wildcard makes all others count, as for the client."""
        return (rule for rule, matcher in self._exceptions if matcher.may_be_included_again_below(path))

    @functools.cached_property
    def _matcher(self) -> Matcher:
        return Matcher(self.patterns)

    @functools.cached_property
    def _matchers(self) -> tuple[Matcher, ...]:
        """Of each rule on its own, exceptions without their `!`."""
        return tuple(Matcher([pattern.removeprefix("!")]) for pattern in self.patterns)

    @functools.cached_property
    def _exceptions(self) -> tuple[tuple[Rule, Matcher], ...]:
        pairs = zip(self.rules, self.patterns, strict=True)
        return tuple((rule, Matcher([pattern])) for rule, pattern in pairs if pattern.startswith("!"))


def to_json(decisions: Iterable[Decision]) -> str:
    """Return a JSON document of the form `llbfront.ignored/1`."""
    return json.dumps({"schema": SCHEMA, "paths": [_members(decision) for decision in decisions]}, indent=2)


def to_text(decision: Decision) -> str:
    """Return a line for the decision, and one for each further rule."""
    word = "ignored" if decision.is_ignored else "not ignored"
    lines = [f"{decision.path}: {word}, {f'because of {decision.rule}' if decision.rule else 'no rule matches'}"]
    lines += [f"  also {rule}" for rule in decision.also]
    if decision.walked:
        lines.append(f"  {decision.entry_count} entries below it are still visited, because of")
        lines += [f"    {rule}" for rule in decision.walked]
    return visible_rows(lines)


def _entry_count(directory: str) -> int:
    return sum(len(directories) + len(files) for _, directories, files in os.walk(directory))


def _members(decision: Decision) -> dict[str, object]:
    return {
        "path": decision.path,
        "ignored": decision.is_ignored,
        "rule": None if decision.rule is None else attrs.asdict(decision.rule),
        "also": [attrs.asdict(rule) for rule in decision.also],
        "walked": [attrs.asdict(rule) for rule in decision.walked],
        "entry_count": decision.entry_count,
    }


def __dir__() -> list[str]:
    return sorted(__all__)
