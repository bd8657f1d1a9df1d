"""Look up images on an engine. Builds that run at the same time share the calls.

Source: frontend/gateway/grpcclient/client.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
from llbfront.errors import LlbfrontError, RpcError
from llbfront.frontend.bridge import NotAnImage
from llbfront.oci import reference
from llbfront.pb import gateway_pb2 as gateway
from llbfront.pb import ops_pb2 as ops
from llbfront.rpc.services.gateway import LLBBridgeMethods

if TYPE_CHECKING:
    from llbfront.frontend.bridge import ImageRequest
    from llbfront.oci.platform import Platform
    from llbfront.rpc.calls import Call

    ImageCalls: TypeAlias = dict[tuple[object, ...], Call[Any, Any]]
    """Calls that look up images, by the keys of the requests."""
    Start: TypeAlias = Callable[..., Call[Any, Any]]
    """Starts a call of a method with a message."""
    Ask: TypeAlias = Callable[[ImageRequest], Call[Any, Any]]
    Take: TypeAlias = Callable[[ImageRequest, Call[Any, Any]], ResolvedImage]
    """Waits for a call, and returns the image in its answer."""

_IMAGE, _OCI_LAYOUT = "docker-image://", "oci-layout://"


def look_up(
    start: Start, requests: Sequence[ImageRequest], calls: ImageCalls, *, has_resolver: bool
) -> list[ResolvedImage | LlbfrontError]:
    """Look up images side by side.

    Args:
        start: starts a call to the engine.
        requests: the images.
        calls: those that builds share. It learns the calls that are started here.
        has_resolver: whether the engine knows the newer call. The older one says itself what failed.
    """
    begin, take = (_begin_source, _take_source) if has_resolver else (_begin_image, _take_image)

    def ask(request: ImageRequest) -> Call[Any, Any]:
        return start(*begin(request))

    own = {request.key for request in requests} - calls.keys()
    for request in requests:
        if request.key not in calls:
            calls[request.key] = ask(request)
    return [_answer(take, request, calls[request.key], None if request.key in own else ask) for request in requests]


def _answer(take: Take, request: ImageRequest, call: Call[Any, Any], ask_again: Ask | None) -> ResolvedImage | LlbfrontError:
    """Wait for an answer. If the call of another build failed, which it also does when that build ends, ask once more."""
    try:
        return take(request, call)
    except LlbfrontError as error:
        if ask_again is None:
            return error
    return _answer(take, request, ask_again(request), None)


def _wire_platform(platform: Platform | None) -> Any:
    if platform is None:
        return None
    return ops.Platform(
        OS=platform.os,
        Architecture=platform.architecture,
        Variant=platform.variant,
        OSVersion=platform.os_version,
        OSFeatures=platform.os_features,
    )


def _begin_source(request: ImageRequest) -> tuple[Any, Any]:
    source = ops.SourceOp(identifier=_IMAGE + request.ref)
    if request.store:
        session, store = request.store
        source = ops.SourceOp(
            identifier=_OCI_LAYOUT + str(reference.parse(request.ref)), attrs={"oci.session": session, "oci.store": store}
        )
    message = gateway.ResolveSourceMetaRequest(
        Source=source, Platform=_wire_platform(request.platform), LogName=request.log_name, ResolveMode=request.resolve_mode
    )
    return LLBBridgeMethods.ResolveSourceMeta, message


def _take_source(request: ImageRequest, call: Call[Any, Any]) -> ResolvedImage:
    try:
        answer = call.result()
    except RpcError as error:
        raise error.prefixed(f"failed to resolve source metadata for {request.ref}") from error
    if not answer.HasField("Image"):
        raise NotAnImage(request.ref, answer.Source.identifier)
    ref = answer.Source.identifier.removeprefix(_IMAGE).removeprefix(_OCI_LAYOUT)
    return ResolvedImage(ref, answer.Image.Digest, answer.Image.Config)


def _begin_image(request: ImageRequest) -> tuple[Any, Any]:
    session, store = request.store or ("", "")
    message = gateway.ResolveImageConfigRequest(
        Ref=request.ref,
        Platform=_wire_platform(request.platform),
        ResolveMode=request.resolve_mode,
        LogName=request.log_name,
        ResolverType=int(request.store is not None),
        SessionID=session,
        StoreID=store,
    )
    return LLBBridgeMethods.ResolveImageConfig, message


def _take_image(request: ImageRequest, call: Call[Any, Any]) -> ResolvedImage:
    answer = call.result()
    return ResolvedImage(answer.Ref or request.ref, answer.Digest, answer.Config)
