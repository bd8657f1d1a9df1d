"""How reports name stages and steps: as the progress of a build does.

A stage without a name is `stage-N`. A step is named by its stage and line, and by its instruction with variables expanded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llbfront.dockerfile.stages import stage_label
from llbfront.inspection.graph import STEP_NAME
from llbfront.inspection.source_instructions import SourceInstructions

if TYPE_CHECKING:
    from llbfront.inspection.facts import Facts, Stage
    from llbfront.inspection.graph import Graph, Node
    from llbfront.source import Source


def only_stage(facts: Facts, sources: tuple[Source, ...]) -> str:
    """Return the stage of steps whose names have none, as in a Dockerfile with a single stage. Empty if it is not known."""
    target = next((stage.name for stage in facts.stages if stage.is_target), "")
    if target:
        return target
    stages = SourceInstructions.of(sources).stages
    return next(iter(stages)) if len(stages) == 1 else ""


def target_of(graph: Graph) -> str:
    """Return the stage of the result from the names of steps; empty if they have none."""
    return (graph.node(graph.result.number).stage if graph.result else None) or ""


def is_named(stage: Stage, number: int) -> bool:
    """Return whether the stage with a number has a name that can be selected as a target."""
    return stage.name != stage_label("", number)


def step_platform(node: Node) -> str:
    """Return the platform in the name of a step, as in builds for several platforms; else nothing."""
    match = re.match(STEP_NAME, node.meta.name or "")
    return (match["platform"] if match else None) or ""


def step_place(stage: str | None, line: int) -> str:
    """Return where a step is, as `build:7`; `-:7` for a stage that is not known."""
    return f"{stage or '-'}:{line}"
