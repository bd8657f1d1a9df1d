"""The instructions of a Dockerfile as written, and the variables that they set: what a change of an op is traced back to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import stage_label
from llbfront.errors import LlbfrontError

if TYPE_CHECKING:
    from llbfront.dockerfile.statements import Statement
    from llbfront.inspection.graph import Node
    from llbfront.source import Source

ARG, ENV, FROM = "ARG", "ENV", "FROM"
_NAMED_FROM = 3  # FROM image AS name
_OF_ENV = 3  # a pair has a key, a value, and what stands between them
_REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+))")


@attrs.frozen
class Instruction:
    """An instruction: its first line, its keyword in capitals, and its text with the bodies of its heredocs."""

    line: int
    keyword: str
    text: tuple[str, ...]

    @property
    def references(self) -> tuple[str, ...]:
        """The variables that the text names."""
        return references("\n".join(self.text))


@attrs.frozen
class Variable:
    """An ARG or ENV of a Dockerfile: the value as written, None for an ARG without one."""

    keyword: str
    value: str | None
    line: int


@attrs.frozen(eq=False)
class SourceInstructions:
    """The Dockerfiles of a graph. Files that cannot be parsed have no instructions.

    Attributes:
        instructions: by file and first line.
        variables: what sets each variable, in the order of the files.
        stages: the FROM of each stage, by the name of the stage, `stage-N` for one without a name.
    """

    instructions: Mapping[tuple[str, int], Instruction]
    variables: Mapping[str, tuple[Variable, ...]]
    stages: Mapping[str, Instruction]

    @classmethod
    def of(cls, sources: tuple[Source, ...]) -> SourceInstructions:
        """Read the sources of a definition."""
        instructions: dict[tuple[str, int], Instruction] = {}
        variables: dict[str, list[Variable]] = {}
        stages: dict[str, Instruction] = {}
        for source in sources:
            for statement in _statements(source):
                line, keyword = statement.range.start, statement.keyword.upper()
                text = (statement.original.strip(), *(heredoc.content for heredoc in statement.heredocs))
                instruction = instructions[source.filename, line] = Instruction(line, keyword, text)
                if keyword == FROM:
                    count = sum(instruction.keyword == FROM for instruction in instructions.values()) - 1
                    stages[stage_label(_stage_name(statement), count)] = instruction
                for name, value in _assignments(keyword, statement):
                    variables.setdefault(name, []).append(Variable(keyword, value, line))
        return cls(instructions, {name: tuple(each) for name, each in variables.items()}, stages)

    def of_node(self, node: Node) -> tuple[Instruction, ...]:
        """Return the instructions that an op comes from."""
        places = dict.fromkeys((span.source.filename, part.start) for span in node.spans for part in span.ranges)
        return tuple(self.instructions[place] for place in places if place in self.instructions)


def _stage_name(statement: Statement) -> str:
    words = statement.args
    return words[2].lower() if len(words) == _NAMED_FROM and words[1].upper() == "AS" else ""


def references(text: str) -> tuple[str, ...]:
    """Return the variables that a string names, each once."""
    return tuple(dict.fromkeys(match[1] or match[2] for match in _REFERENCE.finditer(text)))


def _statements(source: Source) -> tuple[Statement, ...]:
    try:
        return parse(source).statements
    except LlbfrontError:
        return ()


def _assignments(keyword: str, statement: Statement) -> Iterator[tuple[str, str | None]]:
    if keyword == ARG:
        for word in statement.args:
            name, equals, value = word.partition("=")
            yield name, value if equals else None
    elif keyword == ENV:
        for position in range(0, len(statement.args) - 1, _OF_ENV):
            yield statement.args[position], statement.args[position + 1]
