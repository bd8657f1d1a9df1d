"""Look up what a conversion has reported as unresolved: image configs and named contexts of every kind.

Errors are results, too; the conversion decides what they mean.

Source: frontend/dockerui/namedcontext.go of BuildKit.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront import llb
from llbfront.dockerfile2llb import git_ref
from llbfront.dockerfile2llb.resolved_plan import ResolvedContext, ResolvedImage, UnresolvedImage
from llbfront.errors import ContextError, InvalidJson, InvalidReference, InvalidValue, LlbfrontError
from llbfront.foreign_json import parse_json
from llbfront.frontend.bridge import ImageRequest, NotAnImage
from llbfront.frontend.contexts import git_context, named_local
from llbfront.gostd.strconv import quote
from llbfront.llb.op import OpMeta
from llbfront.oci import image as images
from llbfront.oci import reference
from llbfront.oci.platform import Platform
from llbfront.suggestions import guess

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.convert_options import ContextRef
    from llbfront.dockerfile2llb.resolved_plan import Resolved, Unresolved, UnresolvedContext
    from llbfront.frontend.bridge import Bridge
    from llbfront.frontend.options import Options
    from llbfront.oci.image import Image

CONFIG = "containerimage.config"
_MAX_DEPTH = 10


def resolve(bridge: Bridge, options: Options, unresolved: Sequence[Unresolved]) -> Resolved:
    """Resolve everything that is unresolved; images are requested together."""
    images = [each for each in unresolved if isinstance(each, UnresolvedImage)]
    answers = bridge.resolve_images(
        [ImageRequest(image.ref, image.platform, image.resolve_mode, image.log_name) for image in images]
    )
    resolved: Resolved = dict(zip(images, answers, strict=True))
    for each in unresolved:
        if not isinstance(each, UnresolvedImage):
            try:
                resolved[each] = load_context(bridge, options, each)
            except LlbfrontError as error:
                resolved[each] = error
    return resolved


def load_context(bridge: Bridge, options: Options, unresolved: UnresolvedContext) -> ResolvedContext:
    """Load a named context. Raises: LlbfrontError."""
    return _load(_Loading(bridge, options, unresolved.resolve_mode), unresolved.context, 0)


@attrs.frozen(eq=False)
class _Loading:
    bridge: Bridge
    options: Options
    resolve_mode: str


def _load(loading: _Loading, context: ContextRef, depth: int) -> ResolvedContext:
    if depth > _MAX_DEPTH:
        raise ContextError(
            f"context recursion limit exceeded; this may indicate a cycle in the provided source policies: {context.value}"
        )
    scheme, colon, rest = context.value.partition(":")
    if not colon:
        hint = f"for example docker-image://{context.value}"
        raise ContextError(f"invalid context specifier {context.value} for {context.key}", hint=hint)
    loader = _LOADERS.get("git" if scheme.startswith("git@") else scheme)
    if loader is None:
        hint = guess(scheme, _LOADERS) or f"one of {', '.join(_LOADERS)}"
        raise ContextError(f"unsupported context source {scheme} for {context.key}", hint=hint)
    try:
        return loader(loading, context, rest)
    except NotAnImage as error:
        scheme, colon, rest = error.identifier.partition("://")
        if not colon:
            raise ContextError(f"could not parse ref: {error.identifier}") from error
        return _load(loading, attrs.evolve(context, value=f"{scheme}:{rest}"), depth + 1)


def _image(loading: _Loading, context: ContextRef, rest: str) -> ResolvedContext:
    typed = rest.removeprefix("//")
    if typed == "scratch":
        return ResolvedContext(llb.scratch())
    try:
        name = str(reference.parse(typed).with_default_tag())
    except InvalidReference as error:
        raise InvalidReference(error.message, hint=f"the context {context.key} is {context.value}") from error
    log_name = f"[context {context.key}] load metadata for {typed}"
    resolved = ask(loading.bridge, ImageRequest(name, context.platform, loading.resolve_mode, log_name))
    state = llb.image(resolved.ref, platform=context.platform, meta=OpMeta(name=f"[context {context.key}] {typed}"))
    loaded = configured(state, resolved.config)
    return attrs.evolve(
        loaded, image=loaded.image and attrs.evolve(loaded.image, created=None)
    )  # Parity: one in an OCI layout keeps its time


def _oci_layout(loading: _Loading, context: ContextRef, rest: str) -> ResolvedContext:
    typed = rest.removeprefix("//")
    try:
        store, digest = reference.parse_plain(typed)
    except InvalidReference as error:
        raise ContextError(f"could not parse oci-layout reference {quote(typed)}: {error.message}") from error
    if not digest:
        raise ContextError(f"oci-layout reference {quote(typed)} has no digest", hint=f"oci-layout://{typed}@sha256:…")
    name = str(reference.parse(context.name).with_digest(digest))
    session = loading.bridge.session_id
    log_name = f"[context {context.key}] load metadata for {name}"
    resolved = ask(loading.bridge, ImageRequest(name, context.platform, "", log_name, (session, store)))
    meta = OpMeta(name=f"[context {context.key}] OCI load from client")
    state = llb.oci_layout(name, session=session, store=store, platform=context.platform, meta=meta)
    return configured(state, resolved.config)


def ask(bridge: Bridge, request: ImageRequest) -> ResolvedImage:
    """Look an image up. Raises: LlbfrontError."""
    (image,) = bridge.resolve_images([request])
    if isinstance(image, LlbfrontError):
        raise image
    return image


def configured(state: llb.State, data: bytes) -> ResolvedContext:
    """Files with the settings that their image config gives to commands."""
    image = images.read(data)
    return ResolvedContext(_with_config(state, image), image)


def _with_config(state: llb.State, image: Image) -> llb.State:
    pairs = (entry.partition("=") for entry in image.config.env or ())
    state = state.with_env({name: value for name, _, value in pairs if name}).with_cwd(image.config.working_dir)
    if image.architecture and image.os:
        platform = Platform(image.os, image.architecture, image.variant, image.os_version, image.os_features or ())
        state = state.with_platform(platform)
    return state


def _git(loading: _Loading, context: ContextRef, _rest: str) -> ResolvedContext:
    try:
        git = git_ref.parse(context.value)
    except git_ref.NotGit as error:
        raise ContextError(f"invalid git context {context.value}") from error
    advice = loading.options.convert_options.git_advice
    return ResolvedContext(git_context(git, context.value, keep=False, mtime="", advice=advice))


def _http(loading: _Loading, context: ContextRef, rest: str) -> ResolvedContext:
    try:
        git_ref.parse(context.value)
    except git_ref.NotGit:
        meta = OpMeta(name=f"[context {context.key}] {context.value}")
        return ResolvedContext(llb.http(context.value, filename="context", meta=meta))
    return _git(loading, context, rest)


def _local(loading: _Loading, context: ContextRef, rest: str) -> ResolvedContext:
    return ResolvedContext(named_local(loading.bridge, loading.options, rest, context.key, context.shared_key))


def _input(loading: _Loading, context: ContextRef, rest: str) -> ResolvedContext:
    inputs = loading.bridge.inputs()
    if rest not in inputs:
        raise ContextError(f"invalid input {rest} for {context.key}", hint="no input of that name was given")
    state = llb.load(inputs[rest])
    text = loading.options.texts.get(f"input-metadata:{rest}")
    if text is None:
        return ResolvedContext(state)
    config = _input_config(text)
    if config is None:
        return ResolvedContext(state)
    try:
        image = images.read(config)
    except InvalidValue as error:
        raise ContextError(f"failed to parse input metadata {text}: {CONFIG} is not an image config: {error.message}") from None
    return ResolvedContext(_with_config(state, image), None if config.strip() == b"null" else image)


def _input_config(text: str) -> bytes | None:
    """Return the image config in the metadata of an input: JSON with values in base64. Like Go, it accepts null and lists of bytes."""
    try:
        document = {} if (value := parse_json(text)) is None else value
        if not isinstance(document, dict):
            raise InvalidJson("it is not an object")
        values = {name: _octets(name, member) for name, member in document.items()}
    except InvalidJson as error:
        raise ContextError(f"failed to parse input metadata {text}: {error.message}") from None
    return values.get(CONFIG)


def _octets(name: str, value: object) -> bytes:
    """Return the bytes of a member. Raises: InvalidJson."""
    try:
        if isinstance(value, str):
            return binascii.a2b_base64(value.translate({10: None, 13: None}), strict_mode=True)
        if value is None or isinstance(value, list):
            return bytes(value or ())
    except (ValueError, TypeError):  # a character of another alphabet, or an element that is no byte
        pass
    raise InvalidJson(f"{name} is neither base64 nor a list of bytes")


_LOADERS: dict[str, Callable[[_Loading, ContextRef, str], ResolvedContext]] = {
    "docker-image": _image,
    "git": _git,
    "http": _http,
    "https": _http,
    "oci-layout": _oci_layout,
    "local": _local,
    "input": _input,
}
