"""Which targets of a definition have to be built again after files changed.

A target is affected by what its Dockerfile reads from its contexts, by its Dockerfile and ignore files, by the OCI layouts and policies that
it names, by targets whose results it uses, and by its own fields. Secrets, SSH keys and caches do not change a result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from llbfront import arguments
from llbfront.bake.dotenv import parse_dotenv
from llbfront.bake.files import LOCAL, read_local, read_with
from llbfront.bake.plan import Plan, define, resolve
from llbfront.bake.requests import conversion_request, links_of
from llbfront.bake.target import FIELDS, Target
from llbfront.client.git import changed_files
from llbfront.client.git.repository import BLOB, Revision
from llbfront.client.inputs.contexts import is_remote
from llbfront.client.solve.graphs import with_prefixed_locals
from llbfront.errors import BakeError, LlbfrontError
from llbfront.files.paths import absolute_path, real_path
from llbfront.frontend.offline import Images
from llbfront.inspection.affected import DEFINITION, FILE, TARGET, Cause, TargetGraph, causes_of_targets, in_order
from llbfront.inspection.formats import Graph
from llbfront.scripting import dockerfile_query

_NOT_OF_RESULTS = frozenset(("description", "inherits"))


def affected_targets(
    changed: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    targets: str | Iterable[str] = (),
    *,
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    variables: Mapping[str, str] | None = None,
    variable_files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    overrides: str | Iterable[str] = (),
    environ: Mapping[str, str] | None = None,
    since: str | None = None,
) -> dict[str, tuple[Cause, ...]]:
    """Find out which targets have to be built again after files changed. Nothing is built, and no engine is needed.

    Args:
        changed: paths of files or directories that changed, appeared or vanished. They must be as they are after the change.
        targets: names or patterns of targets and groups, by default the group or target `default`.
        files: definition files, as for `plan`.
        variables: values of variables of the definition.
        variable_files: files of such values.
        overrides: changes as strings `PATTERN.KEY=VALUE`.
        environ: the environment that variables may come from, by default that of the process.
        since: the range of git that the changes are from, or its start. A changed definition or Dockerfile is then compared with the one
            before. Without it, a changed definition affects all targets, and a changed Dockerfile all that use it.

    Returns:
        Why each target has to be built again, by its name; nothing for a target whose result stays the same. Targets that are built only
        because others use their results are causes of these, and are not among the names.

    Raises:
        BakeError: a definition or a Dockerfile is wrong.
        ContextError: git fails.
    """
    variables_ = os.environ if environ is None else environ
    paths = [absolute_path(path) for path in arguments.paths(changed, "changed")]

    def planned() -> Plan:
        values = {
            key: value
            for path in arguments.paths(variable_files, "variable_files")
            for key, value in _variables_in(path, variables_).items()
        }
        definition = define(files, variables={**values, **(variables or {})}, environ=variables_)
        return resolve(targets, definition, overrides, variables_)

    with read_with() as reader:
        now = planned()
    changed_definitions = [name for name in reader.names if any(_is_at(name, path) for path in paths)]
    before = _plan_before(planned, since) if changed_definitions and since is not None else None
    graphs = _Graphs(now, paths, since)
    return {
        name: in_order([*_definition_causes(target, before, changed_definitions), *graphs.causes(name)])
        for name, target in now.targets.items()
        if not target.is_linked
    }


def _variables_in(path: str, environ: Mapping[str, str]) -> dict[str, str]:
    return parse_dotenv(path, read_local(path).data, environ)


def _is_at(name: str, changed: str) -> bool:
    """Return whether a path is a changed one, or below one."""
    real = real_path(changed)
    places = absolute_path(name), real_path(name)
    return any(place == path or place.startswith(os.path.join(path, "")) for place in places for path in (changed, real))


def _plan_before(planned: Callable[[], Plan], since: str) -> Plan | None:
    """Return the plan at the start of a range; None if there was none, or a wrong one. Raises: ContextError."""
    revision = Revision.find(changed_files.start_of(since, "."), ".")

    def read(name: str) -> bytes:
        entry = None if revision is None else revision.read(revision.relative(name))
        if entry is None or entry[0] != BLOB:
            raise FileNotFoundError(name)
        return entry[1]

    try:
        with read_with(read):
            return planned()
    except LlbfrontError:
        return None


def _definition_causes(target: Target, before: Plan | None, changed: Iterable[str]) -> Iterator[Cause]:
    """Yield a cause for each field of a target that differs; without a definition before, one for each changed file."""
    names = [os.path.relpath(path) for path in changed]
    if before is not None:
        old = before.targets.get(target.name)
        names = ["a new target"] if old is None else _differing(old, target)
    yield from (Cause(DEFINITION, "", "", 0, "", name) for name in names)


def _differing(old: Target, new: Target) -> list[str]:
    before, after = old.to_json(), new.to_json()
    names = (field.name for field in FIELDS if field.name not in _NOT_OF_RESULTS)
    return [name for name in names if before.get(name) != after.get(name)]


@attrs.frozen(eq=False)
class _Converted:
    """The graph of a target and of the targets that it uses.

    Attributes:
        graph: the graph; directories of other targets have the name of the target in front.
        layouts: the directories of OCI layouts by the names of their stores.
        controls: the kinds of Dockerfiles and ignore files by their paths.
        linked: the names of targets by the digests of the ops that come from them.
        places_of: returns paths as the directories have them.
    """

    graph: Graph
    layouts: Mapping[str, str]
    controls: Mapping[str, str]
    linked: Mapping[str, str]
    places_of: tuple[Callable[[Iterable[str]], tuple[str, ...]], ...]

    def target_graph(self) -> TargetGraph:
        return TargetGraph.of(self.graph, layouts=self.layouts, linked=self.linked)

    def places(self, paths: Iterable[str]) -> list[str]:
        """Return paths as absolute ones, also as they are below directories that are named through symlinks."""
        every = list(paths)
        return list(dict.fromkeys(place for places_of in self.places_of for place in places_of(every)))


class _Graphs:
    """The graphs of the targets of a plan, now and at the start of a range of git, and what changed files do to them."""

    def __init__(self, plan: Plan, changed: Iterable[str], since: str | None) -> None:
        self._plan, self._changed, self._since = plan, list(changed), since
        self._known: dict[tuple[str, str | None, bool], _Converted] = {}

    def causes(self, name: str) -> tuple[Cause, ...]:
        """Return why the graph of a target is another one."""
        target = self._plan.targets[name]
        request = conversion_request(target)
        policies = [path for policy in target.policy or [] if not policy.disabled for path in policy.files]
        causes = [*_files_at(policies, self._changed)]
        if isinstance(request.context, str) and is_remote(request.context):
            return (*causes, *self._causes_of_remote(target))
        for platform in request.platforms or (None,):
            causes += self._causes(name, None if platform is None else str(platform))
        return in_order(causes)

    def _causes(self, name: str, platform: str | None) -> Iterator[Cause]:
        now = self._converted(name, platform, is_before=False)
        paths = now.places(self._changed)
        before = None
        if self._since is not None and not now.controls.keys().isdisjoint(paths):
            try:
                before = self._converted(name, platform, is_before=True).target_graph()
            except LlbfrontError:  # it could not be built then
                before = None
        for causes in causes_of_targets(now.target_graph(), paths, before=before, controls=now.controls).values():
            yield from causes

    def _causes_of_remote(self, target: Target) -> Iterator[Cause]:
        """Yield causes of a target whose Dockerfile is not known here: what it may read locally."""
        local = [value.removeprefix(LOCAL) for value in (target.contexts or {}).values() if "://" not in value.removeprefix(LOCAL)]
        dockerfile = target.dockerfile or ""
        yield from _files_at([*local, *([dockerfile.removeprefix(LOCAL)] if dockerfile.startswith(LOCAL) else [])], self._changed)
        for linked in links_of(target).values():
            yield from (Cause(TARGET, cause.path, "", 0, "", linked) for cause in self.causes(linked))

    def _converted(self, name: str, platform: str | None, *, is_before: bool) -> _Converted:
        """Convert a target for a platform, once. Raises: BakeError, which names the target."""
        key = name, platform, is_before
        if key not in self._known:
            self._known[key] = self._convert(name, platform, is_before=is_before)
        return self._known[key]

    def _convert(self, name: str, platform: str | None, *, is_before: bool) -> _Converted:
        target = self._plan.targets[name]
        request = conversion_request(target)
        request = attrs.evolve(request, platforms=(platform,) if platform else request.platforms[:1])
        parts = {linked: self._converted(linked, platform, is_before=is_before) for linked in links_of(target).values()}
        definitions = {linked: with_prefixed_locals(part.graph.definition, f"{linked}/") for linked, part in parts.items()}
        results = {linked: Graph.of(definitions[linked], config=part.graph.config) for linked, part in parts.items()}
        contexts = {**request.build_contexts, **{context: results[linked] for context, linked in links_of(target).items()}}
        text = request.file if isinstance(request.file, bytes) else None
        context = str(request.context)
        try:
            query = dockerfile_query(
                context if text is None else text,
                request,
                images=Images(()),
                contexts=contexts,
                context=None if text is None else context,
            )
            if is_before and self._since is not None:
                query = attrs.evolve(query, read=changed_files.reader_before(self._since, query.directories, "."))
            graph = query.convert()
        except LlbfrontError as error:
            raise BakeError(f"target {name}: {error.message}", hint=error.hint, span=error.span) from None
        return _Converted(
            attrs.evolve(
                graph, directories=_joined(query.directories, {key: part.graph.directories for key, part in parts.items()})
            ),
            _joined(query.layouts, {key: part.layouts for key, part in parts.items()}),
            {path: kind for part in parts.values() for path, kind in part.controls.items()} | query.control_kinds(),
            {digest: key for key, definition in definitions.items() for digest in definition.digests},
            (query.places_of, *(places_of for part in parts.values() for places_of in part.places_of)),
        )


def _joined(own: Mapping[str, str], linked: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Join the directories of a target and of the targets that it uses."""
    others = {f"{name}/{key}": path for name, directories in linked.items() for key, path in directories.items()}
    return {**others, **own}


def _files_at(paths: Iterable[str], changed: Iterable[str]) -> Iterator[Cause]:
    """Yield a cause for each changed path that is at, below or above one of `paths`."""
    every = list(changed)
    for path in paths:
        for read_path in every:
            if _is_at(path, read_path) or _is_at(read_path, absolute_path(path)):
                yield Cause(FILE, os.path.relpath(read_path), "", 0, "")
