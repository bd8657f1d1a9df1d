"""Asking an engine without building: image configs for conversions that need no engine otherwise; and solving a graph made by hand.

Enters: a connection, what to ask, a definition. Leaves: answers in our own values.

Source: client/build.go and client/solve.go of BuildKit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from llbfront import arguments
from llbfront.client import build_arguments as read
from llbfront.client import exporters, graphs, status_decoding
from llbfront.client.credential_notices import CredentialNotices
from llbfront.client.image_delivery import ImageDelivery
from llbfront.client.inputs import Inputs, readable_directory
from llbfront.client.request import BuildRequest, entitlements
from llbfront.client.result import BuildResult
from llbfront.client.session_services import SessionServices
from llbfront.client.solve import solve
from llbfront.errors import LlbfrontError, SolveError
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
    from llbfront.inspection.graph import Graph
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform
    from llbfront.progress.events import StatusEvent
    from llbfront.rpc.channel import Channel
    from llbfront.session.credentials import Notice

    AnswerT = TypeVar("AnswerT")


def ask(channel: Channel, question: Callable[[LLBBridge], AnswerT], *, notify: Callable[[Notice], None] | None = None) -> AnswerT:
    """Ask an engine what only frontends may, in a solve that has no result. Raises what `question` raises."""
    message = control.SolveRequest(Ref=tunnel.random_id(), Session=tunnel.random_id())
    answers: list[AnswerT] = []

    def drive() -> None:
        metadata = (("buildkit-controlapi-buildid", message.Ref),)
        bridge = LLBBridge.connect(channel, options={}, session_id=message.Session, metadata=metadata)
        try:
            answers.append(question(bridge))
        except LlbfrontError as error:
            bridge.ask(LLBBridgeMethods.Return, encode_error(error))
            raise
        bridge.ask(LLBBridgeMethods.Return, gateway.ReturnRequest(result=gateway.Result(ref=gateway.Ref())))

    session_services = SessionServices(BuildRequest(), Inputs({}, {}), (), notify=notify)
    try:
        solve(channel, message, services=session_services.services, display=QuietDisplay(Trace()), drive=drive)
    finally:
        session_services.close()
    return answers[0]


class EngineImages:
    """Image configs as an engine finds them, through its mirrors, with our credentials."""

    def __init__(self, channel: Channel, *, notify: Callable[[Notice], None] | None = None) -> None:
        self.channel, self._notify = channel, notify

    def find(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError | None]:
        return ask(self.channel, lambda bridge: list(bridge.resolve_images(requests)), notify=self._notify)


def solve_graph(
    channel: Channel,
    graph: Graph | Definition | State,
    request: BuildRequest,
    *,
    platform: str | Platform | None = None,
    locals: Mapping[str, str | os.PathLike[str]] | None = None,  # noqa: A002  the noun of LLB
    on_event: Callable[[StatusEvent], object] | None = None,
    delivery: ImageDelivery | None = None,
) -> BuildResult:
    """Solve a graph and export its result as a request says.

    Args:
        channel: the connection to the engine.
        graph: what to solve.
        request: outputs, tags, secrets, agents and entitlements; its other fields mean nothing here.
        platform: the platform of a State.
        locals: the directories that local sources of the graph name.
        on_event: called for every status event.
        delivery: what the engine does with images, where it may be a docker engine, or they may be loaded into one.

    Raises:
        ExecFailed: a step's command failed.
        SolveError: the engine failed otherwise.
        ContextError, ExportError: before anything was solved.
    """
    message = control.SolveRequest(Ref=tunnel.random_id(), Session=tunnel.random_id())
    definition = graphs.in_session(graphs.definition_of(graph, read.platform(platform)), message.Session)
    directories = _directories(locals)
    graphs.check_locals(definition, directories)
    planned = exporters.plan(request.outputs, tags=request.tags, push=request.push, load=request.load)
    delivery = delivery or ImageDelivery(channel, "")
    plan = delivery.plan(exporters.with_config(planned, graphs.config_of(graph)))
    exports = plan.exports
    message = control.SolveRequest(
        Ref=message.Ref,
        Session=message.Session,
        Definition=definition.to_message(),
        Entitlements=entitlements(request),
        **status_decoding.exporters(exports),
    )
    display = QuietDisplay(Trace())
    notify = CredentialNotices(channel.loop.post, display.update)
    session_services = SessionServices(request, Inputs(directories, {}), exports, plan.loads, notify=notify)
    try:
        response = solve(
            channel, message, services=session_services.services, display=display, on_event=on_event, graphs=(definition,)
        )
        session_services.commit(response)
        response = delivery.push(plan, response, store=session_services.credentials, show=display.update)
    except SolveError as error:
        from llbfront.client import step_hints  # loads the parser, which a build that succeeds does not need here

        step_hints.add_hints(error, (definition,), secrets=[each.id for each in request.secrets], agents=tuple(request.ssh))
        raise session_services.explain(error, (definition,)) from None
    finally:
        session_services.close()
    return BuildResult(message.Ref, response, display.trace, definitions=(definition,), config=graphs.config_of(graph))


def _directories(given: Mapping[str, str | os.PathLike[str]] | None) -> dict[str, str]:
    if given is not None and not isinstance(given, Mapping):
        raise arguments.refuse("locals", 'a mapping such as {"context": "."}', given)
    return {
        arguments.text(name, "a name in locals"): readable_directory(
            arguments.local_path(path, f"locals[{name!r}]"), f"the local source {name}"
        )
        for name, path in (given or {}).items()
    }
