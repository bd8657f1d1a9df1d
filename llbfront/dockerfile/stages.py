"""Group the statements of a Dockerfile in stages, as typed instructions.

Source: frontend/dockerfile/instructions/parse.go of BuildKit (Parse).
"""

from __future__ import annotations

from llbfront import arguments
from llbfront.dockerfile.instruction_parser import read_instruction
from llbfront.dockerfile.instructions import Arg, From, Instruction, Stage
from llbfront.dockerfile.statements import Dockerfile
from llbfront.errors import DockerfileError, StageError


def stage_label(name: str, number: int) -> str:
    """Return the label of a stage in step names and reports: its name, or `stage-N`, counted from 0."""
    return name or f"stage-{number}"


@arguments.typed
def parse_stages(dockerfile: Dockerfile) -> tuple[tuple[Arg, ...], tuple[Stage, ...]]:
    r"""Group the statements of a Dockerfile in stages, as typed instructions.

    Args:
        dockerfile: the parsed file.

    Returns:
        The ARGs before the first FROM, and the stages in the order of the file.

    Raises:
        DockerfileError: an instruction or a stage is wrong; the span says where.

    Example:
        >>> from llbfront.dockerfile import Source, parse, parse_stages
        >>> _, (stage,) = parse_stages(parse(Source("Dockerfile", b"FROM alpine AS app\nRUN make\n")))
        >>> stage.name, [type(instruction).__name__ for instruction in stage.instructions]
        ('app', ['Run'])
    """
    globals_: list[Arg] = []
    stages: list[tuple[From, list[Instruction]]] = []
    for statement in dockerfile.statements:
        try:
            instruction = read_instruction(statement)
        except DockerfileError as error:
            span = error.span or dockerfile.source.at(statement.range)
            raise error.evolve(span=span, reading=f"dockerfile parse error on line {span.line}: ") from error
        if isinstance(instruction, From):
            stages.append((instruction, []))
        elif stages:
            stages[-1][1].append(instruction)
        elif isinstance(instruction, Arg):
            globals_.append(instruction)
        else:
            where = dockerfile.source.at(statement.range)
            raise StageError("no build stage in current context", span=where, hint="only ARG is allowed before the first FROM")
    if not stages:
        nowhere = dockerfile.source.at()
        raise StageError("dockerfile contains no stages to build", span=nowhere, spans=(), hint="it has no FROM")
    return tuple(globals_), tuple(Stage(base, tuple(instructions)) for base, instructions in stages)
