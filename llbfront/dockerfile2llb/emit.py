"""Emit the graph: convert a resolved plan to a state, an image config and facts, stage by stage.

Source: dispatchStages and finalizeResultImage in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront import llb
from llbfront.dockerfile import instructions as kinds
from llbfront.dockerfile2llb import emit_config, emit_copy, emit_run
from llbfront.dockerfile2llb.expand_stage import expand_stage
from llbfront.dockerfile2llb.expansion_state import StageExpansion, StageVariables
from llbfront.dockerfile2llb.facts import StageFacts
from llbfront.dockerfile2llb.limits import Budget
from llbfront.dockerfile2llb.places import span_of, with_place
from llbfront.dockerfile2llb.resolved_plan import Kind, LocalSource
from llbfront.dockerfile2llb.scope import proxy_settings
from llbfront.dockerfile2llb.stage_builder import BuiltStage, ConversionContext, ImageConfigBuilder, StageBuilder
from llbfront.dockerfile2llb.step_names import StepNames
from llbfront.dockerfile2llb.variables import HistoryArguments, ImageEnv
from llbfront.errors import LlbfrontError
from llbfront.errors.llbfront_error import located
from llbfront.gostd.strconv import parse_bool
from llbfront.llb.exec_settings import Env
from llbfront.llb.op import OpMeta
from llbfront.llb.ops import SourceOp
from llbfront.oci.image import Image
from llbfront.oci.platform import Platform

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Instruction
    from llbfront.dockerfile2llb.convert_options import ConvertOptions
    from llbfront.dockerfile2llb.epoch import Epoch
    from llbfront.dockerfile2llb.expand_stage import ExpandedStage
    from llbfront.dockerfile2llb.facts import Finding
    from llbfront.dockerfile2llb.plan import StagePlan, Step
    from llbfront.dockerfile2llb.resolved_plan import ResolvedPlan
    from llbfront.llb.caps import Caps
    from llbfront.llb.state import State
    from llbfront.source import Source

_FORGOTTEN = Image()  # the config of a stage that no other stage needs any more
_EMITTERS: dict[type[Instruction], Callable[..., None]] = {
    kinds.Run: emit_run.run,
    kinds.Copy: emit_copy.transfer,
    kinds.Add: emit_copy.transfer,
    kinds.Env: emit_config.env,
    kinds.Arg: emit_config.arg,
    kinds.Label: emit_config.label,
    kinds.Maintainer: emit_config.maintainer,
    kinds.User: emit_config.user,
    kinds.Volume: emit_config.volume,
    kinds.Stopsignal: emit_config.stopsignal,
    kinds.Shell: emit_config.shell,
    kinds.Onbuild: emit_config.onbuild,
    kinds.Cmd: emit_config.cmd,
    kinds.Entrypoint: emit_config.entrypoint,
    kinds.Healthcheck: emit_config.healthcheck,
    kinds.Workdir: emit_config.workdir,
    kinds.Expose: emit_config.expose,
}


@attrs.frozen(eq=False)
class SbomTargets:
    """The states that a scanner examines in addition to the result: the context or stages, by name."""

    extras: Mapping[str, State]
    ignore_cache: bool


@attrs.frozen(eq=False)
class Result:
    """The result for one platform. `original` is the config of the base image of the target's chain of stages.

    `targets` are the files and image configs of all targets by the number of the stage.
    """

    state: State
    image: Image
    original: Image | None
    facts: Mapping[int, StageFacts]
    resolved_plan: ResolvedPlan
    sbom: SbomTargets
    epoch: Epoch | None
    targets: Mapping[int, tuple[State, Image]]

    @property
    def platform(self) -> Platform:
        """The platform of ops that do not set one."""
        return self.resolved_plan.plan.options.platform


def convert(
    resolved_plan: ResolvedPlan,
    *,
    source: Source,
    context: State | LocalSource,
    epoch: Epoch | None,
    caps: Caps,
    findings: list[Finding],
) -> Result:
    """Convert a resolved plan. Findings are appended in the order of the file, also when an error ends the conversion."""
    options = resolved_plan.plan.options
    budget = Budget()
    passes = _expand(resolved_plan, budget)
    expansions = dict(passes)
    files = _local_files(resolved_plan, expansions)
    paths = set().union(*(expanded.context_paths for expanded in expansions.values()))
    main = local_state(context, paths) if isinstance(context, LocalSource) else context
    proxy = proxy_settings(resolved_plan.plan.scope.build_args)
    conversion = ConversionContext(resolved_plan, source, options, caps, main, epoch, proxy, {}, findings, budget)
    for number, stage in enumerate(resolved_plan.stages):
        base = resolved_plan.bases.get(number)
        if base and (stage.stage is None or base.kind is Kind.REPLACED):
            conversion.built_stages[number] = BuiltStage(files[number], _without_triggers(base.image), base.original, base.platform)
    scope = resolved_plan.plan.scope
    facts = {number: StageFacts(scope.args, resolved_plan.stages[number].used) for number in conversion.built_stages}
    targets = frozenset(resolved_plan.plan.targets)
    waiting = collections.Counter(resolved_plan.stages[number].base for number in expansions)
    hidden: dict[int, StageBuilder] = {}
    for number, expanded in passes:
        stage = resolved_plan.stages[number]
        facts[number] = expanded.facts
        builder = hidden.get(number) or _start(conversion, stage, expanded, files.get(number))
        if stage.stage is None:
            hidden[number] = builder
        _emit_stage(builder, expanded)
        waiting[stage.base] -= 1
        for done in (number, stage.base):
            if done is not None and not waiting[done] and done not in targets:
                conversion.built_stages[done] = attrs.evolve(
                    conversion.built_stages[done], image=_FORGOTTEN, history_delta=None, env=None
                )
    target = conversion.built_stages[resolved_plan.plan.target]
    images = {number: _final(conversion.built_stages[number].complete(), options) for number in resolved_plan.plan.targets}
    return Result(
        target.state,
        images[resolved_plan.plan.target],
        target.original,
        facts,
        resolved_plan,
        _sbom_targets(conversion, expansions),
        epoch,
        {number: (conversion.built_stages[number].state, image) for number, image in images.items()},
    )


def _dispatched(resolved_plan: ResolvedPlan) -> list[int]:
    """Return the numbers of the stages to emit, in order: reachable stages that no context replaces, or all, including hidden ones.

    Parity: a hidden stage comes as often as it is listed, each time with the image config and the variables of the time before.
    """
    if resolved_plan.plan.options.all_stages:
        return [stage.number for stage in resolved_plan.stages]
    return [
        number
        for number, stage in enumerate(resolved_plan.stages)
        if stage.stage is not None and number in resolved_plan.reachable and stage.context is None
    ]


def _expand(resolved_plan: ResolvedPlan, budget: Budget) -> list[tuple[int, ExpandedStage]]:
    """Expand all stages to emit, up to the first error, so that everything they use is known before anything is emitted."""
    plan, done = resolved_plan.plan, dict[int, "ExpandedStage"]()
    passes = []
    for number in _dispatched(resolved_plan):
        stage, before, steps = resolved_plan.stages[number], done.get(number), resolved_plan.steps.get(number, ())
        below = before or (done.get(stage.base) if stage.base is not None else None)
        variables = below.variables if below else _initial_variables(resolved_plan, stage)
        facts = StageFacts(plan.scope.args, stage.used)
        expansion = StageExpansion(plan.dockerfile, plan.scope, variables, facts, budget, os=resolved_plan.platform(number).os)
        done[number] = expand_stage(expansion, _expanded_before(steps, before) if before else steps)
        passes.append((number, done[number]))
        if done[number].error:
            break
    return passes


def _initial_variables(resolved_plan: ResolvedPlan, stage: StagePlan) -> StageVariables:
    """Return the variables of the base image or the named context of a stage."""
    base = resolved_plan.bases.get(stage.number) if stage.base is None else resolved_plan.bases[stage.base]
    files = base.files if base else None
    env = Env() if files is None or isinstance(files, LocalSource) else files.env
    entries = (base.image.config.env or ()) if base and base.image else ()
    return StageVariables(env, ImageEnv.of(entries), HistoryArguments())


def _expanded_before(steps: Sequence[Step], before: ExpandedStage) -> Iterator[Step]:
    """Yield the steps of a stage with the instructions of an earlier expansion. ARG instructions stay as they were."""
    for step, expanded in zip(steps, before.steps, strict=True):
        yield step if isinstance(step.instruction, kinds.Arg) else attrs.evolve(step, instruction=expanded.instruction)


def _local_files(resolved_plan: ResolvedPlan, expansions: Mapping[int, ExpandedStage]) -> dict[int, State]:
    """Return the initial files of each stage without a base stage. Local directories are narrowed to the paths that steps read."""
    roots = resolved_plan.roots
    paths: dict[int, set[str]] = {roots[target]: {"/"} for target in resolved_plan.plan.targets}
    for number, expanded in expansions.items():
        if expanded.has_run:
            paths.setdefault(roots[number], set()).add("/")
        for source, read in expanded.read_paths.items():
            paths.setdefault(roots[source], set()).update(read)
    return {number: _begin(resolved_plan, number, paths.get(number, set())) for number in resolved_plan.bases}


def _begin(resolved_plan: ResolvedPlan, number: int, paths: set[str]) -> State:
    base, stage, options = resolved_plan.bases[number], resolved_plan.stages[number], resolved_plan.plan.options
    if base.kind in {Kind.SCRATCH, Kind.EMPTY}:
        return llb.scratch()
    if base.files is not None:
        state = local_state(base.files, paths) if isinstance(base.files, LocalSource) else _apart(base.files)
        return state.with_platform(base.platform) if base.kind is Kind.CONTEXT and base.platform else state
    total = resolved_plan.total(number) - resolved_plan.triggers.get(number, 0)
    label = "" if resolved_plan.plan.is_single else stage.label
    step_names = StepNames(label, total, shows_platform=options.multi_platform, taken=resolved_plan.skipped.get(number, 0))
    text = stage.stage.base.text if stage.stage else ""
    source = resolved_plan.plan.dockerfile.source
    meta = OpMeta(
        name=step_names.take(f"FROM {base.ref}", base.platform),
        description={"com.docker.dockerfile.v1.command": text},
        spans=(span_of(source, stage.range),),
    )
    return llb.image(base.ref, platform=base.platform, resolve_mode=llb.ResolveMode(options.resolve_mode), meta=meta)


def _apart(files: State) -> State:
    """Return the same files from a separate vertex. Parity: of equal vertices, the last one gives the name."""
    if files.output is None or not isinstance(files.output.op, SourceOp):
        return files
    return attrs.evolve(files, output=attrs.evolve(files.output, op=attrs.evolve(files.output.op)))


def local_state(files: LocalSource, paths: set[str]) -> State:
    """Return the source of a directory of the client, limited to the paths that are read."""
    follow = () if "/" in paths else tuple(sorted(path.removeprefix("/") for path in paths))
    return llb.local(
        files.name,
        session=files.session,
        exclude_patterns=files.excludes,
        follow_paths=follow,
        shared_key_hint=files.shared_key_hint,
        meta=OpMeta(name=files.vertex),
    )


def _emit_stage(builder: StageBuilder, expanded: ExpandedStage) -> None:
    conversion, stage = builder.conversion, builder.plan
    for step in expanded.steps:
        conversion.findings.extend(step.findings)
        try:
            _EMITTERS[type(step.instruction)](builder, step, step.instruction)
        except LlbfrontError as error:
            raise with_place(error, conversion.source, step.instruction, is_trigger=step.is_trigger) from error
    if expanded.error:
        conversion.findings.extend(expanded.findings)
        raise expanded.error
    below = conversion.built_stages.get(stage.base) if stage.base is not None else None
    base = conversion.resolved_plan.bases.get(stage.number)
    conversion.built_stages[stage.number] = BuiltStage(
        builder.state,
        builder.image_config.image(),
        below.original if below else base.original if base else None,
        builder.platform,
        builder.has_workdir,
        builder.is_uncached,
        builder.image_config.history_delta,
        expanded.variables.image_env,
    )


def _start(conversion: ConversionContext, stage: StagePlan, expanded: ExpandedStage, files: State | None) -> StageBuilder:
    resolved_plan, options, number = conversion.resolved_plan, conversion.options, stage.number
    below = conversion.built_stages.get(stage.base) if stage.base is not None else None
    if below:
        state, image, has_workdir = (
            below.state,
            _without_triggers(below.image),
            below.has_workdir,
        )
    else:
        base = resolved_plan.bases[number]
        state, has_workdir = files if files is not None else llb.scratch(), False
        image = _without_triggers(base.image)
    own = resolved_plan.bases.get(number)
    taken = resolved_plan.skipped.get(number, 0) + (own is not None and own.kind is Kind.IMAGE)
    step_names = StepNames(
        "" if resolved_plan.plan.is_single else stage.label,
        resolved_plan.total(number),
        shows_platform=options.multi_platform,
        taken=taken,
    )
    builder = StageBuilder(
        conversion,
        stage,
        step_names,
        attrs.evolve(state, settings=attrs.evolve(state.settings, env=expanded.start, network=options.network)),
        ImageConfigBuilder(
            image, conversion.epoch.created if conversion.epoch else None, conversion.budget, below.history_delta if below else None
        ),
        resolved_plan.platform(number),
        has_workdir=has_workdir,
        is_uncached=not stage.context and options.is_uncached(stage.name),
    )
    if options.hostname:
        builder.state = builder.state.with_hostname(options.hostname)
    with located(span_of(conversion.source, stage.range)):
        if image.config.working_dir:
            emit_config.enter_workdir(builder, image.config.working_dir)
        if image.config.user:
            builder.state = builder.state.with_user(image.config.user)
    return builder


def _without_triggers(image: Image) -> Image:
    return attrs.evolve(image, config=attrs.evolve(image.config, on_build=None))


def _final(image: Image, options: ConvertOptions) -> Image:
    """Set the requested labels and platform in the config of the result."""
    if options.labels:
        image = attrs.evolve(image, config=attrs.evolve(image.config, labels={**image.config.labels, **options.labels}))
    target_platform = options.target_platform
    if target_platform is not None:
        is_same = (target_platform.os, target_platform.architecture) == (image.os, image.architecture)
        image = attrs.evolve(
            image,
            os=target_platform.os,
            architecture=target_platform.architecture,
            variant=target_platform.variant if target_platform.variant or not is_same else image.variant,
            os_version=target_platform.os_version if target_platform.os_version or not is_same else image.os_version,
            os_features=target_platform.os_features or image.os_features,
        )
    normal = Platform(image.os, image.architecture, image.variant, image.os_version, image.os_features or ()).normalized()
    return attrs.evolve(
        image,
        os=normal.os,
        architecture=normal.architecture,
        variant=normal.variant,
        os_version=normal.os_version,
        os_features=normal.os_features or None,
    )


def _sbom_targets(conversion: ConversionContext, expansions: Mapping[int, ExpandedStage]) -> SbomTargets:
    resolved_plan, target = conversion.resolved_plan, conversion.resolved_plan.plan.target
    extras: dict[str, State] = {}
    ignore_cache = conversion.built_stages[target].is_uncached
    if target in expansions and _wants_scan(conversion, "BUILDKIT_SBOM_SCAN_CONTEXT", target, expansions[target]):
        extras["context"] = conversion.context
    for number, expanded in expansions.items():
        if number == target or number not in resolved_plan.reachable:
            continue
        if _wants_scan(conversion, "BUILDKIT_SBOM_SCAN_STAGE", number, expanded):
            extras[resolved_plan.stages[number].label] = conversion.built_stages[number].state
            ignore_cache = ignore_cache or conversion.built_stages[number].is_uncached
    return SbomTargets(extras, ignore_cache)


def _wants_scan(conversion: ConversionContext, name: str, number: int, expanded: ExpandedStage) -> bool:
    """Return whether a stage or a global argument enables a scan, by a boolean or a list of stages."""
    values = [definition.value for definition in expanded.variables.args if definition.key == name and definition.value is not None]
    value = values[-1] if values else conversion.resolved_plan.plan.scope.env.get(name)
    if value is None:
        return False
    flag = parse_bool(value)
    label = "" if conversion.resolved_plan.plan.is_single else conversion.resolved_plan.stages[number].label
    return label in value.split(",") if flag is None else flag
