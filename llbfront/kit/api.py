"""The API of custom frontends: what they receive (`Build`) and return (`Image`). Everything is looked up on first use, and once.

Source: frontend/dockerui/config.go and namedcontext.go of BuildKit.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import attrs

from llbfront import arguments, llb
from llbfront.dockerfile2llb.emit import local_state
from llbfront.dockerfile2llb.resolved_plan import LocalSource, ResolvedContext, UnresolvedContext
from llbfront.errors import ContextError, LlbfrontError
from llbfront.frontend import contexts, named_contexts
from llbfront.frontend.bridge import ImageRequest
from llbfront.kit import image_arguments
from llbfront.llb import state_arguments
from llbfront.llb.op import OpMeta
from llbfront.oci import reference
from llbfront.oci.image import NO_CONFIG, ImageConfig
from llbfront.source import Source

if TYPE_CHECKING:
    from llbfront.dockerfile.compose import Part
    from llbfront.dockerfile.statements import Dockerfile
    from llbfront.dockerfile2llb.convert_options import ContextRef
    from llbfront.frontend.bridge import Bridge
    from llbfront.frontend.contexts import Entry, MainContext
    from llbfront.frontend.options import Options
    from llbfront.oci.platform import Platform
    from llbfront.source import Span

    FrontendResult: TypeAlias = "Image | llb.State | Dockerfile | Source | str | Iterable[Part]"
    """The result of a frontend: an image, files, or a Dockerfile in any form."""
    Frontend: TypeAlias = Callable[["Build"], FrontendResult]
    """A frontend: a function that is called for each platform."""


@attrs.frozen(eq=False)
class Image:
    """An image as a frontend returns it: files, and the config of its containers.

    Args:
        state: the files. Its environment, directory and user are used where `config` has none.
        config: how containers are run.

    Example:
        >>> from llbfront import llb
        >>> from llbfront.kit import Image, ImageConfig
        >>> Image(llb.image("busybox"), ImageConfig(cmd=("httpd", "-f"))).config.cmd
        ('httpd', '-f')
    """

    state: llb.State = attrs.field(converter=image_arguments.state)
    config: ImageConfig = attrs.field(default=NO_CONFIG, converter=image_arguments.config)


class Build:
    r"""One build for one platform: what the user asks for, and the files and images that a frontend may read.

    Attributes:
        args: build arguments.
        target: the value of `--target`, empty without it.
        labels: labels that the image gets, whatever the frontend does.
        platform: the platform to build for. A frontend that makes images is called for each platform.
        options: all options as the engine passed them, for those without a name here.

    Example:
        >>> from llbfront import testing
        >>> from llbfront.kit import Build
        >>> def frontend(build: Build) -> str:
        ...     return f"FROM alpine\nRUN echo {build.args['NAME']} {build.source.filename}\n"
        >>> print(testing.build(frontend, {"list": ""}, filename="list", args={"NAME": "app"}).graph.nodes[-1].name)
        [2/2] RUN echo app list
    """

    def __init__(self, bridge: Bridge, options: Options, context: MainContext, platform: Platform) -> None:
        self._bridge, self._options, self._context = bridge, options, context
        self.args: Mapping[str, str] = options.convert_options.build_args
        self.target = options.convert_options.target
        self.labels: Mapping[str, str] = options.convert_options.labels
        self.platform = platform
        self.options: Mapping[str, str] = options.texts

    @functools.cached_property
    def entry(self) -> Entry:
        """The file to build, as read. Raises: LlbfrontError."""
        return contexts.read_dockerfile(self._bridge, self._options, self._context)

    @property
    def source(self) -> Source:
        """The file to build: what `-f` names, by default the Dockerfile in the context.

        Raises:
            LlbfrontError: it cannot be read.
        """
        return self.entry.source

    def read(self, path: str | os.PathLike[str]) -> Source:
        """Read a file of the build context.

        Raises:
            ContextError: it cannot be read.
        """
        path = arguments.path(path)
        try:
            return contexts.read_file_of(self._bridge, self._options, self._context, path)
        except LlbfrontError as error:
            raise ContextError(
                f"cannot read {path} of the build context: {error.message.removeprefix(f'open {path}: ')}"
            ) from error

    def files(self, *paths: str | os.PathLike[str]) -> llb.State:
        """Return the build context, without the files that its ignore file names.

        Args:
            paths: send only these files and directories.
        """
        ignore = contexts.read_ignore(self._bridge, self._options, self._context, self.entry_or_empty)
        files = contexts.files_of(self._bridge, self._options, self._context, ignore.patterns)
        return local_state(files, {arguments.path(path) for path in paths} or {"/"}) if isinstance(files, LocalSource) else files

    @property
    def entry_or_empty(self) -> Entry:
        """The file to build, an empty one if it cannot be read."""
        try:
            return self.entry
        except LlbfrontError:
            return contexts.Entry(Source(self._context.filename, b""), "", None)

    def context(self, name: str) -> Image | None:
        """Return the named context that `--build-context` gives this name, None without it."""
        context = self._options.convert_options.any_context(arguments.text(name, "name"), self.platform)
        return self._loaded(context) if context else None

    def image(self, ref: str, *, platform: Platform | str | None = None) -> Image:
        """Return an image with its config. A named context of the same name takes its place; `scratch` is empty.

        Commands on it get the network, hosts and limits that the user asks for.

        Args:
            ref: the name of the image.
            platform: its platform, by default that of the build.

        Raises:
            LlbfrontError: there is no such image.
        """
        settings = self._options.convert_options
        platform = state_arguments.platform(platform) or self.platform
        ref = arguments.text(ref, "ref")
        if ref == "scratch":
            return self._image(ResolvedContext(llb.scratch().with_platform(platform)))
        if context := settings.context(ref, platform):
            return self._loaded(context)
        name = str(reference.parse(ref).with_default_tag())
        request = ImageRequest(name, platform, settings.resolve_mode, f"[internal] load metadata for {name}")
        resolved = named_contexts.ask(self._bridge, request)
        full = reference.parse(resolved.ref).with_digest(resolved.digest) if resolved.digest else resolved.ref
        meta = self.step(f"FROM {full}")
        mode = llb.ResolveMode(settings.resolve_mode)
        state = llb.image(str(full), platform=platform, resolve_mode=mode, meta=meta)
        return self._image(named_contexts.configured(state, resolved.config))

    def step(self, name: str, span: Span | None = None) -> OpMeta:
        """Return what the graph says about an op: `state.run(…, meta=build.step("install", source.at(3)))`.

        Args:
            name: what displays show.
            span: the lines that the op comes from, which are shown if it fails.
        """
        name = arguments.text(name, "name")
        shown = f"[{self.platform}] {name}" if self._options.convert_options.multi_platform else name
        return OpMeta(name=shown, spans=(span,) if span else ())

    def warn(self, text: str, span: Span | None = None, *, url: str = "") -> None:
        """Show a warning.

        Args:
            text: the warning.
            span: the lines that it is about.
            url: a page that explains it.
        """
        entry = self.entry_or_empty
        self._bridge.warn(entry.digest, arguments.text(text, "text"), detail="", url=url, span=span or entry.source.at())

    def _loaded(self, context: ContextRef) -> Image:
        return self._image(
            named_contexts.load_context(
                self._bridge, self._options, UnresolvedContext(context, self._options.convert_options.resolve_mode)
            )
        )

    def _image(self, resolved: ResolvedContext) -> Image:
        settings, config = self._options.convert_options, resolved.image.config if resolved.image else NO_CONFIG
        state = local_state(resolved.files, {"/"}) if isinstance(resolved.files, LocalSource) else resolved.files
        if config.user:
            state = state.with_user(config.user)
        exec_settings = attrs.evolve(
            state.settings,
            network=settings.network,
            hostname=settings.hostname,
            cgroup_parent=settings.cgroup_parent,
            extra_hosts=settings.extra_hosts,
            ulimits=settings.ulimits,
        )
        state = attrs.evolve(state, settings=exec_settings)
        return Image(state, attrs.evolve(config, env=None, working_dir="", user="", on_build=None))
