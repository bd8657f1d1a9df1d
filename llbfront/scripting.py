"""Convert a Dockerfile, or load a saved graph, for scripts: no engine and no network is used.

    graph = llbfront.convert("examples/golang/app", target="final")
    for node in graph.nodes:
        print(node.number, node.name, node.lines)
    graph.save("app.msgpack")

Source: commands/build.go (--call) of docker/buildx for the options.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import attrs

from llbfront import arguments
from llbfront.client.inputs import contexts as local_contexts
from llbfront.client.request import converters, foreign_arguments
from llbfront.client.request.build_request import BuildRequest, frontend_options
from llbfront.client.solve.graphs import context_options, definition_of
from llbfront.conversion_facts import facts_of
from llbfront.errors import ContextError, LlbfrontError
from llbfront.errors.llbfront_error import explained
from llbfront.files.paths import absolute_path, is_special, real_path
from llbfront.files.reading import read_file
from llbfront.frontend import image_configs, offline
from llbfront.frontend.ignorefile import IGNORE
from llbfront.inspection.affected import DOCKERFILE, IGNORE_FILE, Cause, TargetGraph, causes_of_targets, rebuild_causes
from llbfront.inspection.formats import Graph
from llbfront.inspection.ignored import IgnoreRules
from llbfront.inspection.stage_names import is_named
from llbfront.printable import hide_credentials

if TYPE_CHECKING:
    from llbfront.client.request.converters import Assignments, ContextLike
    from llbfront.frontend.offline import ImageSource
    from llbfront.frontend.subrequests.lint import LintResults
    from llbfront.llb.definition import Definition
    from llbfront.oci.platform import Platform

_TEXT, _CONTEXT = "Dockerfile", "context"


@attrs.frozen(eq=False)
class DockerfileQuery:
    """A Dockerfile with the options of a build, ready to be converted or asked about. `dockerfile_query` returns one."""

    options: Mapping[str, str]
    read: Callable[[str, str], bytes | None] = attrs.field(repr=False)
    images: offline.Images = attrs.field(repr=False)
    inputs: Mapping[str, Definition] = attrs.field(factory=dict, repr=False)
    directories: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    layouts: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    def dockerfile(self) -> bytes:
        """Return the bytes of the Dockerfile."""
        return self.read("dockerfile", self.options["filename"]) or b""

    def control_files(self) -> tuple[str, ...]:
        """Return the paths of the Dockerfile and of the ignore files that exist as files."""
        name = self.options["filename"]
        default = ("dockerfile", name), ("dockerfile", f"{name}{IGNORE}")
        named = [(directory, IGNORE) for directory in self.directories if directory != "dockerfile"]
        paths = [os.path.join(self.directories[place], path) for place, path in (*default, *named) if place in self.directories]
        return tuple(path for path in paths if os.path.isfile(path))

    def control_kinds(self) -> dict[str, str]:
        """Return the kinds (`dockerfile`, `ignore-file`) of the paths of the Dockerfile and ignore files, whether or not they exist."""
        kinds = {os.path.join(root, IGNORE): IGNORE_FILE for root in self.directories.values()}
        if "dockerfile" in self.directories:
            dockerfile = os.path.join(self.directories["dockerfile"], self.options["filename"])
            kinds |= {f"{dockerfile}{IGNORE}": IGNORE_FILE, dockerfile: DOCKERFILE}
        return kinds

    def places_of(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Return paths as absolute ones, also as they are below directories and OCI layouts that are named through symlinks."""
        roots = {*self.directories.values(), *self.layouts.values()}
        return tuple(dict.fromkeys(place for path in paths for place in _places(absolute_path(path), roots)))

    def with_option(self, name: str, value: str) -> DockerfileQuery:
        """Run the query with one more frontend option."""
        return attrs.evolve(self, options={**self.options, name: value})

    def bridge(self) -> offline.OfflineBridge:
        return offline.OfflineBridge(
            self.options, read=self.read, images=self.images, inputs=self.inputs, local_images=self._local_images()
        )

    def _local_images(self) -> tuple[ImageSource, ...]:
        if not self.layouts:
            return ()
        from llbfront.client.sources.layout_images import LayoutImages

        return (LayoutImages(self.layouts),)

    def ask(self, subrequest: str) -> dict[str, str]:
        """Answer `frontend.lint`, `frontend.outline`, …: the metadata that an engine would return."""
        return offline.ask(self.bridge(), subrequest)

    def check(self) -> LintResults:
        """Run the build checks; `frontend.answers.lint.write` writes what they find as `ask("frontend.lint")` does."""
        return offline.check(self.bridge())

    def convert(self) -> Graph:
        """Convert. Raises: DockerfileError and what else a build raises before it begins."""
        conversion = offline.convert(self.bridge())
        facts = facts_of(conversion, self.images, self.inputs)
        return Graph.of(conversion.definition, config=conversion.config, facts=facts, directories=self.directories)


@foreign_arguments.checked
def convert(
    source: str | os.PathLike[str] | bytes | BinaryIO | TextIO,
    *,
    target: str | None = None,
    platform: str | Platform | None = None,
    build_args: Assignments | None = None,
    images: Mapping[str, Any] | ImageSource | str | os.PathLike[str] | None = None,
    contexts: Mapping[str, ContextLike] | Iterable[str] | None = None,
    options: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Graph:
    r"""Convert a Dockerfile to its graph, with no engine and no network.

    Args:
        source: the text of a Dockerfile (whatever has a line break), bytes, a file, the path of a Dockerfile, or of a directory that
            holds one.
        target: the stage to convert, by default the last.
        platform: the platform to convert for, by default that of this machine.
        build_args: values of ARGs, as for `Engine.build`.
        images: image configs by reference, the path of a file of them (`llbfront llb --write-images`), or an object that looks them up.
            An image that is not among them gets an assumed config (see `facts.made_up`): its digest and settings then
            differ from a build.
        contexts: named contexts, as `build_contexts` for `Engine.build`.
        options: any other frontend option, such as {"no-cache": ""}.
        strict: fail where a config would be assumed.

    Raises:
        DockerfileError: the Dockerfile is wrong; its span says where.
        ContextError, OptionError, InvalidValue: an argument is wrong, or asks for what only an engine knows.

    Example:
        >>> import llbfront
        >>> graph = llbfront.convert("FROM alpine\nRUN make\n", platform="linux/amd64")
        >>> [node.name for node in graph.nodes]
        ['[1/2] FROM docker.io/library/alpine:latest', '[2/2] RUN make']
    """
    with explained():
        return _query(
            source, target, platform, build_args, images, contexts, options, is_strict=arguments.flag(strict, "strict")
        ).convert()


@foreign_arguments.checked
def affected_stages(
    source: str | os.PathLike[str] | bytes | BinaryIO | TextIO,
    changed: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    target: str | None = None,
    platform: str | Platform | None = None,
    build_args: Assignments | None = None,
    images: Mapping[str, Any] | ImageSource | str | os.PathLike[str] | None = None,
    contexts: Mapping[str, ContextLike] | Iterable[str] | None = None,
    options: Mapping[str, str] | None = None,
) -> dict[str, tuple[Cause, ...]]:
    """Find out which stages have to be built again after files changed.

    A changed Dockerfile or ignore file affects every stage. The command `llbfront affected --git` compares it with the one before.

    Args:
        source: the Dockerfile after the change, as for `convert`.
        changed: paths of files that changed, appeared or vanished, relative to the working directory.
        target: the only stage to look at, by default all that have a name, and the last.
        platform: as for `convert`.
        build_args: as for `convert`.
        images: as for `convert`.
        contexts: as for `convert`.
        options: as for `convert`.

    Returns:
        Why each stage has to be built again, by its name; nothing for a stage whose result stays the same.

    Raises:
        DockerfileError: the Dockerfile is wrong; its span says where.
        ContextError, OptionError, InvalidValue: an argument is wrong, or asks for what only an engine knows.
    """
    with explained():
        query = _query(source, target, platform, build_args, images, contexts, options, is_strict=False)
        return causes_by_stage(query, arguments.paths(changed, "changed"))


def _query(
    source: Any,
    target: str | None,
    platform: str | Platform | None,
    build_args: Assignments | None,
    images: Any,
    contexts: Any,
    options: Mapping[str, str] | None,
    *,
    is_strict: bool,
) -> DockerfileQuery:
    single_platform = converters.platform(platform)
    request = BuildRequest(target=target, platforms=(single_platform,) if single_platform else (), build_args=build_args or {})
    known = offline.Images(_sources(images), is_strict=is_strict, hint="pass images={REFERENCE: CONFIG}")
    where = converters.dockerfile(source, "source")
    if where is None:
        raise arguments.refuse("source", "a path, or a Dockerfile as text, bytes or a file", source)
    named = converters.build_contexts(contexts, "contexts")
    return dockerfile_query(where, request, images=known, contexts=named, options=arguments.assignments(options, "options"))


def ignore_rules(context: str | os.PathLike[str], *, file: str | os.PathLike[str] | None = None) -> IgnoreRules:
    """Read the ignore rules of a build context: of the ignore file with the name of the Dockerfile, else of the one in the context.

    Args:
        context: the directory.
        file: the Dockerfile, by default the one in the directory.

    Returns:
        The rules, none if there is no ignore file.

    Raises:
        ContextError: the context is not a directory of this machine, or an ignore file cannot be read.
        InvalidValue: a line is too long.
    """
    _refuse_remote(arguments.path(context))
    root = local_contexts.readable_directory(arguments.path(context), "the build context")
    dockerfile = os.path.join(root, _TEXT) if file is None else arguments.path(file)
    for path, name in ((f"{dockerfile}{IGNORE}", f"{os.path.basename(dockerfile)}{IGNORE}"), (os.path.join(root, IGNORE), IGNORE)):
        if os.path.lexists(path):
            return IgnoreRules.parse(read_file(path, "the ignore file"), name)
    return IgnoreRules((), ())


def causes_by_stage(
    query: DockerfileQuery, changed: Iterable[str], *, before: Callable[[str, str], bytes | None] | None = None
) -> dict[str, tuple[Cause, ...]]:
    """Find out which stages have to be built again after files changed.

    Args:
        query: the Dockerfile after the change. Its target is the only one that is looked at; without one, all stages are that can be
            a target: those with a name, and the last.
        changed: paths of files that changed, appeared or vanished.
        before: reads the Dockerfile and ignore files as they were before, by the name of a directory and a path in it.

    Returns:
        Why each stage has to be built again, by its name; nothing for a stage whose result stays the same.
    """
    paths = query.places_of(changed)
    controls = query.control_kinds()
    old = None if before is None or controls.keys().isdisjoint(paths) else attrs.evolve(query, read=before)
    graph = query.convert()
    stages = [stage for number, stage in enumerate(graph.facts.stages) if stage.is_target or is_named(stage, number)]
    if not query.options.get("target") and not _depends_on_target(query) and (every := _every_target(query, graph)):
        then = None if old is None else _every_target(old, _converted(old))
        return causes_of_targets(every, paths, before=then, controls=controls)
    if query.options.get("target"):
        stages = [stage for stage in stages if stage.is_target]
    causes = {}
    for stage in stages:
        now = query if stage.is_target else query.with_option("target", stage.name)
        was = None if old is None else _converted(attrs.evolve(old, options=now.options))
        causes[stage.name] = rebuild_causes(
            graph if stage.is_target else now.convert(), paths, before=was, controls=controls, layouts=query.layouts
        )
    return causes


def _depends_on_target(query: DockerfileQuery) -> bool:
    """Return whether stages may differ with the target, so that they cannot be converted at once."""
    configs = (image.config for image in query.images.resolved.values())  # they may have triggers
    return any(b"TARGETSTAGE" in data.upper() for data in (query.dockerfile(), *configs))


def _every_target(query: DockerfileQuery, graph: Graph | None) -> TargetGraph | None:
    """Convert all stages that can be a target at once; None if that fails. `graph` is that of the last stage."""
    if graph is None:
        return None
    try:
        conversion = offline.convert_targets(query.bridge())
    except LlbfrontError:  # of a stage, or of all together: limits hold for one conversion
        return None
    union = Graph.of(conversion.definition, facts=graph.facts, directories=query.directories)
    several = len(conversion.outputs) > 1
    numbers = [edge.number for edge in union.node(union.result.number).edges] if several and union.result else []
    if not several:
        numbers = [union.result.number] if union.result else []
    results = dict(zip(conversion.outputs, numbers, strict=True))
    names = {stage.name: number for number, stage in enumerate(graph.facts.stages) if stage.is_target or is_named(stage, number)}
    return TargetGraph(
        union,
        {name: results.get(number) for name, number in names.items()},
        {name: conversion.configs[number] for name, number in names.items()},
        layouts=query.layouts,
    )


def _places(path: str, directories: Iterable[str]) -> Iterator[str]:
    """Yield a path, and the paths that it has below directories that are named through symlinks."""
    yield path
    real = os.path.join(real_path(os.path.dirname(path)), os.path.basename(path))
    for root in directories:
        relative = os.path.relpath(real, real_path(root))
        if relative.split(os.sep)[0] != "..":
            yield os.path.join(root, relative)


def _converted(query: DockerfileQuery) -> Graph | None:
    """Convert a Dockerfile as it was; None if it cannot be, or has no such stage."""
    try:
        return query.convert()
    except LlbfrontError:
        return None


def dockerfile_query(
    source: str | bytes,
    request: BuildRequest,
    *,
    images: offline.Images,
    context: str | None = None,
    contexts: Mapping[str, ContextLike] | None = None,
    options: Mapping[str, str] | None = None,
) -> DockerfileQuery:
    """Find the Dockerfile of `source`: a path, or its text if bytes, which is of no directory unless `context` names one.

    What `request` says of contexts counts for nothing, but its `file`.
    """
    named = contexts or {}
    places = {name: value for name, value in named.items() if isinstance(value, str)}
    built: dict[str, Any] = {name: value for name, value in named.items() if not isinstance(value, str)}
    inputs = {name: definition_of(value, *request.platforms[:1]) for name, value in built.items()}
    local_inputs = _gathered(source, request.file if isinstance(request.file, str) else None, context, places)
    every = {**frontend_options(request), **local_inputs.options, **context_options(built), **(options or {})}
    return DockerfileQuery(every, local_inputs.read, images, inputs, local_inputs.directories, local_inputs.layouts)


@attrs.frozen(eq=False)
class _Text:
    """A Dockerfile that is not in a directory, and the other inputs."""

    data: bytes
    inputs: local_contexts.Inputs

    @property
    def options(self) -> Mapping[str, str]:
        return self.inputs.options

    @property
    def directories(self) -> Mapping[str, str]:
        return self.inputs.directories

    @property
    def layouts(self) -> Mapping[str, str]:
        return self.inputs.layouts

    def read(self, name: str, path: str) -> bytes | None:
        if name == "dockerfile":
            return self.data if path == _TEXT else None
        return self.inputs.read(name, path) if name in self.inputs.directories else None


def _gathered(
    source: str | bytes, file: str | None, context: str | None, named: Mapping[str, str]
) -> _Text | local_contexts.Inputs:
    if isinstance(source, str) and is_special(file or source):
        context = None if file is None else source
        source = local_contexts.read_dockerfile(file or source)
    if isinstance(source, bytes):
        if context is None and os.path.isdir(named.get(_CONTEXT, "")):  # a text alone has no other build context
            context = named[_CONTEXT]
        directories = {} if context is None else {"context": local_contexts.readable_directory(context, "the build context")}
        return _Text(source, local_contexts.with_named(local_contexts.Inputs(directories, {"filename": _TEXT}), named))
    path = source
    _refuse_remote(path)
    if file is None and not os.path.isdir(path):
        local_contexts.refuse_absent(path)
        return local_contexts.gather(os.path.dirname(path) or ".", dockerfile=path, named=named)
    return local_contexts.gather(path, dockerfile=file, named=named)


def _refuse_remote(context: str) -> None:
    """Refuse a context that is not on this machine. Raises: ContextError."""
    if local_contexts.is_remote(context):
        raise ContextError(
            f"the context {hide_credentials(context)} can only be read with an engine", hint="clone it, and name the directory"
        )


def _sources(images: Mapping[str, Any] | ImageSource | str | os.PathLike[str] | None) -> tuple[ImageSource, ...]:
    if images is None:
        return ()
    if isinstance(images, (str, os.PathLike)):
        path = os.fspath(images)
        return (image_configs.parse_image_configs(read_file(path, "the image configs"), name=path),)
    if hasattr(images, "find"):
        return (images,)
    if not isinstance(images, Mapping):
        raise arguments.refuse("images", "a mapping of image configs, or the path of a file of them", images)
    return (image_configs.ImageConfigs(images),)
