"""One solve on an engine: a request and what the session serves → the engine's answer.

The session, the solve and the stream of its status travel on one connection and start in one write. A frontend that runs on this
side is driven in between; its calls and everything that the engine asks of the session are served by the same loop.

Source: client/solve.go and client/build.go of BuildKit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from llbfront.client import wire
from llbfront.errors import Cancelled, LlbfrontError, OptionError, RpcError, TransportError
from llbfront.pb import control, gateway
from llbfront.progress.clock import clock_skew_ns
from llbfront.progress.trace import Trace
from llbfront.session import tunnel

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.llb.definition import Definition
    from llbfront.progress.display import Display
    from llbfront.progress.events import StatusEvent
    from llbfront.transport.channel import Call, Channel, Services

ENGINE_CLOCK = "buildkit-current-timestamp"
STATUS_SILENCE_S = 5.0
CANCEL_PATIENCE_S = 10.0
FRONTEND_PATIENCE_S = 5.0
# What an engine must be able to do beyond its graph: its word for it, ours, and who can.
SEVERAL_OUTPUTS = ("exporter.multiple", "several outputs in one build", "0.13")
ATTESTATIONS = ("exporter.image.attestations", "attestations", "0.11")


def solve(
    channel: Channel,
    request: control.SolveRequest,
    *,
    services: Services,
    shared_key: str = "",
    display: Display,
    on_event: Callable[[StatusEvent], None] | None = None,
    drive: Callable[[], None] | None = None,
    graphs: Sequence[Definition] = (),
) -> Mapping[str, str]:
    """Run `request` and wait for its end; return the engine's answer. `display`, and with it its trace, is shown all that happens.

    `drive` is the frontend of this side, called once the solve is under way; `graphs` is where it leaves what it solves.

    Raises:
        SolveError: the engine refused or failed to build; ExecFailed when a step's command did.
        Cancelled: interrupted by Ctrl-C; the engine was told and has ended the build.
        TransportError: the engine went away.
    """

    def heard(response: control.StatusResponse) -> None:
        if display.trace.skew_ns is None:
            display.trace.skew_ns = clock_skew_ns(dict(status.header).get(ENGINE_CLOCK, ""), time.time_ns())
        event = wire.status_event(response)
        display.update(event)
        if on_event is not None:
            on_event(event)

    session = tunnel.open(channel, services, session_id=request.Session, shared_key=shared_key)
    call = channel.start(control.Control.Solve)
    call.send(request)
    call.close_send()
    status = channel.start(control.Control.Status, on_message=heard)
    status.send(control.StatusRequest(Ref=request.Ref))
    status.close_send()
    try:
        own_error = _driven(channel, call, drive)
        call.finish()
        if own_error is not None:
            raise own_error
        _drain(channel, status)
        session.close()
        return dict(call.result().ExporterResponse)
    except RpcError as error:
        _drain(channel, status)
        raise (own_error or wire.failure(error, display.trace, graphs)) from None
    except KeyboardInterrupt:
        _cancel(channel, call, status)
        raise Cancelled("the build was interrupted") from None
    finally:
        try:
            session.close()
        except TransportError:
            pass


def _driven(
    channel: Channel, call: Call[control.SolveRequest, control.SolveResponse], drive: Callable[[], None] | None
) -> LlbfrontError | None:
    """Run the frontend; return its error once the engine has ended the solve because of it."""
    if drive is None:
        return None
    try:
        drive()
    except RpcError as error:
        channel.wait(lambda: call.done, timeout_s=FRONTEND_PATIENCE_S)
        if call.error is not None:
            return None
        call.cancel()
        return wire.failure(error, Trace())
    except LlbfrontError as error:
        if not channel.wait(lambda: call.done, timeout_s=FRONTEND_PATIENCE_S):
            call.cancel()
        return error
    return None


def _drain(channel: Channel, status: Call[control.StatusRequest, control.StatusResponse]) -> None:
    """Read the status stream to its end, or until it has been silent for a while."""
    if not channel.wait(lambda: status.done, timeout_s=STATUS_SILENCE_S):
        status.cancel()


def _cancel(
    channel: Channel,
    call: Call[control.SolveRequest, control.SolveResponse],
    status: Call[control.StatusRequest, control.StatusResponse],
) -> None:
    """Tell the engine to stop, and give it time to say that it did."""
    try:
        call.cancel()
        channel.wait(lambda: status.done, timeout_s=CANCEL_PATIENCE_S)
    except (LlbfrontError, KeyboardInterrupt):
        pass


def drive_frontend(
    channel: Channel,
    ref: str,
    session_id: str,
    options: Mapping[str, str],
    local_file: Callable[[str, str], bytes | None],
    graphs: list[Definition],
    *,
    needs: Iterable[tuple[str, str, str]] = (),
    frontend: Callable[[Bridge], Returned] | None = None,
) -> None:
    """Run `frontend`, or ours, against the solve `ref`, and give the engine its result or its error; `graphs` keeps what is solved.

    Raises: OptionError if the engine lacks what the build `needs`.
    """
    metadata = (("buildkit-controlapi-buildid", ref),)
    ping = channel.start(gateway.LLBBridge.Ping, metadata=metadata)
    ping.send(gateway.PingRequest())
    ping.close_send()
    channel.flush()
    from llbfront.frontend.build import build  # here: it loads while the engine begins the solve and says what it can do
    from llbfront.frontend.gateway import LLBBridge
    from llbfront.frontend.results import encode_result

    bridge = LLBBridge.connect(
        channel, options=options, session_id=session_id, metadata=metadata, local_file=local_file, inputs={}, ping=ping
    )
    bridge.graphs = graphs
    try:
        for capability, what, since in needs:
            if not bridge.llb_caps.supports(capability):
                raise OptionError(f"this engine is too old for {what}", hint=f"BuildKit {since} and newer can")
        returned = encode_result((frontend or build)(bridge), bridge.caps)
    except LlbfrontError as error:
        from llbfront.frontend.failing import encode_error

        bridge.settle()
        bridge.ask(gateway.LLBBridge.Return, encode_error(error))
        raise
    bridge.settle()
    bridge.ask(gateway.LLBBridge.Return, returned)
