"""Collect the facts of a conversion: what a Dockerfile says of stages and images, and what the checks found.

Source: frontend/subrequests/outline and targets of BuildKit for what is worth telling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile2llb.plan import SCRATCH
from llbfront.dockerfile2llb.resolved_plan import Kind
from llbfront.inspection import facts
from llbfront.llb.loading import sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llbfront.dockerfile2llb.emit import Result
    from llbfront.dockerfile2llb.facts import ArgUse, SecretUse
    from llbfront.dockerfile2llb.plan import StagePlan
    from llbfront.dockerfile2llb.resolved_plan import Base, ResolvedPlan
    from llbfront.frontend.offline import Conversion, Images
    from llbfront.llb.definition import Definition

IMAGE = "docker-image://"
_PULLED = frozenset((Kind.IMAGE, Kind.EMPTY))


def facts_of(conversion: Conversion, images: Images, inputs: Mapping[str, Definition]) -> facts.Facts:
    """Return the facts of a conversion, which looked up `images` and was given graphs as `inputs`."""
    result = conversion.result
    stages = tuple(_stage(result, stage) for stage in result.resolved_plan.plan.stages if stage.stage is not None)
    findings = tuple(
        facts.Finding(warning.rule, warning.message, warning.lines[0].start if warning.lines else 0, warning.url)
        for warning in conversion.warnings
    )
    assumed = tuple(dict.fromkeys(ref for ref, _ in images.made_up))
    return facts.Facts(
        stages, findings, assumed, tuple(sorted(_Images(result.resolved_plan, inputs).find(), key=lambda image: image.line))
    )


def _stage(result: Result, stage: StagePlan) -> facts.Stage:
    plan, used = result.resolved_plan.plan, result.facts.get(stage.number)
    parsed = stage.stage
    assert parsed is not None
    below = None if stage.base is None else plan.stages[stage.base].label
    return facts.Stage(
        name=stage.label,
        image=stage.image,
        base=below,
        platform=None if stage.platform is None else str(stage.platform),
        description=parsed.base.description,
        line=parsed.base.range.start,
        is_needed=stage.number in result.resolved_plan.reachable,
        is_target=stage.number == plan.target,
        steps=tuple(instruction.text for instruction in parsed.instructions),
        args=() if used is None else _arguments(use for key in sorted(used.used) if (use := used.argument(key))),
        secrets=() if used is None else _mounted(used.secrets.values()),
        ssh=() if used is None else _mounted(used.ssh.values()),
        used_by=tuple(_stage_uses(result.resolved_plan, stage.number)),
        context=None if stage.context is None else stage.context.name,
    )


def _stage_uses(resolved_plan: ResolvedPlan, number: int) -> Iterator[facts.StageUse]:
    """Yield where stages continue or read a stage."""
    for reader in resolved_plan.plan.stages:
        if reader.stage is not None and reader.base == number:
            yield facts.StageUse(reader.label, "FROM", reader.stage.base.range.start)
        for step in resolved_plan.steps.get(reader.number, reader.steps):
            if number in step.sources:
                yield facts.StageUse(reader.label, step.instruction.keyword.upper(), step.instruction.range.start)


def _arguments(uses: Iterable[ArgUse]) -> tuple[facts.Argument, ...]:
    return tuple(facts.Argument(use.key, use.value, use.description, use.range.start) for use in uses)


def _mounted(uses: Iterable[SecretUse]) -> tuple[facts.Mounted, ...]:
    return tuple(facts.Mounted(use.id, use.required, use.range.start) for use in uses)


@attrs.frozen(eq=False)
class _Images:
    """Finds the images of the stages that the target needs: those that FROM names, and those that steps read, as `COPY --from` does."""

    resolved_plan: ResolvedPlan
    inputs: Mapping[str, Definition]

    def find(self) -> Iterator[facts.Image]:
        for number in self.resolved_plan.reachable:
            stage = self.resolved_plan.stages[number]
            if stage.stage is not None:
                yield from self._of_stage(stage, "FROM", stage.stage.base.range.start)
            for step in self.resolved_plan.steps.get(number, ()):
                for source in dict.fromkeys(step.sources):
                    read = self.resolved_plan.stages[source]
                    if read.stage is None:
                        yield from self._of_stage(read, step.instruction.keyword.upper(), step.instruction.range.start)

    def _of_stage(self, stage: StagePlan, instruction: str, line: int) -> Iterator[facts.Image]:
        base = self.resolved_plan.bases.get(stage.number)
        if stage.base is not None or base is None:
            return
        platform = None if base.platform is None else str(base.platform.normalized())
        for name, context in self._names(stage, base):
            yield facts.Image(name, instruction, line, platform, context)

    def _names(self, stage: StagePlan, base: Base) -> Iterator[tuple[str, str | None]]:
        """Yield the images that a stage begins with, and the named context that they come from."""
        if base.kind in _PULLED:
            yield stage.image, None
            return
        options = self.resolved_plan.plan.options
        context = stage.context or (base.kind is Kind.CONTEXT and options.context(base.ref, base.platform)) or None
        if context is None:
            return
        scheme, _, rest = context.value.partition(":")
        if scheme == "docker-image" and rest != f"//{SCRATCH}":
            yield rest.removeprefix("//"), context.name
        elif scheme == "oci-layout":
            yield context.value, context.name
        elif scheme == "input" and rest in self.inputs:
            sources = sources_of(self.inputs[rest])
            yield from (
                (source.identifier.removeprefix(IMAGE), context.name) for source in sources if source.identifier.startswith(IMAGE)
            )
