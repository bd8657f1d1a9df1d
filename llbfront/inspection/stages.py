"""Which stages of a Dockerfile a build of the target runs, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.errors import OptionError
from llbfront.gostd.strconv import parse_int
from llbfront.printable import visible_rows
from llbfront.suggestions import nearest

if TYPE_CHECKING:
    from llbfront.inspection.facts import Stage
    from llbfront.inspection.graph import Graph

__all__ = ["StageStatus", "required", "stage_statuses"]

SCHEMA = "llbfront.stages/1"


@attrs.frozen
class StageStatus:
    """Whether a build builds or skips a stage, and why.

    Attributes:
        stage: the stage as written.
        steps: the names of its ops, as the engine reports them. A stage that only sets the image config has none.
        reason: why it is built or skipped, as one clause.
    """

    stage: Stage = attrs.field(repr=False)
    steps: tuple[str, ...]
    reason: str

    @property
    def name(self) -> str:
        """The name of the stage, `stage-N` for one without a name."""
        return self.stage.name

    @property
    def is_built(self) -> bool:
        """Whether a build of the target runs the stage, or takes it from the cache."""
        return self.stage.is_needed and self.stage.context is None


@arguments.typed
def stage_statuses(graph: Graph) -> tuple[StageStatus, ...]:
    r"""Say for each stage whether a build of the target builds or skips it, and why.

    Args:
        graph: a graph that was converted; others have no stages.

    Returns:
        The stages, in the order of the Dockerfile.

    Example:
        >>> import llbfront
        >>> from llbfront.inspection import stage_statuses
        >>> graph = llbfront.convert("FROM alpine AS test\nRUN make test\nFROM alpine AS final\n")
        >>> [(status.name, status.is_built, status.reason) for status in stage_statuses(graph)]
        [('test', False, 'no stage uses it'), ('final', True, 'the target')]
    """
    by_name = graph.stages
    needed = {stage.name for stage in graph.facts.stages if stage.is_needed}
    statuses = []
    for stage in graph.facts.stages:
        nodes = by_name.get(stage.name, ()) if stage.is_needed else ()
        statuses.append(StageStatus(stage, tuple(node.name for node in nodes), _reason(stage, needed)))
    return tuple(statuses)


def required(statuses: Iterable[StageStatus], names: str | Iterable[str]) -> tuple[StageStatus, ...]:
    """Return the named stages that a build skips.

    Args:
        statuses: all stages, as `stage_statuses` returns them.
        names: names of stages, in any case, or their numbers, from 0.

    Raises:
        OptionError: no stage has the name.
    """
    every = list(statuses)
    return tuple(status for name in arguments.texts(names, "names") if not (status := _named(every, name)).is_built)


def to_json(statuses: Iterable[StageStatus]) -> str:
    """Return a JSON document of the form `llbfront.stages/1`."""
    return json.dumps({"schema": SCHEMA, "stages": [_members(status) for status in statuses]}, indent=2)


def to_text(statuses: Iterable[StageStatus]) -> str:
    """Return a line for each stage: what is done with it, its place, and why."""
    every = list(statuses)
    width = max((len(status.name) for status in every), default=0)
    return visible_rows(_line(status, width) for status in every)


def _named(statuses: list[StageStatus], name: str) -> StageStatus:
    matching = [status for status in statuses if status.name.lower() == name.lower()]
    if matching:
        return matching[-1]
    number = parse_int(name) if name.isdecimal() else None
    if number is not None and number < len(statuses):
        return statuses[number]
    names = [status.name for status in statuses]
    near = nearest(name, names)
    raise OptionError(f"there is no stage {name}", hint=f"did you mean {near}?" if near else f"stages are {', '.join(names)}")


def _reason(stage: Stage, needed: set[str]) -> str:
    if stage.context is not None:
        return f"the build context {stage.context} replaces it"
    if stage.is_target:
        return "the target"
    uses = [use for use in stage.used_by if use.stage in needed] if stage.is_needed else list(stage.used_by)
    if not uses:
        return "needed by the target" if stage.is_needed else "no stage uses it"
    texts = [f"{use.stage} ({use.instruction} in line {use.line})" for use in uses]
    return f"used by {', '.join(texts)}" + ("" if stage.is_needed else ", which the target does not need")


def _line(status: StageStatus, width: int) -> str:
    count = len(status.steps)
    steps = f", {count} step{'' if count == 1 else 's'}" if status.is_built else ""
    return (
        f"{'built  ' if status.is_built else 'skipped'}  {status.name:<{width}}  line {status.stage.line}{steps}: {status.reason}"
    )


def _members(status: StageStatus) -> dict[str, object]:
    return {
        "stage": status.name,
        "line": status.stage.line,
        "state": "built" if status.is_built else "skipped",
        "is_target": status.stage.is_target,
        "reason": status.reason,
        "used_by": list(_uses(status)),
        "steps": list(status.steps),
    }


def _uses(status: StageStatus) -> Iterator[dict[str, object]]:
    for use in status.stage.used_by:
        yield {"stage": use.stage, "instruction": use.instruction, "line": use.line}


def __dir__() -> list[str]:
    return sorted(__all__)
