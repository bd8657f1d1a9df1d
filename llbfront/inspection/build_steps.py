"""The steps of a Dockerfile in a graph: the ops of each instruction as one step, and which steps of two graphs are the same.

FROM is not a step: an engine never reports it as cached. COPY --link has two ops.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.inspection.graph import STEP_NAME
from llbfront.inspection.stage_names import step_platform

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node
    from llbfront.inspection.runs import NodeRun

RAN, CACHED = "ran", "cached"


@attrs.frozen(eq=False)
class BuildStep:
    """An instruction of a Dockerfile with its ops.

    Attributes:
        platform: the platform, empty unless the build has several.
        stage: the stage, empty if the graph does not name it.
        position: the place of the step in its stage, from 1.
        nodes: its ops, inputs first.
        runs: how the ops went that an engine started.
    """

    platform: str
    stage: str
    position: int
    nodes: tuple[Node, ...]
    runs: tuple[NodeRun, ...]

    @property
    def line(self) -> int:
        """The first line of the instruction, 0 if that is not known."""
        return next((node.line for node in self.nodes if node.line), 0)

    @property
    def instruction(self) -> str:
        """The text of the instruction, variables expanded."""
        return self.nodes[0].instruction

    @property
    def state(self) -> str:
        """`cached` if all ops that were started came from the cache, else `ran`; empty if none was started."""
        if not self.runs:
            return ""
        return CACHED if all(run.state == CACHED for run in self.runs) else RAN

    @property
    def has_ended(self) -> bool:
        """Whether all ops ran to their end, or came from the cache."""
        return len(self.runs) == len(self.nodes) and all(run.state in {RAN, CACHED} and run.completed_ns for run in self.runs)


def steps_of(graph: Graph) -> tuple[BuildStep, ...]:
    """Return the steps of a graph in its order."""
    grouped: dict[tuple[str, str, int], list[Node]] = {}
    for node in graph.nodes:
        match = re.match(STEP_NAME, node.meta.name or "")
        if match and node.kind != "source":
            key = (step_platform(node), node.stage or "", int(match["step"]))
            grouped.setdefault(key, []).append(node)
    return tuple(
        BuildStep(*key, tuple(nodes), tuple(graph.runs[node.digest] for node in nodes if node.digest in graph.runs))
        for key, nodes in grouped.items()
    )


def pair_steps(
    before: tuple[BuildStep, ...], after: tuple[BuildStep, ...], not_built: Collection[str] = ()
) -> dict[BuildStep, BuildStep]:
    """Find for each step of a build the same step of an earlier build, perhaps changed.

    `not_built` are the stages that the earlier Dockerfile has and the earlier build did not need: they have no partners.
    """
    old, new = _by_stage(before), {key: steps for key, steps in _by_stage(after).items() if key[1] not in not_built}
    pairs: dict[BuildStep, BuildStep] = {}
    for key, partner in _stage_pairs(old, new):
        pairs.update(_aligned(old[partner], new[key]))
    return pairs


def _by_stage(steps: tuple[BuildStep, ...]) -> dict[tuple[str, str], list[BuildStep]]:
    stages: dict[tuple[str, str], list[BuildStep]] = {}
    for step in steps:
        stages.setdefault((step.platform, step.stage), []).append(step)
    return {key: sorted(each, key=lambda step: step.position) for key, each in stages.items()}


def _stage_pairs(
    old: Mapping[tuple[str, str], list[BuildStep]], new: Mapping[tuple[str, str], list[BuildStep]]
) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Yield pairs of an earlier and a later stage: with the same name and platform, else with the same name, else in order."""
    left = dict.fromkeys(old)
    rest = []
    for key in new:
        if key in left:
            del left[key]
            yield key, key
        else:
            rest.append(key)
    for key in rest:
        same = [other for other in (*left, *old) if other[1] == key[1]]  # a stage may be built for one more platform
        partner = next(iter((*same, *left)), None)
        if partner is not None:
            left.pop(partner, None)
            yield key, partner


def _aligned(old: list[BuildStep], new: list[BuildStep]) -> Iterator[tuple[BuildStep, BuildStep]]:
    """Pair steps of equal text from the first on, since a cache is used up to the first change; then others of equal text, and between
    them those of the same keyword in order.
    """
    before, after = ([step.instruction for step in steps] for steps in (old, new))
    same = next(
        (count for count, texts in enumerate(zip(before, after, strict=False)) if texts[0] != texts[1]),
        min(len(before), len(after)),
    )
    yield from zip(new[:same], old[:same], strict=True)
    old, new = old[same:], new[same:]
    matcher = difflib.SequenceMatcher(None, before[same:], after[same:], autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(new[new_start:new_end], old[old_start:old_end], strict=True)
        elif tag == "replace":
            waiting = old[old_start:old_end]
            for step in new[new_start:new_end]:
                partner = next((candidate for candidate in waiting if _keyword(candidate) == _keyword(step)), None)
                if partner is not None:
                    waiting = waiting[waiting.index(partner) + 1 :]
                    yield step, partner


def _keyword(step: BuildStep) -> str:
    return step.instruction.removeprefix("LINK ").partition(" ")[0].upper()
