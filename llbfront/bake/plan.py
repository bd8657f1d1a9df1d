"""Plan the builds of a definition.

Source: commands/bake.go and bake/bake.go of docker/buildx.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.bake import relative_paths
from llbfront.bake.checks import check_target, clean_context
from llbfront.bake.codefresh.step_not_run import StepNotRun
from llbfront.bake.definition import Definition, read_definition
from llbfront.bake.files import LOCAL, DefinitionFile, file_names, read_files
from llbfront.bake.overrides import parse_overrides
from llbfront.bake.remote import COMMAND_CONTEXT, RemoteContexts, definition_files, read_remote
from llbfront.bake.requests import check_variables, linked_request, with_links
from llbfront.bake.resolution import Resolution, expand_pattern
from llbfront.bake.target import Group, Target
from llbfront.bake.unknown_names import UnknownName
from llbfront.errors import BakeError
from llbfront.gostd.strconv import parse_bool
from llbfront.oci import platform

if TYPE_CHECKING:
    from llbfront.client.engine import Engine
    from llbfront.client.linked_requests import LinkedRequest
    from llbfront.client.result import BuildResult
    from llbfront.client.sources.remote_files import RemoteFiles
    from llbfront.progress.events import StatusEvent

EPOCH = "SOURCE_DATE_EPOCH"


@attrs.define
class Plan:
    """The targets to build, and the groups that name them. Change the targets as needed before building.

    Attributes:
        targets: the targets by name.
        groups: the groups by name.
        not_run: the steps of a pipeline that are not built, with the reasons.
        remote: where a definition that is not on this machine was read; None for local files. Contexts are relative to it, except those that begin with `cwd://`.
        pipeline: the names of the targets that come from a pipeline.
        unknown: the names in bake files that nothing reads, such as a misspelt attribute.
        permissions: the entitlements that the overrides grant, as `--allow` spells them: an override that sets an output allows writing it.
    """

    targets: dict[str, Target]
    groups: dict[str, Group] = attrs.Factory(dict)
    not_run: list[StepNotRun] = attrs.Factory(list)
    remote: RemoteFiles | None = None
    permissions: list[str] = attrs.Factory(list)
    pipeline: list[str] = attrs.Factory(list)
    unknown: list[UnknownName] = attrs.Factory(list)

    def requests(self) -> dict[str, LinkedRequest]:
        """Return the requests of the targets that are built, as `Engine.build_together` takes them.

        A target with a `call` is built only if another target uses its result.

        Raises:
            BakeError: a target sets something that builds do not support.
        """
        built = (name for name, target in self.targets.items() if not (target.is_asked or target.is_linked))
        return self._requests(with_links(built, self.targets))

    def questions(self) -> dict[str, LinkedRequest]:
        """Return the requests of the targets with a `call`, which answer a question instead of being built.

        Raises:
            BakeError: a target sets something that builds do not support.
        """
        return self._requests({name for name, target in self.targets.items() if target.is_asked})

    def _requests(self, names: Collection[str]) -> dict[str, LinkedRequest]:
        targets = {name: target for name, target in self.targets.items() if name in names}
        check_variables(target for name, target in targets.items() if name in self.pipeline)
        contexts = RemoteContexts(self.remote) if self.remote else None
        return {name: linked_request(target, contexts) for name, target in targets.items()}

    def build(
        self,
        engine: Engine,
        *,
        on_event: Callable[[StatusEvent], object] | None = None,
        jobs: str | int = "",
        record: bool = False,
    ) -> dict[str, BuildResult]:
        """Build all targets at the same time on one connection, except those that answer a question (`call`).

        Args:
            engine: the engine, made by `llbfront.connect`.
            on_event: called for every status event.
            jobs: how many targets run at the same time, and what happens when one fails, as for `Engine.build_together`.
            record: keep a record of the build of each target for `llbfront why`, unless LLBFRONT_RECORD forbids it.

        Returns:
            The results by the names of targets.

        Raises:
            SolveError: a target failed; the others were cancelled.
            TargetsFailed: targets failed, with `jobs` in the mode `defer-error`.
            BakeError: a target sets something that builds do not support.
        """
        return engine.build_together(self.requests(), on_event=on_event, jobs=jobs, record=record)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as `docker buildx bake --print` writes it."""
        groups = {name: group.to_json() for name, group in sorted(self.groups.items())}
        targets = {name: self._shown(target) for name, target in sorted(self.targets.items())}
        return {**({"group": groups} if groups else {}), "target": targets}

    def _shown(self, target: Target) -> dict[str, Any]:
        members = target.to_json()
        if self.remote is not None and target.context is not None:
            members["context"] = RemoteContexts(self.remote).shown(target.context)
        return members


def _variables_of(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment for variables; empty if lookups are turned off."""
    return {} if parse_bool(environ.get("BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP", "")) else environ


def builtins(command_context: str = COMMAND_CONTEXT) -> dict[str, str]:
    """Return the built-in variables."""
    return {"BAKE_CMD_CONTEXT": command_context, "BAKE_LOCAL_PLATFORM": str(platform.default())}


def define(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    *,
    variables: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    remote: RemoteFiles | None = None,
    command_context: str = COMMAND_CONTEXT,
) -> Definition:
    """Read a definition without resolving targets. Raises: BakeError."""
    environ = os.environ if environ is None else environ
    return read_definition(
        _definition_files(files, environ, remote),
        builtins(command_context),
        variables or {},
        _variables_of(environ),
        has_relative_paths=relative_paths.is_enabled(environ),
    )


def _definition_files(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], environ: Mapping[str, str], remote: RemoteFiles | None
) -> list[DefinitionFile]:
    """Return the files of a definition: remote files first, then local ones."""
    if remote is None:
        return read_files(files, environ)
    names = file_names(files, environ)
    local = [name for name in names if name.startswith(LOCAL)]
    read = definition_files(remote, is_named=len(local) < len(names))
    return [*read, *(read_files(local, environ) if local else [])]


def plan(
    targets: str | Iterable[str] = (),
    *,
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    variables: Mapping[str, str] | None = None,
    overrides: str | Iterable[str] = (),
    environ: Mapping[str, str] | None = None,
    remote: str | RemoteFiles | None = None,
    command_context: str = COMMAND_CONTEXT,
    engine: Engine | None = None,
) -> Plan:
    """Read a definition and resolve the targets to build.

    Args:
        targets: names or patterns of targets and groups, by default the group or target `default`.
        files: definition files, by default those that `docker buildx bake` looks for in the working directory.
        variables: values of variables of the definition.
        overrides: changes as strings `PATTERN.KEY=VALUE`, as for `--set`.
        environ: the environment that variables may come from, by default that of the process.
        remote: a git repository, an archive or a file on the web that holds the definition, or what `Engine.read_remote_files` read of it.
            Files that begin with `cwd://` are local.
        command_context: the value of BAKE_CMD_CONTEXT.
        engine: reads the remote; needed if that is an address.

    Returns:
        The plan. Nothing is built, and no engine is needed unless the definition is remote.

    Raises:
        BakeError: a file cannot be read or evaluated, or a target does not exist; HclError says where a file is wrong.

    Example:
        >>> from llbfront import bake
        >>> bake.plan("app", files="docker-bake.hcl").targets["app"].tags  # doctest: +SKIP
        ['registry.example/app']
    """
    environ = os.environ if environ is None else environ
    if isinstance(remote, str):
        if engine is None:
            raise BakeError("reading a remote definition needs an engine", hint="use bake.plan(remote=…, engine=…)")
        remote = read_remote(engine, remote, file_names(files, environ), environ)
    definition = define(files, variables=variables, environ=environ, remote=remote, command_context=command_context)
    planned = resolve(targets, definition, overrides, environ, remote)
    for target in planned.targets.values():
        check_target(target, environ)
    return planned


def resolve(
    targets: str | Iterable[str],
    definition: Definition,
    overrides: str | Iterable[str],
    environ: Mapping[str, str],
    remote: RemoteFiles | None = None,
) -> Plan:
    """Resolve targets of a definition. What only a build needs, such as the files of secrets, is not checked. Raises: BakeError."""
    texts = [overrides] if isinstance(overrides, str) else list(overrides)
    names = [targets] if isinstance(targets, str) else list(targets)
    parsed = parse_overrides(texts, lambda pattern: expand_pattern(definition, pattern), _variables_of(environ).get)
    resolution = Resolution(definition, parsed)
    resolved, groups = resolution.resolve(names or ["default"])
    for target in resolved.values():
        if EPOCH not in (target.args or {}) and (epoch := environ.get(EPOCH)):
            target.args = {**(target.args or {}), EPOCH: epoch}
        clean_context(target, remote)
    return Plan(
        resolved, groups, definition.not_run, remote, sorted(resolution.permissions), definition.pipeline, definition.unknown
    )
