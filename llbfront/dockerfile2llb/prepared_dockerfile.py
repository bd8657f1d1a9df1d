"""Prepare a parsed Dockerfile for one platform: group its stages and evaluate the global arguments.

Source: toDispatchState in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile.stages import parse_stages
from llbfront.dockerfile.word_expansion import expand
from llbfront.dockerfile2llb import scope as scopes
from llbfront.dockerfile2llb.epoch import UnresolvedEpoch, epoch_of
from llbfront.dockerfile2llb.facts import Finding
from llbfront.dockerfile2llb.plan import make_plan
from llbfront.errors import DockerfileSyntaxError, InvalidReference, LlbfrontError
from llbfront.oci import reference

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Arg, Stage
    from llbfront.dockerfile.statements import Dockerfile
    from llbfront.dockerfile2llb.convert_options import ConvertOptions
    from llbfront.dockerfile2llb.epoch import Epoch
    from llbfront.dockerfile2llb.plan import Plan
    from llbfront.dockerfile2llb.scope import Scope
    from llbfront.oci.platform import Platform


@attrs.frozen(eq=False)
class PreparedDockerfile:
    """Stages and global arguments. If `unresolved_epoch` is set, call `with_epoch` before `plan`."""

    dockerfile: Dockerfile
    stages: Sequence[Stage]
    options: ConvertOptions
    scope: Scope
    epoch: Epoch | None = None
    unresolved_epoch: UnresolvedEpoch | None = None

    def with_epoch(self, epoch: Epoch | None) -> PreparedDockerfile:
        """Set SOURCE_DATE_EPOCH to the resolved time, or unset it if its source has no time."""
        scope = scopes.with_epoch(self.scope, epoch.seconds if epoch else None)
        return attrs.evolve(self, scope=scope, epoch=epoch, unresolved_epoch=None)

    def plan(self, findings: list[Finding]) -> Plan:
        """Plan the stages."""
        return make_plan(self.dockerfile, self.stages, self.options, self.scope, findings)


def prepare_dockerfile(
    dockerfile: Dockerfile,
    options: ConvertOptions,
    platform: Platform | None,
    findings: list[Finding],
    checks: Callable[[Dockerfile, Sequence[Stage] | None, LlbfrontError | None], Iterable[Finding]] | None = None,
) -> PreparedDockerfile:
    """Group the stages and evaluate the global arguments. `checks` get the syntax tree, and the error if it has no valid stages."""
    if not dockerfile.source.data:
        raise DockerfileSyntaxError("the Dockerfile cannot be empty")
    options = attrs.evolve(options, target_platform=platform)
    try:
        args, stages = parse_stages(dockerfile)
    except LlbfrontError as error:
        findings.extend(checks(dockerfile, None, error) if checks else ())
        raise
    findings.extend(checks(dockerfile, stages, None) if checks else ())
    automatic = scopes.automatic(options, options.target or stages[-1].name or "")
    findings.extend(_bad_defaults(dockerfile, args, stages, automatic))
    scope = scopes.declare(dockerfile, args, automatic, options.build_args)
    prepared = PreparedDockerfile(dockerfile, stages, options, scope)
    text = scopes.epoch_text(scope)
    if text is None:
        return prepared
    epoch = epoch_of(text, dockerfile, stages, options, scope)
    if isinstance(epoch, UnresolvedEpoch):
        return attrs.evolve(prepared, unresolved_epoch=epoch)
    return prepared.with_epoch(epoch)


def _bad_defaults(
    dockerfile: Dockerfile, args: Sequence[Arg], stages: Sequence[Stage], automatic: dict[str, str]
) -> Iterable[Finding]:
    """Yield a finding for each FROM whose image name is invalid without build arguments. Stop if expansion fails."""
    try:
        scope = scopes.declare(dockerfile, args, automatic, {})
        for stage in stages:
            expanded = expand(stage.base.image, scope.env, escape=dockerfile.escape)
            scope.budget.count_expansion(expanded.cost, expanded.steps)
            try:
                reference.parse(expanded.text)
            except InvalidReference:
                yield Finding("InvalidDefaultArgInFrom", (stage.base.image,), stage.base.range)
    except LlbfrontError:
        return
