"""The places of findings and errors in a Dockerfile: its lines, and the spans of its instructions.

Source: solver/errdefs/source.go and frontend/dockerfile/parser/errors.go of BuildKit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from llbfront.errors.llbfront_error import joined_hints
from llbfront.gostd.strconv import quote
from llbfront.source import LineRange

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Instruction
    from llbfront.errors import LlbfrontError
    from llbfront.source import Source, Span


@lru_cache(maxsize=64)
def single_lines(line_range: LineRange) -> tuple[LineRange, ...]:
    """Split a range into ranges of one line, the form in which source maps and warnings give places.

    Thousands of warnings may stand on one instruction of thousands of lines, so they share them.
    """
    if line_range.start == line_range.end and not line_range.start_character and not line_range.end_character:
        return (line_range,)
    return tuple([LineRange(line, line) for line in range(line_range.start, max(line_range.start, line_range.end) + 1)])


def span_of(source: Source, line_range: LineRange | None) -> Span:
    """Return the span of an instruction in its file. It has no line for an image that only a mount or a copy names."""
    return source.place(single_lines(line_range) if line_range else ())


def with_place(error: LlbfrontError, source: Source, instruction: Instruction, *, is_trigger: bool) -> LlbfrontError:
    """Return an error with the place of its instruction. That of a trigger is the FROM that fires it, so a hint quotes the trigger."""
    hint = joined_hints(error.hint, f"in the ONBUILD trigger {quote(instruction.text)}") if is_trigger else error.hint
    return error.evolve(span=error.span or span_of(source, instruction.range), hint=hint)
