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
    from llbfront.dockerfile.tree import Dockerfile
    from llbfront.dockerfile2llb.convert_options import ContextRef
    from llbfront.frontend.bridge import Bridge
    from llbfront.frontend.contexts import Entry, MainContext
    from llbfront.frontend.options import Options
    from llbfront.oci.platform import Platform
    from llbfront.source import Span

    Made: TypeAlias = "Image | llb.State | Dockerfile | Source | str | Iterable[Part]"
    Frontend: TypeAlias = Callable[["Build"], Made]


@attrs.frozen(eq=False)
class Image:
    """Files, and how containers of them are run. Environment, directory and user are those of the state unless `config` has them."""

    state: llb.State = attrs.field(converter=image_arguments.state)
    config: ImageConfig = attrs.field(default=NO_CONFIG, converter=image_arguments.config)


class Build:
    """One build for one platform: what was asked for, and whom to ask for files and images.

    args       build arguments
    target     what --target says, empty without it
    labels     labels that the image will get, whatever the frontend does
    platform   what is built for; a frontend that makes images is called for each platform
    options    all options as the engine passed them, for those that have no better name here
    """

    def __init__(self, bridge: Bridge, options: Options, context: MainContext, platform: Platform) -> None:
        self._bridge, self._options, self._context = bridge, options, context
        self.args: Mapping[str, str] = options.settings.build_args
        self.target = options.settings.target
        self.labels: Mapping[str, str] = options.settings.labels
        self.platform = platform
        self.options: Mapping[str, str] = options.texts

    @functools.cached_property
    def entry(self) -> Entry:
        """The file to build, as read. Raises LlbfrontError."""
        return contexts.read_dockerfile(self._bridge, self._options, self._context)

    @property
    def source(self) -> Source:
        """The file to build: what -f names, by default the Dockerfile in the context. Raises LlbfrontError if it cannot be read."""
        return self.entry.source

    def read(self, path: str | os.PathLike[str]) -> Source:
        """Read a file of the build context. Raises ContextError."""
        path = arguments.path(path)
        try:
            return contexts.read_file_of(self._bridge, self._options, self._context, path)
        except LlbfrontError as error:
            raise ContextError(
                f"cannot read {path} of the build context: {error.message.removeprefix(f'open {path}: ')}"
            ) from error

    def files(self, *paths: str | os.PathLike[str]) -> llb.State:
        """The build context without what its ignore file names; with `paths`, only these files and directories are sent."""
        ignore = contexts.read_ignore(self._bridge, self._options, self._context, self.entry_or_empty)
        found = contexts.files_of(self._bridge, self._options, self._context, ignore.patterns)
        return local_state(found, {arguments.path(path) for path in paths} or {"/"}) if isinstance(found, LocalSource) else found

    @property
    def entry_or_empty(self) -> Entry:
        """The file to build, an empty one if it cannot be read."""
        try:
            return self.entry
        except LlbfrontError:
            return contexts.Entry(Source(self._context.filename, b""), "", None)

    def context(self, name: str) -> Image | None:
        """The context that --build-context names so; None without it."""
        found = self._options.settings.any_context(arguments.text(name, "name"), self.platform)
        return self._loaded(found) if found else None

    def image(self, ref: str, *, platform: Platform | str | None = None) -> Image:
        """An image with its config, from a registry unless a context of that name takes its place; `scratch` is empty.

        Commands on it get the network, hosts and limits that the build was asked to give them. Raises LlbfrontError.
        """
        settings = self._options.settings
        platform = state_arguments.platform(platform) or self.platform
        ref = arguments.text(ref, "ref")
        if ref == "scratch":
            return self._image(ResolvedContext(llb.scratch().with_platform(platform)))
        if context := settings.context(ref, platform):
            return self._loaded(context)
        name = str(reference.parse(ref).with_default_tag())
        request = ImageRequest(name, platform, settings.resolve_mode, f"[internal] load metadata for {name}")
        found = named_contexts.ask(self._bridge, request)
        full = reference.parse(found.ref).with_digest(found.digest) if found.digest else found.ref
        meta = self.step(f"FROM {full}")
        mode = llb.ResolveMode(settings.resolve_mode)
        state = llb.image(str(full), platform=platform, resolve_mode=mode, meta=meta)
        return self._image(named_contexts.configured(state, found.config))

    def step(self, name: str, span: Span | None = None) -> OpMeta:
        """How an op of the graph is shown, and the place it comes from: `state.run(…, meta=build.step("install", source.at(3)))`."""
        name = arguments.text(name, "name")
        shown = f"[{self.platform}] {name}" if self._options.settings.multi_platform else name
        return OpMeta(name=shown, spans=(span,) if span else ())

    def warn(self, text: str, span: Span | None = None, *, url: str = "") -> None:
        """Show a warning, with the lines that it is about."""
        entry = self.entry_or_empty
        self._bridge.warn(entry.digest, arguments.text(text, "text"), detail="", url=url, span=span or entry.source.at())

    def _loaded(self, context: ContextRef) -> Image:
        return self._image(
            named_contexts.load(self._bridge, self._options, UnresolvedContext(context, self._options.settings.resolve_mode))
        )

    def _image(self, found: ResolvedContext) -> Image:
        settings, config = self._options.settings, found.image.config if found.image else NO_CONFIG
        state = local_state(found.files, {"/"}) if isinstance(found.files, LocalSource) else found.files
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
