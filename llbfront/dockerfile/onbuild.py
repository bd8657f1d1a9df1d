"""Parse ONBUILD triggers: instructions that an image config holds as text for builds that use the image as a base.

`instruction_parser` parses ONBUILD itself; `dockerfile2llb.onbuild` adds triggers to stages.

Source: initOnBuildTriggers in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

import attrs

from llbfront.dockerfile.instruction_parser import read_instruction
from llbfront.dockerfile.instructions import From, Instruction
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.statements import encode
from llbfront.errors import DockerfileError, StageError
from llbfront.errors.llbfront_error import located
from llbfront.source import LineRange, Source


def parse_trigger(text: str, *, source: Source, range: LineRange) -> Instruction:  # noqa: A002  named after the field `range` of instructions
    """Parse the trigger of an ONBUILD instruction. The escape character is a backslash, whatever that of the file is.

    Args:
        text: the trigger, as an image config or an ONBUILD instruction holds it.
        source: the file of the FROM that fires it.
        range: the lines of that FROM.

    Raises:
        DockerfileError: it is not one instruction.
    """
    span = source.at(range)
    with located(span):
        try:
            # Parity: an empty file and an empty trigger have different messages
            statements = parse(Source(source.filename, encode(text) or b"\n")).statements
        except DockerfileError as error:
            raise error.evolve(span=span) from error  # its place in the text of the trigger is not useful
        if len(statements) != 1:
            raise StageError("onbuild trigger should be a single expression")
        instruction = read_instruction(attrs.evolve(statements[0], range=range, source=source))
        if isinstance(instruction, From):
            # Parity: BuildKit's words
            raise StageError("*instructions.Stage is not a command type", hint="FROM cannot be a trigger")
        return instruction
