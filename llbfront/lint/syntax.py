"""What can be said against a Dockerfile from its syntax alone: letter case, names of stages, comments, empty lines.

Enters: a parsed Dockerfile and its stages. Leaves: findings, in the order in which the reference makes them.

Source: frontend/dockerfile/instructions/parse.go, validateStageNames and validateCommandCasing in frontend/dockerfile/dockerfile2llb/
validations.go of BuildKit.
"""

from __future__ import annotations

from llbfront.convert.facts import Finding
from llbfront.dockerfile.golang import lower, upper
from llbfront.text import LineRange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llbfront.dockerfile.instructions import Stage
    from llbfront.dockerfile.tree import Dockerfile, Statement

_NAMED_FROM = 3


def check_statements(dockerfile: Dockerfile, *, before_line: int | None = None) -> Iterator[Finding]:
    """Look at each statement, up to the one that no instruction could be made of."""
    for warning in dockerfile.warnings:
        yield Finding("NoEmptyContinuation", (), LineRange(warning.line, warning.line))
    for statement in dockerfile.statements:
        if before_line is not None and statement.range.start > before_line:
            return
        keyword, is_read = lower(statement.keyword), statement.range.start != before_line
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
    if is_named and name != lower(name):
        yield Finding("StageNameCasing", (name,), where, comments)
    case = next((case for case in (lower, upper) if statement.keyword == case(statement.keyword)), None)
    if case and word != case(word):
        yield Finding("FromAsCasing", (statement.keyword, word), where, comments)
    if is_named and is_read:
        yield from _description("FROM", [lower(name)], statement)


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
    instructions = [each for stage in stages for each in (stage.base, *stage.instructions)]
    keywords = [instruction.keyword for instruction in instructions]
    small = sum(keyword == lower(keyword) for keyword in keywords)
    large = sum(keyword == upper(keyword) != lower(keyword) for keyword in keywords)
    case, name = (lower, "lowercase") if small > large else (upper, "uppercase")
    for instruction in instructions:
        if instruction.keyword != case(instruction.keyword):
            yield Finding("ConsistentInstructionCasing", (instruction.keyword, name), instruction.range)
