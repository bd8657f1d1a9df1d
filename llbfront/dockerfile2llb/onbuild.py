"""Add the ONBUILD triggers of bases to the steps of the stages that build on them.

Source: initOnBuildTriggers in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from llbfront.dockerfile.instructions import Onbuild
from llbfront.dockerfile.onbuild import parse_trigger
from llbfront.dockerfile2llb.limits import MAX_TRIGGERS
from llbfront.dockerfile2llb.places import span_of
from llbfront.errors import LlbfrontError, StageError
from llbfront.errors.llbfront_error import joined_hints
from llbfront.gostd.strconv import quote
from llbfront.source import LineRange

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.plan import StageIndex, StagePlan, Step
    from llbfront.dockerfile2llb.resolved_plan import Base
    from llbfront.source import Source, Span


class Triggers:
    """The triggers that stages run for their bases. `counts` has their number by stage.

    Args:
        source: the Dockerfile.
        index: the stages; triggers that read images add hidden ones.
        steps: the steps by stage, which triggers are added to.
    """

    def __init__(self, source: Source, index: StageIndex, steps: dict[int, tuple[Step, ...]]) -> None:
        self.counts: dict[int, int] = {}
        self._source, self._index, self._steps = source, index, steps
        self._visited: set[int] = set()
        self._total = 0
        self._reader_of: dict[int, StagePlan] = {}  # by hidden stage, the stage whose trigger reads it

    def add(self, numbers: Iterable[int], bases: Mapping[int, Base]) -> bool:
        """Insert triggers before the steps of stages whose base has some; return whether they read stages.

        Parity: a stage comes before its base, so that an ONBUILD among the triggers of the base does not reach the stage.
        """
        read_stages = False
        for number in [number for number in numbers if number not in self._visited]:
            self._visited.add(number)
            stage = self._index.stages[number]
            if texts := tuple(self._texts(stage, bases)):
                steps = self._parse_all(texts, stage)
                self._steps[number] = steps + self._steps.get(number, ())
                self.counts[number] = len(steps)
                read_stages = read_stages or any(step.sources for step in steps)
        return read_stages

    def _texts(self, stage: StagePlan, bases: Mapping[int, Base]) -> Iterator[str]:
        if stage.base is None:
            yield from bases[stage.number].image.config.on_build or ()
            return
        for step in self._steps[stage.base]:
            if isinstance(step.instruction, Onbuild):
                yield step.instruction.trigger

    def _parse_all(self, texts: tuple[str, ...], stage: StagePlan) -> tuple[Step, ...]:
        self._refuse_endless(stage)
        self._total += len(texts)
        if self._total > MAX_TRIGGERS:
            raise StageError(f"triggers come to more than {MAX_TRIGGERS} instructions", span=span_of(self._source, stage.range))
        first_hidden = len(self._index.stages)
        steps = tuple(self._parse(text, stage) for text in texts)
        self._reader_of.update((hidden, stage) for hidden in range(first_hidden, len(self._index.stages)))
        return steps

    def _refuse_endless(self, stage: StagePlan) -> None:
        """Raise StageError where triggers of an image have led to that image: they would do so for ever."""
        reader = self._reader_of.get(stage.number)
        while reader is not None:
            if reader.stage is None and reader.image == stage.image:
                message = f"ONBUILD triggers of {stage.image} read {stage.image} again, without end"
                raise StageError(message, span=self._from_of(stage))
            reader = self._reader_of.get(reader.number)

    def _parse(self, text: str, stage: StagePlan) -> Step:
        """Parse a trigger; errors in it, like those it makes later, stand at the FROM that fires it."""
        try:
            instruction = parse_trigger(text, source=self._source, range=stage.range or LineRange(0, 0))
            return self._index.step(instruction, is_trigger=True)
        except LlbfrontError as error:
            hint = joined_hints(error.hint, f"in the ONBUILD trigger {quote(text)}")
            raise error.evolve(hint=hint, span=self._from_of(stage)) from error

    def _from_of(self, stage: StagePlan) -> Span | None:
        """Return the place of the FROM of a stage, None for a hidden stage."""
        return span_of(self._source, stage.range) if stage.range else None
