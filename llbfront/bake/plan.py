"""Plan the builds of a definition.

Source: commands/bake.go and bake/bake.go of docker/buildx.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.bake.checks import check_target, clean_context
from llbfront.bake.codefresh.steps import StepNotRun
from llbfront.bake.definition import Definition, read_definition
from llbfront.bake.files import read_files
from llbfront.bake.overrides import parse_overrides
from llbfront.bake.requests import linked_request
from llbfront.bake.resolution import Resolution, expand_pattern
from llbfront.bake.target import Group, Target
from llbfront.gostd.strconv import parse_bool
from llbfront.oci import platform

if TYPE_CHECKING:
    from llbfront.client.engine import Engine
    from llbfront.client.joint_build import LinkedRequest
    from llbfront.client.result import BuildResult
    from llbfront.progress.events import StatusEvent

EPOCH = "SOURCE_DATE_EPOCH"


@attrs.define
class Plan:
    """The targets to build, and the groups that name them. Change the targets as needed before building.

    Attributes:
        targets: the targets by name.
        groups: the groups by name.
    """

    targets: dict[str, Target]
    groups: dict[str, Group] = attrs.Factory(dict)
    not_run: list[StepNotRun] = attrs.Factory(list)

    def requests(self) -> dict[str, LinkedRequest]:
        """Return the requests of the targets, for `Engine.build_together` of `llbfront` and, awaited, of `llbfront.aio`.

        Raises:
            BakeError: a target asks for something that no build takes.
        """
        return {name: linked_request(target) for name, target in self.targets.items()}

    def build(self, engine: Engine, *, on_event: Callable[[StatusEvent], object] | None = None) -> dict[str, BuildResult]:
        """Build all targets at the same time on one connection.

        Args:
            engine: the engine, made by `llbfront.connect`.
            on_event: called for every status event.

        Returns:
            The results by the names of targets.

        Raises:
            SolveError: a target failed; the others were cancelled.
            BakeError: a target asks for something that no build takes.
        """
        return engine.build_together(self.requests(), on_event=on_event)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as `docker buildx bake --print` writes it."""
        groups = {name: group.to_json() for name, group in sorted(self.groups.items())}
        return {**({"group": groups} if groups else {}), "target": {name: t.to_json() for name, t in sorted(self.targets.items())}}


def _variables_of(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment that variables may come from: none if lookups are turned off."""
    return {} if parse_bool(environ.get("BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP", "")) else environ


def builtins(command_context: str = "cwd://") -> dict[str, str]:
    """The built-in variables."""
    return {"BAKE_CMD_CONTEXT": command_context, "BAKE_LOCAL_PLATFORM": str(platform.default())}


def define(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    *,
    variables: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Definition:
    """Read a definition without resolving targets. Raises BakeError."""
    environ = os.environ if environ is None else environ
    return read_definition(read_files(files, environ), builtins(), variables or {}, _variables_of(environ))


def plan(
    targets: str | Iterable[str] = (),
    *,
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    variables: Mapping[str, str] | None = None,
    overrides: str | Iterable[str] = (),
    environ: Mapping[str, str] | None = None,
) -> Plan:
    """Read a definition and resolve the targets to build.

    Args:
        targets: names or patterns of targets and groups, by default the group or target `default`.
        files: definition files, by default those that `docker buildx bake` looks for in the working directory.
        variables: values of variables of the definition.
        overrides: changes as texts `PATTERN.KEY=VALUE`, as those of `--set`.
        environ: the environment that variables may come from, by default that of the process.

    Returns:
        The plan. Nothing is built, and no engine is needed.

    Raises:
        BakeError: a file cannot be read or evaluated, or a target does not exist; HclError says where a file is wrong.

    Example:
        >>> from llbfront import bake
        >>> bake.plan("app", files="docker-bake.hcl").targets["app"].tags  # doctest: +SKIP
        ['registry.example/app']
    """
    environ = os.environ if environ is None else environ
    planned = resolve(targets, define(files, variables=variables, environ=environ), overrides, environ)
    for target in planned.targets.values():
        check_target(target, environ)
    return planned


def resolve(
    targets: str | Iterable[str], definition: Definition, overrides: str | Iterable[str], environ: Mapping[str, str]
) -> Plan:
    """Resolve targets of a definition. What only a build needs, such as the files of secrets, is not checked. Raises BakeError."""
    texts = [overrides] if isinstance(overrides, str) else list(overrides)
    names = [targets] if isinstance(targets, str) else list(targets)
    parsed = parse_overrides(texts, lambda pattern: expand_pattern(definition, pattern), _variables_of(environ).get)
    resolved, groups = Resolution(definition, parsed).resolve(names or ["default"])
    for target in resolved.values():
        if EPOCH not in (target.args or {}) and (epoch := environ.get(EPOCH)):
            target.args = {**(target.args or {}), EPOCH: epoch}
        clean_context(target)
    return Plan(resolved, groups, definition.not_run)
