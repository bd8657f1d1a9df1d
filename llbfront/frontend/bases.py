"""Resolving what a conversion wants to know: configs of images, named contexts of every kind, the time of an epoch source.

Enters: what `convert.bases.settle` wants. Leaves: the answers, errors among them, since only the conversion knows what they mean.

Source: frontend/dockerui/namedcontext.go, frontend/dockerfile/dockerfile2llb/epoch.go of BuildKit.
"""

from __future__ import annotations

import importlib
import json

from llbfront import llb
from llbfront.convert import giturl
from llbfront.convert.bases import ContextFound, ImageFound, ImageWanted
from llbfront.convert.epoch import Epoch
from llbfront.dockerfile.golang import quote
from llbfront.errors import ContextError, InvalidReference, LlbfrontError, guess
from llbfront.frontend.bridge import ImageRequest, NotAnImage
from llbfront.frontend.contexts import git_context, named_local
from llbfront.frontend.files import read_file
from llbfront.llb.meta import OpMeta
from llbfront.llb.ops import SourceOp
from llbfront.oci import image as images
from llbfront.oci import reference
from llbfront.oci.image import Image, timestamp
from llbfront.oci.platform import Platform
from llbfront.value import Shown, evolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llbfront.convert.bases import ContextWanted, Known, Wanted
    from llbfront.convert.epoch import EpochWanted
    from llbfront.convert.settings import ContextRef
    from llbfront.frontend.bridge import Bridge
    from llbfront.frontend.options import Options

_DEEPEST = 10


def resolve(bridge: Bridge, options: Options, wanted: Sequence[Wanted]) -> Known:
    """Answer everything that is wanted; images are asked for together."""
    asked = [each for each in wanted if isinstance(each, ImageWanted)]
    answers = bridge.resolve_images([ImageRequest(each.ref, each.platform, each.resolve_mode, each.log_name) for each in asked])
    known: Known = dict(zip(asked, answers, strict=True))
    for each in wanted:
        if not isinstance(each, ImageWanted):
            try:
                known[each] = load(bridge, options, each)
            except LlbfrontError as error:
                known[each] = error
    return known


def load(bridge: Bridge, options: Options, wanted: ContextWanted) -> ContextFound:
    """Load a named context. Raises LlbfrontError."""
    return _load(_Loading(bridge, options, wanted.resolve_mode), wanted.context, 0)


class _Loading(Shown):
    bridge: Bridge
    options: Options
    resolve_mode: str


def _load(loading: _Loading, context: ContextRef, depth: int) -> ContextFound:
    if depth > _DEEPEST:
        raise ContextError(
            f"context recursion limit exceeded; this may indicate a cycle in the provided source policies: {context.value}"
        )
    scheme, colon, rest = context.value.partition(":")
    if not colon:
        hint = f"such as docker-image://{context.value}"
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
        return _load(loading, evolve(context, value=f"{scheme}:{rest}"), depth + 1)


def _image(loading: _Loading, context: ContextRef, rest: str) -> ContextFound:
    typed = rest.removeprefix("//")
    if typed == "scratch":
        return ContextFound(llb.scratch())
    try:
        name = str(reference.parse(typed).with_default_tag())
    except InvalidReference as error:
        raise InvalidReference(error.message, hint=f"the context {context.key} is {context.value}") from error
    log_name = f"[context {context.key}] load metadata for {typed}"
    found = ask(loading.bridge, ImageRequest(name, context.platform, loading.resolve_mode, log_name))
    state = llb.image(found.ref, platform=context.platform, meta=OpMeta(name=f"[context {context.key}] {typed}"))
    return configured(state, found.config)


def _oci_layout(loading: _Loading, context: ContextRef, rest: str) -> ContextFound:
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
    found = ask(loading.bridge, ImageRequest(name, context.platform, "", log_name, (session, store)))
    meta = OpMeta(name=f"[context {context.key}] OCI load from client")
    state = llb.oci_layout(name, session=session, store=store, platform=context.platform, meta=meta)
    return configured(state, found.config)


def ask(bridge: Bridge, request: ImageRequest) -> ImageFound:
    """Look an image up. Raises LlbfrontError."""
    (found,) = bridge.resolve_images([request])
    if isinstance(found, LlbfrontError):
        raise found
    return found


def configured(state: llb.State, data: bytes) -> ContextFound:
    """Files with the settings that their image config gives to commands."""
    image = images.read(data)
    return ContextFound(_with_config(state, image), evolve(image, created=None))


def _with_config(state: llb.State, image: Image) -> llb.State:
    pairs = (entry.partition("=") for entry in image.config.env or ())
    state = state.with_env({name: value for name, _, value in pairs if name}).with_cwd(image.config.working_dir)
    if image.architecture and image.os:
        platform = Platform(image.os, image.architecture, image.variant, image.os_version, image.os_features or ())
        state = state.with_platform(platform)
    return state


def _git(loading: _Loading, context: ContextRef, _rest: str) -> ContextFound:
    try:
        git = giturl.parse(context.value)
    except giturl.NotGit as error:
        raise ContextError(f"invalid git context {context.value}") from error
    advice = loading.options.settings.git_advice
    return ContextFound(git_context(git, context.value, keep=False, mtime="", advice=advice))


def _http(loading: _Loading, context: ContextRef, rest: str) -> ContextFound:
    try:
        giturl.parse(context.value)
    except giturl.NotGit:
        meta = OpMeta(name=f"[context {context.key}] {context.value}")
        return ContextFound(llb.http(context.value, filename="context", meta=meta))
    return _git(loading, context, rest)


def _local(loading: _Loading, context: ContextRef, rest: str) -> ContextFound:
    return ContextFound(named_local(loading.bridge, loading.options, rest, context.key, context.shared_key))


def _input(loading: _Loading, context: ContextRef, rest: str) -> ContextFound:
    inputs = loading.bridge.inputs()
    if rest not in inputs:
        raise ContextError(f"invalid input {rest} for {context.key}", hint="no input of that name was given")
    state = llb.load(inputs[rest])
    text = loading.options.texts.get(f"input-metadata:{rest}")
    if text is None:
        return ContextFound(state)
    config = _input_config(text)
    if config is None:
        return ContextFound(state)
    image = images.read(config)
    return ContextFound(_with_config(state, image), image)


def _input_config(text: str) -> bytes | None:
    """The image config in the metadata of an input, which is JSON whose values are base64."""
    import binascii

    try:
        value = json.loads(text).get("containerimage.config")
        return None if value is None else binascii.a2b_base64(value)
    except (ValueError, AttributeError) as error:
        raise ContextError(f"failed to parse input metadata {text}: {error}") from error


_LOADERS: dict[str, Callable[[_Loading, ContextRef, str], ContextFound]] = {
    "docker-image": _image,
    "git": _git,
    "http": _http,
    "https": _http,
    "oci-layout": _oci_layout,
    "local": _local,
    "input": _input,
}


def resolve_epoch(bridge: Bridge, options: Options, files: llb.State | None, wanted: EpochWanted) -> Epoch | None:
    """Find the time of the source that SOURCE_DATE_EPOCH names; None where it has none. `files` is the main context if remote."""
    state = wanted.state
    if wanted.context is not None:
        found = _load(_Loading(bridge, options, ""), wanted.context, 0).files
        state = found if isinstance(found, llb.State) else None
    elif state is None:
        state = files
    if state is not None:
        llb.marshal(state, caps=bridge.caps)  # refuses what cannot be asked for
    op = _only_source(state)
    if op is None or op.identifier.startswith("local://"):
        return None
    with_commit = op.identifier.startswith("git://")
    meta = bridge.resolve_source(op.identifier, op.attrs, log_name=wanted.log_name, with_commit=with_commit)
    if meta.commit:
        from llbfront.frontend.gitobject import committed

        return committed(meta.commit)
    if meta.last_modified_ns is not None:
        return Epoch(meta.last_modified_ns, timestamp(meta.last_modified_ns))
    filename = op.attrs.get("http.filename", "")
    if not filename or not op.identifier.startswith(("http://", "https://")):
        return None
    return _archive_epoch(bridge, op, filename)


def _only_source(state: llb.State | None) -> SourceOp | None:
    """The only source below a state; None when there is none, or more than one."""
    found: dict[int, SourceOp] = {}
    pending = [state.output.op] if state is not None and state.output is not None else []
    seen = set()
    while pending:
        op = pending.pop()
        if id(op) in seen:
            continue
        seen.add(id(op))
        if isinstance(op, SourceOp):
            found[id(op)] = op
        pending.extend(output.op for output in op.inputs)
    return next(iter(found.values())) if len(found) == 1 else None


def _archive_epoch(bridge: Bridge, op: SourceOp, filename: str) -> Epoch | None:
    (ref,) = bridge.solve([llb.marshal(llb.source(op.identifier, op.attrs), caps=bridge.caps)])
    if ref is None:
        return None
    archives = importlib.import_module("llbfront.frontend.archives")  # tarfile is slow to load and seldom wanted
    time_ns = archives.latest_time_ns(read_file(ref, filename))
    return None if time_ns is None else Epoch(time_ns, timestamp(time_ns))
