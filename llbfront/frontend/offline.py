"""Convert and check a Dockerfile in this process, without an engine.

What only an engine can know (a remote context, the time of a git commit) is an error that says so. Unknown base images are assumed to have a
default config: linux unless another platform is requested, and the usual PATH. Use `strict` to compare digests, since a real config
brings variables, a user, a directory and triggers. `Images.made_up` lists the images with a default config.

Source: frontend/gateway/client/client.go of BuildKit for what a bridge is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import attrs

from llbfront import llb
from llbfront.dockerfile2llb.resolved_plan import ResolvedImage, empty_image
from llbfront.errors import ContextError, LlbfrontError, OptionError
from llbfront.frontend import build, contexts, results
from llbfront.frontend.bridge import SourceMeta
from llbfront.frontend.checks import Checks
from llbfront.frontend.options import read_options
from llbfront.frontend.subrequests import dispatch, lint
from llbfront.llb.caps import FRONTEND_KNOWN, LLB_KNOWN, Caps
from llbfront.oci import digest as digests
from llbfront.oci import image as images
from llbfront.oci import platform as platforms
from llbfront.oci import reference
from llbfront.oci.image import Image

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.emit import Result
    from llbfront.frontend.bridge import ImageRequest, Reference, Returned
    from llbfront.frontend.contexts import Entry
    from llbfront.frontend.options import CacheImport, Options
    from llbfront.lint.check import Warning as CheckWarning
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform
    from llbfront.source import Span

SESSION = "offline"  # one name for all, so that the same input gives the same graph
_CAPS = Caps(LLB_KNOWN)
_FRONTEND_CAPS = Caps(FRONTEND_KNOWN, known=FRONTEND_KNOWN)


class ImageSource(Protocol):
    """A source of image configs. None in an answer means: ask the next source."""

    def find(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError | None]:
        """Look images up, side by side; one answer for each."""


class Images:
    """The sources of image configs in order, and the configs that they returned. With `is_strict` no default config is assumed.

    `found` and `made_up` are keyed by reference and platform, in the order of asking.
    """

    def __init__(self, sources: Sequence[ImageSource] = (), *, is_strict: bool = False, hint: str | None = None) -> None:
        """Look images up in `sources`. `hint` is the hint of the error about an unknown image."""
        self.sources = sources
        self._hint = hint
        self.is_strict = is_strict
        self.resolved: dict[tuple[str, str], ResolvedImage] = {}
        self.made_up: dict[tuple[str, str], ResolvedImage] = {}

    def connect(self) -> None:
        """Prepare the sources. Called when all other input was read."""

    def find(self, requests: Sequence[ImageRequest], *more: ImageSource) -> list[ResolvedImage | LlbfrontError]:
        """Look images up, in the sources and then in `more`; assume default configs of those that none knows."""
        answers: list[ResolvedImage | LlbfrontError | None] = [None] * len(requests)
        for source in (*self.sources, *more):
            open_ = [number for number, answer in enumerate(answers) if answer is None]
            if open_:
                for number, answer in zip(open_, source.find([requests[number] for number in open_]), strict=True):
                    answers[number] = answer
        return [self._settled(request, answer) for request, answer in zip(requests, answers, strict=True)]

    def _settled(self, request: ImageRequest, answer: ResolvedImage | LlbfrontError | None) -> ResolvedImage | LlbfrontError:
        if isinstance(answer, LlbfrontError):
            return answer
        platform = (request.platform or platforms.default()).normalized()
        if answer is not None:
            self.resolved[request.ref, str(platform)] = answer
            return answer
        if self.is_strict:
            return LlbfrontError(f"no config is known of the image {request.ref} for {platform}", hint=self._hint)
        assumed = ResolvedImage(
            request.ref, reference.parse(request.ref).digest or "", images.write(_made_up(request.ref, platform))
        )
        self.made_up[request.ref, str(platform)] = assumed
        return assumed


def _made_up(ref: str, platform: Platform) -> Image:
    """Return an assumed config. It has one layer, since an image without layers is treated as scratch."""
    image = empty_image(platform)
    config = attrs.evolve(image.config, working_dir="")
    return attrs.evolve(image, config=config, diff_ids=(digests.of(f"{ref} {platform}".encode()),))


@attrs.frozen(eq=False)
class UnsolvedReference:
    """A result that no engine made. Looking into it is an error."""

    definition: Definition

    def read_file(self, path: str, *, limit: int) -> bytes:
        del limit
        raise ContextError(f"{path} can only be read with an engine: it is in a context that is not on this machine")

    def size_of(self, path: str) -> int | None:
        del path
        return None


class OfflineBridge:
    """A bridge that needs no engine. `read` reads files of the offered directories, `images` knows the configs of images."""

    def __init__(
        self,
        options: Mapping[str, str],
        *,
        read: Callable[[str, str], bytes | None],
        images: Images,
        inputs: Mapping[str, Definition] | None = None,
        local_images: Sequence[ImageSource] = (),
    ) -> None:
        """Answer for a Dockerfile. `local_images` are asked for the images that `images` does not know."""
        self.options: Mapping[str, str] = {**options, "cmdline": ""}  # we are the frontend, whatever the syntax directive says
        self.session_id = SESSION
        self.caps = _FRONTEND_CAPS
        self.llb_caps = _CAPS
        self.platforms: Sequence[Platform] = (platforms.default().normalized(),)
        self.local_file = read
        self._images, self._local_images = images, local_images
        self._inputs = inputs or {}

    def solve(
        self, definitions: Sequence[Definition], *, cache_imports: Sequence[CacheImport] = (), evaluate: bool = False
    ) -> list[Reference | None]:
        del cache_imports, evaluate
        return [UnsolvedReference(definition) if definition.ops else None for definition in definitions]

    def solve_frontend(self, name: str, options: Mapping[str, str], inputs: Mapping[str, Definition]) -> Returned:
        del options, inputs
        raise OptionError(f"the frontend {name} can only be asked with an engine")

    def resolve_images(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError]:
        return self._images.find(requests, *self._local_images)

    def resolve_source(self, identifier: str, attributes: Mapping[str, str], *, log_name: str, with_commit: bool) -> SourceMeta:
        del attributes, log_name, with_commit
        if identifier.startswith("local://"):
            return SourceMeta()
        raise ContextError(f"what time {identifier} is of can only be asked with an engine")

    def inputs(self) -> Mapping[str, Definition]:
        return self._inputs

    def warn(self, digest: str, text: str, *, detail: str, url: str, span: Span) -> None:
        """Warnings are kept by the checks that a conversion is given."""


@attrs.frozen(eq=False)
class Conversion:
    """A converted Dockerfile for one platform. `config` is the image config as a file."""

    definition: Definition
    config: bytes
    result: Result
    entry: Entry
    warnings: tuple[CheckWarning, ...]


def convert(bridge: OfflineBridge) -> Conversion:
    """Convert for the platform of the options, as a build does. Raises: LlbfrontError; OptionError for several platforms."""
    options = read_options(bridge.options, bridge.platforms)
    result, entry, warnings = _converted(bridge, options)
    returned = results.join_results(options.platforms or (None,), [result], [None], is_map=False)
    return Conversion(_marshalled(result.state, result, bridge), returned.metadata[results.CONFIG], result, entry, warnings)


def _converted(bridge: OfflineBridge, options: Options) -> tuple[Result, Entry, tuple[CheckWarning, ...]]:
    if len(options.platforms) > 1:
        raise OptionError("a graph is of one platform", hint="use one platform at a time")
    context = contexts.find_context(bridge, options)
    entry = contexts.read_dockerfile(bridge, options, context)
    checks = Checks(bridge, options, entry, sends=False)
    (result,) = build.convert_all(bridge, options, context, entry, options.platforms or (None,), checks)
    return result, entry, tuple(checks.warnings)


def _marshalled(state: State, result: Result, bridge: OfflineBridge) -> Definition:
    return stable(llb.marshal(state, platform=result.platform, caps=bridge.llb_caps))


@attrs.frozen(eq=False)
class TargetConversions:
    """All targets of a Dockerfile, converted at once.

    Attributes:
        definition: the ops of all targets. Its result has one input for each of `outputs`, in their order, if there are several.
        outputs: the numbers of the stages with any files.
        configs: the image configs as files, by the numbers of stages.
    """

    definition: Definition
    outputs: tuple[int, ...]
    configs: Mapping[int, bytes]


def convert_targets(bridge: OfflineBridge) -> TargetConversions:
    """Convert all stages, each as a target. TARGETSTAGE is the stage that the options name. Raises what `convert` raises."""
    options = read_options(bridge.options, bridge.platforms)
    result, _, _ = _converted(
        bridge, attrs.evolve(options, convert_options=attrs.evolve(options.convert_options, every_target=True))
    )
    states = {number: state for number, (state, _) in sorted(result.targets.items()) if state.output is not None}
    definition = _marshalled(llb.merge(*states.values()), result, bridge)
    return TargetConversions(
        definition, tuple(states), {number: images.write(image) for number, (_, image) in result.targets.items()}
    )


def stable(definition: Definition) -> Definition:
    """Number the progress groups, whose ids are random and matter only to displays."""
    numbers: dict[str, str] = {}
    metadata = {}
    for digest in definition.digests:
        if digest in definition.metadata:
            meta = metadata[digest] = definition.metadata[digest]
            if group := meta.progress_group:
                number = numbers.setdefault(group.id, f"group-{len(numbers) + 1}")
                metadata[digest] = attrs.evolve(meta, progress_group=attrs.evolve(group, id=number))
    return attrs.evolve(definition, metadata=metadata)


def ask(bridge: OfflineBridge, question: str) -> dict[str, str]:
    """Answer a subrequest: its result metadata, such as `result.json`. Raises what the conversion raises."""
    bridge.options = {**bridge.options, "requestid": question}
    return {key: value.decode(errors="replace") for key, value in build.build(bridge).metadata.items()}


def check(bridge: OfflineBridge) -> lint.LintResults:
    """Check, as the subrequest `frontend.lint` does. Raises what reading options and the Dockerfile raises."""
    options = read_options(bridge.options, bridge.platforms)
    context = contexts.find_context(bridge, options)
    entry = contexts.read_dockerfile(bridge, options, context)
    return lint.find(dispatch.Request(bridge, options, context, entry, build.convert_all))
