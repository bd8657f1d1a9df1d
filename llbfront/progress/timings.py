"""Measure steps and stages, and which stages ran at the same time.

Source: the form of step names, frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import attrs

from llbfront.progress.clock import Interval, covered_ns, merge
from llbfront.progress.trace import StepState

if TYPE_CHECKING:
    from llbfront.progress.trace import Step, Trace

_STEP_NAME = re.compile(r"\[(?:(?P<platform>[^\s\[\]/]++/[^\s\[\]]++) )?(?:(?P<stage>[^\s\[\]]++) ++)?\d+/\d+\] ")


@attrs.frozen
class Timing:
    """How one step of a build went. Times are in nanoseconds, by the engine's clock.

    Attributes:
        digest: the digest of the node of `BuildResult.graph` that does the work.
        name: what displays show.
        started_ns: when it started.
        completed_ns: when it ended; None if it did not end.
        duration_ns: how long it worked, without pauses.
        cached: whether it came from the cache.
        error: why it failed; empty if it did not.
        digests: all nodes of a step of several, such as COPY --link, which copies and merges.
    """

    digest: str
    name: str
    started_ns: int
    completed_ns: int | None
    duration_ns: int
    cached: bool
    error: str = ""
    digests: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """The duration in seconds."""
        return self.duration_ns / 1e9


@attrs.frozen
class StageTiming:
    """The steps of one stage on one platform; `intervals` are when any of them ran, merged and sorted."""

    stage: str
    platform: str
    intervals: tuple[Interval, ...]
    steps: int
    cached: int


@attrs.frozen
class Overlap:
    """Two stages that ran at the same time, and for how long."""

    first: str
    second: str
    duration_ns: int


def step_timings(trace: Trace) -> tuple[Timing, ...]:
    """Return a timing for each step that started, in that order."""
    return tuple(_timing(step) for step in trace.steps)


def stage_timings(trace: Trace) -> tuple[StageTiming, ...]:
    """Return a timing for each stage with a step that started, in that order. Only steps named `[stage i/n]` belong to a stage.

    The platform is taken from the name, empty unless the build has several; the stage is empty where the build has only one.
    """
    return tuple(
        StageTiming(
            stage,
            platform,
            merge(interval for step in steps for interval in step.intervals),
            len(steps),
            sum(step.state is StepState.CACHED for step in steps),
        )
        for (platform, stage), steps in _by_stage(trace).items()
    )


def overlaps(trace: Trace) -> tuple[Overlap, ...]:
    """Return the pairs of stages that ran at the same time, the longest first. A run that is still open counts for nothing."""
    worked = [(name, _worked(steps)) for name, steps in _by_stage(trace).items()]
    overlapping = [
        Overlap(" ".join(filter(None, first)), " ".join(filter(None, second)), common_ns)
        for (first, left), (second, right) in itertools.combinations(worked, 2)
        if (common_ns := _common_ns(left, right))
    ]
    return tuple(sorted(overlapping, key=lambda overlap: -overlap.duration_ns))


def _by_stage(trace: Trace) -> dict[tuple[str, str], list[Step]]:
    """Steps by (platform, stage)."""
    stages: dict[tuple[str, str], list[Step]] = {}
    for step in trace.steps:
        if match := _STEP_NAME.match(step.name):
            stages.setdefault((match["platform"] or "", match["stage"] or ""), []).append(step)
    return stages


def _timing(step: Step) -> Timing:
    started_ns, completed_ns = step.started_ns or 0, step.completed_ns
    return Timing(
        _working_digest(step),
        step.name,
        started_ns,
        completed_ns,
        step.duration_ns(started_ns if completed_ns is None else completed_ns),
        step.state is StepState.CACHED,
        step.error,
        tuple(step.members) if step.is_group else (step.digest,),
    )


def _working_digest(step: Step) -> str:
    """Return the digest of a step. For a group of vertices it is the digest of the first one that displays would not hide."""
    if not step.is_group:
        return step.digest
    strong = (digest for digest, member in step.members.items() if not (member.progress_group and member.progress_group.weak))
    return next(strong, next(iter(step.members), step.digest))


def _worked(steps: list[Step]) -> tuple[Interval, ...]:
    return merge(interval for step in steps for interval in step.intervals if interval[1] is not None)


def _common_ns(left: tuple[Interval, ...], right: tuple[Interval, ...]) -> int:
    """Return the time that both cover."""
    return covered_ns(left, 0) + covered_ns(right, 0) - covered_ns(merge((*left, *right)), 0)
