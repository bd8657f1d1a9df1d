"""Look image configs up through an engine, for conversions that need no engine otherwise.

Source: client/build.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from llbfront.client.inputs.contexts import Inputs
from llbfront.client.request.build_request import BuildRequest
from llbfront.client.solve.frontend_run import build_metadata
from llbfront.client.solve.running_solve import solve
from llbfront.client.solve.session_services import SessionServices
from llbfront.errors import LlbfrontError
from llbfront.frontend.errors import encode_error
from llbfront.frontend.gateway import LLBBridge
from llbfront.pb import control_pb2 as control
from llbfront.pb import gateway_pb2 as gateway
from llbfront.progress.display import QuietDisplay
from llbfront.progress.trace import Trace
from llbfront.rpc.services.gateway import LLBBridgeMethods
from llbfront.session import tunnel

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
    from llbfront.frontend.bridge import ImageRequest
    from llbfront.llb.definition import Definition
    from llbfront.rpc.channel import Channel
    from llbfront.session.credentials import Notice

AnswerT = TypeVar("AnswerT")


class Query(Generic[AnswerT]):
    """A frontend that builds nothing: it calls `function` with the bridge of a solve and keeps what that returns in `answer`."""

    answer: AnswerT

    def __init__(self, channel: Channel, message: control.SolveRequest, function: Callable[[LLBBridge], AnswerT]) -> None:
        self._channel, self._message, self._function = channel, message, function
        self.graphs: Sequence[Definition] = ()

    def run(self) -> None:
        """Call the function, and end the solve without a result, or with the error that it raises."""
        bridge = LLBBridge.connect(
            self._channel, options={}, session_id=self._message.Session, metadata=build_metadata(self._message.Ref)
        )
        try:
            self.answer = self._function(bridge)
        except LlbfrontError as error:
            bridge.ask(LLBBridgeMethods.Return, encode_error(error))
            raise
        bridge.ask(LLBBridgeMethods.Return, gateway.ReturnRequest(result=gateway.Result(ref=gateway.Ref())))


def query(
    channel: Channel,
    function: Callable[[LLBBridge], AnswerT],
    *,
    notify: Callable[[Notice], None] | None = None,
    request: BuildRequest | None = None,
) -> AnswerT:
    """Call `function` with a bridge to an engine, in a solve that has no result, and return what it returns. Raises what it raises.

    The solve is internal: the engine keeps no build record of it. `request` holds the secrets and SSH agents that the engine may use.
    """
    message = control.SolveRequest(Ref=tunnel.random_id(), Session=tunnel.random_id(), Internal=True)
    frontend = Query(channel, message, function)
    services = SessionServices(request or BuildRequest(), Inputs({}, {}), (), notify=notify)
    try:
        solve(channel, message, services=services.services, display=QuietDisplay(Trace()), frontend=frontend)
    finally:
        services.close()
    return frontend.answer


class EngineImages:
    """Image configs as an engine resolves them: through its mirrors, with our credentials."""

    def __init__(self, channel: Channel, *, notify: Callable[[Notice], None] | None = None) -> None:
        self.channel, self._notify = channel, notify

    def find(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError | None]:
        """Look images up side by side; an error in the place of one that could not be resolved."""
        return query(self.channel, lambda bridge: list(bridge.resolve_images(requests)), notify=self._notify)
