"""Collect the facts of a conversion: what a Dockerfile says of stages and images, and what the checks found.

Source: frontend/subrequests/outline and targets of BuildKit for what is worth telling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.dockerfile2llb.bases import Kind
from llbfront.dockerfile2llb.plan import SCRATCH
from llbfront.inspection import facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from llbfront.dockerfile2llb.bases import Settlement
    from llbfront.dockerfile2llb.emit import Result
    from llbfront.dockerfile2llb.plan import StagePlan
    from llbfront.frontend.offline import Conversion, Images

IMAGE_SCHEME = "docker-image://"
LAYOUT_SCHEME = "oci-layout://"
_PULLED = frozenset((Kind.IMAGE, Kind.EMPTY))


def facts_of(conversion: Conversion, images: Images) -> facts.Facts:
    """Return the facts of a conversion; `images` are those that it asked for."""
    result = conversion.result
    stages = tuple(_stage(result, stage) for stage in result.settlement.plan.stages if stage.stage is not None)
    findings = tuple(
        facts.Finding(warning.rule, warning.message, warning.lines[0].start if warning.lines else 0, warning.url)
        for warning in conversion.warnings
    )
    assumed = tuple(dict.fromkeys(ref for ref, _ in images.made_up))
    return facts.Facts(stages, findings, assumed, tuple(sorted(_images(result.settlement), key=lambda image: image.line)))


def _stage(result: Result, stage: StagePlan) -> facts.Stage:
    plan, used = result.settlement.plan, result.facts.get(stage.number)
    written = stage.stage
    assert written is not None
    below = None if stage.base is None else plan.stages[stage.base].label
    return facts.Stage(
        name=stage.label,
        image=stage.image,
        base=below,
        platform=None if stage.platform is None else str(stage.platform),
        description=written.base.description,
        line=written.base.range.start,
        is_needed=stage.number in result.settlement.reachable,
        is_target=stage.number == plan.target,
        steps=tuple(instruction.text for instruction in written.instructions),
        args=() if used is None else tuple(_arguments(use for key in sorted(used.used) if (use := used.argument(key)))),
        secrets=() if used is None else _mounted(used.secrets.values()),
        ssh=() if used is None else _mounted(used.ssh.values()),
    )


def _arguments(uses: Iterable[Any]) -> Iterable[facts.Argument]:
    return [facts.Argument(use.key, use.value, use.description, use.range.start) for use in uses]


def _mounted(uses: Iterable[Any]) -> tuple[facts.Mounted, ...]:
    return tuple(facts.Mounted(use.id, use.required, use.range.start) for use in uses)


def _images(settlement: Settlement) -> Iterator[facts.Image]:
    """Find where the stages that the target needs name images: in FROM, and in the steps that read hidden stages."""
    for number in settlement.reachable:
        stage = settlement.stages[number]
        if stage.stage is not None and (image := _image(settlement, stage)):
            yield _use(settlement, stage, image, "FROM", stage.stage.base.range.start)
        for step in settlement.steps.get(number, ()):
            for source in dict.fromkeys(step.sources):
                read = settlement.stages[source]
                if read.stage is None and (image := _image(settlement, read)):
                    yield _use(settlement, read, image, step.instruction.keyword.upper(), step.instruction.range.start)


def _image(settlement: Settlement, stage: StagePlan) -> tuple[str, str | None] | None:
    """Return the image that a stage begins with and the named context that it comes from; None if it begins with no image."""
    base = settlement.bases.get(stage.number)
    if stage.base is not None or base is None:
        return None
    if base.kind in _PULLED:
        return stage.image, None
    context = stage.context or (base.kind is Kind.CONTEXT and settlement.plan.settings.context(base.ref, base.platform)) or None
    if context is None or not context.value.startswith((IMAGE_SCHEME, LAYOUT_SCHEME)):
        return None
    name = context.value.removeprefix(IMAGE_SCHEME)
    return None if name == SCRATCH else (name, context.name)


def _use(settlement: Settlement, stage: StagePlan, image: tuple[str, str | None], instruction: str, line: int) -> facts.Image:
    platform = settlement.bases[stage.number].platform
    name, context = image
    return facts.Image(name, instruction, line, None if platform is None else str(platform.normalized()), context)
