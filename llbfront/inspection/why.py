"""Explain why the steps of a build ran. Each step is compared with the same step of an earlier build; the first difference is the cause.

    for explanation in explain(build, earlier):
        print(explanation.step.line, explanation.state, explanation.cause)

The causes themselves are found in `step_causes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.inspection.build_steps import RAN, BuildStep, steps_of
from llbfront.inspection.cause_kinds import CauseKind
from llbfront.inspection.step_causes import BuildComparison, StepCause, is_forced

if TYPE_CHECKING:
    from llbfront.inspection.recorded_build import RecordedBuild

__all__ = ["Explanation", "StepCause", "explain"]


@attrs.frozen(eq=False)
class Explanation:
    """A step of a build.

    Attributes:
        step: the step.
        state: `ran` or `cached`.
        cause: why it ran; None for a cached step.
        compared_with: the earlier build that it was compared with, None if there is none.
    """

    step: BuildStep
    state: str
    cause: StepCause | None
    compared_with: RecordedBuild | None = None


@arguments.typed
def explain(build: RecordedBuild, *earlier: RecordedBuild) -> tuple[Explanation, ...]:
    """Return why the steps of a build ran.

    Args:
        build: the build.
        earlier: the builds to compare with, the most recent first. An engine may have the results of all of them, so each step is compared
            with the build in which it and what it depends on differ least.

    Returns:
        The steps that the engine started, in the order of the graph, each that ran with its first cause.
    """
    steps = [step for step in steps_of(build.graph) if step.state]
    comparisons = [BuildComparison(before, build, steps) for before in earlier]
    return tuple(_explained(step, comparisons) for step in steps)


def _explained(step: BuildStep, comparisons: list[BuildComparison]) -> Explanation:
    best = min(comparisons, key=lambda comparison: comparison.distance(step), default=None)
    if step.state != RAN:
        return Explanation(step, step.state, None, None if best is None else best.before)
    if best is None:
        text = "no earlier build of this Dockerfile is recorded"
        return Explanation(step, RAN, StepCause(CauseKind.NO_CACHE if is_forced(step) else CauseKind.FIRST_BUILD, step.line, text))
    return Explanation(step, RAN, best.cause(step), best.before)


def __dir__() -> list[str]:
    return sorted(__all__)
