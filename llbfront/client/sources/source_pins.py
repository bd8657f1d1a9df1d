"""Find the sources of a build (images, git repositories, web addresses) and what to pin them to, by asking an engine.

An engine runs `find_pins` as it runs the frontend of a build, so that sources are found with its mirrors and our credentials.

Source: docs/build-repro.md of BuildKit for how each kind of source is pinned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import attrs

from llbfront import llb
from llbfront.client.buildflags.exporters import Export
from llbfront.client.request.build_request import BuildRequest
from llbfront.errors import LlbfrontError, RpcError, SolveError
from llbfront.frontend import build, contexts, forwarding
from llbfront.frontend.bridge import ImageRequest, Returned
from llbfront.frontend.checks import Checks
from llbfront.frontend.options import read_options
from llbfront.inspection.graph import Graph
from llbfront.oci import reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llbfront.client.engine import Engine
    from llbfront.client.prepared_build import PreparedBuild
    from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
    from llbfront.frontend.bridge import Bridge, Reference
    from llbfront.inspection.graph import Node
    from llbfront.llb.definition import Definition

__all__ = ["Pin", "source_pins"]

IMAGE, GIT, HTTP = "image", "git", "http"
IMAGE_SCHEME = "docker-image"
_KINDS = {"docker-image": IMAGE, "git": GIT, "http": HTTP, "https": HTTP}
_COMMIT = re.compile("(?:[0-9a-f]{40}|[0-9a-f]{64})")
_CHECKSUMS = {GIT: "git.checksum", HTTP: "http.checksum"}


@attrs.frozen
class Pin:
    """A source, and what it is pinned to.

    Attributes:
        kind: `image`, `git` or `http`.
        identifier: the source as engines name it, such as `docker-image://docker.io/library/alpine:3`.
        value: the digest of an image or a file, or the commit of a git repository.
        lines: the lines that name it, such as `Dockerfile:3`.
        is_written: whether the Dockerfile itself pins it, so that no rule is needed.
    """

    kind: str
    identifier: str
    value: str
    lines: tuple[str, ...] = ()
    is_written: bool = False


def sources_request(request: BuildRequest) -> BuildRequest:
    """Return the request whose sources are looked up for a build: without its outputs and its source policy."""
    return attrs.evolve(request, outputs=(Export("cacheonly"),), tags=(), push=False, load=False, pull=True, source_policy=None)


def source_pins(engine: Engine, request: BuildRequest | PreparedBuild) -> tuple[Pin, ...]:
    """Find out which sources a build reads and what they are now. Nothing is built.

    Args:
        engine: the engine that is asked.
        request: the build, or a prepared `sources_request` of it. Outputs and the source policy of a build count for nothing.

    Returns:
        The sources by their identifiers, local directories and OCI layouts left out.

    Raises:
        DockerfileError: the Dockerfile is wrong.
        SolveError: a source cannot be found.
        ContextError, OptionError: the request is wrong.
    """
    pins: list[Pin] = []

    def frontend(bridge: Bridge) -> Returned:
        pins.extend(find_pins(bridge))
        return Returned()

    engine.run(sources_request(request) if isinstance(request, BuildRequest) else request, frontend=frontend, internal=True)
    return tuple(pins)


def find_pins(bridge: Bridge) -> tuple[Pin, ...]:
    """Convert for all platforms of the options and find out what the sources are now.

    Raises: LlbfrontError, also for a source that cannot be found.
    """
    recorder = _Recorder(bridge)
    recording = cast("Bridge", recorder)
    options = read_options(bridge.options, bridge.platforms)
    context = contexts.find_context(recording, options)
    entry = contexts.read_dockerfile(recording, options, context)
    build.find_scanner(recording, options)
    checks = Checks(recording, options, entry, sends=False)
    results = build.convert_all(recording, options, context, entry, options.platforms or (None,), checks)
    recorder.definitions += [llb.marshal(result.state, platform=result.platform, caps=bridge.llb_caps) for result in results]
    places = list(_places(recorder.definitions))
    pins = [*_image_pins(recorder.images, places), *_other_pins(bridge, places)]
    if other := forwarding.other_frontend(options.texts, entry):
        pins.append(_frontend_pin(bridge, other))
    return _joined(pins)


class _Recorder:
    """A bridge that records the images that are looked up, and the graphs that are solved."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self.images: dict[str, str] = {}
        self.definitions: list[Definition] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bridge, name)

    def resolve_images(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError]:
        answers = self._bridge.resolve_images(requests)
        for request, answer in zip(requests, answers, strict=True):
            if request.store is None and not isinstance(answer, LlbfrontError):
                self.images[request.ref] = answer.digest
        return answers

    def solve(self, definitions: Sequence[Definition], **options: Any) -> list[Reference | None]:
        self.definitions += definitions
        return self._bridge.solve(definitions, **options)


def _places(definitions: Iterable[Definition]) -> Iterator[Node]:
    """Yield the source ops of graphs that name something outside this machine, with the lines of the ops that read them if they have none."""
    for definition in definitions:
        nodes = Graph.of(definition).nodes
        for node in nodes:
            if node.scheme in _KINDS:
                readers = (reader for reader in nodes if any(edge.number == node.number for edge in reader.edges))
                yield attrs.evolve(node, spans=node.spans or next((reader.spans for reader in readers), ()))


def _image_pins(images: Mapping[str, str], places: Sequence[Node]) -> Iterator[Pin]:
    """Yield the images that were looked up, and those that only graphs name."""
    known = {str(reference.parse(name).with_default_tag()): digest for name, digest in images.items()}
    names = {name if "@" in name else f"{name}@{digest}": name for name, digest in known.items()}
    lines: dict[str, list[str]] = {name: [] for name in known}
    for node in places:
        if node.scheme == IMAGE_SCHEME:
            name = node.identifier.partition("://")[2]
            lines.setdefault(names.get(name, name), []).append(node.lines)
    yield from (_image_pin(name, known.get(name, ""), tuple(where)) for name, where in lines.items())


def _image_pin(name: str, digest: str, lines: tuple[str, ...]) -> Pin:
    written = name.partition("@")[2]
    if not digest and not written:
        raise SolveError(f"the engine knows no digest of the image {name}", hint="push it to a registry")
    return Pin(IMAGE, f"{IMAGE_SCHEME}://{name}", written or digest, lines, bool(written))


def _frontend_pin(bridge: Bridge, other: forwarding.Other) -> Pin:
    name = str(reference.parse(other.ref).with_default_tag())
    request = ImageRequest(name, None, "pull", f"resolve image config for {IMAGE_SCHEME}://{name}")
    (answer,) = bridge.resolve_images([request])
    if isinstance(answer, LlbfrontError):
        raise answer
    lines = (f"{other.span.source.filename}:{other.span.ranges[0].start}",) if other.span else ()
    return _image_pin(name, answer.digest, lines)


def _other_pins(bridge: Bridge, places: Sequence[Node]) -> Iterator[Pin]:
    for node in places:
        kind = _KINDS[node.scheme]
        if kind != IMAGE:
            attributes = node.op.get("attrs", {})
            written = attributes.get(_CHECKSUMS[kind]) or (commit_of(node.identifier) if kind == GIT else "")
            value = written or _resolved(bridge, node, attributes)
            yield Pin(kind, node.identifier, value, (node.lines,), bool(written))


def _resolved(bridge: Bridge, node: Node, attributes: Mapping[str, str]) -> str:
    """Return what a git or http source is now. Raises: SolveError with the lines that name it."""
    try:
        meta = bridge.resolve_source(node.identifier, attributes, log_name=f"resolve {node.identifier}", with_commit=False)
    except RpcError as error:
        raise SolveError(f"cannot resolve {node.identifier}: {error.message}", spans=node.spans) from None
    if meta.checksum is None:
        raise SolveError(f"the engine cannot resolve {node.identifier}", spans=node.spans, hint="it needs a newer BuildKit")
    return meta.checksum


def commit_of(identifier: str) -> str:
    """Return the commit that the identifier of a git source names, empty for a branch or a tag."""
    ref = identifier.partition("#")[2].partition(":")[0]
    return ref if _COMMIT.fullmatch(ref) else ""


def with_commit(identifier: str, commit: str) -> str:
    """Return the identifier of a git source with a commit in place of its branch or tag."""
    remote, _, fragment = identifier.partition("#")
    _, colon, directory = fragment.partition(":")
    return f"{remote}#{commit}{colon}{directory}"


def _joined(pins: Iterable[Pin]) -> tuple[Pin, ...]:
    """Return pins by identifier, with the lines of all places that name a source."""
    joined: dict[str, Pin] = {}
    for pin in pins:
        same = joined.get(pin.identifier)
        lines = (*(same.lines if same else ()), *pin.lines)
        is_written = pin.is_written and (same is None or same.is_written)
        joined[pin.identifier] = attrs.evolve(pin, lines=tuple(dict.fromkeys(filter(None, lines))), is_written=is_written)
    return tuple(joined[identifier] for identifier in sorted(joined))


def __dir__() -> list[str]:
    return sorted(__all__)
