"""Asking an engine without building: image configs for conversions that need no engine otherwise; and solving a graph made by hand.

Enters: a connection, what to ask, a definition. Leaves: answers in our own values.

Source: client/build.go and client/solve.go of BuildKit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from llbfront import llb
from llbfront.client import exporters, wire
from llbfront.client.inputs import Inputs, readable_directory
from llbfront.client.notices import NoticeDisplay
from llbfront.client.offer import Offer
from llbfront.client.placing import Placing
from llbfront.client.request import BuildRequest
from llbfront.client.result import BuildResult
from llbfront.client.solve import solve
from llbfront.errors import LlbfrontError, SolveError
from llbfront.frontend.failing import encode_error
from llbfront.frontend.gateway import LLBBridge
from llbfront.oci import platform as platforms
from llbfront.pb import control, gateway
from llbfront.progress.display import QuietDisplay
from llbfront.progress.trace import Trace
from llbfront.session import tunnel

if TYPE_CHECKING:
    from llbfront.client.exporters import Export
    from llbfront.client.request import SecretSource
    from llbfront.dockerfile2llb.bases import ImageFound
    from llbfront.frontend.bridge import ImageRequest
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.progress.events import StatusEvent
    from llbfront.session.credentials import Notice
    from llbfront.transport.channel import Channel

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
            bridge.ask(gateway.LLBBridge.Return, encode_error(error))
            raise
        bridge.ask(gateway.LLBBridge.Return, gateway.ReturnRequest(result=gateway.Result(ref=gateway.Ref())))

    offer = Offer(BuildRequest(), Inputs({}, {}), (), notify=notify)
    try:
        solve(channel, message, services=offer.services, display=QuietDisplay(Trace()), drive=drive)
    finally:
        offer.close()
    return answers[0]


class EngineImages:
    """Image configs as an engine finds them, through its mirrors, with our credentials."""

    def __init__(self, channel: Channel, *, notify: Callable[[Notice], None] | None = None) -> None:
        self.channel, self._notify = channel, notify

    def find(self, requests: Sequence[ImageRequest]) -> list[ImageFound | LlbfrontError | None]:
        return ask(self.channel, lambda bridge: list(bridge.resolve_images(requests)), notify=self._notify)


def definition_of(graph: Definition | State, platform: str | None) -> Definition:
    """Marshal a State for a platform; a Definition is what it is."""
    if isinstance(graph, llb.Definition):
        return graph
    return llb.marshal(graph, platform=platforms.parse(platform).normalized() if platform else None)


def solve_graph(
    channel: Channel,
    definition: Definition,
    *,
    locals: Mapping[str, str | os.PathLike[str]] | None = None,  # noqa: A002  the noun of LLB
    output: str | Export | Iterable[str | Export] = (),
    secrets: Iterable[SecretSource] = (),
    tags: Iterable[str] = (),
    push: bool = False,
    entitlements: Iterable[str] = (),
    on_event: Callable[[StatusEvent], object] | None = None,
    placing: Placing | None = None,
) -> BuildResult:
    """Solve a definition and export its result. `locals` are the directories that its local sources name.

    placing: what the engine does with images, where it may be a docker engine, or they may be loaded into one.

    Raises:
        ExecFailed: a step's command failed. SolveError: the engine failed otherwise.
        ContextError, ExportError: before anything was solved.
    """
    given = (output,) if isinstance(output, (str, exporters.Export)) else tuple(output)
    outputs = tuple(exporters.parse(one) if isinstance(one, str) else one for one in given)
    request = BuildRequest(tags=tuple(tags), outputs=outputs, push=push, secrets=tuple(secrets))
    placing = placing or Placing(channel, "")
    placement = placing.place(exporters.plan(outputs, tags=request.tags, push=push, load=False))
    exports = placement.exports
    directories = {name: readable_directory(os.fspath(path), f"the local source {name}") for name, path in (locals or {}).items()}
    message = control.SolveRequest(
        Ref=tunnel.random_id(),
        Session=tunnel.random_id(),
        Definition=definition.encode(),
        Entitlements=tuple(entitlements),
        **wire.exporters(exports),
    )
    display = QuietDisplay(Trace())
    notify = NoticeDisplay(channel.loop.post, display.update)
    offer = Offer(request, Inputs(directories, {}), exports, placement.loads, notify=notify)
    try:
        response = solve(channel, message, services=offer.services, display=display, on_event=on_event, graphs=(definition,))
        offer.commit(response)
        response = placing.push(placement, response, store=offer.credentials, show=display.update)
    except SolveError as error:
        raise (offer.failure or error) from None
    finally:
        offer.close()
    return BuildResult(message.Ref, response, display.trace)
