"""Checking: findings become warnings, but for those that options, comments or the ignore file rule out.

Enters: findings of the conversion and the syntax, check options. Leaves: warnings with text, description and page.

Source: frontend/dockerfile/linter/linter.go, validateCopySourcePath in frontend/dockerfile/dockerfile2llb/validations.go of BuildKit.
"""

from __future__ import annotations

import posixpath
import re

from llbfront.convert.facts import lines
from llbfront.dockerfile.golang import BLANKS, parse_bool
from llbfront.errors import InvalidValue, OptionError, guess, quote
from llbfront.lint.rules import RULES
from llbfront.value import Value, evolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from llbfront.convert.facts import Finding
    from llbfront.fs.patterns import Matcher
    from llbfront.text import LineRange

_DIRECTIVE = r"(?ai)check[\t\n\f\r ]*=[\t\n\f\r ]*(.+)"  # compiled when a comment is seen
ALL = "all"
_EVERYTHING = frozenset(("*", "**", "**/*"))


class CheckOptions(Value):
    """What to check: rules left out, experimental rules let in, all of either, and whether a warning is an error."""

    skip: frozenset[str] = frozenset()
    experimental: frozenset[str] = frozenset()
    skip_all: bool = False
    experimental_all: bool = False
    is_error: bool = False

    def allows(self, rule: str, *, is_experimental: bool) -> bool:
        """Whether a rule is on."""
        if is_experimental:
            return self.experimental_all or rule in self.experimental
        return not self.skip_all and rule not in self.skip

    def merged(self, other: CheckOptions) -> CheckOptions:
        """Let what a comment says count, too; it cannot make warnings errors."""
        return CheckOptions(
            self.skip | other.skip,
            self.experimental | other.experimental,
            self.skip_all or other.skip_all,
            self.experimental_all or other.experimental_all,
            self.is_error,
        )


class Warning(Value):  # noqa: A001  the noun of the house; the built-in is about Python
    """A rule that was broken: its message, what the rule is about, where it is explained, on which lines."""

    rule: str
    message: str
    description: str
    url: str
    lines: tuple[LineRange, ...]

    def text(self, line: int | None) -> str:
        """The message as displays show it. Parity: what has no line in the file, but a place, is on line 0."""
        where = f" (line {line or 0})" if self.lines else ""
        return f"{self.rule}: {self.message}{where}"


def read_options(text: str) -> CheckOptions:
    """Read `skip=A,B;experimental=C;error=true`. Raises OptionError."""
    text = text.strip(BLANKS)
    options = CheckOptions()
    for part in text.split(";", 2) if text else ():
        key, equals, value = part.partition("=")
        if not equals:
            raise OptionError(f"invalid check option {quote(part)}", hint=f"{part}=…" if part in _READERS else _KNOWN)
        read = _READERS.get(key.strip(BLANKS))
        if read is None:
            raise OptionError(f"invalid check option {quote(key.strip(BLANKS))}", hint=guess(key, _READERS) or _KNOWN)
        try:
            options = read(options, value.strip(BLANKS))
        except OptionError as error:
            error.message = f"failed to parse check option {quote(part)}: {error.message}"
            raise
    return options


def _skip(options: CheckOptions, value: str) -> CheckOptions:
    return evolve(options, skip_all=True) if value == ALL else evolve(options, skip=_names(value))


def _experimental(options: CheckOptions, value: str) -> CheckOptions:
    if value == ALL:
        return evolve(options, experimental_all=True)
    return evolve(options, experimental=_names(value))


def _error(options: CheckOptions, value: str) -> CheckOptions:
    flag = parse_bool(value)
    if flag is None:
        raise OptionError(f"strconv.ParseBool: parsing {quote(value)}: invalid syntax", hint="true or false")
    return evolve(options, is_error=flag)


def _names(value: str) -> frozenset[str]:
    """Rule names. Parity: `all` in a list of several is a name like any other, and switches nothing."""
    return frozenset(name.strip(BLANKS) for name in value.split(","))


_READERS: dict[str, Callable[[CheckOptions, str], CheckOptions]] = {"skip": _skip, "experimental": _experimental, "error": _error}


_KNOWN = "skip=RULE,RULE; error=true; experimental=RULE"


def check(findings: Iterable[Finding], options: CheckOptions, ignored: Matcher | None) -> Iterator[Warning]:
    """Turn findings into warnings. `ignored` is the matcher of the main context's ignore file."""
    merged: dict[tuple[str, ...], CheckOptions] = {(): options}
    for finding in findings:
        rule = RULES[finding.rule]
        here = merged.get(finding.comments)
        if here is None:
            here = merged[finding.comments] = with_comments(options, finding.comments)
        if not here.allows(rule.name, is_experimental=rule.is_experimental):
            continue
        arguments = finding.arguments
        if rule.name == "CopyIgnoredFile":
            path = _ignored(arguments[1], ignored)
            if path is None:
                continue
            arguments = (arguments[0], path)
        where = lines(finding.range) if finding.range else ()
        yield Warning(rule.name, rule.message(*arguments), rule.description, rule.url, where)


def with_comments(options: CheckOptions, comments: tuple[str, ...]) -> CheckOptions:
    """Add what the first `check=` comment above an instruction says; one that cannot be read says nothing."""
    for comment in comments:
        match = re.match(_DIRECTIVE, comment)
        if match:
            try:
                return options.merged(read_options(match[1].strip(BLANKS).partition(" ")[0]))
            except OptionError:
                return options
    return options


def _ignored(source: str, matcher: Matcher | None) -> str | None:
    """The path of a source that the ignore file excludes. With exceptions in the file nothing can be said."""
    if matcher is None or matcher.has_exceptions:
        return None
    path = posixpath.normpath(source) if source else "."
    path = path[1:] if path.startswith("//") else path
    if path in {".", "/"} and not any(pattern.text in _EVERYTHING for pattern in matcher.patterns):
        return None
    try:
        return path if matcher.matches(path) else None
    except InvalidValue:
        return None
