"""Resolve a plan: find the base of each stage and add the ONBUILD triggers of the bases, without I/O.

`resolve` reports images and contexts that it does not know as `unresolved`. The caller looks them up and calls it again until nothing is
unresolved, since the triggers of a base may need further stages.

Source: resolveStages and resolveBaseImage in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile2llb.facts import Finding
from llbfront.dockerfile2llb.onbuild import Triggers
from llbfront.dockerfile2llb.places import span_of
from llbfront.dockerfile2llb.plan import SCRATCH, StageIndex
from llbfront.dockerfile2llb.resolved_plan import (
    Base,
    Kind,
    Resolved,
    ResolvedContext,
    ResolvedImage,
    ResolvedPlan,
    Unresolved,
    UnresolvedContext,
    UnresolvedImage,
    empty_image,
)
from llbfront.errors import InvalidReference, LlbfrontError
from llbfront.errors.llbfront_error import joined_hints, located
from llbfront.gostd.strconv import quote
from llbfront.oci import reference
from llbfront.oci.image import Image
from llbfront.oci.platform import Platform
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.convert_options import ContextRef
    from llbfront.dockerfile2llb.plan import Plan, StagePlan

_COMMON = ("alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora")
COMMON_IMAGES = tuple(  # Parity: BuildKit suggests names without a slash behind library, too
    name
    for common in _COMMON
    for name in (common, f"docker.io/library{common}", f"{common}:latest", f"docker.io/library{common}:latest")
)


def resolve(plan: Plan, resolved: Resolved, findings: list[Finding]) -> ResolvedPlan:
    """Find the bases of all stages that are needed, as far as what is known reaches."""
    resolver = _Resolver(plan, resolved)
    try:
        resolver.find_bases()
        while not resolver.unresolved and resolver.triggers.add(resolver.reachable, resolver.bases):
            resolver.find_bases()
    except LlbfrontError:
        findings.extend(resolver.findings)
        raise
    resolved_plan = resolver.result()
    if not resolved_plan.unresolved:
        findings.extend(resolver.findings)
    return resolved_plan


class _Resolver:
    """The passes over the stages: find bases of what is reachable, add their triggers, again while these read new stages."""

    def __init__(self, plan: Plan, resolved: Resolved) -> None:
        self.plan = plan
        self.resolved = resolved
        self.index = StageIndex(plan.dockerfile, plan.stages)
        self.steps = {stage.number: stage.steps for stage in plan.stages}
        self.triggers = Triggers(plan.dockerfile.source, self.index, self.steps)
        self.bases: dict[int, Base] = {}
        self.names: dict[int, str] = {}
        self.skipped: dict[int, int] = {}
        self.reachable: dict[int, None] = {}
        self.unresolved: dict[Unresolved, None] = {}
        self.findings: list[Finding] = []

    def result(self) -> ResolvedPlan:
        return ResolvedPlan(
            self.plan,
            tuple(self.index.stages),
            self.steps,
            self.bases,
            frozenset(self.reachable),
            self.skipped,
            self.triggers.counts,
            tuple(self.unresolved),
        )

    def find_bases(self) -> None:
        self._reach()
        errors: dict[int, LlbfrontError] = {}
        latest = 0
        for number, stage in enumerate(tuple(self.index.stages)):
            if stage.base is None and stage.number == number and number not in self.bases:
                if stage.image != SCRATCH:
                    latest = number
                try:
                    self._find_located(number, stage)
                except LlbfrontError as error:
                    if self.plan.options.needs_graph:
                        raise
                    errors[number] = error  # checks still look at the other bases
        if errors and not self.unresolved:
            # Parity: BuildKit looks up all bases at once; usually the last one is done first, then the others in order.
            raise errors.get(latest) or next(iter(errors.values()))

    def _find_located(self, number: int, stage: StagePlan) -> None:
        """Find a base. An error about the image of a mount has the lines of its RUN. Parity: engines get the file alone."""
        source = self.plan.dockerfile.source
        try:
            with located(span_of(source, stage.range)):
                self._find(number, stage, is_needed=number in self.reachable or self.plan.options.all_stages)
        except LlbfrontError as error:
            if stage.mount_range and error.span is not None and error.span.line is None:
                raise error.evolve(span=span_of(source, stage.mount_range), spans=error.spans) from error
            raise

    def _reach(self) -> None:
        self.reachable, pending = {}, [*self.plan.targets]
        while pending:
            number = pending.pop()
            if number in self.reachable:
                continue
            self.reachable[number] = None
            base = self.index.stages[number].base
            pending.extend(reversed([source for step in self.steps.get(number, ()) for source in step.sources]))
            if base is not None:
                pending.append(base)

    def _find(self, number: int, stage: StagePlan, *, is_needed: bool) -> None:
        options = self.plan.options
        if stage.image == SCRATCH and not stage.context:
            platform = options.platform
            self.bases[number] = Base(Kind.SCRATCH, SCRATCH, platform, empty_image(platform))
            return
        ref = _reference(stage.image)
        name = str(ref.with_default_tag())
        self.names.setdefault(number, stage.image)
        platform = stage.platform or options.platform
        if not is_needed:
            self._skip(number, stage, name, platform)
        elif stage.context:
            self._replace(number, stage, stage.context)
        elif context := options.context(name, platform):
            self._begin_with_context(number, context, platform, name)
        else:
            self._begin_with_image(number, stage, ref, name, platform)

    def _skip(self, number: int, stage: StagePlan, name: str, platform: Platform) -> None:
        """Parity: a hidden stage that nothing needs at first is never resolved, a written one has used a step number."""
        if stage.stage is None:
            self.bases[number] = Base(Kind.IMAGE, name, platform, Image())
        self.skipped[number] = self.skipped.get(number, 0) + 1
        self.names[number] = name

    def _replace(self, number: int, stage: StagePlan, context: ContextRef) -> None:
        answer = self._look_up(UnresolvedContext(context, self.plan.options.resolve_mode))
        if not isinstance(answer, ResolvedContext):
            return
        platform, image = stage.platform, answer.image
        if image is not None and image.architecture and image.os:
            platform = _platform_of(image)
        image = Image() if image is None else attrs.evolve(image, created=None)
        self.bases[number] = Base(Kind.REPLACED, stage.image, platform, image, files=answer.files)

    def _begin_with_context(self, number: int, context: ContextRef, platform: Platform, name: str) -> None:
        answer = self._look_up(UnresolvedContext(context, self.plan.options.resolve_mode))
        if isinstance(answer, ResolvedContext):
            image = answer.image or empty_image(platform)
            self.bases[number] = Base(
                Kind.CONTEXT, name, platform, attrs.evolve(image, created=None), original=image, files=answer.files
            )

    def _begin_with_image(self, number: int, stage: StagePlan, ref: reference.Reference, name: str, platform: Platform) -> None:
        options = self.plan.options
        prefix = f"[{platform} internal]" if options.multi_platform else "[internal]"
        unresolved = UnresolvedImage(name, platform, options.resolve_mode, f"{prefix} load metadata for {name}")
        try:
            answer = self._look_up(unresolved)
        except LlbfrontError as error:
            labels = [label for other in self.index.stages if (label := other.label)]
            near = suggestion(self.names[number], [*labels, *COMMON_IMAGES], match_case=True)
            is_named = error.message.startswith(f"{self.names[number]}: ")
            message = error.message if is_named else f"{self.names[number]}: {error.message}"
            raise error.evolve(message=message, hint=joined_hints(near, error.hint)) from error
        if not isinstance(answer, ResolvedImage):
            return
        if answer.ref != str(ref):
            ref = reference.parse(answer.ref)
        original = answer.image
        if stage.platform is None and options.target_platform is None and number not in self.skipped:
            platform = _matching(original, platform, options.build_platforms)
        if answer.digest:
            ref = ref.with_digest(answer.digest)
        is_empty = not original.diff_ids and all(entry.empty_layer for entry in original.history or ())
        if not is_empty and (platform.os, platform.architecture) != (original.os, original.architecture):
            expected, actual = str(platform.normalized()), str(_platform_of(original).normalized())
            self.findings.append(Finding("InvalidBaseImagePlatform", (self.names[number], expected, actual), stage.range))
        kind = Kind.EMPTY if is_empty else Kind.IMAGE
        self.bases[number] = Base(kind, str(ref), platform, attrs.evolve(original, created=None), original)

    def _look_up(self, unresolved: Unresolved) -> ResolvedImage | ResolvedContext | None:
        answer = self.resolved.get(unresolved)
        if answer is None:
            self.unresolved[unresolved] = None
        if isinstance(answer, LlbfrontError):
            raise answer
        return answer


def _reference(image: str) -> reference.Reference:
    try:
        return reference.parse(image)
    except InvalidReference as error:
        hint = _hint_of_reference(image, is_uppercase=isinstance(error, reference.UppercaseName))
        raise InvalidReference(f"failed to parse stage name {quote(image)}: {error.message}", hint=hint) from error


def _hint_of_reference(image: str, *, is_uppercase: bool) -> str:
    if "://" in image:
        return "an image name has no scheme"
    if is_uppercase:
        return "write the name in lower case"
    return "write name, name:tag or name@sha256:…"


def _platform_of(image: Image) -> Platform:
    return Platform(image.os, image.architecture, image.variant, image.os_version, image.os_features or ())


def _matching(image: Image, target: Platform, supported: tuple[Platform, ...]) -> Platform:
    """Return the platform for a FROM without a platform: the platform of the image if a worker supports it, else the target platform."""
    if (image.os, image.architecture) == (target.os, target.architecture):
        return target
    return next(
        (platform for platform in supported if (image.os, image.architecture) == (platform.os, platform.architecture)), target
    )
