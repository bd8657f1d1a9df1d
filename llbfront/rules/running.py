"""Run custom rules. Their findings become warnings, like the findings of built-in rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile import instructions
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import parse_stages
from llbfront.dockerfile.statements import Statement
from llbfront.dockerfile2llb.places import single_lines
from llbfront.errors import LlbfrontError, RuleError
from llbfront.inspection import facts
from llbfront.inspection.graph import Node
from llbfront.lint.check import Warning as CheckWarning
from llbfront.lint.check import with_comments
from llbfront.rules.definition import Checked, Finding
from llbfront.rules.loading import cause
from llbfront.source import LineRange, Span

if TYPE_CHECKING:
    from llbfront.dockerfile.statements import Dockerfile
    from llbfront.frontend.subrequests.lint import LintResults
    from llbfront.lint.check import CheckOptions
    from llbfront.rules.definition import Place, Rule
    from llbfront.scripting import DockerfileQuery
    from llbfront.source import Source


_PLACES = (
    int,
    LineRange,
    Span,
    Statement,
    instructions.Instruction,
    instructions.Stage,
    Node,
    facts.Stage,
    facts.Argument,
    facts.Mounted,
    facts.Image,
)


def extended(results: LintResults, query: DockerfileQuery, rules: Sequence[Rule], options: CheckOptions) -> LintResults:
    """Add what rules find, unless the Dockerfile cannot be converted. Raises: RuleError for a rule that fails."""
    allowed = [rule for rule in rules if options.allows(rule.name, is_experimental=False)]
    if results.error is not None or not allowed:
        return results
    try:
        graph = query.convert()
    except LlbfrontError as error:
        return attrs.evolve(results, error=error)
    dockerfile = parse(results.source)
    checked = Checked(dockerfile, *parse_stages(dockerfile), graph)
    warnings = [warning for rule in allowed for warning in _warnings(rule, checked, options)]
    return attrs.evolve(results, warnings=(*results.warnings, *warnings))


def _warnings(rule: Rule, checked: Checked, options: CheckOptions) -> Iterator[CheckWarning]:
    for finding in _findings(rule, checked):
        where = _lines(finding.place, checked.dockerfile.source)
        if with_comments(options, _comments(checked.dockerfile, where)).allows(rule.name, is_experimental=False):
            message = f"{finding.message} ({finding.hint})" if finding.hint else str(finding.message)
            yield CheckWarning(rule.name, message, rule.description, rule.url, where)


def _findings(rule: Rule, checked: Checked) -> tuple[Finding, ...]:
    try:
        answer = rule(checked)
        if not isinstance(answer, Iterable):
            kind = type(answer).__name__
            raise RuleError(f"it returned a value of the type {kind} ({rule.origin})", hint="a rule yields Findings")
        findings = tuple(answer)
    except RuleError as error:
        raise RuleError(f"the rule {rule.name} failed: {error.message}", hint=error.hint) from None
    except (Exception, SystemExit) as error:
        raise RuleError(f"the rule {rule.name} failed: {cause(error, rule.file)}") from error
    for finding in findings:
        if not isinstance(finding, Finding):
            raise RuleError(f"the rule {rule.name} failed: it yields {finding!r}, which is not a Finding ({rule.origin})")
        if not (finding.place is None or isinstance(finding.place, _PLACES)):
            raise RuleError(f"the rule {rule.name} failed: {finding.place!r} is not a place ({rule.origin})")
    return findings


def _lines(place: Place, source: Source) -> tuple[LineRange, ...]:
    """Return the lines of a place, one by one, in order."""
    unique = {line: None for part in _ranges(place, source) for line in single_lines(part)}
    return tuple(sorted(unique, key=lambda line: line.start))


def _ranges(place: Place, source: Source) -> Iterable[LineRange]:
    match place:
        case None:
            return ()
        case int():
            return (LineRange(place, place),)
        case LineRange():
            return (place,)
        case Span():
            return place.ranges
        case Statement() | instructions.Instruction():
            return (place.range,)
        case instructions.Stage():
            return (place.base.range,)
        case Node():  # an op may come from several files
            return [part for span in place.spans if span.source.data == source.data for part in span.ranges]
        case facts.Stage() | facts.Argument() | facts.Mounted() | facts.Image():
            return (LineRange(place.line, place.line),)


def _comments(dockerfile: Dockerfile, where: Sequence[LineRange]) -> tuple[str, ...]:
    """Return the comments above the statement that the first line belongs to."""
    if not where:
        return ()
    line = where[0].start
    return next(
        (statement.comments for statement in dockerfile.statements if statement.range.start <= line <= statement.range.end), ()
    )
