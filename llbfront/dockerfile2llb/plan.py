"""Plan a conversion: list the stages, the base of each and the stages that each reads, without I/O.

Stages refer to each other by number. Sources that are not stages (`COPY --from=image`, `RUN --mount`) become hidden stages after the others.

Source: buildDispatchStates, resolveTarget, buildStageDependencyGraph in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile.instructions import Add, Copy, Run, Workdir
from llbfront.dockerfile.mounts import mount_origin
from llbfront.dockerfile.stages import stage_label
from llbfront.dockerfile.word_expansion import expand
from llbfront.dockerfile2llb.facts import Finding, FromUse
from llbfront.dockerfile2llb.places import single_lines, span_of
from llbfront.errors import ExpansionError, InvalidPlatform, StageError, UnknownTarget
from llbfront.errors.llbfront_error import located
from llbfront.gostd.strconv import parse_int, quote
from llbfront.gostd.strings import to_lower
from llbfront.oci import platform as platforms
from llbfront.suggestions import guess, suggestion

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Instruction, Stage
    from llbfront.dockerfile.statements import Dockerfile
    from llbfront.dockerfile.word_expansion import Expanded
    from llbfront.dockerfile2llb.convert_options import ContextRef, ConvertOptions
    from llbfront.dockerfile2llb.scope import Scope
    from llbfront.oci.platform import Platform
    from llbfront.source import LineRange

SCRATCH = "scratch"
_SHOWN = 10
LAYERED = (Add, Copy, Run, Workdir)


@attrs.frozen(eq=False)
class Step:
    """An instruction of a stage. `sources` are numbers of stages it reads: that of COPY --from, or one for each mount of RUN."""

    instruction: Instruction
    sources: tuple[int, ...] = ()
    is_trigger: bool = False


@attrs.frozen(eq=False)
class StagePlan:
    """A stage. `image` is its expanded FROM, `base` the stage it continues, `context` the context that replaces it.

    `stage` is None for a hidden stage, and `mount_range` the RUN whose mount names it. `used` are the arguments of its FROM. Parity: they
    include the arguments that the FROM of its base stage uses, even if a context replaces the base.
    """

    number: int
    image: str
    stage: Stage | None = None
    base: int | None = None
    platform: Platform | None = None
    context: ContextRef | None = None
    range: LineRange | None = None
    mount_range: LineRange | None = None
    used: FromUse | None = None
    steps: tuple[Step, ...] = ()

    @property
    def name(self) -> str:
        """The name after AS, empty without one."""
        return (self.stage.name or "") if self.stage else ""

    @property
    def label(self) -> str:
        """The name of the stage in the names of steps, `stage-N` for a stage without a name; hidden stages have none."""
        return stage_label(self.name, self.number) if self.stage else ""


@attrs.frozen(eq=False)
class Plan:
    """All stages, hidden ones last, and the number of the one to build."""

    dockerfile: Dockerfile
    options: ConvertOptions
    scope: Scope
    stages: tuple[StagePlan, ...]
    target: int

    @property
    def targets(self) -> tuple[int, ...]:
        """The stages to build, the target last: it alone, or all of the file."""
        others = (stage.number for stage in self.stages if stage.stage is not None and stage.number != self.target)
        return (*(others if self.options.every_target else ()), self.target)

    @property
    def is_single(self) -> bool:
        """Whether one stage is all there is, whose name then is left out of the names of steps."""
        return len(self.stages) == 1


class StageIndex:
    """The stages by name and by number. Sources that are not stages become hidden stages."""

    def __init__(self, dockerfile: Dockerfile, stages: Sequence[StagePlan]) -> None:
        self.dockerfile = dockerfile
        self.stages = list(stages)
        self._by_name = {to_lower(stage.name): stage.number for stage in stages if stage.name}

    def find(self, name: str) -> int | None:
        """Return the number of the last stage of that name, ignoring letter case."""
        return self._by_name.get(to_lower(name))

    def step(self, instruction: Instruction, *, is_trigger: bool = False) -> Step:
        """Return a step with the stages that an instruction reads."""
        read = _READERS.get(type(instruction))
        return Step(instruction, tuple(read(self, instruction)) if read else (), is_trigger)

    def _hide(self, image: str, where: LineRange | None, *, mount_range: LineRange | None = None) -> int:
        number = len(self.stages)
        self.stages.append(StagePlan(number, image, range=where, mount_range=mount_range))
        return number

    def of_copy(self, copy: Copy) -> Iterator[int]:
        """Yield the stage that COPY --from names."""
        if not copy.origin:
            return
        if expand(copy.origin, {}, escape=self.dockerfile.escape).text != copy.origin:
            raise StageError(
                "variable expansion is not supported for --from, "
                "define a new stage with FROM using ARG from global scope as a workaround",
                hint=f"COPY --from={copy.origin}",
            )
        number = parse_int(copy.origin, 64)
        if number is None:
            stage_number = self.find(copy.origin)
            yield self._hide(copy.origin, copy.range) if stage_number is None else stage_number
        elif 0 <= number < len(self.stages):
            # Parity: naming a hidden stage by its number adds it once more, which moves the numbers after it.
            named = self.stages[number]
            if named.stage is None:
                self.stages.append(named)
            yield named.number
        else:
            raise StageError(
                f"invalid stage index {number}", hint=f"COPY --from={copy.origin}; stages count from 0 to {len(self.stages) - 1}"
            )

    def of_run(self, run: Run) -> Iterator[int]:
        """Parity: every mount reads a stage, one without `from` an empty hidden one, whatever its type."""
        for mount in run.mounts:
            origin = mount_origin(mount) or SCRATCH
            stage_number = self.find(origin)
            yield self._hide(origin, None, mount_range=run.range) if stage_number is None else stage_number


_READERS: dict[type[Instruction], Callable[..., Iterator[int]]] = {
    Copy: StageIndex.of_copy,
    Run: StageIndex.of_run,
}


def make_plan(
    dockerfile: Dockerfile, stages: Sequence[Stage], options: ConvertOptions, scope: Scope, findings: list[Finding]
) -> Plan:
    """Plan a build. Findings about FROM lines are appended even when an error ends the planning."""
    planned: list[StagePlan] = []
    names: dict[str, StagePlan] = {}
    for number, stage in enumerate(stages):
        planned.append(_stage(dockerfile, stage, number, options, scope, names, findings))
        if stage.name:
            names[stage.name] = planned[-1]
    target = _target(options.target, planned)
    directory = StageIndex(dockerfile, planned)
    for plan in planned:
        steps = tuple(directory.step(instruction) for instruction in plan.stage.instructions) if plan.stage else ()
        directory.stages[plan.number] = attrs.evolve(plan, steps=steps)
    _refuse_cycles(dockerfile, directory.stages)
    return Plan(dockerfile, options, scope, tuple(directory.stages), target)


def _target(name: str, stages: Sequence[StagePlan]) -> int:
    if not name:
        return len(stages) - 1
    numbers = [stage.number for stage in stages if stage.name and to_lower(stage.name) == to_lower(name)]
    if not numbers:
        raise unknown_target(name, [stage.name for stage in stages], [stage.label for stage in stages])
    return numbers[-1]


def unknown_target(target: str, names: Iterable[str], labels: Iterable[str] = ()) -> UnknownTarget:
    """Return the error for a target that names no stage.

    Args:
        target: the name that was asked for.
        names: the names of the stages, "" for one without.
        labels: what the stages are called in the names of steps, if that is known.
    """
    names = list(dict.fromkeys(name for name in names if name))
    hint = suggestion(target, tuple(labels) or names, match_case=True) or _named(names)
    return UnknownTarget(f"target stage {quote(target)} could not be found", hint=hint)


def _named(names: Sequence[str]) -> str:
    if not names:
        return "no stage has a name; write FROM image AS name"
    return f"stages are {', '.join(names[:_SHOWN])}{', …' if len(names) > _SHOWN else ''}"


def _stage(
    dockerfile: Dockerfile,
    stage: Stage,
    number: int,
    options: ConvertOptions,
    scope: Scope,
    names: dict[str, StagePlan],
    findings: list[Finding],
) -> StagePlan:
    where = stage.base.range
    with located(span_of(dockerfile.source, where)):
        image = _expanded(dockerfile, stage, stage.base.image, scope, findings)
        if not image.text:
            raise StageError(
                f"base name ({stage.base.image}) should not be blank", hint=_hint(image, scope, guess) or _blank(image, scope)
            )
        used, platform = frozenset(image.matched), None
        if stage.base.platform:
            expanded, platform = _platform(dockerfile, stage, scope, findings)
            used |= frozenset(expanded.matched)
    context = options.context(stage.name, platform) if stage.name else None
    below = names.get(image.text)
    return StagePlan(
        number,
        image.text,
        stage,
        base=below.number if below and not context else None,
        platform=platform,
        context=context,
        range=where,
        used=FromUse(frozenset() if context else used, below.used if below else None),
    )


def _blank(expanded: Expanded, scope: Scope) -> str | None:
    """Return why a word of FROM came out empty."""
    for name in sorted(expanded.unmatched):
        if name in scope.args:
            return f"give {name} a default, or a value with --build-arg {name}=…"
        return f"there is no ARG {name} before the first FROM"
    return None


def _platform(dockerfile: Dockerfile, stage: Stage, scope: Scope, findings: list[Finding]) -> tuple[Expanded, Platform]:
    try:
        expanded = _expanded(dockerfile, stage, stage.base.platform, scope, findings)
    except ExpansionError as error:
        raise ExpansionError(f"failed to process arguments for platform : {error.message}", hint=error.hint) from error
    findings.extend(_redundant(stage, expanded, scope))
    if not expanded.text:
        hint = _hint(expanded, scope) or _blank(expanded, scope)
        raise ExpansionError(f"empty platform value from expression {stage.base.platform}", hint=hint)
    try:
        return expanded, platforms.parse(expanded.text)
    except InvalidPlatform as error:
        raise error.evolve(
            message=f"failed to parse platform {stage.base.platform}: {error.message}",
            hint=_hint(expanded, scope) or error.hint,
            spans=(span_of(dockerfile.source, stage.base.range),) * 2,  # Parity: BuildKit says the place twice
        ) from error


def _in_its_case(name: str, known: Iterable[str]) -> str | None:
    return suggestion(name, known, match_case=True)


def _hint(expanded: Expanded, scope: Scope, find: Callable[..., str | None] = _in_its_case) -> str | None:
    """Suggest the name that an unknown variable is near to."""
    return next(filter(None, (find(name, scope.env) for name in sorted(expanded.unmatched))), None)


def _expanded(dockerfile: Dockerfile, stage: Stage, word: str, scope: Scope, findings: list[Finding]) -> Expanded:
    try:
        expanded = expand(word, scope.env, escape=dockerfile.escape)
        scope.budget.count_expansion(expanded.cost, expanded.steps)
    except ExpansionError as error:
        findings.extend(_undeclared(stage, error.unmatched, scope))
        raise
    findings.extend(_undeclared(stage, expanded.unmatched, scope))
    return expanded


def _undeclared(stage: Stage, unmatched: Iterable[str], scope: Scope) -> Iterator[Finding]:
    names = scope.names
    for name in sorted(unmatched):
        if name not in names:
            near = scope.index.nearest(name, names) or ""
            yield Finding("UndefinedArgInFrom", (name, near), stage.base.range, stage.base.comments)


def _redundant(stage: Stage, expanded: Expanded, scope: Scope) -> Iterator[Finding]:
    """Find a --platform that says what would hold without it, or one that is the same on every build."""
    where, comments = stage.base.range, stage.base.comments
    if (
        tuple(expanded.matched) == ("TARGETPLATFORM",)
        and not expanded.unmatched
        and expanded.text == scope.env.get("TARGETPLATFORM", "")
    ):
        yield Finding("RedundantTargetPlatform", (stage.base.platform,), where, comments)
    if expanded.matched or expanded.unmatched:
        return
    try:
        platform = platforms.parse(expanded.text)
    except InvalidPlatform:
        return
    if platform.os not in (stage.name or "") and platform.architecture not in (stage.name or ""):
        yield Finding("FromPlatformFlagConstDisallowed", (expanded.text,), where, comments)


def _refuse_cycles(dockerfile: Dockerfile, stages: Sequence[StagePlan]) -> None:
    """Raise StageError when stages copy from each other in a circle. What a stage continues does not count."""
    readings = [{source: step.instruction for step in stage.steps for source in step.sources} for stage in stages]
    visited: set[int] = set()
    for start in range(len(stages)):
        if start in visited:
            continue
        visited.add(start)
        path: dict[int, Instruction | None] = {start: None}
        pending = [iter(readings[start].items())]
        while pending:
            reading = next(pending[-1], None)
            if reading is None:
                pending.pop()
                path.popitem()
                continue
            source, instruction = reading
            if source in path:
                ranges = [member.range for member in (*path.values(), instruction) if member]
                raise _cycle(dockerfile, stages[start], ranges, hint=_circle(stages, [*path, source]))
            if source not in visited:
                visited.add(source)
                path[source] = instruction
                pending.append(iter(readings[source].items()))


def _circle(stages: Sequence[StagePlan], path: list[int]) -> str:
    """Describe the cycle at the end of a path: which stage reads which."""
    names = [stages[number].label for number in path[path.index(path[-1]) :]]
    return ", ".join(f"{reader} reads {read}" for reader, read in itertools.pairwise(names))


def _cycle(dockerfile: Dockerfile, stage: StagePlan, ranges: Sequence[LineRange], *, hint: str) -> StageError:
    every = sorted({line for line_range in ranges for line in single_lines(line_range)}, key=lambda line: line.start)
    return StageError(
        f"circular dependency detected on stage: {stage.label}",
        hint=hint,
        span=dockerfile.source.at(*every),
        spans=[span_of(dockerfile.source, line_range) for line_range in ranges],
    )
