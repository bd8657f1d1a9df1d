"""Check a Dockerfile: find what its syntax shows, and turn findings into warnings unless options, comments or the ignore file exclude them.

Source: frontend/dockerfile/linter/linter.go, frontend/dockerfile/instructions/parse.go, validateCopySourcePath, validateStageNames and
validateCommandCasing in frontend/dockerfile/dockerfile2llb/validations.go of BuildKit.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile2llb.facts import Finding
from llbfront.dockerfile2llb.places import single_lines
from llbfront.errors import InvalidValue, OptionError
from llbfront.gostd.strconv import parse_bool, quote
from llbfront.gostd.strings import WHITESPACE, to_lower, to_upper
from llbfront.lint.rules import RULES
from llbfront.source import LineRange
from llbfront.suggestions import guess

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Stage
    from llbfront.dockerfile.statements import Dockerfile, Statement
    from llbfront.fsutil.patterns import Matcher

_DIRECTIVE = r"(?ai)check[\t\n\f\r ]*=[\t\n\f\r ]*(.+)"  # compiled when a comment is seen
ALL = "all"
_EVERYTHING = frozenset(("*", "**", "**/*"))
_NAMED_FROM = 3


@attrs.frozen
class CheckOptions:
    """Options of the checks: rules to skip, experimental rules to run, all of either, and whether a warning is an error."""

    skip: frozenset[str] = frozenset()
    experimental: frozenset[str] = frozenset()
    skip_all: bool = False
    experimental_all: bool = False
    is_error: bool = False

    def allows(self, rule: str, *, is_experimental: bool) -> bool:
        """Return whether a rule is on."""
        if is_experimental:
            return self.experimental_all or rule in self.experimental
        return not self.skip_all and rule not in self.skip

    def merged(self, other: CheckOptions) -> CheckOptions:
        """Apply the rules of a comment, too; a comment cannot turn warnings into errors."""
        return CheckOptions(
            self.skip | other.skip,
            self.experimental | other.experimental,
            self.skip_all or other.skip_all,
            self.experimental_all or other.experimental_all,
            self.is_error,
        )


@attrs.frozen
class Warning:  # noqa: A001  BuildKit's term; the built-in is about Python
    """A rule that was broken: its message, what the rule is about, where it is explained, on which lines."""

    rule: str
    message: str
    description: str
    url: str
    lines: tuple[LineRange, ...]

    def text(self, line: int | None) -> str:
        """Return the message as displays show it. Parity: a finding with a file but without a line is on line 0."""
        where = f" (line {line or 0})" if self.lines else ""
        return f"{self.rule}: {self.message}{where}"


def read_options(text: str) -> CheckOptions:
    """Read `skip=A,B;experimental=C;error=true`. Raises: OptionError."""
    text = text.strip(WHITESPACE)
    options = CheckOptions()
    for part in text.split(";", 2) if text else ():
        key, equals, value = part.partition("=")
        if not equals:
            raise OptionError(f"invalid check option {quote(part)}", hint=f"{part}=…" if part in _READERS else _KNOWN)
        read = _READERS.get(key.strip(WHITESPACE))
        if read is None:
            raise OptionError(f"invalid check option {quote(key.strip(WHITESPACE))}", hint=guess(key, _READERS) or _KNOWN)
        try:
            options = read(options, value.strip(WHITESPACE))
        except OptionError as error:
            raise error.prefixed(f"failed to parse check option {quote(part)}") from error
    return options


def _skip(options: CheckOptions, value: str) -> CheckOptions:
    return attrs.evolve(options, skip_all=True) if value == ALL else attrs.evolve(options, skip=_names(value))


def _experimental(options: CheckOptions, value: str) -> CheckOptions:
    if value == ALL:
        return attrs.evolve(options, experimental_all=True)
    return attrs.evolve(options, experimental=_names(value))


def _error(options: CheckOptions, value: str) -> CheckOptions:
    flag = parse_bool(value)
    if flag is None:
        raise OptionError(f"strconv.ParseBool: parsing {quote(value)}: invalid syntax", hint="use true or false")
    return attrs.evolve(options, is_error=flag)


def _names(value: str) -> frozenset[str]:
    """Rule names. Parity: `all` in a list of several is a name like any other, and switches nothing."""
    return frozenset(name.strip(WHITESPACE) for name in value.split(","))


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
        where = single_lines(finding.range) if finding.range else ()
        yield Warning(rule.name, rule.message(*arguments), rule.description, rule.url, where)


def with_comments(options: CheckOptions, comments: tuple[str, ...]) -> CheckOptions:
    """Add what the first `check=` comment above an instruction says; one that cannot be read says nothing."""
    for comment in comments:
        match = re.match(_DIRECTIVE, comment)
        if match:
            try:
                return options.merged(read_options(match[1].strip(WHITESPACE).partition(" ")[0]))
            except OptionError:
                return options
    return options


def _ignored(source: str, matcher: Matcher | None) -> str | None:
    """Return the path of a source if the ignore file excludes it. A file with exceptions is not checked."""
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


def check_statements(dockerfile: Dockerfile, *, before_line: int | None = None) -> Iterator[Finding]:
    """Look at each statement, up to the first that is not a valid instruction."""
    for warning in dockerfile.warnings:
        yield Finding("NoEmptyContinuation", (), LineRange(warning.line, warning.line))
    for statement in dockerfile.statements:
        if before_line is not None and statement.range.start > before_line:
            return
        keyword, is_read = to_lower(statement.keyword), statement.range.start != before_line
        if keyword == "maintainer":
            yield Finding("MaintainerDeprecated", (), statement.range, statement.comments)
        elif keyword == "from":
            yield from _from(statement, is_read=is_read)
        elif keyword == "arg" and is_read:
            names = [word.partition("=")[0] for word in statement.args]
            yield from _description("ARG", names, statement)


def _from(statement: Statement, *, is_read: bool) -> Iterator[Finding]:
    where, comments = statement.range, statement.comments
    if len(statement.args) < _NAMED_FROM:
        return
    _, word, name = statement.args[:_NAMED_FROM]
    is_named = len(statement.args) == _NAMED_FROM
    if is_named and name != to_lower(name):
        yield Finding("StageNameCasing", (name,), where, comments)
    case = next((case for case in (to_lower, to_upper) if statement.keyword == case(statement.keyword)), None)
    if case and word != case(word):
        yield Finding("FromAsCasing", (statement.keyword, word), where, comments)
    if is_named and is_read:
        yield from _description("FROM", [to_lower(name)], statement)


def _description(keyword: str, names: list[str], statement: Statement) -> Iterator[Finding]:
    if statement.comments and names and statement.comments[-1].split(" ")[0] not in names:
        shown = names[0] if len(names) == 1 else "<arg_key>"
        yield Finding("InvalidDefinitionDescription", (keyword, shown), statement.range, statement.comments)


def check_stages(stages: Sequence[Stage]) -> Iterator[Finding]:
    """Look at the names of stages, and at the letter case of all keywords. Comments do not switch these off."""
    names = set()
    for stage in stages:
        if not stage.name:
            continue
        if stage.name in {"context", "scratch"}:
            yield Finding("ReservedStageName", (stage.name,), stage.base.range)
        if stage.name in names:
            yield Finding("DuplicateStageName", (stage.name,), stage.base.range)
        names.add(stage.name)
    instructions = [instruction for stage in stages for instruction in (stage.base, *stage.instructions)]
    keywords = [instruction.keyword for instruction in instructions]
    small = sum(keyword == to_lower(keyword) for keyword in keywords)
    large = sum(keyword == to_upper(keyword) != to_lower(keyword) for keyword in keywords)
    case, name = (to_lower, "lowercase") if small > large else (to_upper, "uppercase")
    for instruction in instructions:
        if instruction.keyword != case(instruction.keyword):
            yield Finding("ConsistentInstructionCasing", (instruction.keyword, name), instruction.range)
